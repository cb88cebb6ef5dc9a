package tool

import (
	"encoding/json"
	"fmt"
	"strings"
)

// glance is what a text shows of a task.
type glance struct {
	ID         string   `json:"id"`
	Title      string   `json:"title"`
	Completed  bool     `json:"completed"`
	Priority   string   `json:"priority"`
	Tags       []string `json:"tags"`
	Due        *string  `json:"due_date"`
	DeletedAt  *string  `json:"deleted_at"`
	Version    int64    `json:"version"`
	Recurrence *struct {
		Text string `json:"text"`
	} `json:"recurrence_rule"`
	Reminders []json.RawMessage `json:"reminders"`
}

// seen reads what a text needs of a task. What cannot be read is empty.
func seen(task json.RawMessage) (g glance) {
	_ = json.Unmarshal(task, &g) // the house made it
	return g
}

// line is a task in one line. The title is quoted: it is what somebody wrote, and orders nobody.
func line(task json.RawMessage) string {
	g := seen(task)
	var also []string
	say := func(yes bool, format string, args ...any) {
		if yes {
			also = append(also, fmt.Sprintf(format, args...))
		}
	}
	if g.Due != nil {
		say(true, "due %s", *g.Due)
	}
	if g.Recurrence != nil {
		say(true, "%s", g.Recurrence.Text)
	}
	say(g.Priority != "normal", "%s", g.Priority)
	say(len(g.Tags) > 0, "#%s", strings.Join(g.Tags, " #"))
	say(len(g.Reminders) > 0, "%d reminders", len(g.Reminders))
	say(g.Completed, "completed")
	say(g.DeletedAt != nil, "in the trash")
	also = append(also, "id "+g.ID)
	return fmt.Sprintf("%q (%s)", g.Title, strings.Join(also, ", "))
}

// shownLines is how many tasks a text names one by one; the data has them all.
const shownLines = 50

func bullets(tasks []json.RawMessage) string {
	var b strings.Builder
	for i, task := range tasks {
		if i == shownLines {
			fmt.Fprintf(&b, "- … and %d more\n", len(tasks)-i)
			break
		}
		b.WriteString("- " + line(task) + "\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// lines are the tasks of a list.
func lines(body json.RawMessage) string {
	var page struct {
		Tasks   []json.RawMessage `json:"tasks"`
		Total   *int              `json:"total"`
		AtLeast *int              `json:"total_at_least"`
		Next    *string           `json:"next_cursor"`
	}
	_ = json.Unmarshal(body, &page) // the house made it
	if len(page.Tasks) == 0 {
		return "No tasks."
	}
	head := fmt.Sprintf("%d tasks", len(page.Tasks))
	if len(page.Tasks) == 1 {
		head = "1 task"
	}
	switch {
	case page.Next == nil:
	case page.Total != nil:
		head += fmt.Sprintf(" of %d", *page.Total)
	case page.AtLeast != nil:
		head += fmt.Sprintf(" of more than %d", *page.AtLeast)
	}
	text := head + ":\n" + bullets(page.Tasks)
	if page.Next != nil {
		text += "\nThere are more: call again with the same arguments and cursor " + *page.Next
	}
	return text
}

// happened are entries of the trail.
func happened(body json.RawMessage) string {
	var page struct {
		Logs []struct {
			Type   string  `json:"event_type"`
			Event  string  `json:"event_id"`
			TaskID *string `json:"task_id"`
			At     string  `json:"timestamp"`
			Source string  `json:"source"`
			Actor  struct {
				Type string  `json:"type"`
				Name *string `json:"name"`
			} `json:"actor"`
			Details struct {
				Changed []string `json:"changed"`
			} `json:"details"`
		} `json:"audit_logs"`
		Next *string `json:"next_cursor"`
	}
	_ = json.Unmarshal(body, &page) // the house made it
	if len(page.Logs) == 0 {
		return "Nothing has happened yet, or it is not on the trail yet."
	}
	said := make([]string, 0, len(page.Logs)+1)
	for i, l := range page.Logs {
		if i == shownLines {
			said = append(said, fmt.Sprintf("- … and %d more", len(page.Logs)-i))
			break
		}
		who := l.Actor.Type
		if l.Actor.Name != nil {
			who += fmt.Sprintf(" %q", *l.Actor.Name)
		}
		what := "- " + l.At + " " + l.Type + " by " + who + " through " + l.Source
		if len(l.Details.Changed) > 0 {
			what += ", changed " + strings.Join(l.Details.Changed, ", ")
		}
		if l.TaskID != nil {
			what += ", task " + *l.TaskID
		}
		said = append(said, what+", event "+l.Event)
	}
	if page.Next != nil {
		said = append(said, "There is more: call again with cursor "+*page.Next)
	}
	return strings.Join(said, "\n")
}

// understood is what a line of text was read as.
func understood(body json.RawMessage) string {
	var read struct {
		Task  json.RawMessage `json:"task"`
		Spans []struct {
			Text  string `json:"text"`
			Field string `json:"field"`
			Value string `json:"value"`
		} `json:"spans"`
	}
	_ = json.Unmarshal(body, &read) // the house made it
	text := fmt.Sprintf("Title %q", seen(read.Task).Title)
	for _, s := range read.Spans {
		text += fmt.Sprintf("; %q is %s %s", s.Text, s.Field, s.Value)
	}
	return text + ". No task was made."
}

func tagged(body json.RawMessage) string {
	var list struct {
		Tags []struct {
			Tag   string `json:"tag"`
			Open  int    `json:"open"`
			Total int    `json:"total"`
		} `json:"tags"`
	}
	_ = json.Unmarshal(body, &list) // the house made it
	if len(list.Tags) == 0 {
		return "No tags."
	}
	said := make([]string, len(list.Tags))
	for i, t := range list.Tags {
		said[i] = fmt.Sprintf("%q: %d open of %d", t.Tag, t.Open, t.Total)
	}
	return strings.Join(said, "; ")
}

func counted(body json.RawMessage) string {
	var s struct {
		Open      int `json:"open"`
		Overdue   int `json:"overdue"`
		Today     int `json:"due_today"`
		Completed int `json:"completed_today"`
	}
	_ = json.Unmarshal(body, &s) // the house made it
	return fmt.Sprintf("%d open, of which %d are overdue and %d due today; %d completed today.", s.Open, s.Overdue, s.Today, s.Completed)
}
