package e2e

import (
	"fmt"
	"strings"
	"time"

	"github.com/tickler-app/tickler/scripts/internal/person"
)

// token is the person with an API token instead of a session.
func (s *scene) token(p *person.Person, wish map[string]any) *person.Person {
	s.Helper()
	wish["name"] = "of a story"
	var made struct{ Token string }
	if _, err := p.Call(s.Context(), "POST", "tokens", wish, "", &made); err != nil {
		s.Fatal(err)
	}
	with := *p
	with.Token = made.Token
	return &with
}

// An API token does what its scopes name at every service, and no more, until its time is over.
func aTokenDoesWhatItsScopesName(s *scene) {
	ada := s.signUp()
	made := s.add(ada, "read me")
	bodies := map[string]any{
		"POST tasks": map[string]any{"title": "x"}, "PATCH tasks/" + made.ID: map[string]any{"title": "y"}, "POST tasks/quick": map[string]any{"text": "x"},
		"POST webhooks": map[string]any{"url": "http://127.0.0.1:9/"}, "PATCH preferences": map[string]any{}, "PATCH settings": map[string]any{},
		"POST tokens": map[string]any{"name": "x", "scopes": []string{"tasks:read"}}, "POST undo": map[string]any{},
	}
	for scope, may := range map[string]map[string]bool{
		"tasks:read":  {"GET tasks": true, "GET tasks/" + made.ID: true, "GET sync": true, "GET stats": true, "GET notices": true, "GET webhooks": true, "GET preferences": true},
		"tasks:write": {"POST tasks": true, "PATCH tasks/" + made.ID: true, "POST tasks/quick": true, "POST undo": true},
		// What tells tasks elsewhere shows them, too.
		"tasks:read tasks:write": {
			"GET tasks": true, "GET tasks/" + made.ID: true, "GET sync": true, "GET stats": true, "GET notices": true, "GET webhooks": true, "GET preferences": true,
			"POST tasks": true, "PATCH tasks/" + made.ID: true, "POST tasks/quick": true, "POST webhooks": true, "PATCH preferences": true, "POST undo": true,
		},
		"audit:read": {"GET audit-logs": true},
	} {
		with := s.token(ada, map[string]any{"scopes": strings.Fields(scope)})
		for _, call := range []string{
			"GET tasks", "GET tasks/" + made.ID, "GET sync", "GET stats", "GET notices", "GET webhooks", "GET preferences", "GET audit-logs", "GET settings", "GET tokens",
			"POST tasks", "PATCH tasks/" + made.ID, "POST tasks/quick", "POST webhooks", "PATCH preferences", "PATCH settings", "POST tokens", "POST undo",
		} {
			var method, path string
			if _, err := fmt.Sscan(call, &method, &path); err != nil {
				s.Fatal(err)
			}
			_, err := with.Call(s.Context(), method, path, bodies[call], "", nil)
			want := 403
			if may[call] {
				want = 0
			}
			if got := person.StatusOf(err); got != want || err != nil && want == 0 {
				s.Errorf("%s with %s: %v", call, scope, err)
			}
		}
	}
	short := s.token(ada, map[string]any{"scopes": []string{"tasks:read"}, "expires_at": time.Now().Add(3 * time.Second).UTC().Format(time.RFC3339Nano)})
	if _, err := short.Call(s.Context(), "GET", "tasks", nil, "", nil); err != nil {
		s.Errorf("before it ends: %v", err)
	}
	s.eventually("it has ended", func() bool {
		_, err := short.Call(s.Context(), "GET", "tasks", nil, "", nil)
		return person.StatusOf(err) == 401
	})
}
