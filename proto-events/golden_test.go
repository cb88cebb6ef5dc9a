package events

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	noticev1 "github.com/tickler-app/tickler/proto-events/gen/notice/v1"
	reminderv1 "github.com/tickler-app/tickler/proto-events/gen/reminder/v1"
	taskv1 "github.com/tickler-app/tickler/proto-events/gen/task/v1"
	timerv1 "github.com/tickler-app/tickler/proto-events/gen/timer/v1"
)

// With -update the tests write what they otherwise compare: a further golden file where the sample
// changed (those of former releases stay), asyncapi.yaml, and the README's table.
var update = flag.Bool("update", false, "write golden files and documents anew")

// golden is a message on Kafka by the name of its files.
type golden struct {
	Name    string
	Message proto.Message
}

func goldens() []golden {
	var all []golden
	for _, ev := range samples() {
		all = append(all, golden{Type(ev), ev})
	}
	header := []*timerv1.Header{{Key: "ce_type", Value: []byte(ReminderDue)}}
	return append(all,
		golden{CreateOccurrence, &taskv1.CreateOccurrence{
			CommandId: "0198c5a0-0000-7000-8000-0000000000c0", UserId: "u1", TaskId: rent().GetId(), Time: at("2026-12-31T08:30:00Z"),
			SeriesId: rent().GetSeriesId(), SeriesVersion: 1, AfterDate: "2026-12-31T09:00", Date: "2027-01-29T09:00", Number: 3,
			Cause: "0198c5a0-0000-7000-8000-00000000000e", CauseTime: at("2026-12-31T08:29:59.9Z"), RequestId: "req-1",
		}},
		golden{ScheduleTimer, &timerv1.Schedule{
			TimerId: "tm1", Rev: 5, DueMs: 1798700400000, Topic: Reminders, Key: []byte("u1"), Payload: []byte{1, 2, 3}, Headers: header,
		}},
		golden{CancelTimer, &timerv1.Cancel{TimerId: "tm1", Rev: 6}},
		golden{"timer.state", &timerv1.State{
			Rev: 5, DueMs: 1798700400000, Topic: Reminders, Key: []byte("u1"), Payload: []byte{1, 2, 3}, Headers: header, DoneMs: 1798700400001,
			Traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
		}},
		golden{"timer.cursor", &timerv1.Cursor{NextOffset: 7}},
		golden{"timer.due", &timerv1.Due{TimerId: "tm1", Rev: 5, DueMs: 1798700400000, FiredMs: 1798700400003, Payload: []byte{1, 2, 3}}},
		golden{ReminderDue, &reminderv1.ReminderDue{
			ReminderId: "rm1", UserId: "u1", TaskId: rent().GetId(), Title: "Pay rent", DueDate: rent().DueDate, DueAt: rent().GetDueAt(),
			Zone: "Europe/Berlin", Version: 3, Priority: "high", Channels: []string{"email"}, RemindAt: at("2026-12-31T07:00:00Z"),
			Reminder: rent().GetReminders()[0],
		}},
		golden{DeliveryDue, &noticev1.DeliveryDue{DeliveryId: "dl1", UserId: "u1"}},
	)
}

func goldenFile(name string, n int) string {
	return filepath.Join("testdata", "golden", fmt.Sprintf("%s.%d.binpb", name, n))
}

// released returns the bytes of every release of that message, oldest first.
func released(t *testing.T, name string) [][]byte {
	t.Helper()
	var all [][]byte
	for {
		value, err := os.ReadFile(goldenFile(name, len(all)+1))
		if os.IsNotExist(err) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, value)
	}
}

func TestWhatWasEverWrittenIsStillUnderstoodWhole(t *testing.T) {
	t.Parallel()
	for _, g := range goldens() {
		t.Run(g.Name, func(t *testing.T) {
			t.Parallel()
			for i, value := range released(t, g.Name) {
				got := g.Message.ProtoReflect().New().Interface()
				if slices.Contains(Types(), g.Name) {
					ev, err := Decode(g.Name, value)
					if err != nil {
						t.Fatal(err)
					}
					got = ev
				} else if err := proto.Unmarshal(value, got); err != nil {
					t.Fatal(err)
				}
				if len(got.ProtoReflect().GetUnknown()) > 0 {
					t.Errorf("release %d has fields that are unknown now", i+1)
				}
				if again := deterministic(t, got); !bytes.Equal(again, value) {
					t.Errorf("release %d is written back as\n%x, not\n%x", i+1, again, value)
				}
			}
		})
	}
}

func TestTheNewestGoldenBytesAreWhatIsWrittenNow(t *testing.T) {
	t.Parallel()
	for _, g := range goldens() {
		t.Run(g.Name, func(t *testing.T) {
			t.Parallel()
			all, now := released(t, g.Name), deterministic(t, g.Message)
			if len(all) > 0 && bytes.Equal(all[len(all)-1], now) {
				newest := g.Message.ProtoReflect().New().Interface()
				if err := proto.Unmarshal(all[len(all)-1], newest); err != nil || !proto.Equal(newest, g.Message) {
					t.Errorf("read %v, want %v (%v)", newest, g.Message, err)
				}
				return
			}
			if !*update {
				t.Fatalf("%d releases, and what is written now is none of them; look at the change, then: go test -update", len(all))
			}
			if err := os.WriteFile(goldenFile(g.Name, len(all)+1), now, 0o644); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// A field that no golden file has could change its number unseen.
func TestTheSamplesHaveEveryField(t *testing.T) {
	t.Parallel()
	seen := map[protoreflect.FullName]bool{}
	for _, g := range goldens() {
		mark(seen, g.Message.ProtoReflect())
	}
	for field, is := range seen {
		if !is {
			t.Errorf("no sample has %s", field)
		}
	}
}

// mark notes the fields of m, and of our messages in it, and whether some sample has them.
func mark(seen map[protoreflect.FullName]bool, m protoreflect.Message) {
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		f := fields.Get(i)
		seen[f.FullName()] = seen[f.FullName()] || m.Has(f)
		if f.Message() == nil || f.Message().ParentFile().Package() == "google.protobuf" || !m.Has(f) {
			continue
		}
		if !f.IsList() {
			mark(seen, m.Get(f).Message())
			continue
		}
		for j := range m.Get(f).List().Len() {
			mark(seen, m.Get(f).List().Get(j).Message())
		}
	}
}

func deterministic(t *testing.T, m proto.Message) []byte {
	t.Helper()
	value, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return value
}
