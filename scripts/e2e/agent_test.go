package e2e

import (
	"slices"
	"strings"

	"github.com/tickler-app/tickler/scripts/internal/person"
)

// aPersonsAgent is a program that is given the origin and an API token, and nothing else.
func aPersonsAgent(s *scene) {
	ada := s.signUp()
	var token struct{ Token string }
	if _, err := ada.Call(s.Context(), "POST", "tokens", map[string]any{"name": "Desk agent", "scopes": []string{"tasks:read", "tasks:write"}}, "", &token); err != nil {
		s.Fatal(err)
	}
	agent := ada.Agent(s.house.Public(), token.Token)
	agent.Turn = "turn-of-the-agent"
	var made, done person.Task
	for _, step := range []struct {
		tool      string
		arguments map[string]any
		task      *person.Task
	}{
		{"add_task", map[string]any{"title": "Pay rent", "due_date": "2030-12-31"}, &made},
		{"add_task", map[string]any{"title": "pay  RENT", "due_date": "2030-12-31"}, &done}, // a repeat
	} {
		if err := agent.Use(s.Context(), step.tool, step.arguments, step.task); err != nil {
			s.Fatal(err)
		}
	}
	if made.ID == "" || done.ID != made.ID {
		s.Errorf("a repeat made %+v beside %+v", done, made)
	}
	if err := agent.Use(s.Context(), "complete_task", map[string]any{"task_id": made.ID}, &done); err != nil || !done.Completed {
		s.Fatalf("%+v, %v", done, err)
	}
	if seen := s.do(ada, "GET", "tasks/"+made.ID, nil); seen.Title != "Pay rent" || !seen.Completed || seen.Version != 2 {
		s.Errorf("the person sees %+v", seen)
	}
	want := []string{"task.created agent Desk agent mcp turn-of-the-agent", "task.completed agent Desk agent mcp turn-of-the-agent"}
	s.eventually("the trail says that it was the agent", func() bool {
		entries, err := ada.Entries(s.Context())
		var told []string
		for _, e := range slices.Backward(entries) {
			if strings.HasPrefix(e.Type, "task.") { // there are notices of it, too
				told = append(told, strings.Join([]string{e.Type, e.Actor.Type, e.Actor.Name, e.Source, e.RequestID}, " "))
			}
		}
		return err == nil && slices.Equal(told, want)
	})
	if err := agent.Use(s.Context(), "get_history", map[string]any{}, nil); err == nil || !strings.Contains(err.Error(), "audit:read") {
		s.Errorf("past its scopes: %v", err)
	}
	if err := agent.Use(s.Context(), "undo", map[string]any{"request_id": agent.Turn}, nil); err != nil {
		s.Fatal(err)
	}
	if seen := s.do(ada, "GET", "tasks/"+made.ID, nil); seen.DeletedAt == nil {
		s.Errorf("after one undo of the turn: %+v", seen)
	}
	stranger := ada.Agent(s.house.Public(), "tkl_nonsense")
	if err := stranger.Use(s.Context(), "list_tasks", map[string]any{}, nil); person.StatusOf(err) != 401 {
		s.Errorf("without a token of the person's: %v", err)
	}
}
