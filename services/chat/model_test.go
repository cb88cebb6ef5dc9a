package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// A model plans by three settings, reaches tasks as the rules do, and where it goes away the
// rules take over, and say so.
func TestAModelPlansByThreeSettings(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.URL.Path != "/v1/chat/completions" || r.Header.Get("Authorization") != "Bearer key" || !strings.Contains(string(body), `"model":"small"`) {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		delta := map[string]any{"content": "Added it."}
		if !strings.Contains(string(body), `"role":"tool"`) {
			call := map[string]any{"index": 0, "id": "c1", "function": map[string]any{"name": "add_task", "arguments": `{"title":"Call the dentist"}`}}
			delta = map[string]any{"tool_calls": []any{call}}
		}
		text, _ := json.Marshal(map[string]any{"choices": []any{map[string]any{"index": 0, "delta": delta, "finish_reason": "stop"}}})
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprintf(w, "data: %s\n\ndata: [DONE]\n\n", text)
	}))
	defer server.Close()
	s := start(t, map[string]string{"LLM_BASE_URL": server.URL + "/v1", "LLM_API_KEY": "key", "LLM_MODEL": "small", "LLM_FALLBACK": "true"})
	in, said := s.say("ada", "", "I should see my dentist")
	if tasks := s.town.Tasks("ada"); said != "Added it." || len(tasks) != 1 || tasks[0].Title != "Call the dentist" {
		t.Errorf("%s; %+v", said, tasks)
	}
	server.Close()
	if _, said := s.say("ada", in, "add a task to buy milk; add a task to buy eggs"); !strings.HasPrefix(said, "The model does not answer") || len(s.town.Tasks("ada")) != 3 {
		t.Errorf("%s; %+v", said, s.town.Tasks("ada"))
	}
}

func TestSettingsThatCannotBeAreNamed(t *testing.T) {
	t.Parallel()
	good := settings{MCP: "http://mcp:8001/", Identity: "http://identity:8007", Turns: 1, LLMSteps: 6, LLMTimeout: 1}
	if err := good.complete(); err != nil || good.MCP != "http://mcp:8001" {
		t.Errorf("%v %s", err, good.MCP)
	}
	for name, change := range map[string]func(*settings){
		"MCP_URL": func(s *settings) { s.MCP = "mcp" }, "IDENTITY_URL": func(s *settings) { s.Identity = "" }, "TURNS_PER_MINUTE": func(s *settings) { s.Turns = 0 },
		"LLM_BASE_URL": func(s *settings) { s.LLMURL, s.LLMModel = "x", "m" }, "LLM_MODEL": func(s *settings) { s.LLMURL = "http://x/v1" }, "LLM_MAX_STEPS": func(s *settings) { s.LLMSteps = 0 },
	} {
		bad := good
		if change(&bad); !strings.Contains(fmt.Sprint(bad.complete()), name) {
			t.Errorf("%s is not named in %v", name, bad.complete())
		}
	}
}
