package events

import (
	"slices"
	"strconv"
	"time"
)

// Partitions of every topic. Of a Fixed topic the count is state (which partition keeps which
// timer) and never changes once it was created.
const (
	DevelopmentPartitions = 8
	ProductionPartitions  = 32
)

// Topic is one entry of the catalog.
type Topic struct {
	Name      string
	Key       string        // what a record is keyed by
	About     string        // one sentence for documents
	Retention time.Duration // of a topic that is not compacted
	Compact   bool          // keeps the last record of each key, for ever
	Fixed     bool          // the partition count never changes
	Writers   []string      // services
	Groups    []string      // consumer groups; each is named as its service
	Readers   []string      // services that read without a group
	Source    string        // of a dead-letter topic: the topic that its records come from
}

// Settings are the topic's settings on the broker, the same on every broker.
func (t Topic) Settings() map[string]string {
	if !t.Compact {
		return map[string]string{
			"cleanup.policy": "delete",
			"retention.ms":   strconv.FormatInt(t.Retention.Milliseconds(), 10),
		}
	}
	return map[string]string{
		"cleanup.policy": "compact",
		// kfake deletes by age on compacted topics too unless told not to.
		"retention.ms": "-1",
		// Small segments, so that compaction gets at recent state; tombstones outlive the longest restore.
		"segment.ms":            strconv.FormatInt(time.Hour.Milliseconds(), 10),
		"max.compaction.lag.ms": strconv.FormatInt((6 * time.Hour).Milliseconds(), 10),
		"delete.retention.ms":   strconv.FormatInt(day.Milliseconds(), 10),
	}
}

// DeadLetterTopic names the topic for the records of topic that group could not take.
func DeadLetterTopic(topic, group string) string { return topic + "." + group + ".dlq" }

// DeadLetters are the dead-letter topics, one for each group of each topic of the catalog.
func DeadLetters() []Topic {
	var all []Topic
	for _, t := range Catalog() {
		for _, group := range t.Groups {
			all = append(all, Topic{
				Name: DeadLetterTopic(t.Name, group), Key: t.Key, Retention: 30 * day,
				About:   "Records of " + t.Name + " that " + group + " could not take; for scripts/dlq.",
				Writers: []string{group}, Source: t.Name,
			})
		}
	}
	return all
}

// Topics are all topics that have to exist: the catalog and its dead letters.
func Topics() []Topic { return append(Catalog(), DeadLetters()...) }

// Find returns the topic of that name, of the catalog or a dead-letter one.
func Find(name string) (Topic, bool) {
	all := Topics()
	i := slices.IndexFunc(all, func(t Topic) bool { return t.Name == name })
	if i < 0 {
		return Topic{}, false
	}
	return all[i], true
}

// Access is what a service may do on Kafka, and no more.
type Access struct {
	Service string
	Write   []string // topics
	Read    []string // topics
	Group   string   // empty if it reads with none
	// Transactions is the prefix of its transactional ids, empty if it has none.
	Transactions string
}

// AccessOf derives a service's access from the catalog. A service that writes domain topics does so in
// transactions, since the outbox, the scheduler and recurring all do; dead letters need none.
func AccessOf(service string) Access {
	a := Access{Service: service}
	for _, t := range Topics() {
		if slices.Contains(t.Writers, service) {
			a.Write = append(a.Write, t.Name)
			if t.Source == "" {
				a.Transactions = service
			}
		}
		if slices.Contains(t.Groups, service) {
			a.Group = service
		}
		if slices.Contains(t.Groups, service) || slices.Contains(t.Readers, service) {
			a.Read = append(a.Read, t.Name)
		}
	}
	return a
}

// Services are the services that speak Kafka, in the order of the alphabet.
func Services() []string {
	var all []string
	for _, t := range Catalog() {
		all = slices.Concat(all, t.Writers, t.Groups, t.Readers)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Needs are the settings of each topic that a service works with, dead letters too, by the
// topic's name: what it checks before it starts work.
func Needs(service string) map[string]map[string]string {
	access, needs := AccessOf(service), map[string]map[string]string{}
	for _, name := range append(access.Write, access.Read...) {
		if topic, ok := Find(name); ok {
			needs[name] = topic.Settings()
		}
	}
	return needs
}
