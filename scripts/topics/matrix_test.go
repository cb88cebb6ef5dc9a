package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/tickler-app/tickler/pkg/kafka"
	events "github.com/tickler-app/tickler/proto-events"
)

// Each service may read and write each topic exactly as the catalog says.
func TestEachServiceMayDoWithEachTopicWhatTheCatalogSays(t *testing.T) {
	g := newGuarded(t)
	for _, service := range events.Services() {
		access, ask := events.AccessOf(service), kmsg.NewPtrMetadataRequest()
		ask.IncludeTopicAuthorizedOperations = true
		for _, topic := range events.Topics() {
			one := kmsg.NewMetadataRequestTopic()
			one.Topic = &topic.Name
			ask.Topics = append(ask.Topics, one)
		}
		answer, err := ask.RequestWith(g.Context(), g.as(service))
		if err != nil || len(answer.Topics) != len(ask.Topics) {
			t.Fatalf("%s: %d topics, %v", service, len(answer.Topics), err)
		}
		for _, topic := range answer.Topics {
			may := func(operation kmsg.ACLOperation) bool {
				return topic.ErrorCode == 0 && topic.AuthorizedOperations&(1<<operation) != 0
			}
			letters := slices.Contains(access.Write, *topic.Topic) && strings.HasSuffix(*topic.Topic, ".dlq") // which it reads back, too
			if want := slices.Contains(access.Read, *topic.Topic) || letters; may(kmsg.ACLOperationRead) != want {
				t.Errorf("%s reads %s: %v, want %v", service, *topic.Topic, !want, want)
			}
			if want := slices.Contains(access.Write, *topic.Topic); may(kmsg.ACLOperationWrite) != want {
				t.Errorf("%s writes %s: %v, want %v", service, *topic.Topic, !want, want)
			}
		}
	}
}

// What a service starts with notices each right that is gone, one after the other.
func TestEachRightThatIsGoneIsNoticed(t *testing.T) {
	g := newGuarded(t)
	admin := kadm.NewClient(g.superuser())
	for _, service := range events.Services() {
		access := events.AccessOf(service)
		for _, topic := range access.Read {
			g.gone(admin, service, literal().Topics(topic).Operations(kadm.OpRead), "read "+topic)
		}
		for _, topic := range access.Write {
			g.gone(admin, service, literal().Topics(topic).Operations(kadm.OpWrite), "write "+topic)
		}
		if access.Group != "" {
			g.gone(admin, service, literal().Groups(access.Group).Operations(kadm.OpAny), "be in the group "+access.Group)
		}
	}
}

// gone takes a right away, sees that the service would say so, and gives it back.
func (g guarded) gone(admin *kadm.Client, service string, right *kadm.ACLBuilder, says string) {
	g.Helper()
	right = right.Allow("User:" + service).AllowHosts("*")
	taken, err := admin.DeleteACLs(g.Context(), right)
	if err != nil || len(taken) == 0 || len(taken[0].Deleted) == 0 {
		g.Errorf("%s had no right to %s: %v", service, says, err)
		return
	}
	err = kafka.Check(g.Context(), g.as(service), kafka.Want(events.Needs(service)), kafka.Rights(events.AccessOf(service)))
	if err == nil || !strings.Contains(err.Error(), says) {
		g.Errorf("%s may not %s, and says %v", service, says, err)
	}
	for _, rule := range rules(events.AccessOf(service)) {
		if _, err := admin.CreateACLs(g.Context(), rule.Allow("User:"+service).AllowHosts("*")); err != nil {
			g.Fatal(err)
		}
	}
}
