package main

import (
	"context"
	"errors"
	"testing"

	"github.com/tickler-app/tickler/pkg/kafka"
	events "github.com/tickler-app/tickler/proto-events"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// watchesOnly tries all that the autoscaler asks a broker for (the topic's partitions, their
// ends, what its group has committed) as its user, and then what it has no business with.
func watchesOnly(ctx context.Context, t *testing.T, client func(user string, opts ...kgo.Opt) *kgo.Client) {
	t.Helper()
	watcher := client(keda)
	admin := kadm.NewClient(watcher)
	var names []string
	for _, topic := range events.Topics() {
		names = append(names, topic.Name)
		found, err := admin.ListTopics(ctx, topic.Name)
		ends, err2 := admin.ListEndOffsets(ctx, topic.Name)
		err = errors.Join(err, err2, found.Error(), ends.Error())
		if may := len(topic.Groups) > 0; may != (err == nil) || !may && !refused(err) {
			t.Errorf("it looks at %s: %v, want %v", topic.Name, err, may)
		}
		for _, group := range topic.Groups {
			committed, err := admin.FetchOffsetsForTopics(ctx, group, topic.Name)
			// The embedded broker knows a group only once it was joined.
			if err = errors.Join(err, committed.Error()); err != nil && !errors.Is(err, kerr.GroupIDNotFound) {
				t.Errorf("it may not see how far %s has read %s: %v", group, topic.Name, err)
			}
		}
	}
	if _, err := admin.FetchOffsets(ctx, "somebody"); !refused(err) {
		t.Errorf("it sees a group that is not ours: %v", err)
	}
	for topic, err := range putAll(ctx, watcher, names) {
		if !refused(err) {
			t.Errorf("it writes %s: %v", topic, err)
		}
	}
	for topic, err := range readAll(ctx, client(keda, kgo.ConsumeTopics(names...))) {
		if !refused(err) {
			t.Errorf("it reads %s: %v", topic, err)
		}
	}
	moved := kadm.Offsets{}
	moved.Add(kadm.Offset{Topic: events.TaskEvents, At: 0, LeaderEpoch: -1})
	answer, err := admin.CommitOffsets(ctx, "audit", moved)
	if err = errors.Join(err, answer.Error()); !refused(err) {
		t.Errorf("it moves a group: %v", err)
	}
	if _, _, err := client(keda, kafka.TransactionOpts("outbox-api-0")...).ProducerID(ctx); !refused(err) {
		t.Errorf("it fences the relay of api: %v", err)
	}
	deleted, err := admin.DeleteTopics(ctx, names...)
	if err = errors.Join(err, deleted.Error()); !refused(err) {
		t.Errorf("it deletes topics: %v", err)
	}
}
