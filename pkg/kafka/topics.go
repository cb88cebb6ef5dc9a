package kafka

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Topic is how a topic has to be. What the settings are is for the catalog to say; a
// broker reports more of them than these.
type Topic struct {
	Name     string
	Settings map[string]string // "cleanup.policy": "compact", …

	// Partitions is how many there must be. Zero means any number: to a reader it is all
	// the same, and it differs from house to house. Whoever creates topics must know.
	Partitions int

	Replication int // copies, for who creates topics; zero or -1 leaves it to the broker
}

// ErrTopics means that a topic is missing or is not as it has to be. Only a person, or the
// step that applies the catalog, can mend it.
var ErrTopics = errors.New("the topics are not as the catalog says")

// CheckTopics returns nil if every topic is there with its partitions and settings.
// Otherwise its error wraps ErrTopics and says for each what is wrong and what to do.
// Another error means that the broker could not be asked.
func CheckTopics(ctx context.Context, client *kgo.Client, want []Topic) error {
	found, err := found(ctx, client, want)
	if err != nil {
		return err
	}
	var missing, wrong []string
	for _, t := range want {
		if at := found[t.Name]; at.partitions == 0 {
			missing = append(missing, t.Name)
		} else {
			wrong = append(wrong, t.differences(at)...)
		}
	}
	switch len(missing) {
	case 0:
	case 1:
		wrong = append(wrong, "topic "+missing[0]+" is missing: run `topics apply`")
	default:
		wrong = append(wrong, "topics "+strings.Join(missing, ", ")+" are missing: run `topics apply`")
	}
	if len(wrong) > 0 {
		return fmt.Errorf("%w: %s", ErrTopics, strings.Join(wrong, "; "))
	}
	return nil
}

// differences says, a sentence each, how a topic that is there is not as t.
func (t Topic) differences(at topicFound) (wrong []string) {
	if t.Partitions > 0 && at.partitions != t.Partitions {
		// More of them would send a key's later records to another partition than its
		// earlier ones, which ends their order; fewer is not possible.
		wrong = append(wrong, fmt.Sprintf("topic %s has %d partitions, not %d: `topics apply` never changes that, set the number of partitions to what is there or move to a new topic",
			t.Name, at.partitions, t.Partitions))
	}
	for _, key := range t.unset(at) {
		wrong = append(wrong, fmt.Sprintf("topic %s has %s=%s, not %s: run `topics apply`", t.Name, key, at.settings[key], t.Settings[key]))
	}
	return wrong
}

// unset are the settings that are not as they have to be. One that the broker does not
// know is none of them: brokers of another make lack some.
func (t Topic) unset(at topicFound) (keys []string) {
	for _, key := range slices.Sorted(maps.Keys(t.Settings)) {
		if value, known := at.settings[key]; known && value != t.Settings[key] {
			keys = append(keys, key)
		}
	}
	return keys
}

// ApplyTopics creates the topics that are missing and mends the settings of the others.
// Doing so twice changes nothing. It returns what it did, a sentence each; on an error,
// what it had done until then. The number of partitions is never changed: if that is
// wrong, the error wraps ErrTopics.
func ApplyTopics(ctx context.Context, client *kgo.Client, want []Topic) (did []string, err error) {
	at, err := found(ctx, client, want)
	if err != nil {
		return nil, err
	}
	admin := kadm.NewClient(client)
	lasting := false
	for _, t := range want {
		now := at[t.Name]
		unset := t.unset(now)
		switch {
		case now.partitions == 0:
			err = t.create(ctx, admin)
			did = append(did, fmt.Sprintf("created %s with %d partitions", t.Name, t.Partitions))
		case len(unset) > 0:
			err = t.mend(ctx, admin, unset)
			did = append(did, fmt.Sprintf("set %s of %s", strings.Join(unset, ", "), t.Name))
		}
		if err != nil {
			return did[:len(did)-1], fmt.Errorf("topic %s: %w", t.Name, err)
		}
		lasting = lasting || now.partitions > 0 && t.Partitions > 0 && now.partitions != t.Partitions
	}
	return did, applied(ctx, client, want, lasting)
}

// applied waits until every broker shows what the controller has taken; in a cluster that
// takes a moment. What no waiting mends is an error at once.
func applied(ctx context.Context, client *kgo.Client, want []Topic, lasting bool) error {
	for end := time.Now().Add(30 * time.Second); ; sleep(ctx, 50*time.Millisecond) {
		err := CheckTopics(ctx, client, want)
		if err == nil || lasting || !errors.Is(err, ErrTopics) || time.Now().After(end) {
			return err
		}
	}
}

func (t Topic) create(ctx context.Context, admin *kadm.Client) error {
	if t.Partitions < 1 {
		return errors.New("its number of partitions is not known")
	}
	all := map[string]*string{}
	for key, value := range t.Settings {
		all[key] = &value
	}
	if t.Replication >= 3 {
		safe := "2" // one copy may be away, and an acknowledged record is on two
		all["min.insync.replicas"] = &safe
	}
	_, err := admin.CreateTopic(ctx, int32(t.Partitions), int16(cmp.Or(t.Replication, -1)), all, t.Name)
	if errors.Is(err, kerr.TopicAlreadyExists) {
		return nil // somebody applies beside us
	}
	return err
}

func (t Topic) mend(ctx context.Context, admin *kadm.Client, keys []string) error {
	var changes []kadm.AlterConfig
	for _, key := range keys {
		value := t.Settings[key]
		changes = append(changes, kadm.AlterConfig{Name: key, Value: &value})
	}
	done, err := admin.AlterTopicConfigs(ctx, changes, t.Name)
	for _, one := range done {
		err = errors.Join(err, one.Err)
	}
	return err
}

// topicFound is how a topic is; one that is not there has no partitions.
type topicFound struct {
	partitions int
	settings   map[string]string
}

// found asks the broker itself: kadm would answer from what it has known for some seconds,
// and we ask because something was just created, or is about to be.
func found(ctx context.Context, client *kgo.Client, want []Topic) (map[string]topicFound, error) {
	ask := kmsg.NewPtrMetadataRequest()
	for _, t := range want {
		one := kmsg.NewMetadataRequestTopic()
		one.Topic = &t.Name
		ask.Topics = append(ask.Topics, one)
	}
	answer, err := ask.RequestWith(ctx, client)
	if err != nil {
		return nil, fmt.Errorf("list topics: %w", err)
	}
	all := map[string]topicFound{}
	var there []string
	for _, t := range answer.Topics {
		name, err := *t.Topic, kerr.ErrorForCode(t.ErrorCode)
		if errors.Is(err, kerr.UnknownTopicOrPartition) {
			continue
		} else if err != nil {
			return nil, fmt.Errorf("list topic %s: %w", name, err)
		}
		all[name] = topicFound{partitions: len(t.Partitions), settings: map[string]string{}}
		there = append(there, name)
	}
	if len(there) == 0 {
		return all, nil // with no name the next call would mean every topic
	}
	configs, err := kadm.NewClient(client).DescribeTopicConfigs(ctx, there...)
	if err != nil {
		return nil, fmt.Errorf("describe topics: %w", err)
	}
	for _, config := range configs {
		if config.Err != nil {
			return nil, fmt.Errorf("describe topic %s: %w", config.Name, config.Err)
		}
		for _, entry := range config.Configs {
			all[config.Name].settings[entry.Key] = entry.MaybeValue()
		}
	}
	return all, nil
}
