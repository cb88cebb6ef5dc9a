package timer

import (
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/tickler-app/tickler/pkg/fault"
	events "github.com/tickler-app/tickler/proto-events"
	timerv1 "github.com/tickler-app/tickler/proto-events/gen/timer/v1"
)

// Rules say what may be asked for.
type Rules struct {
	Topics []string // that timers may deliver to
}

// Read makes a command of a record of the command topic; trace is the traceparent to remember
// with it, or "". Its errors have a lasting kind: the record is a dead letter.
func (r Rules) Read(ceType string, value []byte, trace string, now int64) (Command, error) {
	message, err := events.DecodeCommand(ceType, value)
	if err != nil {
		return Command{}, fault.New(fault.Malformed, "%v", err)
	}
	switch m := message.(type) {
	case *timerv1.Schedule:
		return r.schedule(m, trace, now)
	case *timerv1.Cancel:
		if err := checkID(m.GetTimerId()); err != nil {
			return Command{}, err
		}
		return Command{ID: m.GetTimerId(), Rev: m.GetRev(), Cancel: true}, nil
	default:
		return Command{}, fault.New(fault.Invalid, "%q is no command for timers", ceType)
	}
}

func (r Rules) schedule(m *timerv1.Schedule, trace string, now int64) (Command, error) {
	if err := checkID(m.GetTimerId()); err != nil {
		return Command{}, err
	}
	around := len(m.GetKey())
	for _, h := range m.GetHeaders() {
		around += len(h.GetKey()) + len(h.GetValue())
		if h.GetKey() == "" {
			return Command{}, fault.New(fault.Invalid, "a header without a name")
		}
	}
	switch {
	case !r.Allows(m.GetTopic()):
		return Command{}, fault.New(fault.Forbidden, "topic %q is not on the allow-list (TIMER_TOPICS)", m.GetTopic())
	case len(m.GetPayload()) > MaxPayload:
		return Command{}, fault.New(fault.TooLarge, "a payload of %d bytes, at most %d", len(m.GetPayload()), MaxPayload)
	case around > maxAround:
		return Command{}, fault.New(fault.TooLarge, "key and headers of %d bytes, at most %d", around, maxAround)
	case m.GetDueMs() > ahead(now):
		return Command{}, fault.New(fault.Invalid, "due on %s, more than ten years ahead", time.UnixMilli(m.GetDueMs()).UTC().Format(time.RFC3339))
	}
	body, err := proto.Marshal(&timerv1.State{
		Rev: m.GetRev(), DueMs: m.GetDueMs(), Topic: m.GetTopic(), Key: m.GetKey(),
		Payload: m.GetPayload(), Headers: pack(m), Traceparent: trace,
	})
	if err != nil {
		return Command{}, fault.New(fault.Malformed, "%v", err)
	}
	return Command{ID: m.GetTimerId(), Rev: m.GetRev(), Due: m.GetDueMs(), Body: body}, nil
}

// Allows reports whether timers may deliver to a topic.
func (r Rules) Allows(topic string) bool { return slices.Contains(r.Topics, topic) }

// checkID refuses what could be mistaken for the keys that the scheduler itself keeps on
// the state topic: those begin with a zero byte.
func checkID(id string) error {
	if len(id) > maxID || strings.HasPrefix(id, "\x00") {
		return fault.New(fault.Invalid, "a timer id of %d bytes, or one that begins with a zero byte", len(id))
	}
	return nil
}
