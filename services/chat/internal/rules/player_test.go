package rules_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tickler-app/tickler/services/chat/internal/conversation"
)

// player is the tools of the MCP server with a few tasks in memory, as wire-api.md has them: what
// they take, what they answer, and that more than one task is confirmed first.
type player struct {
	now     time.Time
	tasks   []*item
	undo    []step   // what was changed, the latest last
	sealed  []string // confirmations that were given: tool and arguments
	made    int
	request string
	broken  string // the code of the error that every tool answers
	changed []string
}

// input is what any of the tools takes.
type input struct {
	ID           string         `json:"task_id"`
	IDs          []string       `json:"task_ids"`
	Confirmation string         `json:"confirmation"`
	Status       string         `json:"status"`
	Tag          any            `json:"tag"`
	Priority     any            `json:"priority"`
	Due          string         `json:"due"`
	From         string         `json:"due_from"`
	To           string         `json:"due_to"`
	Q            string         `json:"q"`
	Sort         string         `json:"sort"`
	Order        string         `json:"order"`
	Limit        int            `json:"limit"`
	Cursor       string         `json:"cursor"`
	Request      string         `json:"request_id"`
	Fields       map[string]any `json:"-"`
}

// call answers a call as the MCP server does.
func (p *player) call(c conversation.Call) json.RawMessage {
	var in input
	if err := json.Unmarshal(c.Input, &in); err != nil {
		return failure("malformed", "", err.Error())
	}
	_ = json.Unmarshal(c.Input, &in.Fields)
	if p.broken != "" {
		return failure(p.broken, "", "it is broken")
	}
	switch c.Tool {
	case "parse_task":
		answer, err := reader.parse(c.Input)
		if err != nil {
			return failure("unavailable", "", err.Error())
		}
		return success(answer)
	case "list_tasks":
		return p.list(in)
	case "get_task":
		if t := p.byID(in.ID); t != nil {
			return success(t)
		}
		return failure("not_found", "/task_id", "no such task")
	case "list_tags":
		return success(map[string]any{"tags": []any{map[string]any{"tag": "home", "open": 2, "total": 2}}})
	case "get_history":
		return success(map[string]any{"audit_logs": []any{map[string]any{"event_type": "task.created", "actor": map[string]any{"type": "user"}, "timestamp": "2026-11-23T09:00:00Z"}}, "next_cursor": nil})
	case "undo":
		return p.takeBack(in.Request)
	}
	return p.change(c, in)
}

func success(data any) json.RawMessage {
	out, err := json.Marshal(map[string]any{"status": "success", "data": data})
	if err != nil {
		panic(err)
	}
	return out
}

func failure(code, field, detail string) json.RawMessage {
	out, _ := json.Marshal(map[string]any{"status": "error", "error": map[string]any{"code": code, "field": field, "detail": detail}})
	return out
}

func (p *player) byID(id string) *item {
	for _, t := range p.tasks {
		if t.ID == id {
			return t
		}
	}
	return nil
}

// list filters and sorts as GET tasks does.
func (p *player) list(in input) json.RawMessage {
	tags, priorities := texts(in.Tag), texts(in.Priority)
	var found []*item
	for _, t := range p.tasks {
		if p.fits(t, in, tags, priorities) {
			found = append(found, t)
		}
	}
	slices.SortStableFunc(found, func(a, b *item) int {
		switch in.Sort {
		case "updated":
			return cmp.Compare(b.touched, a.touched)
		case "title":
			return cmp.Compare(strings.ToLower(a.Title), strings.ToLower(b.Title))
		case "priority":
			ranks := []string{"critical", "high", "normal", "low"}
			return cmp.Compare(slices.Index(ranks, a.Priority), slices.Index(ranks, b.Priority))
		}
		switch {
		case a.DueAt == nil && b.DueAt == nil:
			return cmp.Compare(a.ID, b.ID)
		case a.DueAt == nil:
			return 1
		case b.DueAt == nil:
			return -1
		}
		return a.DueAt.Compare(*b.DueAt)
	})
	from := 0
	fmt.Sscanf(in.Cursor, "from-%d", &from)
	found = found[min(from, len(found)):]
	limit := cmp.Or(in.Limit, 50)
	var next any
	if len(found) > limit {
		found, next = found[:limit], fmt.Sprintf("from-%d", from+limit)
	}
	if found == nil {
		found = []*item{}
	}
	return success(map[string]any{"tasks": found, "next_cursor": next})
}

func texts(value any) []string {
	switch v := value.(type) {
	case string:
		return []string{strings.ToLower(v)}
	case []any:
		var list []string
		for _, one := range v {
			list = append(list, strings.ToLower(fmt.Sprint(one)))
		}
		return list
	}
	return nil
}

func (p *player) fits(t *item, in input, tags, priorities []string) bool {
	status := cmp.Or(in.Status, "all")
	if (t.Deleted != nil) != (status == "deleted") || status == "pending" && t.Completed || status == "completed" && !t.Completed {
		return false
	}
	if tags != nil && !slices.ContainsFunc(t.Tags, func(tag string) bool { return slices.Contains(tags, strings.ToLower(tag)) }) ||
		priorities != nil && !slices.Contains(priorities, t.Priority) {
		return false
	}
	for _, word := range strings.Fields(strings.ToLower(in.Q)) {
		if !strings.Contains(strings.ToLower(t.Title+"\n"+t.Description+"\n"+strings.Join(t.Tags, "\n")), word) {
			return false
		}
	}
	if in.Due == "" && in.From == "" && in.To == "" {
		return true
	}
	if t.DueAt == nil {
		return false
	}
	day, today := (*t.Due)[:10], p.now.Format(time.DateOnly)
	switch in.Due {
	case "overdue":
		return !t.Completed && t.DueAt.Before(p.now)
	case "today":
		return day == today && !t.DueAt.Before(p.now)
	case "week":
		return !t.DueAt.Before(p.now) && day < p.now.AddDate(0, 0, 7).Format(time.DateOnly)
	}
	return day >= in.From && (in.To == "" || day <= in.To)
}

// change makes a change of one task, or of several once it is confirmed.
func (p *player) change(c conversation.Call, in input) json.RawMessage {
	if c.Tool == "add_task" {
		title, _ := in.Fields["title"].(string)
		if n := len([]rune(title)); n < 1 || n > 200 {
			return failure("invalid", "/title", "at most 200 characters")
		}
		t := p.add(title, "")
		p.changed = append(p.changed, t.ID)
		p.undo = append(p.undo, step{p.request, t, item{ID: t.ID, Title: title, Deleted: new(string)}})
		p.set(t, in.Fields)
		return success(t)
	}
	ids := in.IDs
	if in.ID != "" {
		ids = []string{in.ID}
	}
	if len(ids) > 1 {
		key := c.Tool + strings.Join(ids, " ")
		if in.Confirmation == "" {
			p.sealed = append(p.sealed, key)
			var tasks []*item
			for _, id := range ids {
				tasks = append(tasks, p.byID(id))
			}
			out, _ := json.Marshal(map[string]any{"status": "confirm", "confirmation": key, "summary": "This would change several tasks.", "tasks": tasks})
			return out
		}
		at := slices.Index(p.sealed, in.Confirmation)
		if at < 0 || in.Confirmation != key {
			return failure("invalid", "/confirmation", "is no confirmation of this call")
		}
		p.sealed = slices.Delete(p.sealed, at, at+1)
	}
	var done []*item
	for _, id := range ids {
		t := p.byID(id)
		if t == nil || t.Deleted != nil && c.Tool != "restore_task" {
			return failure("not_found", "/task_id", "no such task")
		}
		p.undo = append(p.undo, step{p.request, t, *t})
		p.changed = append(p.changed, t.ID)
		p.made++
		t.touched = p.made
		p.apply(c.Tool, t, in.Fields)
		done = append(done, t)
	}
	if len(done) == 1 {
		return success(done[0])
	}
	return success(map[string]any{"tasks": done, "next_cursor": nil})
}

func (p *player) apply(tool string, t *item, fields map[string]any) {
	now := p.now.Format(time.RFC3339)
	switch tool {
	case "complete_task":
		t.Completed = true
	case "reopen_task":
		t.Completed = false
	case "delete_task", "skip_occurrence":
		t.Deleted = &now
	case "restore_task":
		t.Deleted = nil
	default:
		p.set(t, fields)
	}
}

func (p *player) set(t *item, fields map[string]any) {
	for name, value := range fields {
		switch name {
		case "title":
			t.Title, _ = value.(string)
		case "description":
			t.Description, _ = value.(string)
		case "priority":
			t.Priority, _ = value.(string)
		case "tags":
			t.Tags = texts(value)
		case "due_date":
			due, _ := value.(string)
			p.due(t, due)
		case "recurrence_rule":
			t.Rule, _ = json.Marshal(value)
		case "reminders":
			t.Reminders, _ = value.([]any)
		}
	}
}

// takeBack undoes a turn, or the last change.
func (p *player) takeBack(request string) json.RawMessage {
	var tasks []*item
	for i := len(p.undo) - 1; i >= 0; i-- {
		if s := p.undo[i]; request == "" || s.request == request {
			*s.task = s.before
			tasks = append(tasks, s.task)
			p.undo = slices.Delete(p.undo, i, i+1)
			if request == "" {
				break
			}
		}
	}
	if tasks == nil {
		return failure("not_found", "", "there is nothing to undo")
	}
	return success(map[string]any{"undone": []string{"e"}, "tasks": tasks})
}
