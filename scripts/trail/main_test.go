package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/pkg/testkit"
	events "github.com/tickler-app/tickler/proto-events"
	taskv1 "github.com/tickler-app/tickler/proto-events/gen/task/v1"
)

func TestMain(m *testing.M) { os.Exit(testkit.Main(m)) }

// house is audit's own schema, and what the command says of it.
type house struct {
	*testing.T
	ways postgres.Settings
	work *sqlx.DB
}

func setup(t *testing.T) *house {
	t.Helper()
	t.Parallel()
	// Its rooms are closed to other modules, but not its files.
	migrations := postgres.Set{Name: "audit", Files: os.DirFS("../../services/audit/internal/store/migrations")}
	ways := testkit.Service(t, "audit", migrations)
	work, err := postgres.Open(ways.WorkURL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { work.Close() })
	return &house{t, ways, work}
}

// add writes a row n minutes after noon, and returns its event's id.
func (h *house) add(person, task, kind string, n int, content []byte) string {
	h.Helper()
	id := uuid.Must(uuid.NewV7()).String()
	h.work.MustExec(`INSERT INTO audit_log (event_id, at, user_id, task_id, event_type, content) VALUES ($1, $2, $3, $4, $5, $6)`,
		id, time.Date(2026, 11, 24, 12, n, 0, 0, time.UTC), person, task, kind, content)
	return id
}

func (h *house) trail(args ...string) string {
	h.Helper()
	var out bytes.Buffer
	err := run(h.Context(), args, func(name string) (string, bool) { return h.ways.WorkURL, name == "WORK_DATABASE_URL" }, &out)
	if err != nil {
		fmt.Fprintln(&out, err)
	}
	return out.String()
}

func TestAnOperatorAsksByPersonTaskTypeAndTime(t *testing.T) {
	h := setup(t)
	task, other := uuid.Must(uuid.NewV7()).String(), uuid.Must(uuid.NewV7()).String()
	a := h.add("ada", task, events.TaskCreated, 0, nil)
	b := h.add("bob", other, events.TaskCreated, 1, nil)
	c := h.add("ada", task, events.TaskDeleted, 2, nil)
	for args, want := range map[string][]string{
		"": {c, b, a}, "-person ada": {c, a}, "-task " + task: {c, a}, "-type task.created": {b, a}, "-type task.created,task.deleted": {c, b, a},
		"-from 2026-11-24T13:01:00+01:00": {c, b}, "-to 2026-11-24T12:01:00Z": {b, a}, "-from 2026-11-24 -to 2026-11-24": {c, b, a}, "-to 2026-11-23": nil,
		"-limit 2": {c, b}, "-limit 0": nil, "-person ada -type task.created": {a}, "-person eve": nil,
	} {
		var got []string
		for line := range strings.Lines(h.trail(strings.Fields(args)...)) {
			var shown struct {
				ID string `json:"event_id"`
			}
			if err := json.Unmarshal([]byte(line), &shown); err != nil {
				t.Fatalf("%s: %v in %s", args, err, line)
			}
			got = append(got, shown.ID)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", args, got, want)
		}
	}
}

func TestALineTellsTheWholeEvent(t *testing.T) {
	h := setup(t)
	task := uuid.Must(uuid.NewV7()).String()
	ev, err := events.New(events.TaskCreated, events.Change{
		EventID: "0198c5a0-0000-7000-8000-00000000000e", Time: time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC), ActorType: "user", Source: "web",
		Task: &taskv1.Task{Id: task, UserId: "ada", Title: "Pay rent", Version: 1},
	})
	if err != nil {
		t.Fatal(err)
	}
	made, err := events.Encode(ev, "/tickler/api", "")
	if err != nil {
		t.Fatal(err)
	}
	id := h.add("ada", task, events.TaskCreated, 0, made.Value)
	want := fmt.Sprintf(`{"event_id":"%s","event_type":"task.created","user_id":"ada","task_id":"%s","timestamp":"2026-11-24T12:00:00Z",`+
		`"event":{"event_id":"0198c5a0-0000-7000-8000-00000000000e","user_id":"ada","task_id":"%[2]s","time":"2026-11-24T12:00:00Z","actor":{"type":"user"},`+
		`"source":"web","version":"1","task":{"id":"%[2]s","user_id":"ada","title":"Pay rent","version":"1"}}}`+"\n", id, task)
	if got := h.trail(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	h.add("ada", task, "task.shared", 1, []byte("new"))
	if got := h.trail("-type", "task.shared"); !strings.Contains(got, `"event":null,"content":"bmV3"`) {
		t.Errorf("got %s", got)
	}
}

func TestALongAnswerIsReadInParts(t *testing.T) {
	h := setup(t)
	h.work.MustExec(`INSERT INTO audit_log (event_id, at, user_id, event_type)
		SELECT gen_random_uuid(), timestamptz '2026-11-24' + make_interval(mins => n / 7), 'ada', 'x' FROM generate_series(1, 1700) n`)
	for _, args := range [][]string{{"-limit", "1650"}, {"-limit", "1650", "-person", "ada"}} {
		ids := map[string]bool{}
		for line := range strings.Lines(h.trail(args...)) {
			ids[line] = true
		}
		if len(ids) != 1650 {
			t.Errorf("%v: %d lines", args, len(ids))
		}
	}
}

func TestWhatIsNotUnderstoodIsSaid(t *testing.T) {
	h := setup(t)
	for args, want := range map[string]string{
		"-help": "audit_work", "--help": "one JSON object a line", "-task 7": "-task: invalid UUID", "-from noon": `"noon" is no date`,
		"-to 2026-13-01": "-to:", "ada": `"ada" is not understood`, "-nope": "flag provided but not defined",
	} {
		if got := h.trail(strings.Fields(args)...); !strings.Contains(got, want) {
			t.Errorf("%s: %s", args, got)
		}
	}
}
