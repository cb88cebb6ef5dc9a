package tool

import (
	"context"
	"encoding/json"
	"net/url"
	"time"

	"github.com/tickler-app/tickler/pkg/fault"
)

// repeatWithin is how long an identical call is a repeat of the one before.
const repeatWithin = 60 * time.Second

// once completes an ask that changes something: a repeat of the call has the same key. A dry
// run has no effect, so none to repeat.
func (c call) once(ask Ask) Ask {
	if c.args.flag("dry_run") {
		ask.Query = url.Values{"dry_run": {"true"}}
		return ask
	}
	ask.Key, ask.Window = "mcp:"+c.print(), repeatWithin
	return ask
}

// change makes a change and answers with what is then.
func (c call) change(ctx context.Context, said string, ask Ask) (Result, error) {
	answer, err := c.House.Ask(ctx, c.caller, c.once(ask))
	if err != nil {
		return Result{}, err
	}
	return c.changed(said, answer), nil
}

// changed is the result of a change of one task.
func (c call) changed(said string, answer Answer) Result {
	return Result{
		Status: Success, Data: answer.Body, Idempotent: answer.Replayed, Changed: !c.args.flag("dry_run"),
		Text: c.saying(said, answer.Replayed) + line(answer.Body),
	}
}

// saying begins the text of a change with what was done, or why nothing was.
func (c call) saying(said string, replayed bool) string {
	switch {
	case c.args.flag("dry_run"):
		return "Dry run, nothing has changed. It would be: "
	case replayed:
		return "This call was made within the last minute; its first result: "
	}
	return said + ": "
}

// look reads something.
func (c call) look(ctx context.Context, path []string, query url.Values) (json.RawMessage, error) {
	answer, err := c.House.Ask(ctx, c.caller, Ask{Method: "GET", Path: path, Query: query})
	return answer.Body, err
}

func add(ctx context.Context, c call) (Result, error) {
	body := c.args.only(fields...)
	return c.change(ctx, "Added", Ask{Method: "POST", Path: []string{"tasks"}, Body: body})
}

func update(ctx context.Context, c call) (Result, error) {
	body := c.args.only(fields...)
	if len(body) == 0 {
		return Result{}, fault.New(fault.Invalid, "nothing to update: give at least one field, such as title or priority")
	}
	return c.patch(ctx, "Updated", body)
}

func reschedule(ctx context.Context, c call) (Result, error) {
	return c.patch(ctx, "Rescheduled", c.args.only("due_date", "time_zone"))
}

func remind(ctx context.Context, c call) (Result, error) {
	return c.patch(ctx, "Set the reminders of", c.args.only("reminders"))
}

func (c call) patch(ctx context.Context, said string, body args) (Result, error) {
	return c.change(ctx, said, Ask{Method: "PATCH", Path: []string{"tasks", c.args.text("task_id")}, Body: body})
}

// action is a tool that is one of the actions on a task.
func action(verb, said string) doing {
	return func(ctx context.Context, c call) (Result, error) {
		return c.change(ctx, said, act(c.args.text("task_id"), verb))
	}
}

// act is an action on a task; the trash is one too.
func act(id, verb string) Ask {
	if verb == "delete" {
		return Ask{Method: "DELETE", Path: []string{"tasks", id}}
	}
	return Ask{Method: "POST", Path: []string{"tasks", id, verb}}
}

func complete(ctx context.Context, c call) (Result, error) {
	return c.each(ctx, "complete", "Completed")
}

func remove(ctx context.Context, c call) (Result, error) {
	return c.each(ctx, "delete", "Moved to the trash")
}

func undo(ctx context.Context, c call) (Result, error) {
	body := c.args.only("event_id", "request_id")
	if len(body) > 1 {
		return Result{}, fault.Fields(fault.Field{Name: "/request_id", Code: "not_allowed", Detail: "give event_id for one change or request_id for all of one turn, not both"})
	}
	answer, err := c.House.Ask(ctx, c.caller, c.once(Ask{Method: "POST", Path: []string{"undo"}, Body: body}))
	if err != nil {
		return Result{}, err
	}
	return Result{
		Status: Success, Data: answer.Body, Idempotent: answer.Replayed,
		Text: c.saying("Taken back; now", answer.Replayed) + lines(answer.Body),
	}, nil
}

func get(ctx context.Context, c call) (Result, error) {
	body, err := c.look(ctx, []string{"tasks", c.args.text("task_id")}, nil)
	return Result{Status: Success, Data: body, Text: line(body)}, err
}

func list(ctx context.Context, c call) (Result, error) {
	query := c.args.query("status", "priority", "tag", "due", "due_from", "due_to", "q", "sort", "order", "limit", "cursor")
	body, err := c.look(ctx, []string{"tasks"}, query)
	if err != nil {
		return Result{}, err
	}
	page := struct {
		Tasks json.RawMessage `json:"tasks"`
		Next  *string         `json:"next_cursor"`
	}{}
	if err := json.Unmarshal(body, &page); err != nil {
		return Result{}, err
	}
	data, err := json.Marshal(page)
	return Result{Status: Success, Data: data, Text: lines(body)}, err
}

func trail(ctx context.Context, c call) (Result, error) {
	body, err := c.look(ctx, []string{"audit-logs"}, c.args.query("task_id", "limit", "cursor"))
	return Result{Status: Success, Data: body, Text: happened(body)}, err
}

func parse(ctx context.Context, c call) (Result, error) {
	answer, err := c.House.Ask(ctx, c.caller, Ask{
		Method: "POST", Path: []string{"tasks", "parse"}, Body: c.args.only("text", "now", "time_zone", "locale"),
	})
	return Result{Status: Success, Data: answer.Body, Text: understood(answer.Body)}, err
}

func tags(ctx context.Context, c call) (Result, error) {
	body, err := c.look(ctx, []string{"tags"}, nil)
	return Result{Status: Success, Data: body, Text: tagged(body)}, err
}

func stats(ctx context.Context, c call) (Result, error) {
	body, err := c.look(ctx, []string{"stats"}, nil)
	return Result{Status: Success, Data: body, Text: counted(body)}, err
}
