// Package town is what chat works with, for tests: a server of tools as services/mcp speaks, on
// tasks in memory, and the token exchange of identity.
package town

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// Task is one as the tools answer it, with what chat looks at.
type Task struct {
	ID          string  `json:"id"`
	UserID      string  `json:"user_id"`
	Title       string  `json:"title"`
	Description string  `json:"description"`
	Completed   bool    `json:"completed"`
	DueDate     *string `json:"due_date"`
	DeletedAt   *string `json:"deleted_at"`
	Version     int     `json:"version"`
}

// Called is a call that reached the tools.
type Called struct {
	UserID, Tool, Request string
	Input                 map[string]any
}

// Change reports whether it may have changed something.
func (c Called) Change() bool {
	dry, _ := c.Input["dry_run"].(bool)
	return c.Tool != "list_tasks" && c.Tool != "parse_task" && !dry
}

// Town is both servers.
type Town struct {
	MCP, Identity string // their addresses

	mu        sync.Mutex
	tasks     []*Task
	calls     []Called
	confirms  map[string]string // confirmations that were given out, by what they are for
	exchanges int
	revoked   map[string]bool // whose session has ended
	everybody bool            // has no session any more
	// Before, if set, is called before each call is carried out.
	before func(Called)
}

// New starts a town for this test alone.
func New(t testing.TB) *Town {
	t.Helper()
	town := &Town{confirms: map[string]string{}, revoked: map[string]bool{}}
	server := town.server()
	handler := mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return server },
		&mcp.StreamableHTTPOptions{Stateless: true, JSONResponse: true, PropagateRequestCancellation: true})
	desk := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if who := person(r.Header); who == "" || town.ended(who) {
			w.Header().Set("WWW-Authenticate", "Bearer")
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		handler.ServeHTTP(w, r)
	}))
	t.Cleanup(desk.Close)
	identity := httptest.NewServer(http.HandlerFunc(town.exchange))
	t.Cleanup(identity.Close)
	town.MCP, town.Identity = desk.URL, identity.URL
	return town
}

func (t *Town) ended(userID string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.everybody || t.revoked[userID]
}

// Revoke ends the sessions of people; of everybody where it is told none.
func (t *Town) Revoke(userIDs ...string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.everybody = t.everybody || len(userIDs) == 0
	for _, id := range userIDs {
		t.revoked[id] = true
	}
}

// Before has f called before each call is carried out.
func (t *Town) Before(f func(Called)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.before = f
}

// Put gives a person a task, and returns its id.
func (t *Town) Put(userID, title, description string) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	task := &Task{ID: uuid.Must(uuid.NewV7()).String(), UserID: userID, Title: title, Description: description, Version: 1}
	t.tasks = append(t.tasks, task)
	return task.ID
}

// Tasks are all of a person, deleted ones too.
func (t *Town) Tasks(userID string) (tasks []Task) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, task := range t.tasks {
		if task.UserID == userID {
			tasks = append(tasks, *task)
		}
	}
	return tasks
}

// Calls are those that reached the tools so far.
func (t *Town) Calls() []Called {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.calls)
}

// Exchanges is how many tokens were exchanged.
func (t *Town) Exchanges() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.exchanges
}

// exchange makes a token that says for whom somebody acts, of one whose signature it does not check.
func (t *Town) exchange(w http.ResponseWriter, r *http.Request) {
	client, secret, _ := r.BasicAuth()
	parts := strings.Split(r.PostFormValue("subject_token"), ".")
	var claims struct{ Sub string }
	if len(parts) == 3 {
		raw, _ := base64.RawURLEncoding.DecodeString(parts[1])
		_ = json.Unmarshal(raw, &claims)
	}
	if client != "chat" || secret != "chat-secret-chat-secret" {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	if claims.Sub == "" || t.ended(claims.Sub) {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	t.mu.Lock()
	t.exchanges++
	t.mu.Unlock()
	_ = json.NewEncoder(w).Encode(map[string]any{"access_token": "for " + claims.Sub, "expires_in": 300})
}

// person is whom a request acts for.
func person(h http.Header) string {
	name, ok := strings.CutPrefix(h.Get("Authorization"), "Bearer for ")
	if !ok {
		return ""
	}
	return name
}
