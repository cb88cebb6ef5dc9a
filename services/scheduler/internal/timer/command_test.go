package timer

import (
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/tickler-app/tickler/pkg/fault"
	events "github.com/tickler-app/tickler/proto-events"
	reminderv1 "github.com/tickler-app/tickler/proto-events/gen/reminder/v1"
	timerv1 "github.com/tickler-app/tickler/proto-events/gen/timer/v1"
)

const now = 1_800_000_000_000

var rules = Rules{Topics: []string{"reminders"}}

func reminder(t *testing.T) *timerv1.Schedule {
	t.Helper()
	s, err := events.Timer{ID: "r1", Rev: 7, Due: time.UnixMilli(now + 1000)}.Schedule(&reminderv1.ReminderDue{ReminderId: "r1", UserId: "ada", Title: "Pay rent"})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func read(t *testing.T, m proto.Message) (Command, error) {
	t.Helper()
	kind := events.ScheduleTimer
	if _, ok := m.(*timerv1.Cancel); ok {
		kind = events.CancelTimer
	}
	value, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return rules.Read(kind, value, "", now)
}

func TestWhatIsDeliveredIsWhatWasAskedFor(t *testing.T) {
	t.Parallel()
	own := reminder(t)
	own.Headers = []*timerv1.Header{{Key: "x", Value: []byte("1")}}
	traced := reminder(t)
	traced.Headers = append(traced.Headers, &timerv1.Header{Key: "traceparent", Value: []byte("00-1")})
	bare := reminder(t)
	bare.Headers = nil
	for name, s := range map[string]*timerv1.Schedule{"as events makes it": reminder(t), "other headers": own, "one more": traced, "none": bare} {
		c, err := read(t, s)
		if err != nil {
			t.Fatal(name, err)
		}
		d := Due{ID: c.ID, Rev: c.Rev, At: c.Due, Body: c.Body}
		got, err := d.Deliver(now + 1003)
		if err != nil {
			t.Fatal(name, err)
		}
		var headers []*timerv1.Header
		for _, h := range got.Headers {
			headers = append(headers, &timerv1.Header{Key: h.Key, Value: h.Value})
		}
		var due timerv1.Due
		if err := proto.Unmarshal(got.Value, &due); err != nil {
			t.Fatal(name, err)
		}
		want := &timerv1.Due{TimerId: "r1", Rev: 7, DueMs: now + 1000, FiredMs: now + 1003, Payload: s.Payload}
		if !same(headers, s.Headers) || got.Topic != s.Topic || !slices.Equal(got.Key, s.Key) || !proto.Equal(&due, want) {
			t.Errorf("%s: delivered %+v %v", name, got, &due)
		}
		again, err := d.Command()
		if err != nil {
			t.Fatal(name, err)
		}
		if m, err := events.DecodeCommand(events.ScheduleTimer, again.Value); err != nil || !proto.Equal(m, s) {
			t.Errorf("%s: the command would be %v, %v", name, m, err)
		}
	}
}

// If package events gives timers other headers, this packs them no more: see header.go.
func TestTheHeadersThatEventsMakesTakeNoRoom(t *testing.T) {
	t.Parallel()
	if h := pack(reminder(t)); len(h) != 1 || h[0].Key != "" {
		t.Errorf("kept as %v", h)
	}
}

func TestWhatIsRefusedSaysWhy(t *testing.T) {
	t.Parallel()
	change := func(f func(*timerv1.Schedule)) *timerv1.Schedule {
		s := reminder(t)
		f(s)
		return s
	}
	for name, test := range map[string]struct {
		m    proto.Message
		kind fault.Kind
	}{
		"no id":           {change(func(s *timerv1.Schedule) { s.TimerId = "" }), fault.Malformed},
		"no due time":     {change(func(s *timerv1.Schedule) { s.DueMs = 0 }), fault.Malformed},
		"a zero byte":     {change(func(s *timerv1.Schedule) { s.TimerId = "\x00cursor" }), fault.Invalid},
		"a long id":       {change(func(s *timerv1.Schedule) { s.TimerId = strings.Repeat("x", 257) }), fault.Invalid},
		"too far ahead":   {change(func(s *timerv1.Schedule) { s.DueMs = now + 11*365*24*3600*1000 }), fault.Invalid},
		"its own topic":   {change(func(s *timerv1.Schedule) { s.Topic = "timer-state" }), fault.Forbidden},
		"a big payload":   {change(func(s *timerv1.Schedule) { s.Payload = make([]byte, MaxPayload+1) }), fault.TooLarge},
		"big headers":     {change(func(s *timerv1.Schedule) { s.Headers[0].Value = make([]byte, 17<<10) }), fault.TooLarge},
		"nameless header": {change(func(s *timerv1.Schedule) { s.Headers[0].Key = "" }), fault.Invalid},
		"cancel of \\x00": {&timerv1.Cancel{TimerId: "\x00owner", Rev: 1}, fault.Invalid},
	} {
		if _, err := read(t, test.m); fault.KindOf(err) != test.kind || !fault.KindOf(err).Lasting() {
			t.Errorf("%s: %v", name, err)
		}
	}
	if c, err := read(t, change(func(s *timerv1.Schedule) { s.DueMs, s.Payload = now+10*365*24*3600*1000, make([]byte, MaxPayload) })); err != nil {
		t.Errorf("the largest: %+v, %v", c, err)
	}
}

func FuzzAnyBytesAreReadOrRefused(f *testing.F) {
	f.Add("timer.schedule", []byte{0x0a, 1, 'x'}, []byte{8, 1})
	f.Fuzz(func(_ *testing.T, kind string, command, state []byte) {
		_, _ = rules.Read(kind, command, "", now)
		_, _ = decodeHead(state)
		_, _ = Due{ID: "x", Body: state}.Deliver(now)
	})
}
