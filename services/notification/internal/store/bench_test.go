package store_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/outbox"
	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/pkg/seal"
	"github.com/tickler-app/tickler/pkg/testkit"
	events "github.com/tickler-app/tickler/proto-events"
	noticev1 "github.com/tickler-app/tickler/proto-events/gen/notice/v1"
	reminderv1 "github.com/tickler-app/tickler/proto-events/gen/reminder/v1"
	taskv1 "github.com/tickler-app/tickler/proto-events/gen/task/v1"
	timerv1 "github.com/tickler-app/tickler/proto-events/gen/timer/v1"
	"github.com/tickler-app/tickler/services/notification/internal/notice"
	"github.com/tickler-app/tickler/services/notification/internal/store"
)

func TestMain(m *testing.M) { os.Exit(testkit.Main(m)) }

// noon is 13:00 in Berlin.
var noon = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)

// bench is the rules on a database, with a clock of the test's own.
type bench struct {
	testing.TB
	*notice.Clerk
	desk      *notice.Desk
	work      *store.Work
	app, role *sqlx.DB
	now       time.Time
}

func setup(t *testing.T) *bench {
	t.Helper()
	t.Parallel()
	return setupBench(t)
}

func setupBench(t testing.TB) *bench {
	t.Helper()
	b := &bench{TB: t, now: noon}
	ways := testkit.Service(t, "notification", outbox.Migrations, store.Migrations())
	var err1, err2, err3 error
	b.app, err1 = postgres.Open(ways.URL)
	b.role, err2 = postgres.Open(ways.WorkURL)
	keys, err3 := seal.Parse(base64.StdEncoding.EncodeToString(make([]byte, 32)))
	b.must(errors.Join(err1, err2, err3))
	t.Cleanup(func() { b.app.Close(); b.role.Close() })
	b.work = &store.Work{DB: b.role, Seal: keys}
	clock := func() time.Time { return b.now }
	b.Clerk = &notice.Clerk{Store: b.work, Now: clock}
	b.desk = &notice.Desk{Shelf: &store.Shelf{DB: b.app, Seal: keys}, Links: b.work, Answers: &store.Answers{DB: b.app}, Hooks: &store.Hooks{DB: b.app, Seal: keys}, Addresses: anywhere{}, Now: clock}
	return b
}

type anywhere struct{}

func (anywhere) Check(string) error { return nil }

func (b *bench) must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

func (b *bench) ada() *bench {
	b.must(b.Know(b.Context(), notice.Person{UserID: "ada", Email: "ada@example.com", Name: "Ada", Zone: "Europe/Berlin", Version: 1}))
	return b
}

func (b *bench) prefer(patch notice.Patch) {
	b.Helper()
	_, err := b.desk.Change(b.Context(), "ada", patch)
	b.must(err)
}

var taskID = "0198c5a0-0000-7000-8000-000000000001"

// ring lets a reminder's timer fire, due at now.
func (b *bench) ring(rev int64, more ...func(*reminderv1.ReminderDue)) {
	b.Helper()
	r := &reminderv1.ReminderDue{
		ReminderId: "0198c5a0-0000-7000-8000-000000000002", UserId: "ada", TaskId: taskID, Title: "Pay rent", Version: 3, Priority: "normal",
		Reminder: &taskv1.Reminder{Id: "0198c5a0-0000-7000-8000-000000000002", Status: "scheduled"},
	}
	for _, m := range more {
		m(r)
	}
	b.must(b.Ring(b.Context(), &timerv1.Due{TimerId: r.GetReminderId(), Rev: rev, DueMs: b.now.UnixMilli()}, r, ""))
}

func by(channels ...string) func(*reminderv1.ReminderDue) {
	return func(r *reminderv1.ReminderDue) { r.Channels = channels }
}

// change tells of a task.
func (b *bench) change(kind, actor string, version int64, more ...func(*taskv1.Task)) events.TaskEvent {
	b.Helper()
	t := &taskv1.Task{Id: taskID, UserId: "ada", Title: "Pay rent", Version: version, Completed: kind == events.TaskCompleted}
	for _, m := range more {
		m(t)
	}
	ev, err := events.New(kind, events.Change{EventID: uuid.Must(uuid.NewV7()).String(), Time: b.now, ActorType: actor, Source: "api", RequestID: "request-1", Task: t})
	b.must(err)
	b.must(b.Heard(b.Context(), []notice.Heard{{Event: ev}}))
	return ev
}

// told are the events and commands that wait to be sent, in words.
func (b *bench) told() (all []string) {
	b.Helper()
	var rows []struct {
		Topics string
		Value  []byte
	}
	b.must(b.role.SelectContext(b.Context(), &rows, `SELECT o.topics::text AS topics, o.value FROM outbox o ORDER BY o.xid, o.id`))
	for _, row := range rows {
		if strings.Contains(row.Topics, events.TimerCommands) {
			cmd, err := events.DecodeCommand(events.ScheduleTimer, row.Value)
			b.must(err)
			s := cmd.(*timerv1.Schedule)
			all = append(all, fmt.Sprintf("timer %d %s", s.GetRev(), time.UnixMilli(s.GetDueMs()).UTC().Format(time.RFC3339)))
			continue
		}
		all = append(all, inWords(row.Value))
	}
	return all
}

// inWords tells the three events apart by what only each of them has.
func inWords(value []byte) string {
	if ev, err := events.Decode(events.NoticeCreated, value); err == nil && ev.(*noticev1.NoticeCreated).GetNotice().GetKind() != "" {
		return "notice " + ev.(*noticev1.NoticeCreated).GetNotice().GetKind()
	}
	if ev, err := events.Decode(events.ReminderSent, value); err == nil && ev.(*reminderv1.ReminderSent).GetReminder().GetStatus() == "sent" {
		sent := ev.(*reminderv1.ReminderSent)
		return fmt.Sprintf("sent %d %s", sent.GetRev(), strings.Join(sent.GetChannels(), " "))
	}
	ev, err := events.Decode(events.ReminderFailed, value)
	if err != nil {
		return err.Error()
	}
	failed := ev.(*reminderv1.ReminderFailed)
	return fmt.Sprintf("%s %d %s", failed.GetReminder().GetStatus(), failed.GetRev(), failed.GetReason())
}

func (b *bench) tells(want ...string) {
	b.Helper()
	if got := b.told(); !slices.Equal(got, want) {
		b.Errorf("told %q, want %q", got, want)
	}
}

// sender is a provider that answers as the test says.
type sender func(p *notice.Parcel) error

func (s sender) Send(_ context.Context, p *notice.Parcel) error { return s(p) }

// courier does a round of a channel, and returns how many deliveries it took.
func (b *bench) courier(channel notice.Channel, s sender) int {
	b.Helper()
	c := &notice.Courier{Channel: channel, Tray: b.work, Store: b.work, Sender: s, Now: b.Now, Noted: func(*notice.Delivery, string, error) {}}
	n, err := c.Round(b.Context())
	b.must(err)
	return n
}

func (b *bench) Now() time.Time { return b.now }

func takes(*notice.Parcel) error { return nil }

func refuses(*notice.Parcel) error { return fault.New(fault.Invalid, "nobody here") }
