package rest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/tickler-app/tickler/services/chat/internal/conversation"
)

// obeys is a planner whose message is a list of calls: what is called for is called.
func obeys(_ context.Context, turn conversation.Turn, _ conversation.Emit) (conversation.Step, error) {
	if len(turn.Results) > 0 || turn.Approved || turn.Denied {
		return conversation.Step{Text: said(turn)}, nil
	}
	tool, rest, _ := strings.Cut(turn.Message, " ")
	if tool != "delete_task" && tool != "add_task" {
		return conversation.Step{Text: "You said " + turn.Message}, nil
	}
	return conversation.Step{Text: "Well.", Calls: []conversation.Call{call(tool, rest)}}, nil
}

// model is what a conversation must be after all that was done to it.
type talked struct {
	id       string
	title    string
	messages []string // by whom, and what the person said
	waits    []string // ids of tasks that a yes deletes
}

// Whatever is said, answered again, renamed and deleted, on either replica: what is kept is what
// happened, and tasks go only after a yes to them.
func TestConversationsAreWhatHappenedInThem(t *testing.T) {
	b := setup(t, obeys)
	replicas := []*bench{b, b.replica(script(obeys))}
	round := 0
	rapid.Check(t, func(r *rapid.T) {
		round++
		m := &machine{T: r, b: b, replicas: replicas, user: fmt.Sprintf("person-%d", round), gone: map[string]bool{}}
		for range rapid.IntRange(1, 14).Draw(r, "steps") {
			m.step()
		}
		m.check()
	})
}

type machine struct {
	*rapid.T
	b        *bench
	replicas []*bench
	user     string
	made     []*talked // the oldest first
	tasks    []string
	gone     map[string]bool
}

func (m *machine) on() *bench { return rapid.SampledFrom(m.replicas).Draw(m.T, "replica") }

func (m *machine) step() {
	kinds := []string{"say", "several", "put"}
	if len(m.made) > 0 {
		kinds = append(kinds, "say", "yes", "no", "again", "rename", "remove", "several")
	}
	switch kind := rapid.SampledFrom(kinds).Draw(m.T, "kind"); kind {
	case "put":
		m.tasks = append(m.tasks, m.b.town.Put(m.user, "task", ""))
	case "say":
		m.say(rapid.SampledFrom([]string{"hello", "how are you?", "שלום"}).Draw(m.T, "words"))
	case "several":
		if len(m.tasks) >= 2 {
			text, _ := json.Marshal(map[string]any{"task_ids": m.tasks[:2]})
			m.say("delete_task " + string(text))
		}
	case "yes", "no":
		m.say(kind)
	case "again":
		m.again()
	case "rename":
		c := rapid.SampledFrom(m.made).Draw(m.T, "which")
		c.title = rapid.StringMatching(`[a-zé]{1,20}`).Draw(m.T, "title")
		m.must(m.on().send(m.user, "PATCH", "conversations/"+c.id, `{"title":"`+c.title+`"}`), 200)
	case "remove":
		i := rapid.IntRange(0, len(m.made)-1).Draw(m.T, "which")
		m.must(m.on().send(m.user, "DELETE", "conversations/"+m.made[i].id, ""), 204)
		m.made = slices.Delete(m.made, i, i+1)
	}
}

func (m *machine) must(a answer, status int) {
	if a.status != status {
		m.Fatalf("%d, want %d: %s", a.status, status, a.text)
	}
}

// say says something in a conversation that is there, or begins one.
func (m *machine) say(words string) {
	var c *talked
	if i := rapid.IntRange(-1, len(m.made)-1).Draw(m.T, "where"); i >= 0 {
		c = m.made[i]
	}
	in := ""
	if c != nil {
		in = c.id
	}
	a := m.on().say(m.user, in, words)
	m.must(a, 200)
	if c == nil {
		c = &talked{id: a.conversation(), title: conversation.TitleOf(words)}
		m.made = append(m.made, c)
	}
	c.messages = append(c.messages, "user "+words, "assistant")
	waited := c.waits
	c.waits = nil
	switch {
	case words == "yes":
		for _, id := range waited {
			m.gone[id] = true
		}
	case strings.HasPrefix(words, "delete_task"):
		c.waits = m.tasks[:2]
	}
}

// again answers the last message again. It does nothing twice, and nothing that was asked about.
func (m *machine) again() {
	c := rapid.SampledFrom(m.made).Draw(m.T, "which")
	m.must(m.on().send(m.user, "POST", "chat", `{"conversation_id":"`+c.id+`","trigger":"regenerate-message"}`, inJSON), 200)
	if last := c.messages[len(c.messages)-2]; strings.HasPrefix(last, "user delete_task") {
		c.waits = m.tasks[:2]
	} else {
		c.waits = nil
	}
}

func (m *machine) check() {
	listed := m.on().send(m.user, "GET", "conversations?limit=200", "").body["conversations"].([]any)
	if len(listed) != len(m.made) {
		m.Fatalf("%d are listed of %d", len(listed), len(m.made))
	}
	for i, c := range m.made {
		if one := listed[len(listed)-1-i].(map[string]any); one["id"] != c.id || one["title"] != c.title {
			m.Errorf("listed %v, want %+v", one, c)
		}
		kept := m.on().send(m.user, "GET", "conversations/"+c.id, "").body["messages"].([]any)
		var got []string
		for _, one := range kept {
			message := one.(map[string]any)
			text := message["role"].(string)
			if text == "user" {
				text += " " + message["parts"].([]any)[0].(map[string]any)["text"].(string)
			}
			got = append(got, text)
		}
		if !slices.Equal(got, c.messages) {
			m.Errorf("%s has %q, want %q", c.id, got, c.messages)
		}
	}
	for _, task := range m.b.town.Tasks(m.user) {
		if (task.DeletedAt != nil) != m.gone[task.ID] {
			m.Errorf("task %s: deleted %v, want %v", task.ID, task.DeletedAt != nil, m.gone[task.ID])
		}
	}
}
