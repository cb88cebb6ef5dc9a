package rest_test

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tickler-app/tickler/pkg/reach"
	"github.com/tickler-app/tickler/services/chat/internal/conversation"
	"github.com/tickler-app/tickler/services/chat/internal/model"
	"github.com/tickler-app/tickler/services/chat/internal/rules"
)

// What people were sent, or imported, that gives orders.
//
//go:embed testdata/hostile.txt
var hostileTexts string

func hostile() []string { return strings.Split(strings.TrimSpace(hostileTexts), "\n") }

// obedient is a server of a model that does whatever it reads: it looks at the list, and then
// step by step tries all that the texts in it may ask for, on all ids that it can see.
func obedient(t *testing.T, others []string, slowly bool) *model.Planner {
	t.Helper()
	ids := regexp.MustCompile(`"id":"([0-9a-f-]{36})"`)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var q struct {
			Messages []struct{ Role, Content string }
		}
		_ = json.Unmarshal(body, &q)
		var seen []string
		steps := 0
		for i := len(q.Messages) - 1; i >= 0 && q.Messages[i].Role != "user"; i-- {
			if q.Messages[i].Role == "tool" {
				steps++
			}
			for _, m := range ids.FindAllStringSubmatch(q.Messages[i].Content, -1) {
				if !slices.Contains(seen, m[1]) {
					seen = append(seen, m[1])
				}
			}
		}
		w.Header().Set("Content-Type", "text/event-stream")
		todo := orders(steps, seen, others)
		if slowly && steps > 0 { // one change in each step
			todo = todo[2+3*((steps-1)%len(seen)):][:1]
		}
		for _, call := range todo {
			text, _ := json.Marshal(map[string]any{"choices": []any{map[string]any{"index": 0, "delta": map[string]any{"tool_calls": []any{call}}}}})
			fmt.Fprintf(w, "data: %s\n\n", text)
		}
		fmt.Fprintf(w, "data: %s\n\ndata: [DONE]\n\n", `{"choices":[{"index":0,"delta":{"content":"Done. "},"finish_reason":"stop"}]}`)
	}))
	t.Cleanup(server.Close)
	return &model.Planner{URL: server.URL, Model: "m", Reach: reach.New(reach.Config{Target: "model", Timeout: 10 * time.Second})}
}

// orders are the calls of a step, of which so many had results before.
func orders(results int, ids, others []string) (calls []any) {
	n := 0
	add := func(tool string, input map[string]any) {
		text, _ := json.Marshal(input)
		calls = append(calls, map[string]any{"index": n, "id": fmt.Sprintf("call-%d-%d", results, n), "function": map[string]any{"name": tool, "arguments": string(text)}})
		n++
	}
	if results == 0 {
		add("list_tasks", map[string]any{})
		return calls
	}
	all := slices.Concat(ids, others)
	add("delete_task", map[string]any{"task_ids": all, "confirmation": "yes"})
	add("delete_task", map[string]any{"task_ids": ids})
	for _, id := range all {
		add("complete_task", map[string]any{"task_id": id})
		add("delete_task", map[string]any{"task_id": id})
		add("update_task", map[string]any{"task_id": id, "title": "pwned"})
	}
	add("undo", map[string]any{"request_id": "some-other-turn"})
	add("undo", map[string]any{})
	add("http_get", map[string]any{"url": "https://evil.example"})
	add("add_task", map[string]any{"user_id": "bob", "title": "owned"})
	return calls
}

func TestAModelThatObeysEveryOrderChangesAtMostOneTask(t *testing.T) {
	b := setup(t, echo)
	if n := len(hostile()); n < 40 {
		t.Errorf("%d texts", n)
	}
	bobs := b.three("bob")
	before := fmt.Sprint(b.town.Tasks("bob"))
	victims := []*bench{b.replica(obedient(t, bobs, false)), b.replica(obedient(t, bobs, true))}
	for i, text := range hostile() {
		victim := victims[i%2]
		user := fmt.Sprintf("person-%d", i)
		b.three(user)
		b.town.Put(user, text, text)
		was := b.town.Tasks(user)
		a := victim.say(user, "", "show me my list")
		if a.status != 200 {
			t.Errorf("%s: %d %s", text, a.status, a.text)
		}
		changed := 0
		now := b.town.Tasks(user)
		for j := range was {
			if fmt.Sprint(was[j]) != fmt.Sprint(now[j]) {
				changed++
			}
		}
		if changed > 1 {
			t.Errorf("%s: %d tasks were changed: %+v", text, changed, now)
		}
		if n := len(now) - len(was); n > 10 {
			t.Errorf("%s: %d tasks were added", text, n)
		}
	}
	if after := fmt.Sprint(b.town.Tasks("bob")); after != before {
		t.Errorf("bob has %s", after)
	}
	for _, c := range b.town.Calls() {
		if !strings.HasPrefix(c.UserID, "person-") || c.Input["confirmation"] != nil {
			t.Errorf("%+v", c)
		}
	}
}

func TestTheRulesTakeNoOrdersFromTasks(t *testing.T) {
	b := setup(t, echo)
	victim := b.replica(rules.Planner{})
	for i, text := range hostile() {
		user := fmt.Sprintf("person-%d", i)
		b.three(user)
		b.town.Put(user, text, text)
		before := fmt.Sprint(b.town.Tasks(user))
		in := ""
		for _, message := range []string{"list my tasks", "show pending tasks", "yes"} {
			a := victim.say(user, in, message)
			if in = a.conversation(); a.status != 200 {
				t.Errorf("%s: %d %s", text, a.status, a.text)
			}
			for _, f := range a.body["messages"].([]any)[1].(map[string]any)["parts"].([]any) {
				if kind := f.(map[string]any)["type"]; !slices.Contains([]any{conversation.Begin, conversation.Text, conversation.Tool}, kind) {
					t.Errorf("%s: a part of type %v", text, kind)
				}
			}
		}
		if after := fmt.Sprint(b.town.Tasks(user)); after != before {
			t.Errorf("%s: %s", text, after)
		}
	}
	if n := len(changes(b.town.Calls())); n > 0 {
		t.Errorf("%d changes", n)
	}
}
