package rest_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tickler-app/tickler/pkg/auth"
	"github.com/tickler-app/tickler/pkg/httpd"
	"github.com/tickler-app/tickler/pkg/openapi"
	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/pkg/testkit"
	events "github.com/tickler-app/tickler/proto-events"
	eventv1 "github.com/tickler-app/tickler/proto-events/gen/event/v1"
	noticev1 "github.com/tickler-app/tickler/proto-events/gen/notice/v1"
	reminderv1 "github.com/tickler-app/tickler/proto-events/gen/reminder/v1"
	sessionv1 "github.com/tickler-app/tickler/proto-events/gen/session/v1"
	taskv1 "github.com/tickler-app/tickler/proto-events/gen/task/v1"
	userv1 "github.com/tickler-app/tickler/proto-events/gen/user/v1"
	"github.com/tickler-app/tickler/services/audit/internal/rest"
	"github.com/tickler-app/tickler/services/audit/internal/store"
	"github.com/tickler-app/tickler/services/audit/internal/trail"
)

func TestMain(m *testing.M) { os.Exit(testkit.Main(m)) }

// bench is the door of a trail, and a client that holds every answer against the document.
type bench struct {
	*testing.T
	*trail.Service
	tokens *testkit.TokenIssuer
	router *gin.Engine
	call   *openapi.Operation
}

func setup(t *testing.T) *bench {
	t.Helper()
	t.Parallel()
	b := &bench{T: t, tokens: testkit.Tokens(t)}
	ways := testkit.Service(t, "audit", store.Migrations())
	app, err1 := postgres.Open(ways.URL)
	work, err2 := postgres.Open(ways.WorkURL)
	spec, err3 := os.ReadFile("../../openapi.yaml")
	doc, err4 := openapi.Load(spec)
	log := slog.New(slog.DiscardHandler)
	verifier := auth.New(auth.Settings{Issuer: b.tokens.Issuer, Audience: b.tokens.Audience, JWKSURL: b.tokens.JWKSURL}, log, nil)
	router, err5 := httpd.New(httpd.Config{Log: log, Spec: spec, Guard: verifier.Guard})
	for _, err := range []error{err1, err2, err3, err4, err5} {
		b.must(err)
	}
	t.Cleanup(func() { app.Close(); work.Close() })
	b.Service = &trail.Service{Store: &store.Entries{App: app, Work: work}, Now: postgres.Now, Retention: 365 * 24 * time.Hour}
	b.router, b.call = router, doc.Operation("GET", "/api/:user_id/audit-logs")
	rest.Routes(router, b.Service)
	return b
}

func (b *bench) must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// get asks as a person, unless told with which token, and returns the answer.
func (b *bench) get(user, query string, tokens ...string) (int, string) {
	b.Helper()
	req := httptest.NewRequest("GET", "/api/"+user+"/audit-logs?"+query, nil)
	token := b.tokens.Mint(user, nil)
	if tokens != nil {
		token = tokens[0]
	}
	req.Header.Set("Authorization", "Bearer "+token)
	w := httptest.NewRecorder()
	b.router.ServeHTTP(w, req)
	if err := b.call.Answer(w.Code, w.Header().Get("Content-Type"), w.Body.Bytes()); err != nil {
		b.Errorf("%s: %v\n%s", query, err, w.Body)
	}
	return w.Code, w.Body.String()
}

// listed is a page as a client reads it.
type listed struct {
	Logs []map[string]any `json:"audit_logs"`
	Next *string          `json:"next_cursor"`
}

func (b *bench) list(user, query string) (l listed) {
	b.Helper()
	status, body := b.get(user, query)
	if status != http.StatusOK {
		b.Fatalf("%s: %d %s", query, status, body)
	}
	b.must(json.Unmarshal([]byte(body), &l))
	return l
}

// record writes an event onto the trail.
func (b *bench) record(ceType string, ev proto.Message) trail.Entry {
	b.Helper()
	value, err := proto.Marshal(ev)
	b.must(err)
	e, err := trail.NewEntry(ceType, "", value)
	b.must(err)
	b.must(b.Record(b.Context(), []trail.Entry{e}))
	return e
}

var noon = time.Date(2026, 11, 3, 12, 0, 0, 0, time.UTC)

func rent() *taskv1.Task {
	return &taskv1.Task{
		Id: "0198c5a0-0000-7000-8000-000000000001", UserId: "ada", Title: "Pay rent", Priority: "high", Tags: []string{"home"}, Version: 3,
		CreatedAt: timestamppb.New(noon), UpdatedAt: timestamppb.New(noon),
	}
}

func id() string { return uuid.Must(uuid.NewV7()).String() }

func TestATasksChangeIsShownWithWhatWasThereBefore(t *testing.T) {
	b := setup(t)
	before := rent()
	before.Title, before.Version = "Pay", 2
	ev, err := events.New(events.TaskUpdated, events.Change{
		EventID: "0198c5a0-0000-7000-8000-00000000000e", Time: noon.Add(123456 * time.Microsecond), ActorType: "agent", ActorName: "mcp",
		Source: "mcp", RequestID: "request-1", Seq: 7, Task: rent(), Before: before, Changed: []string{"title"},
	})
	b.must(err)
	b.record(events.TaskUpdated, ev)
	task := `{"completed":false,"completed_at":null,"created_at":"2026-11-03T12:00:00Z","deleted_at":null,"description":"","due_at":null,` +
		`"due_date":null,"id":"0198c5a0-0000-7000-8000-000000000001","priority":"high","recurrence_rule":null,"reminders":[],"series_id":null,` +
		`"tags":["home"],"time_zone":null,"title":"%s","updated_at":"2026-11-03T12:00:00Z","user_id":"ada","version":%d}`
	want := `{"actor":{"name":"mcp","type":"agent"},"details":{"after":` + fmt.Sprintf(task, "Pay rent", 3) + `,"before":` + fmt.Sprintf(task, "Pay", 2) +
		`,"changed":["title"]},"event_id":"0198c5a0-0000-7000-8000-00000000000e","event_type":"task.updated","request_id":"request-1","source":"mcp",` +
		`"task_id":"0198c5a0-0000-7000-8000-000000000001","timestamp":"2026-11-03T12:00:00.123456Z","user_id":"ada","version":3}`
	l := b.list("ada", "")
	if got, _ := json.Marshal(l.Logs[0]); string(got) != want || len(l.Logs) != 1 || l.Next != nil {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if status, body := b.get("bob", ""); status != http.StatusOK || strings.TrimSpace(body) != `{"audit_logs":[],"next_cursor":null}` {
		t.Errorf("somebody else: %d %s", status, body)
	}
}

// Every type that there is can be shown, and one of a release to come.
func TestEveryEventIsShown(t *testing.T) {
	b := setup(t)
	actor, at := &eventv1.Actor{Type: "user"}, timestamppb.New(noon)
	ring := &taskv1.Reminder{Id: id(), MinutesBefore: proto.Int32(60), RemindAt: at, Status: "sent", SentAt: at}
	person := &userv1.User{Email: "ada@example.org", Name: "Ada", TimeZone: "UTC", CreatedAt: at}
	others := map[string]proto.Message{
		events.ReminderSent:   &reminderv1.ReminderSent{EventId: id(), UserId: "ada", TaskId: rent().Id, Time: at, Actor: actor, Source: "scheduler", Reminder: ring, Channels: []string{"email"}},
		events.ReminderFailed: &reminderv1.ReminderFailed{EventId: id(), UserId: "ada", TaskId: rent().Id, Time: at, Actor: actor, Source: "scheduler", Reminder: ring, Reason: "missed"},
		events.NoticeCreated: &noticev1.NoticeCreated{EventId: id(), UserId: "ada", TaskId: rent().Id, Time: at, Actor: actor, Source: "scheduler",
			Notice: &noticev1.Notice{Id: id(), Kind: "reminder", Title: "Pay rent", CreatedAt: at}},
		events.UserRegistered: &userv1.UserRegistered{EventId: id(), UserId: "ada", Time: at, Actor: actor, Source: "web", User: person},
		events.UserUpdated:    &userv1.UserUpdated{EventId: id(), UserId: "ada", Time: at, Actor: actor, Source: "web", User: person, Before: person, Changed: []string{"name"}},
		events.SessionRevoked: &sessionv1.SessionRevoked{EventId: id(), UserId: "ada", Time: at, Actor: actor, Source: "web", SessionId: "s1", Reason: "sign_out"},
		"user.promoted":       &userv1.UserUpdated{EventId: id(), UserId: "ada", Time: at, Actor: actor, Source: "web", User: person},
	}
	want := map[string]string{ // keys of before and of after
		events.ReminderSent: " channels,reminder", events.ReminderFailed: " channels,reason,reminder", events.NoticeCreated: " title",
		events.UserRegistered: " email", events.UserUpdated: "email email", events.SessionRevoked: " reason,session_id", "user.promoted": " ",
	}
	n := 0
	for _, ceType := range append(events.Types(), "user.promoted") {
		ev, known := others[ceType]
		if ceType == events.UserDeleted {
			continue // nobody is left to read of it
		}
		if !known {
			change := events.Change{EventID: id(), Time: noon, ActorType: "user", Source: "web", Task: rent(), Before: rent(), Reminder: ring}
			made, err := events.New(ceType, change)
			b.must(err)
			ev, want[ceType] = made, "title title"
		}
		b.record(ceType, ev)
		n++
	}
	l := b.list("ada", "limit=200")
	for _, log := range l.Logs {
		details := log["details"].(map[string]any)
		has := func(side string) string {
			fields, _ := details[side].(map[string]any)
			var found []string
			for _, name := range []string{"channels", "email", "reason", "reminder", "session_id", "title"} {
				if _, ok := fields[name]; ok {
					found = append(found, name)
				}
			}
			return strings.Join(found, ",")
		}
		kind := log["event_type"].(string)
		if got := has("before") + " " + has("after"); got != want[kind] {
			t.Errorf("%s: %q in %v", kind, got, details)
		}
	}
	if len(l.Logs) != n {
		t.Errorf("%d entries of %d", len(l.Logs), n)
	}
}

func TestPagesFollowTheirFilter(t *testing.T) {
	b := setup(t)
	var ids []string
	for i := range 7 {
		ids = append(ids, b.record(events.TaskReopened, &taskv1.TaskReopened{
			EventId: id(), UserId: "ada", TaskId: rent().Id, Time: timestamppb.New(noon.Add(time.Duration(i/2) * time.Hour)), Source: "web", Task: rent(),
			Actor: &eventv1.Actor{Type: "user"},
		}).EventID.String())
	}
	var got []string
	for query := "limit=3&event_type=task.reopened"; ; {
		page := b.list("ada", query)
		for _, log := range page.Logs {
			got = append(got, log["event_id"].(string))
		}
		if page.Next == nil {
			break
		}
		cursor := "&cursor=" + url.QueryEscape(*page.Next)
		for _, other := range []string{"limit=3" + cursor, "limit=3&event_type=task.created" + cursor} {
			if status, body := b.get("ada", other); status != http.StatusUnprocessableEntity || !strings.Contains(body, `"field":"cursor"`) {
				t.Errorf("%s: %d %s", other, status, body)
			}
		}
		query = "limit=2&event_type=task.reopened" + cursor
	}
	for i := range ids {
		if len(got) != len(ids) || got[i] != ids[len(ids)-1-i] {
			t.Fatalf("got %v, want the reverse of %v", got, ids)
		}
	}
	early := b.tokens.Mint("ada", map[string]any{"time_zone": "Pacific/Kiritimati"}) // 14 hours ahead
	for query, want := range map[string]int{
		"task_id=" + rent().Id: 7, "task_id=" + id(): 0, "event_type=task.created": 0, "event_type=task.created&event_type=task.reopened": 7,
		"from=2026-11-03T13:00:00Z": 5, "to=2026-11-03T13:00:00Z": 4, "from=2026-11-03&to=2026-11-03": 0, "from=2026-11-04&to=2026-11-04": 7, "to=2026-11-03": 0,
		"from=2026-11-03T14:00:00%2B01:00": 5,
	} {
		_, body := b.get("ada", query, early)
		if n := strings.Count(body, `"event_id"`); n != want {
			t.Errorf("%s: %d entries, want %d", query, n, want)
		}
	}
}

func TestABadRequestSaysWhatIsWrong(t *testing.T) {
	b := setup(t)
	for query, want := range map[string]string{
		"limit=0": "422 limit", "limit=201": "422 limit", "limit=x": "422 limit", "task_id=7": "422 task_id", "event_type=bogus": "422 event_type",
		"from=yesterday": "422 from", "from=1969-12-31&to=0000-01-01": "422 from to", "cursor=x": "422 cursor", "nope=1": "422 nope",
		"cursor=e30": "422 cursor", "from=%00": "400",
	} {
		status, body := b.get("ada", query)
		got := fmt.Sprint(status)
		var problem struct{ Errors []struct{ Field string } }
		b.must(json.Unmarshal([]byte(body), &problem))
		for _, e := range problem.Errors {
			got += " " + e.Field
		}
		if got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
}

func TestOnlyThePersonWithTheScopeReads(t *testing.T) {
	b := setup(t)
	for token, want := range map[string]int{
		"": 401, "junk": 401, b.tokens.Mint("bob", nil): 401, b.tokens.Mint("ada", map[string]any{"aud": "elsewhere"}): 401,
		b.tokens.Mint("ada", map[string]any{"scope": "tasks:read tasks:write"}): 403,
		b.tokens.Mint("ada", map[string]any{"scope": "audit:read"}):             200,
	} {
		if status, body := b.get("ada", "", token); status != want {
			t.Errorf("%d, want %d: %s", status, want, body)
		}
	}
}
