package e2e

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tickler-app/tickler/scripts/internal/house"
	"github.com/tickler-app/tickler/scripts/internal/journal"
	"github.com/tickler-app/tickler/scripts/internal/person"
)

// modelOf answers as a model does over Chat Completions: with words, or, while it holds, by asking
// for a new task once it is let.
type modelOf struct {
	holds atomic.Bool
	asked chan struct{} // a turn waits
	let   chan struct{}
}

// ServeHTTP implements http.Handler.
func (m *modelOf) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	delta := `{"content":"Hello."}`
	if m.holds.Load() {
		delta = `{"tool_calls":[{"index":0,"id":"c","function":{"name":"add_task","arguments":"{\"title\":\"Late\"}"}}]}`
		m.asked <- struct{}{} // there is room for one
		select {
		case <-m.let:
		case <-r.Context().Done():
			return
		}
	}
	w.Header().Set("Content-Type", "text/event-stream")
	fmt.Fprintf(w, "data: {\"choices\":[{\"delta\":%s}]}\n\ndata: [DONE]\n\n", delta)
}

// A person signs out, here while the model thinks: what their turn wants to do then is refused by
// identity, the conversation says why, and so does the status where it can still be told.
func TestASessionThatEndsInTheMiddleOfATurnEndsTheTurn(t *testing.T) {
	model := &modelOf{asked: make(chan struct{}, 1), let: make(chan struct{}, 1)}
	thinks := httptest.NewServer(model)
	defer thinks.Close()
	offset, free, err := house.FreeOffset()
	if err != nil {
		t.Fatal(err)
	}
	defer free()
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	var out journal.Journal
	h, stop, err := house.Start(ctx, house.Options{
		State: t.TempDir(), Offset: offset, Out: &out, Only: []string{"identity", "api", "audit", "mcp", "chat", "web"},
		Settings: map[string]map[string]string{"chat": {"LLM_BASE_URL": thinks.URL, "LLM_MODEL": "one"}},
	})
	if err != nil {
		t.Fatalf("%v\n%s", err, out.Tail(shown))
	}
	defer func() {
		if err := errors.Join(stop(), h.Reset()); err != nil {
			t.Error(err)
		}
	}()
	s := &scene{t, h}
	ada, eve, bob := s.signUp(), s.signUp(), s.signUp()
	s.say(bob, "", "hello", "Hello.", false) // chat knows the tools now, and asks for nobody's token before a call
	var heard person.Streamed
	model.holds.Store(true)
	s.signsOutWithin(ada, model, func() (err error) {
		heard, err = ada.Hear(ctx, h.Public(), "", "add a task")
		return err
	})
	if !strings.Contains(heard.Text, "you are signed out") || !slices.Contains(heard.Frames, "error") || slices.Contains(heard.Frames, "tool-output-available") {
		t.Errorf("%v: %s", heard.Frames, heard.Text)
	}
	var answered error
	s.signsOutWithin(eve, model, func() error {
		_, answered = eve.Say(ctx, "", "add a task")
		return nil
	})
	if person.StatusOf(answered) != http.StatusUnauthorized {
		t.Errorf("as JSON: %v", answered)
	}
	// Their tokens are good for api itself until they end, and for no exchange any more.
	if err := ada.Agent(h.URL("mcp"), ada.Token).Use(ctx, "list_tasks", nil, nil); person.StatusOf(err) != http.StatusUnauthorized {
		t.Errorf("over MCP: %v", err)
	}
	for _, p := range []*person.Person{ada, eve} {
		var list struct{ Tasks []person.Task }
		if _, err := p.Call(ctx, "GET", "tasks", nil, "", &list); err != nil || len(list.Tasks) != 0 {
			t.Errorf("%+v, %v", list.Tasks, err)
		}
		var kept struct {
			Conversations []struct{ ID string }
			Messages      []struct {
				Parts []struct{ Text string }
			}
		}
		if _, err := p.Call(ctx, "GET", "conversations", nil, "", &kept); err != nil || len(kept.Conversations) != 1 {
			t.Fatalf("%+v, %v", kept, err)
		}
		if _, err := p.Call(ctx, "GET", "conversations/"+kept.Conversations[0].ID, nil, "", &kept); err != nil || !strings.Contains(fmt.Sprint(kept.Messages), "you are signed out") {
			t.Errorf("%+v, %v", kept, err)
		}
	}
}

// signsOutWithin has a person sign out while the model thinks about what they said.
func (s *scene) signsOutWithin(p *person.Person, model *modelOf, say func() error) {
	s.Helper()
	ended := make(chan error, 1)
	go func() { ended <- say() }()
	select {
	case <-model.asked:
	case err := <-ended:
		s.Fatalf("the turn ended before the model was asked: %v", err)
	case <-time.After(30 * time.Second):
		s.Fatal("the model is not asked")
	}
	if err := p.SignOut(s.Context()); err != nil {
		s.Fatal(err)
	}
	model.let <- struct{}{}
	if err := <-ended; err != nil {
		s.Fatal(err)
	}
}
