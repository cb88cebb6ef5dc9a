package rules_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// item is a task as the wire has it, of what the planner may look at.
type item struct {
	ID          string          `json:"id"`
	Title       string          `json:"title"`
	Description string          `json:"description"`
	Completed   bool            `json:"completed"`
	Priority    string          `json:"priority"`
	Tags        []string        `json:"tags"`
	Due         *string         `json:"due_date"`
	DueAt       *time.Time      `json:"due_at"`
	Zone        *string         `json:"time_zone"`
	Rule        json.RawMessage `json:"recurrence_rule"`
	Reminders   []any           `json:"reminders"`
	Deleted     *string         `json:"deleted_at"`
	touched     int
}

type step struct {
	request string
	task    *item
	before  item
}

func (p *player) task(title string) *item {
	for _, t := range p.tasks {
		if strings.EqualFold(t.Title, title) {
			return t
		}
	}
	return nil
}

func (p *player) add(title, due string, with ...func(*item)) *item {
	p.made++
	t := &item{ID: fmt.Sprintf("00000000-0000-7000-8000-%012d", p.made), Title: title, Priority: "normal", Tags: []string{}, Reminders: []any{}, touched: p.made}
	p.due(t, due)
	for _, w := range with {
		w(t)
	}
	p.tasks = append(p.tasks, t)
	return t
}

func (p *player) due(t *item, due string) {
	t.Due, t.DueAt = nil, nil
	if due == "" {
		return
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04", time.DateOnly} {
		at, err := time.ParseInLocation(layout, due, p.now.Location())
		if err != nil {
			continue
		}
		at = at.In(p.now.Location())
		text := at.Format(time.RFC3339)
		if layout == time.DateOnly {
			text, at = due, at.AddDate(0, 0, 1).Add(-time.Second)
		}
		t.Due, t.DueAt = &text, &at
		return
	}
}

func priority(p string) func(*item)    { return func(t *item) { t.Priority = p } }
func tags(names ...string) func(*item) { return func(t *item) { t.Tags = names } }
func completed(t *item)                { t.Completed = true }
func trashed(t *item)                  { at := "2026-11-20T10:00:00Z"; t.Deleted = &at }
func rule(rrule, text string) func(*item) {
	return func(t *item) {
		t.Rule = json.RawMessage(fmt.Sprintf(`{"rrule":%q,"anchor":"due_date","text":%q}`, rrule, text))
	}
}
func ringing(minutes int) func(*item) {
	return func(t *item) {
		t.Reminders = []any{map[string]any{"id": "r", "minutes_before": minutes, "status": "scheduled"}}
	}
}

// home is what the person of the table has to do.
func home(now time.Time) *player {
	p := &player{now: now}
	p.add("Buy milk", "", tags("home"))
	p.add("Buy bread", "")
	p.add("Call mum", "")
	p.add("Call the dentist", "2026-11-25T15:00", tags("health"), ringing(60))
	p.add("Pay rent", "2026-12-01", priority("high"), tags("home"), rule("FREQ=MONTHLY", "every month"))
	p.add("Submit report", "2026-11-24T17:00", priority("high"), tags("work"))
	p.add("Team meeting", "2026-11-27T10:00", tags("work"), rule("FREQ=WEEKLY;BYDAY=FR", "every week on Friday"))
	p.add("Write team newsletter", "", tags("work"))
	p.add("Renew passport", "2026-11-20", priority("critical"))
	p.add("Water plants", "", completed)
	p.add("Book flights", "", completed)
	p.add("Old draft", "", trashed)
	return p
}
