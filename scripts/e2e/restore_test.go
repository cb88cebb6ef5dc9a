package e2e

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tickler-app/tickler/pkg/kafka"
	events "github.com/tickler-app/tickler/proto-events"
	"github.com/tickler-app/tickler/scripts/internal/person"
)

// major is of the PostgreSQL that a house brings; its dump needs a pg_dump no older.
const major = 18

// The drill of docs/operations/backup.md, with the scripts that it names.
func TestARestoreBringsBackWhatTheBackupHad(t *testing.T) {
	said, err := exec.CommandContext(t.Context(), "pg_dump", "--version").Output()
	found := regexp.MustCompile(` (\d+)`).FindStringSubmatch(string(said))
	if err != nil || found == nil {
		t.Skip("pg_dump is not installed here")
	}
	if has, _ := strconv.Atoi(found[1]); has < major {
		t.Skipf("the pg_dump here is of PostgreSQL %d, and a house's database of %d", has, major)
	}
	tell(t, "", []story{{"TheDatabaseIsLostAndTheLogIsNot", aRestore}})
}

// Between the backup and the loss a reminder is silenced, one is moved and a task is added. The
// restored database knows nothing of that, while log, scheduler and pages do.
func aRestore(s *scene) {
	ada := s.signUp()
	rings := time.Now().Add(40 * time.Second).UTC().Truncate(time.Millisecond)
	remind := func(title string, at time.Time) person.Task {
		made, err := ada.Add(s.Context(), "", map[string]any{"title": title, "due_date": "2031-01-01", "reminders": []any{map[string]any{"at": at.Format(time.RFC3339Nano)}}})
		if err != nil {
			s.Fatal(err)
		}
		return made
	}
	silenced, moved := remind("silenced", rings), remind("moved", rings)
	s.trail(ada, 2)
	folder := filepath.Join(s.TempDir(), "backup")
	s.operate(nil, "../backup", folder)

	s.do(ada, "POST", "tasks/"+silenced.ID+"/complete", nil)
	s.do(ada, "PATCH", "tasks/"+moved.ID, map[string]any{"reminders": []any{map[string]any{"at": "2030-01-01T00:00:00Z"}}})
	lost := remind("lost", rings)
	s.trail(ada, 5)

	var release []func()
	for _, name := range []string{"web", "chat", "mcp", "realtime", "recurring", "scheduler", "audit", "notification", "api", "identity"} {
		release = append(release, s.hold(name))
	}
	s.operate(nil, "psql", s.house.AdminURL(), "-qc", "DROP SCHEMA api, audit, chat, identity, notification CASCADE")
	s.operate(nil, "../restore", folder)
	for _, again := range release {
		again()
	}
	s.await()
	s.asService("api", "timers", "resync")
	s.asService("audit", "rebuild")

	s.seesWhatIs(ada)
	told := s.trail(ada, 5) // and what was lost is told on the trail
	if newest := told[0]; len(told) != 5 || newest.TaskID != lost.ID {
		s.Errorf("the trail: %+v", told)
	}
	s.goesOnFrom(ada, "5")
	s.rang(ada, rings, silenced.ID, moved.ID)
	s.sentOnce()
}

// operate runs a command of an operator, who may do everything.
func (s *scene) operate(environment []string, program string, args ...string) {
	s.Helper()
	ctx, cancel := context.WithTimeout(s.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = append(os.Environ(), append(environment, "KAFKA_BROKERS="+strings.Join(s.house.Kafka().Brokers, ","))...)
	if environment == nil {
		cmd.Env = append(cmd.Env, "DATABASE_URL="+s.house.AdminURL())
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		s.Fatalf("%s %s: %v: %s", program, strings.Join(args, " "), err, out)
	}
}

// asService runs a command of a service, as in its pod.
func (s *scene) asService(service string, args ...string) {
	s.Helper()
	at := s.house.Database(service)
	s.operate([]string{
		"DATABASE_URL=" + at.URL, "WORK_DATABASE_URL=" + at.WorkURL, "LOG_LEVEL=warn",
		"AUTH_ISSUER=" + s.house.Public(), "AUTH_AUDIENCE=" + s.house.Public(), "AUTH_JWKS_URL=" + s.house.URL("identity"),
	}, filepath.Join(s.house.State(), "bin", service), args...)
}

// seesWhatIs: a page that knows what is lost is told to forget it, and has what the backup had.
func (s *scene) seesWhatIs(p *person.Person) {
	s.Helper()
	var all struct {
		Full  bool
		Tasks []person.Task
	}
	if _, err := p.Call(s.Context(), "GET", "sync?limit=1&sync_token=5", nil, "", &all); err != nil {
		s.Fatal(err)
	}
	titles := map[string]bool{}
	for _, one := range all.Tasks {
		titles[one.Title] = !one.Completed
	}
	if !all.Full || len(titles) != 2 || !titles["silenced"] || !titles["moved"] {
		s.Errorf("whoever was there before the loss is told %+v", all)
	}
}

// goesOnFrom: a feed whose cursor is of what was lost says so, and then tells each change once.
func (s *scene) goesOnFrom(p *person.Person, cursor string) {
	s.Helper()
	feed, err := p.Listen(s.Context(), s.house.Public(), cursor)
	if err != nil {
		s.Fatal(err)
	}
	defer feed.Close()
	ctx, cancel := context.WithTimeout(s.Context(), 40*time.Second)
	defer cancel()
	made := s.add(p, "after the restore")
	for synced := false; ; {
		frame, err := feed.Next(ctx)
		if err != nil {
			s.Fatalf("resync: %v, %v", synced, err)
		}
		switch {
		case frame.Type == "resync":
			synced = true
		case frame.Task != nil && frame.Task.ID == made.ID:
			if !synced {
				s.Error("the feed goes on over what was lost as if nothing were missing")
			}
			return
		}
		if synced { // the client asks for what it lacks, and the next change is told
			var all struct{ Tasks []person.Task }
			if _, err := p.Call(ctx, "GET", "sync?sync_token="+cursor, nil, "", &all); err != nil || len(all.Tasks) != 3 {
				s.Errorf("after a resync: %+v, %v", all, err)
			}
			made = s.add(p, "the next one")
		}
	}
}

// rang: each of these tasks reminded once, not before its time, and nothing else did.
func (s *scene) rang(p *person.Person, at time.Time, tasks ...string) {
	s.Helper()
	var page struct {
		Notices []struct {
			Kind    string    `json:"kind"`
			TaskID  string    `json:"task_id"`
			Created time.Time `json:"created_at"`
		}
	}
	times := map[string]int{}
	s.eventually("their time comes", func() bool { return time.Since(at) > 3*time.Second }) // for whoever must not ring
	s.eventually("the reminders ring", func() bool {
		clear(times)
		if _, err := p.Call(s.Context(), "GET", "notices?limit=200", nil, "", &page); err != nil {
			return false
		}
		for _, n := range page.Notices {
			if n.Kind == "reminder" && !n.Created.Before(at) {
				times[n.TaskID]++
			}
		}
		return times[tasks[0]] > 0 && times[tasks[1]] > 0
	})
	if len(times) != len(tasks) || times[tasks[0]] != 1 || times[tasks[1]] != 1 {
		s.Errorf("they rang %v, want once each of %v", times, tasks)
	}
}

// sentOnce: the relays sent nothing anew.
func (s *scene) sentOnce() {
	s.Helper()
	seen := map[string]int{}
	if err := kafka.Scan(s.Context(), []kgo.Opt{kgo.SeedBrokers(s.house.Kafka().Brokers...)}, events.TaskEvents, func(rec *kgo.Record) bool {
		seen[kafka.Header(rec, "ce_id")]++
		return true
	}); err != nil {
		s.Fatal(err)
	}
	for id, n := range seen {
		if n > 1 {
			s.Errorf("the event %s stands on the log %d times", id, n)
		}
	}
	if len(seen) < 6 {
		s.Errorf("only %d events on the log", len(seen))
	}
}
