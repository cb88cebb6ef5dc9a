package kafka

import (
	"maps"
	"slices"
)

// Want turns what the catalog says of topics, their settings by name, into what a Gate
// checks: any number of partitions will do.
func Want(settings map[string]map[string]string) []Topic {
	topics := make([]Topic, 0, len(settings))
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		topics = append(topics, Topic{Name: name, Settings: settings[name]})
	}
	return topics
}
