package events

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	taskv1 "github.com/tickler-app/tickler/proto-events/gen/task/v1"
	userv1 "github.com/tickler-app/tickler/proto-events/gen/user/v1"
)

func TestAnEventBecomesOneRecordForTheTrailAndTheFeed(t *testing.T) {
	t.Parallel()
	ev := samples()[0]
	got, err := Encode(ev, "/tickler/api", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
	if err != nil {
		t.Fatal(err)
	}
	want := []Header{
		{"ce_specversion", "1.0"},
		{"ce_id", "0198c5a0-0000-7000-8000-00000000000e"},
		{"ce_type", "task.created"},
		{"ce_source", "/tickler/api"},
		{"ce_subject", "0198c5a0-0000-7000-8000-000000000001"},
		{"ce_dataschema", "tickler.task.v1.TaskCreated"},
		{"ce_partitionkey", "u1"},
		{"content-type", "application/protobuf"},
		{"ce_time", "2026-11-03T10:00:00.5Z"},
		{"traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"},
		{"ce_aggversion", "3"},
	}
	if !slices.Equal(got.Headers, want) {
		t.Errorf("got %v, want %v", got.Headers, want)
	}
	if got.Key != "u1" || !slices.Equal(got.Topics, []string{TaskEvents, TaskUpdates}) {
		t.Errorf("key %s on %v", got.Key, got.Topics)
	}
	back, err := Decode("task.created", got.Value)
	if err != nil || !proto.Equal(back, ev) {
		t.Errorf("read back %v (%v)", back, err)
	}
}

func TestAnEventOfAPersonIsAboutThePerson(t *testing.T) {
	t.Parallel()
	ev := &userv1.UserDeleted{EventId: "e1", UserId: "u1", Time: at("2026-11-03T10:00:00Z")}
	want := []Header{
		{"ce_specversion", "1.0"}, {"ce_id", "e1"}, {"ce_type", "user.deleted"}, {"ce_source", "/tickler/identity"}, {"ce_subject", "u1"},
		{"ce_dataschema", "tickler.user.v1.UserDeleted"}, {"ce_partitionkey", "u1"}, {"content-type", "application/protobuf"},
		{"ce_time", "2026-11-03T10:00:00Z"}, {"ce_aggversion", "0"},
	}
	if got := Headers(ev, "/tickler/identity", ""); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestAnUnknownTypeIsToldFromAnUnreadableRecord(t *testing.T) {
	t.Parallel()
	half := deterministic(t, &taskv1.TaskCreated{EventId: "e1"})
	for name, c := range map[string]struct {
		ceType string
		value  []byte
		want   error
		says   string
	}{
		"a newer type":    {"task.moved", nil, ErrUnknownType, `unknown type: "task.moved"`},
		"no type":         {"", nil, ErrUnknownType, `unknown type: ""`},
		"garbage":         {TaskCreated, []byte("\xff\xff\xff"), ErrMalformed, "malformed record: task.created: "},
		"no bytes at all": {TaskCreated, nil, ErrMalformed, "malformed record: task.created without event_id, user_id, time, task"},
		"half an event":   {TaskCreated, half, ErrMalformed, "malformed record: task.created without user_id, time, task"},
		"another's bytes": {UserUpdated, deterministic(t, samples()[0]), ErrMalformed, ""},
	} {
		_, err := Decode(c.ceType, c.value)
		if !errors.Is(err, c.want) || !strings.HasPrefix(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAnEventThatItsReadersWouldRefuseIsNotWritten(t *testing.T) {
	t.Parallel()
	if _, err := Encode(&taskv1.TaskCreated{EventId: "e1"}, "/tickler/api", ""); !errors.Is(err, ErrMalformed) {
		t.Error(err)
	}
}

// An older reader meets the fields of a newer writer.
func TestAFieldThatIsNotKnownYetIsPassedOver(t *testing.T) {
	t.Parallel()
	ev := samples()[0]
	newer := append(deterministic(t, ev), 0xfa, 0x3f, 1, 'x') // field 1023
	got, err := Decode(TaskCreated, newer)
	if err != nil {
		t.Fatal(err)
	}
	got.ProtoReflect().SetUnknown(nil)
	if !proto.Equal(got, ev) {
		t.Errorf("got %v, want %v", got, ev)
	}
}

func FuzzDecode(f *testing.F) {
	for _, g := range goldens() {
		value, err := proto.Marshal(g.Message)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(g.Name, value)
	}
	f.Fuzz(func(t *testing.T, ceType string, value []byte) {
		ev, err := Decode(ceType, value)
		if err != nil {
			if !errors.Is(err, ErrMalformed) && !errors.Is(err, ErrUnknownType) {
				t.Fatal(err)
			}
			return
		}
		again, err := Encode(ev, "/tickler/api", "")
		if err != nil {
			t.Fatal(err)
		}
		if back, err := Decode(ceType, again.Value); err != nil || !proto.Equal(back, ev) {
			t.Fatalf("read back %v (%v)", back, err)
		}
	})
}
