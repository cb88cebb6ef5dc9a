package events

import (
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"

	noticev1 "github.com/tickler-app/tickler/proto-events/gen/notice/v1"
	reminderv1 "github.com/tickler-app/tickler/proto-events/gen/reminder/v1"
	timerv1 "github.com/tickler-app/tickler/proto-events/gen/timer/v1"
)

// The types of what timers deliver on Reminders.
const (
	ReminderDue = "reminder.due"
	DeliveryDue = "delivery.due"
)

// Timer is when to deliver.
type Timer struct {
	ID  string
	Rev int64
	Due time.Time
}

// Schedule makes the command that delivers payload, a *reminderv1.ReminderDue or *noticev1.DeliveryDue, on Reminders.
// The delivered record has a CloudEvents header for its type; its value is a timerv1.Due (DecodeDue).
func (t Timer) Schedule(payload proto.Message) (*timerv1.Schedule, error) {
	var kind, user string
	switch p := payload.(type) {
	case *reminderv1.ReminderDue:
		kind, user = ReminderDue, p.GetUserId()
	case *noticev1.DeliveryDue:
		kind, user = DeliveryDue, p.GetUserId()
	default:
		return nil, fmt.Errorf("%w: %T is not what a timer delivers", ErrUnknownType, payload)
	}
	value, err := proto.Marshal(payload)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", kind, err)
	}
	s := &timerv1.Schedule{
		TimerId: t.ID, Rev: t.Rev, DueMs: UnixMilli(t.Due),
		Topic: Reminders, Key: []byte(user), Payload: value,
	}
	for _, h := range attributes(&timerv1.Due{}, attribute{
		id: timerRecordID(s), kind: kind, source: "/tickler/scheduler", subject: t.ID, key: user,
	}) {
		s.Headers = append(s.Headers, &timerv1.Header{Key: h.Key, Value: []byte(h.Value)})
	}
	return s, nil
}

// DecodeDue reads a record that a timer delivered: when it was due and fired, and its payload, a
// *reminderv1.ReminderDue or *noticev1.DeliveryDue. Its errors are those of Decode.
func DecodeDue(ceType string, value []byte) (*timerv1.Due, proto.Message, error) {
	var payload proto.Message
	switch ceType {
	case ReminderDue:
		payload = &reminderv1.ReminderDue{}
	case DeliveryDue:
		payload = &noticev1.DeliveryDue{}
	default:
		return nil, nil, fmt.Errorf("%w: %q", ErrUnknownType, ceType)
	}
	due := &timerv1.Due{}
	if err := proto.Unmarshal(value, due); err != nil {
		return nil, nil, fmt.Errorf("%w: %s: %w", ErrMalformed, ceType, err)
	}
	if err := proto.Unmarshal(due.GetPayload(), payload); err != nil {
		return nil, nil, fmt.Errorf("%w: payload of %s: %w", ErrMalformed, ceType, err)
	}
	if of := payload.(interface{ GetUserId() string }); due.GetTimerId() == "" || of.GetUserId() == "" {
		return nil, nil, fmt.Errorf("%w: %s without timer_id or user_id", ErrMalformed, ceType)
	}
	return due, payload, nil
}
