package inbox_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tickler-app/tickler/pkg/fault"
	events "github.com/tickler-app/tickler/proto-events"
	sessionv1 "github.com/tickler-app/tickler/proto-events/gen/session/v1"
	userv1 "github.com/tickler-app/tickler/proto-events/gen/user/v1"
	"github.com/tickler-app/tickler/services/chat/internal/conversation"
	"github.com/tickler-app/tickler/services/chat/internal/inbox"
)

// notes are what people were told of.
type notes []string

func (n *notes) Know(_ context.Context, p conversation.Known) error {
	*n = append(*n, fmt.Sprintf("know %+v", p))
	return nil
}

func (n *notes) Forget(_ context.Context, userID string) error {
	*n = append(*n, "forget "+userID)
	return nil
}

func record(t *testing.T, ceType string, ev proto.Message) *kgo.Record {
	t.Helper()
	value, err := proto.Marshal(ev)
	if err != nil {
		t.Fatal(err)
	}
	return &kgo.Record{Topic: events.UserEvents, Value: value, Headers: []kgo.RecordHeader{{Key: "ce_type", Value: []byte(ceType)}}}
}

func TestWhatIsToldOfPeopleIsHeard(t *testing.T) {
	t.Parallel()
	now, user := timestamppb.Now(), &userv1.User{TimeZone: "Europe/Berlin", Locale: "de"}
	var heard notes
	handle := inbox.People(&heard)
	err := handle(t.Context(), []*kgo.Record{
		record(t, events.UserRegistered, &userv1.UserRegistered{EventId: "1", UserId: "ada", Time: now, Version: 1, User: user}),
		record(t, events.UserUpdated, &userv1.UserUpdated{EventId: "2", UserId: "ada", Time: now, Version: 2, User: user}),
		record(t, events.SessionRevoked, &sessionv1.SessionRevoked{EventId: "3", UserId: "ada", SessionId: "s", Time: now}),
		record(t, "user.promoted", &userv1.UserUpdated{EventId: "4", UserId: "ada", Time: now}),
		record(t, events.UserDeleted, &userv1.UserDeleted{EventId: "5", UserId: "ada", Time: now}),
	})
	want := notes{"know {UserID:ada Zone:Europe/Berlin Locale:de Version:1}", "know {UserID:ada Zone:Europe/Berlin Locale:de Version:2}", "forget ada"}
	if err != nil || !slices.Equal(heard, want) {
		t.Errorf("%q, %v", heard, err)
	}
}

func TestWhatIsNoEventIsForTheDeadLetters(t *testing.T) {
	t.Parallel()
	var heard notes
	junk := record(t, events.UserDeleted, nil)
	junk.Value = []byte("junk")
	if err := inbox.People(&heard)(t.Context(), []*kgo.Record{junk}); !fault.KindOf(err).Lasting() || len(heard) != 0 {
		t.Errorf("%v, %q", err, heard)
	}
}
