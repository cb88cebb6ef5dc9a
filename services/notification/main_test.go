package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/timestamppb"

	events "github.com/tickler-app/tickler/proto-events"
	noticev1 "github.com/tickler-app/tickler/proto-events/gen/notice/v1"
	reminderv1 "github.com/tickler-app/tickler/proto-events/gen/reminder/v1"
	taskv1 "github.com/tickler-app/tickler/proto-events/gen/task/v1"
	userv1 "github.com/tickler-app/tickler/proto-events/gen/user/v1"
	"github.com/tickler-app/tickler/services/notification/internal/address"
	"github.com/tickler-app/tickler/services/notification/test/catcher"
)

func ada(version int64) *userv1.UserRegistered {
	return &userv1.UserRegistered{
		EventId: uuid.NewString(), UserId: "ada", Time: timestamppb.Now(), Version: version,
		User: &userv1.User{Email: "ada@example.com", Name: "Ada <b>", TimeZone: "Europe/Berlin", Locale: "en"},
	}
}

func rent() *reminderv1.ReminderDue {
	due := "2026-12-31T09:00:00+01:00"
	return &reminderv1.ReminderDue{
		ReminderId: "0198c5a0-0000-7000-8000-000000000002", UserId: "ada", TaskId: "0198c5a0-0000-7000-8000-000000000001", Title: "Pay <rent>",
		DueDate: &due, Zone: "Europe/Berlin", Version: 3, Priority: "high", RemindAt: timestamppb.Now(),
		Reminder: &taskv1.Reminder{Id: "0198c5a0-0000-7000-8000-000000000002", Status: "scheduled"},
	}
}

// A reminder that is due comes as one notice and one mail, and ends once, though its record is
// delivered three times, the mail server is away at first, and the service dies between the
// intent and the sending.
func TestAReminderArrivesOnceWhateverDies(t *testing.T) {
	w := around(t)
	addr := reserve(t)
	w.cfg.SMTPURL = "smtp://" + addr
	_, stop := w.start()
	w.event(ada(1))
	w.until(`SELECT count(*) = 1 FROM people`)
	due := w.fired(events.Timer{ID: rent().GetReminderId(), Rev: 7, Due: time.Now()}, rent())
	w.send(due, due)
	created := w.toldEvent().(*noticev1.NoticeCreated)
	if n := created.GetNotice(); n.GetKind() != "reminder" || n.GetTitle() != "Pay <rent>" || n.GetTaskId() != rent().GetTaskId() {
		t.Errorf("notice %v", n)
	}
	w.until(`SELECT count(*) = 1 FROM deliveries WHERE status = 'pending' AND failures > 0`)
	sent := w.toldEvent().(*reminderv1.ReminderSent)
	if sent.GetRev() != 7 || sent.GetReminder().GetStatus() != "sent" || strings.Join(sent.GetChannels(), " ") != "in_app" {
		t.Errorf("ended as %v", sent)
	}
	stop()

	post := catcher.Start(t, addr)
	url, _ := w.start()
	w.send(due)
	w.until(`SELECT count(*) = 1 FROM deliveries WHERE status = 'sent'`)
	w.event(&userv1.UserRegistered{EventId: uuid.NewString(), UserId: "bob", Time: timestamppb.Now(), Version: 1, User: &userv1.User{Email: "bob@example.com"}})
	w.until(`SELECT count(*) = 2 FROM people`)
	var id string
	w.must(w.work.GetContext(t.Context(), &id, `SELECT id::text FROM deliveries`))
	came := post.Messages()
	if len(came) != 1 || came[0].Header.Get("Message-Id") != "<"+id+"@todo.example>" || came[0].Subject != "Reminder: Pay <rent>" || came[0].To[0] != "ada@example.com" {
		t.Fatalf("came %+v", came)
	}
	if !strings.Contains(came[0].Text, "Due: Thursday, 31 December 2026, 09:00") || !strings.Contains(came[0].HTML, "Pay &lt;rent&gt;") || strings.Contains(came[0].HTML, "<b>") {
		t.Errorf("says %s\n%s", came[0].Text, came[0].HTML)
	}
	var seen map[string]any
	if status := w.call("GET", url+"/api/ada/notices", "", &seen); status != 200 || seen["unread"] != 1.0 || len(seen["notices"].([]any)) != 1 {
		t.Errorf("list: %d %v", status, seen)
	}
	w.unsubscribes(url, came[0])
}

// unsubscribes follows a letter's link.
func (w *world) unsubscribes(url string, letter catcher.Message) {
	w.Helper()
	link := strings.Trim(letter.Header.Get("List-Unsubscribe"), "<>")
	path, ok := strings.CutPrefix(link, w.cfg.Public)
	if !ok || letter.Header.Get("List-Unsubscribe-Post") != "List-Unsubscribe=One-Click" {
		w.Fatalf("headers %v", letter.Header)
	}
	var before, after map[string]any
	w.call("GET", url+path, "", nil)
	w.call("GET", url+"/api/ada/preferences", "", &before)
	res, err := http.Post(url+path, "application/x-www-form-urlencoded", strings.NewReader("List-Unsubscribe=One-Click"))
	w.must(err)
	res.Body.Close()
	w.call("GET", url+"/api/ada/preferences", "", &after)
	of := func(p map[string]any) string {
		text, _ := json.Marshal(p["channels"].(map[string]any)["reminder"])
		return string(text)
	}
	if res.StatusCode != 200 || of(before) != `["in_app","email"]` || of(after) != `["in_app"]` {
		w.Errorf("%d: %s, then %s", res.StatusCode, of(before), of(after))
	}
}

// What an agent did, and what is no message at all: the one makes a notice, the other goes to
// the dead letters, and the partition goes on.
func TestGarbageStopsNothing(t *testing.T) {
	w := around(t)
	w.start()
	w.event(ada(1))
	for _, topic := range []string{events.Reminders, events.TaskEvents, events.UserEvents} {
		for _, kind := range []string{"", events.ReminderDue, events.DeliveryDue, events.TaskUpdated, events.UserUpdated} {
			w.send(events.Record{Topics: []string{topic}, Key: "ada", Headers: []events.Header{{Key: "ce_type", Value: kind}}, Value: []byte("garbage\xff")})
		}
	}
	w.send(w.fired(events.Timer{ID: uuid.NewString(), Rev: 1, Due: time.Now()}, &noticev1.DeliveryDue{DeliveryId: "none", UserId: "ada"}))
	w.send(w.fired(events.Timer{ID: uuid.NewString(), Rev: 1, Due: time.Now()}, &noticev1.DeliveryDue{DeliveryId: uuid.NewString(), UserId: "ada"})) // of nothing that is kept
	ev, err := events.New(events.TaskCompleted, events.Change{
		EventID: uuid.Must(uuid.NewV7()).String(), Time: time.Now(), ActorType: "agent", ActorName: "Claire", Source: "mcp", RequestID: "request-1",
		Task: &taskv1.Task{Id: rent().GetTaskId(), UserId: "ada", Title: "Pay rent", Version: 2, Completed: true},
	})
	w.must(err)
	w.event(ev)
	created := w.toldEvent().(*noticev1.NoticeCreated)
	if created.GetNotice().GetKind() != "agent.task.completed" || created.GetSource() != "mcp" || created.GetRequestId() != "request-1" {
		t.Errorf("told %v", created)
	}
	w.until(`SELECT count(*) = 1 FROM people`)
	want := map[string]int64{events.Reminders: 6, events.TaskEvents: 2, events.UserEvents: 2} // what is of an unknown type may be a newer one's
	for topic, n := range want {
		w.dead(topic, n)
	}
}

// Whoever is gone is gone from the list too, whatever still comes.
func TestAPersonWhoLeavesIsForgotten(t *testing.T) {
	w := around(t)
	url, _ := w.start()
	w.event(ada(1))
	w.send(w.fired(events.Timer{ID: rent().GetReminderId(), Rev: 1, Due: time.Now()}, rent()))
	w.toldEvent()
	w.event(&userv1.UserDeleted{EventId: uuid.NewString(), UserId: "ada", Time: timestamppb.Now(), Version: 2})
	w.until(`SELECT count(*) = 1 FROM people WHERE gone`)
	w.until(`SELECT count(*) = 0 FROM notices`)
	var seen map[string]any
	if status := w.call("GET", url+"/api/ada/notices", "", &seen); status != 200 || len(seen["notices"].([]any)) != 0 {
		t.Errorf("%d %v", status, seen)
	}
}

func TestSettingsThatCannotBeAreNamed(t *testing.T) {
	t.Parallel()
	cfg := settings{Public: "todo.example", VAPIDPublic: "x", TwilioAccount: "AC1"}
	err := cfg.check()
	for _, name := range []string{"PUBLIC_URL", "VAPID_PRIVATE_KEY", "TWILIO_AUTH_TOKEN"} {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s is not named: %v", name, err)
		}
	}
}

// What people give as addresses leads nowhere inside, also where a name does.
func TestACallOutsideStaysOutside(t *testing.T) {
	t.Parallel()
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("reached") }))
	defer inside.Close()
	guard, err := address.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, url := range []string{inside.URL, strings.Replace(inside.URL, "127.0.0.1", "localhost", 1)} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		if res, err := (&outside{guard: guard}).Do(req); err == nil {
			res.Body.Close()
			t.Errorf("%s answered %s", url, res.Status)
		}
	}
}
