package town

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// server has the tools that matter to a turn: one that reads, one that adds, those that change
// a task, and those that change several.
func (t *Town) server() *mcp.Server {
	s := mcp.NewServer(&mcp.Implementation{Name: "town", Version: "1"}, &mcp.ServerOptions{Capabilities: &mcp.ServerCapabilities{Tools: &mcp.ToolCapabilities{}}})
	schema := func(properties string) json.RawMessage {
		return json.RawMessage(`{"type":"object","additionalProperties":false,"properties":{"dry_run":{"type":"boolean"},"confirmation":{"type":"string"},` + properties + `}}`)
	}
	one, text := `"task_id":{"type":"string"}`, `{"type":"string"}`
	for name, properties := range map[string]string{
		"parse_task":    `"text":` + text,
		"list_tasks":    `"q":` + text + `,"status":` + text + `,"due":` + text,
		"add_task":      `"title":` + text + `,"description":` + text + `,"due_date":` + text,
		"update_task":   one + `,"title":` + text + `,"description":` + text + `,"due_date":` + text,
		"complete_task": one + `,"task_ids":{"type":"array","items":{"type":"string"}}`,
		"delete_task":   one + `,"task_ids":{"type":"array","items":{"type":"string"}}`,
		"undo":          `"event_id":` + text + `,"request_id":` + text,
	} {
		tool := &mcp.Tool{Name: name, Description: "It does " + name, InputSchema: schema(properties), Annotations: &mcp.ToolAnnotations{ReadOnlyHint: name == "list_tasks" || name == "parse_task"}}
		s.AddTool(tool, func(_ context.Context, req *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			called := Called{UserID: person(req.Extra.Header), Tool: name, Request: req.Extra.Header.Get("X-Request-Id")}
			if err := json.Unmarshal(req.Params.Arguments, &called.Input); err != nil {
				return nil, err
			}
			t.mu.Lock()
			t.calls = append(t.calls, called)
			before := t.before
			t.mu.Unlock()
			if before != nil {
				before(called)
			}
			answer := t.carryOut(called)
			return &mcp.CallToolResult{StructuredContent: answer, IsError: answer["status"] == "error", Content: []mcp.Content{&mcp.TextContent{Text: "see there"}}}, nil
		})
	}
	return s
}

func problem(code, detail string) map[string]any {
	return map[string]any{"status": "error", "error": map[string]any{"code": code, "field": nil, "detail": detail}}
}

func success(data any) map[string]any { return map[string]any{"status": "success", "data": data} }

// carryOut does what a call asks for, as wire-api.md §7 says.
func (t *Town) carryOut(c Called) map[string]any {
	t.mu.Lock()
	defer t.mu.Unlock()
	dry, _ := c.Input["dry_run"].(bool)
	switch c.Tool {
	case "parse_task": // it sees no dates
		return success(map[string]any{"task": map[string]any{"title": c.Input["text"]}, "spans": []any{}})
	case "list_tasks":
		found := []Task{}
		status, _ := c.Input["status"].(string)
		for _, task := range t.tasks {
			q, _ := c.Input["q"].(string)
			if status != "" && status != "all" && task.Completed != (status == "completed") {
				continue
			}
			if task.UserID == c.UserID && task.DeletedAt == nil && strings.Contains(strings.ToLower(task.Title), strings.ToLower(q)) {
				found = append(found, *task)
			}
		}
		return success(map[string]any{"tasks": found, "next_cursor": nil})
	case "add_task":
		title, _ := c.Input["title"].(string)
		if strings.TrimSpace(title) == "" {
			return problem("invalid", "title: is needed")
		}
		task := &Task{ID: uuid.Must(uuid.NewV7()).String(), UserID: c.UserID, Title: title, Version: 1}
		if !dry {
			t.tasks = append(t.tasks, task)
		}
		return success(*task)
	case "undo":
		return success(map[string]any{"undone": []string{}, "tasks": []Task{}})
	}
	return t.changes(c, dry)
}

// changes does what a call asks for that changes tasks: several only with a confirmation.
func (t *Town) changes(c Called, dry bool) map[string]any {
	ids := idsOf(c.Input)
	found := make([]*Task, 0, len(ids))
	for _, id := range ids {
		at := slices.IndexFunc(t.tasks, func(task *Task) bool { return task.ID == id && task.UserID == c.UserID })
		if at < 0 {
			return problem("not_found", "no such task")
		}
		found = append(found, t.tasks[at])
	}
	if len(found) == 0 {
		return problem("invalid", "task_id: is needed")
	}
	if len(found) > 1 && !dry {
		binding := fmt.Sprint(c.UserID, c.Tool, ids)
		given, _ := c.Input["confirmation"].(string)
		if given == "" || t.confirms[binding] != given {
			t.confirms[binding] = uuid.NewString()
			return map[string]any{"status": "confirm", "confirmation": t.confirms[binding], "summary": fmt.Sprintf("This would change %d tasks.", len(found)), "tasks": copies(found)}
		}
		delete(t.confirms, binding) // single use
	}
	after := t.change(c, found, dry)
	if len(after) == 1 {
		return success(after[0])
	}
	return success(map[string]any{"tasks": after, "next_cursor": nil})
}

// change does something to tasks, unless it is only to be seen.
func (t *Town) change(c Called, found []*Task, dry bool) []Task {
	after := copies(found)
	for i := range after {
		task := &after[i]
		switch c.Tool {
		case "complete_task":
			task.Completed = true
		case "delete_task":
			now := "2026-12-01T00:00:00Z"
			task.DeletedAt = &now
		case "update_task":
			if title, ok := c.Input["title"].(string); ok {
				task.Title = title
			}
			if due, ok := c.Input["due_date"].(string); ok {
				task.DueDate = &due
			}
		}
		if task.Version++; !dry {
			*found[i] = *task
		}
	}
	return after
}

func copies(tasks []*Task) (all []Task) {
	for _, task := range tasks {
		all = append(all, *task)
	}
	return all
}

func idsOf(input map[string]any) (ids []string) {
	if id, ok := input["task_id"].(string); ok {
		ids = append(ids, id)
	}
	several, _ := input["task_ids"].([]any)
	for _, id := range several {
		if text, ok := id.(string); ok {
			ids = append(ids, text)
		}
	}
	return ids
}
