package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
)

// trap is a way to api on which a replica of ours dies: after a change was made, and before
// it is told so.
type trap struct {
	mu    sync.Mutex
	after int // so many changes more; none while it is 0
	prey  *os.Process
}

func (tr *trap) set(after int, prey *os.Process) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.after, tr.prey = after, prey
}

// spring kills if it is time.
func (tr *trap) spring(res *http.Response) error {
	if res.Request.Method == http.MethodGet || res.StatusCode >= 300 {
		return nil
	}
	tr.mu.Lock()
	defer tr.mu.Unlock()
	if tr.after == 0 {
		return nil
	}
	if tr.after--; tr.after == 0 {
		return tr.prey.Kill()
	}
	return nil
}

func killed(t *testing.T, w *town) {
	api, err := url.Parse(w.api)
	if err != nil {
		t.Fatal(err)
	}
	tr := &trap{}
	way := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(api) }, ModifyResponse: tr.spring,
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	})
	t.Cleanup(way.Close)
	w.api = way.URL
	ada := w.signUp()
	life := 0
	// die makes a call whose server is killed after so many changes, then makes it again.
	die := func(after int, tool, arguments string) answered {
		t.Helper()
		life++
		at := free(t)
		turn := bearer{token: ada.token, requestID: fmt.Sprintf("turn-%04d", life)}
		process := w.start("mcp", at, append(w.ours(), "API_URL="+way.URL))
		a := ada.connect(at, turn)
		tr.set(after, process)
		if got, err := a.try(t.Context(), tool, arguments); err == nil {
			t.Fatalf("%s was answered by the dead: %+v", tool, got)
		}
		w.start("mcp", at, append(w.ours(), "API_URL="+way.URL))
		return ada.connect(at, turn).done(tool, arguments)
	}
	made := die(1, "add_task", `{"title":"one"}`)
	if !made.Idempotent {
		t.Errorf("made again: %+v", made)
	}
	ids := []string{text(made.Data["id"])}
	a := ada.connect(w.mcp, bearer{token: ada.token})
	for _, title := range []string{"two", "three"} {
		ids = append(ids, text(a.done("add_task", `{"title":"`+title+`"}`).Data["id"]))
	}
	all := `{"task_ids":["` + strings.Join(ids, `","`) + `"]`
	asked := a.use("complete_task", all+`}`)
	done := die(2, "complete_task", all+`,"confirmation":"`+asked.Confirmation+`"}`)
	if done.Idempotent || len(done.Data["tasks"].([]any)) != 3 {
		t.Errorf("completed in two parts: %+v", done)
	}
	if undone := die(1, "undo", `{"request_id":"turn-0002"}`); !undone.Idempotent || len(undone.Data["undone"].([]any)) != 3 {
		t.Errorf("undone: %+v", undone)
	}
	die(1, "delete_task", `{"task_id":"`+ids[0]+`"}`)

	count := map[string]int{}
	for _, e := range ada.trail(10) {
		count[e.Type]++
	}
	if want := map[string]int{"task.created": 3, "task.completed": 3, "task.reopened": 3, "task.deleted": 1}; fmt.Sprint(count) != fmt.Sprint(want) {
		t.Errorf("the trail has %v, want %v", count, want)
	}
}
