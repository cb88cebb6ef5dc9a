package file

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	events "github.com/tickler-app/tickler/proto-events"
	"github.com/tickler-app/tickler/services/api/internal/task"
)

// Writer writes a file task by task and keeps none in memory.
type Writer interface {
	Begin() error
	Write(task.Found) error
	End() error
}

// NewWriter returns a writer of JSON, CSV or iCalendar.
func NewWriter(format Format, to io.Writer, now time.Time) Writer {
	buffered := bufio.NewWriterSize(to, 32<<10)
	switch format {
	case CSV:
		return &csvWriter{csv: csv.NewWriter(buffered), to: buffered}
	case ICS:
		return &Calendar{Todos: true, to: buffered, now: now}
	}
	return &jsonWriter{to: buffered}
}

// jsonWriter writes {"tasks":[…]}, each as the API shows it, with what else is needed to bring it
// in again as it was.
type jsonWriter struct {
	to    *bufio.Writer
	begun bool
}

// filedTask is a task in a file.
type filedTask struct {
	events.TaskView
	Occurrence *filedOccurrence `json:"occurrence,omitempty"`
	Snoozed    []*time.Time     `json:"snoozed_until,omitempty"` // of each reminder
}

type filedOccurrence struct {
	Version int64   `json:"version"`
	Start   string  `json:"start"`
	Date    string  `json:"date"`
	Number  int     `json:"number"`
	After   *string `json:"after"`
}

// Begin writes what stands before the first task.
func (w *jsonWriter) Begin() error {
	_, err := w.to.WriteString(`{"tasks":[`)
	return err
}

// Write writes a task on a line of its own.
func (w *jsonWriter) Write(found task.Found) error {
	t := &found.Task
	filed := filedTask{TaskView: events.View(t.Message(found.Zone))}
	if s := t.Series; s != nil {
		filed.Occurrence = &filedOccurrence{Version: s.Version, Start: s.Start.String(), Date: s.Date.String(), Number: s.Number}
		if after := s.After.String(); !strings.HasPrefix(after, "00000000-0000") {
			filed.Occurrence.After = &after
		}
	}
	for i, r := range t.Reminders {
		if r.Snoozed != nil {
			if filed.Snoozed == nil {
				filed.Snoozed = make([]*time.Time, len(t.Reminders))
			}
			filed.Snoozed[i] = r.Snoozed
		}
	}
	text, err := json.Marshal(filed)
	if err != nil {
		return fmt.Errorf("write a task: %w", err)
	}
	between := ",\n"
	if !w.begun {
		w.begun, between = true, "\n"
	}
	if _, err := w.to.WriteString(between); err != nil {
		return err
	}
	_, err = w.to.Write(text)
	return err
}

// End writes what stands behind the last task.
func (w *jsonWriter) End() error {
	if _, err := w.to.WriteString("\n]}\n"); err != nil {
		return err
	}
	return w.to.Flush()
}

// csvWriter writes a table for spreadsheets.
type csvWriter struct {
	csv *csv.Writer
	to  *bufio.Writer
}

var csvHeader = []string{"id", "title", "description", "priority", "tags", "due_date", "time_zone", "recurrence_rule", "reminders",
	"completed", "completed_at", "created_at", "updated_at"}

// Begin writes the columns' names.
func (w *csvWriter) Begin() error { return w.csv.Write(csvHeader) }

// Write writes a task.
func (w *csvWriter) Write(found task.Found) error {
	v := events.View(found.Task.Message(found.Zone))
	reminders := make([]string, len(v.Reminders))
	for i, r := range v.Reminders {
		switch {
		case r.MinutesBefore != nil:
			reminders[i] = fmt.Sprintf("%d minutes before", *r.MinutesBefore)
		case r.DaysBefore != nil && r.Time != nil:
			reminders[i] = fmt.Sprintf("%d days before at %s", *r.DaysBefore, *r.Time)
		case r.At != nil:
			reminders[i] = r.At.Format(time.RFC3339)
		}
	}
	rule := ""
	if v.RecurrenceRule != nil {
		rule = v.RecurrenceRule.RRule
	}
	row := []string{v.ID, v.Title, v.Description, v.Priority, strings.Join(v.Tags, ", "), given(v.DueDate), given(v.TimeZone), rule,
		strings.Join(reminders, "; "), fmt.Sprint(v.Completed), stamp(v.CompletedAt), stamp(v.CreatedAt), stamp(v.UpdatedAt)}
	for i := range row {
		row[i] = harmless(row[i])
	}
	return w.csv.Write(row)
}

// End writes what is left.
func (w *csvWriter) End() error {
	if w.csv.Flush(); w.csv.Error() != nil {
		return w.csv.Error()
	}
	return w.to.Flush()
}

// harmless puts an apostrophe before what a spreadsheet would take for a formula (OWASP, CSV
// injection), also in the wide forms of East Asia and behind spaces.
func harmless(cell string) string {
	bare := strings.TrimLeft(cell, " \u00a0\u3000")
	if strings.HasPrefix(cell, "\t") || strings.HasPrefix(cell, "\r") || strings.HasPrefix(cell, "\n") || bare != "" && strings.ContainsRune("=+-@＝＋－＠", []rune(bare)[0]) {
		return "'" + cell
	}
	return cell
}

func given(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

func stamp(at *time.Time) string {
	if at == nil {
		return ""
	}
	return at.Format(time.RFC3339)
}
