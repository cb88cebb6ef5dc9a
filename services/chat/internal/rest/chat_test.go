package rest_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

func TestATurnIsStreamedFrameByFrame(t *testing.T) {
	b := setup(t, calls(call("list_tasks", `{}`), call("add_task", `{"title":"Buy milk"}`)))
	a := b.send("ada", "POST", "chat", `{"message":"Buy milk"}`, "X-Request-Id: turn-number-1")
	want := []string{"start", "start-step", "text-start", "text-delta", "text-end", "tool-input-available", "tool-output-available",
		"tool-input-available", "tool-output-available", "data-task", "finish-step", "start-step", "text-start", "text-delta", "text-end", "finish-step", "finish"}
	if got := a.types(); a.status != 200 || !slices.Equal(got, want) {
		t.Errorf("%d\n%v\nwant\n%v\n%s", a.status, got, want, a.text)
	}
	if !strings.HasSuffix(a.text, "data: [DONE]\n\n") || a.header.Get("X-Vercel-AI-UI-Message-Stream") != "v1" || a.header.Get("Cache-Control") != "no-cache" ||
		a.header.Get("Content-Type") != "text/event-stream" || a.header.Get("X-Accel-Buffering") != "no" {
		t.Errorf("%v", a.header)
	}
	if id := a.frames[0]["messageMetadata"].(map[string]any)["conversation_id"]; id != a.conversation() || id == "" {
		t.Errorf("the start names %v, the header %s", id, a.conversation())
	}
	called := b.town.Calls()
	for _, c := range called {
		if c.UserID != "ada" || c.Request != "turn-number-1" {
			t.Errorf("%+v", c)
		}
	}
	if len(called) != 2 || b.town.Tasks("ada")[0].Title != "Buy milk" {
		t.Errorf("%+v, %+v", called, b.town.Tasks("ada"))
	}
}

func TestATurnIsAnsweredInOnePieceAndKept(t *testing.T) {
	b := setup(t, calls(call("add_task", `{"title":"Buy milk"}`)))
	a := b.say("ada", "", "Buy milk\nand more")
	if a.status != 200 || a.response() != "Let me see.\n\nSo: add_task success" || a.body["conversation_id"] != a.conversation() {
		t.Errorf("%d %s", a.status, a.text)
	}
	used := a.body["tool_calls"].([]any)
	if one := used[0].(map[string]any); len(used) != 1 || one["name"] != "add_task" || one["output"].(map[string]any)["status"] != "success" {
		t.Errorf("%v", used)
	}
	kept := b.send("ada", "GET", "conversations/"+a.conversation(), "")
	same := func(x, y any) bool { p, _ := json.Marshal(x); q, _ := json.Marshal(y); return string(p) == string(q) }
	if kept.body["title"] != "Buy milk" || !same(kept.body["messages"], a.body["messages"]) {
		t.Errorf("answered %v\nkept     %v", a.body["messages"], kept.body["messages"])
	}
	if roles := len(a.body["messages"].([]any)); roles != 2 {
		t.Errorf("%d messages", roles)
	}
}

func TestWhatCannotBeSaidIsRefused(t *testing.T) {
	b := setup(t, calls())
	mine := b.say("ada", "", "hello").conversation()
	for body, want := range map[string]string{
		`{}`: "422 /message", `{"message":""}`: "422 /message", `{"message":" \n\t"}`: "422 /message",
		`{"message":"` + strings.Repeat("x", 10_001) + `"}`:  "422 /message",
		`{"message":"` + strings.Repeat("x", 100<<10) + `"}`: "422 /message",
		`{"message":"` + strings.Repeat("x", 2<<20) + `"}`:   "413",
		`{"message":7}`:                                         "422 /message",
		`{"message":"a\u0000b"}`:                                "400 /message",
		"{\"message\":\"\xff\xfe\"}":                            "400",
		`{"message"`:                                            "400",
		`{"message":"x","colour":"red"}`:                        "422 /colour",
		`{"message":"x","trigger":"shout"}`:                     "422 /trigger",
		`{"trigger":"regenerate-message"}`:                      "422 /trigger",
		`{"message":"x","conversation_id":"nope"}`:              "404",
		`{"message":"x","conversation_id":"` + unknownID + `"}`: "404",
	} {
		a := b.send("ada", "POST", "chat", body)
		got := a.text[:0]
		if errs, ok := a.body["errors"].([]any); ok {
			got = " " + errs[0].(map[string]any)["field"].(string)
		}
		if status, field, _ := strings.Cut(want, " "); a.status != number(status) || strings.TrimSpace(got) != field {
			t.Errorf("%.60s: %d%s, want %s\n%.300s", body, a.status, got, want, a.text)
		}
	}
	for _, message := range []string{"שלום עולם", "\u202Eevil\u202C", "👩‍👩‍👧", "a\r\nb", `<img src=x onerror=alert(1)>`, `![x](http://example.com/x.png)`} {
		if a := b.say("ada", mine, message); a.status != 200 {
			t.Errorf("%q: %d %s", message, a.status, a.text)
		}
	}
	if n := len(b.town.Calls()); n != 0 {
		t.Errorf("%d calls", n)
	}
}

const unknownID = "0198c5a0-0000-7000-8000-000000000001"

func number(text string) (n int) { _ = json.Unmarshal([]byte(text), &n); return n }

func TestAnothersConversationIsNotThere(t *testing.T) {
	b := setup(t, calls())
	hers := b.say("ada", "", "secret").conversation()
	for _, try := range [][3]string{
		{"GET", "", ""}, {"PATCH", "", `{"title":"mine"}`}, {"DELETE", "", ""}, {"GET", "/stream", ""}, {"POST", "/stop", ""},
	} {
		for _, id := range []string{hers, unknownID, "nope"} {
			if a := b.send("bob", try[0], "conversations/"+id+try[1], try[2]); a.status != 404 || strings.Contains(a.text, "secret") {
				t.Errorf("%s %s%s: %d %s", try[0], id, try[1], a.status, a.text)
			}
		}
	}
	if a := b.say("bob", hers, "hello"); a.status != 404 {
		t.Errorf("to say: %d", a.status)
	}
	if a := b.send("bob", "GET", "conversations", ""); len(a.body["conversations"].([]any)) != 0 {
		t.Errorf("listed: %s", a.text)
	}
	if a := b.send("ada", "GET", "conversations/"+hers, ""); a.body["title"] != "secret" || len(a.body["messages"].([]any)) != 2 {
		t.Errorf("hers: %s", a.text)
	}
}

func TestOnlyATokenWithTheScopesTalks(t *testing.T) {
	b := setup(t, calls())
	for scope, want := range map[string][2]int{"tasks:read": {200, 403}, "tasks:write": {403, 403}, "tasks:read tasks:write": {200, 200}, "audit:read": {403, 403}} {
		as := "Authorization: Bearer " + b.tokens.Mint("ada", map[string]any{"scope": scope})
		read, say := b.send("ada", "GET", "conversations", "", as), b.say("ada", "", "hello", as)
		if read.status != want[0] || say.status != want[1] {
			t.Errorf("%s: %d and %d", scope, read.status, say.status)
		}
	}
	for _, token := range []string{"", "junk", b.tokens.Mint("bob", nil)} {
		if a := b.say("ada", "", "hello", "Authorization: Bearer "+token); a.status != 401 {
			t.Errorf("%.20s: %d", token, a.status)
		}
	}
}
