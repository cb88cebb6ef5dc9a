package task

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/tickler-app/tickler/pkg/fault"
	events "github.com/tickler-app/tickler/proto-events"
)

var noon = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := LoadZone(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func ada(t *testing.T) Author {
	t.Helper()
	return Author{UserID: "ada", Zone: zone(t, "Europe/Berlin"), ActorType: "user"}
}

func text(s string) *string { return &s }

func add(t *testing.T, fields Patch) Task {
	t.Helper()
	if fields.Title == nil {
		fields.Title = text("water the plants")
	}
	change, err := New(ada(t), fields, noon)
	if err != nil {
		t.Fatal(err)
	}
	return change.After
}

func TestWhatIsWrongIsSaidAllAtOnce(t *testing.T) {
	t.Parallel()
	tags := []string{"ok", " ", strings.Repeat("x", 51)}
	_, err := New(ada(t), Patch{
		Title: text(strings.Repeat("ü", 201)), Description: text(strings.Repeat("x", 10_001)), Priority: text("urgent"),
		Tags: &tags, TimeZone: text("Mars/Olympus"), Due: text("2026-13-01"), Reminders: &[]ReminderSpec{{}},
	}, noon)
	wrong, ok := errors.AsType[*fault.Error](err)
	if !ok || wrong.Kind != fault.Invalid {
		t.Fatalf("got %v", err)
	}
	var names []string
	for _, f := range wrong.Fields {
		names = append(names, f.Name)
	}
	if got := strings.Join(names, " "); got != "/title /description /priority /tags/1 /tags/2 /time_zone /due_date /reminders/0" {
		t.Errorf("named: %s", got)
	}
	if wrong.Fields[1].Detail != "at most 10,000 characters" {
		t.Errorf("said: %s", wrong.Fields[1].Detail)
	}
}

func TestATitleIsCountedInCharactersNotBytes(t *testing.T) {
	t.Parallel()
	for title, ok := range map[string]bool{
		"": false, " \t": false, "x": true, strings.Repeat("ü", 200): true, strings.Repeat("🙂", 200): true,
		strings.Repeat("e\u0301", 100): true, strings.Repeat("e\u0301", 101): false, strings.Repeat("x", 201): false,
	} {
		if _, err := New(ada(t), Patch{Title: &title}, noon); ok != (err == nil) {
			t.Errorf("%.10q…: %v", title, err)
		}
	}
}

func TestCompletingTwiceIsCompletingOnce(t *testing.T) {
	t.Parallel()
	done := true
	first, err := add(t, Patch{}).Edit(Patch{Completed: &done}, ada(t), noon.Add(time.Hour))
	if err != nil || first.Type != events.TaskCompleted || first.After.Version != 2 || !first.After.CompletedAt.Equal(noon.Add(time.Hour)) {
		t.Fatalf("%+v, %v", first, err)
	}
	if second, err := first.After.Edit(Patch{Completed: &done}, ada(t), noon.Add(2*time.Hour)); second != nil || err != nil {
		t.Errorf("again: %+v, %v", second, err)
	}
	undone := false
	if back, err := first.After.Edit(Patch{Completed: &undone, Title: text("x")}, ada(t), noon); err != nil || back.Type != events.TaskReopened || back.After.CompletedAt != nil {
		t.Errorf("reopened: %+v, %v", back, err)
	}
}

func TestAChangeThatChangesNothingIsNone(t *testing.T) {
	t.Parallel()
	task := add(t, Patch{Due: text("2026-12-31")})
	if change, err := task.Edit(Patch{Title: text(" water the plants "), Due: text("2026-12-31")}, ada(t), noon); change != nil || err != nil {
		t.Errorf("%+v, %v", change, err)
	}
	trashed := task.Delete(noon)
	if trashed.Type != events.TaskDeleted || trashed.After.Delete(noon.Add(time.Hour)) != nil {
		t.Error("deleting twice is not deleting once")
	}
	if _, err := trashed.After.Edit(Patch{Title: text("x")}, ada(t), noon); !errors.Is(err, ErrNotFound) {
		t.Errorf("a trashed task was edited: %v", err)
	}
}

func TestAChangeDoesNotTouchWhatWasBefore(t *testing.T) {
	t.Parallel()
	tags := []string{"a", "b"}
	task := add(t, Patch{Tags: &tags})
	change := task.Retag("A", "c", noon)
	if strings.Join(change.Before.Tags, "") != "ab" || strings.Join(change.After.Tags, "") != "cb" || strings.Join(task.Tags, "") != "ab" {
		t.Errorf("before %v, after %v, task %v", change.Before.Tags, change.After.Tags, task.Tags)
	}
	if got := change.Differences(); len(got) != 1 || got[0] != "tags" {
		t.Errorf("differences: %v", got)
	}
}

func TestADueDateIsReadInTheZoneInForce(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ zone, given, text, at string }{
		{"", "2026-12-31", "2026-12-31", "2026-12-31T22:59:59Z"},
		{"", "2026-12-31T09:00", "2026-12-31T09:00:00+01:00", "2026-12-31T08:00:00Z"},
		{"", "2026-12-31T09:00:00-05:00", "2026-12-31T15:00:00+01:00", "2026-12-31T14:00:00Z"},
		{"Asia/Tokyo", "2026-12-31T09:00Z", "2026-12-31T18:00:00+09:00", "2026-12-31T09:00:00Z"},
		{"", "2026-03-29T02:30", "2026-03-29T03:30:00+02:00", "2026-03-29T01:30:00Z"}, // does not exist: forward by the gap
		{"", "2026-10-25T02:30", "2026-10-25T02:30:00+02:00", "2026-10-25T00:30:00Z"}, // exists twice: the first
		{"", "2026-12-31T09:00:00.123456", "2026-12-31T09:00:00.123+01:00", "2026-12-31T08:00:00.123Z"},
		{"Asia/Kolkata", "1970-01-01", "1970-01-01", "1970-01-01T18:29:59Z"},
		{"UTC", "9999-12-31T23:59", "9999-12-31T23:59:00+00:00", "9999-12-31T23:59:00Z"},
	} {
		task := add(t, Patch{Due: &test.given, TimeZone: &test.zone})
		m := task.Message(zone(t, "Europe/Berlin"))
		if m.GetDueDate() != test.text || task.DueAt.Format(time.RFC3339Nano) != test.at {
			t.Errorf("%+v: %s, %s", test, m.GetDueDate(), task.DueAt.Format(time.RFC3339Nano))
		}
	}
	for _, bad := range []string{"tomorrow", "2026-02-29", "2026-12-31T25:00", "20261231", "1969-12-31", "2026-12-31 09:00", "-2026-01-01"} {
		if _, err := ParseDue(bad, time.UTC); err == nil {
			t.Errorf("%s was taken", bad)
		}
	}
}

func TestAZoneMovesTheInstantNotTheWallClock(t *testing.T) {
	t.Parallel()
	task := add(t, Patch{Due: text("2026-12-31T09:00")})
	moved := task.Resettle(zone(t, "America/New_York"), noon)
	if moved.After.Due != task.Due || moved.After.DueAt.Format(time.RFC3339) != "2026-12-31T14:00:00Z" {
		t.Errorf("floating: %v at %v", moved.After.Due, moved.After.DueAt)
	}
	anchored := add(t, Patch{Due: text("2026-12-31T09:00"), TimeZone: text("Europe/Berlin")})
	if change := anchored.Resettle(zone(t, "America/New_York"), noon); change != nil {
		t.Errorf("anchored: %+v", change.After)
	}
}

func FuzzParseDue(f *testing.F) {
	for _, seed := range []string{"2026-12-31", "2026-12-31T09:00:00+01:00", "2026-03-29T02:30", "9999-12-31T23:59:59.999Z", ""} {
		f.Add(seed)
	}
	berlin, err := LoadZone("Europe/Berlin")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, given string) {
		due, err := ParseDue(given, berlin)
		if err != nil || due.None() {
			return
		}
		again, err := ParseDue(due.Text(berlin), berlin)
		if err != nil && due.Wall.Year < lastYear || err == nil && !again.At(berlin).Equal(due.At(berlin)) {
			t.Errorf("%q became %v, then %v (%v)", given, due, again, err)
		}
	})
}

func TestNoInstantLiesBeyondWhatCanBeWritten(t *testing.T) {
	t.Parallel()
	for due, name := range map[string]string{"9999-12-31": "Etc/GMT+12", "9999-12-31T23:59": "Etc/GMT+12", "1970-01-01T00:00": "Pacific/Kiritimati"} {
		now := time.Now()
		minutes, zone, at := 1440, name, due
		if !strings.Contains(due, "T") {
			at += "T23:59"
		}
		task := Task{}
		if err := task.apply(Patch{Due: &due, TimeZone: &zone, Reminders: &[]ReminderSpec{{MinutesBefore: &minutes}, {At: &at}}}, time.UTC, now); err != nil {
			t.Fatal(due, err)
		}
		for _, at := range []*time.Time{task.DueAt, task.Reminders[0].RemindAt, task.Reminders[1].RemindAt} {
			if at.UnixMilli() <= 0 || at.Year() > lastYear {
				t.Errorf("%s in %s: %s", due, name, at)
			}
		}
	}
}

func TestOnlyZonesOfTheDatabaseAreZones(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "Local", "localtime", "posixrules", "Factory", "posix/Europe/Berlin", "right/UTC", "../../etc/passwd", "Mars/Olympus"} {
		if zone, err := LoadZone(name); err == nil {
			t.Errorf("%q is %s", name, zone)
		}
	}
}

func TestAWrongReminderIsSaidNotRung(t *testing.T) {
	t.Parallel()
	clock := "09:00"
	for _, spec := range []ReminderSpec{{}, {Time: &clock}, {Words: text("x")}, {Channels: []string{"email"}}} {
		_, err := New(ada(t), Patch{Title: text("a"), Due: text("2026-12-12"), Reminders: &[]ReminderSpec{spec}}, noon)
		if fault.KindOf(err) != fault.Invalid {
			t.Errorf("%+v: %v", spec, err)
		}
	}
}
