package contract

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"time"
)

// Normal rewrites answers of a house so that any house gives the same: ids, instants near now,
// and secrets. The zero Normal begins anew.
type Normal struct {
	UserID string
	Now    time.Time
	ids    map[string]string
}

var (
	uuidForm = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)
	// personForm is what the persons of scripts/internal/person are called.
	personForm = regexp.MustCompile(`^Person [0-9a-f]{4}$`)
	secrets    = map[string]string{
		"token": "tkl_5GzYpTqVfC2rXwHs8NdKbLmJ3aEuQo7iRt1WxZy0BvP", "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
		"next_cursor": "eyJsYXN0IjoiMjA0MC0wMS0zMSJ9", "expires_at": "2027-02-22T08:15:00Z", "email": "ada@example.com",
	}
)

// near is how far from now an instant is thought to come from the clock.
const near = 400 * 24 * time.Hour

// Of returns a value as any house would have it. Of long lists it keeps the first two.
func (n *Normal) Of(name string, value any) any {
	switch value := value.(type) {
	case map[string]any:
		made := map[string]any{}
		for _, key := range slices.Sorted(maps.Keys(value)) { // in order, for the ids are counted
			made[key] = n.Of(key, value[key])
		}
		return made
	case []any:
		made := []any{}
		for _, item := range value[:min(len(value), 2)] {
			made = append(made, n.Of(name, item))
		}
		return made
	case string:
		return n.text(name, value)
	}
	return value
}

var (
	idWithin    = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
	stampWithin = regexp.MustCompile(`\d{8}T\d{6}Z|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z`)
	secretPath  = regexp.MustCompile(`^(https?://[^/]+)(/calendar/)[^.]+`)
)

// File returns a file that is no JSON as any house would have it.
func (n *Normal) File(text string) string {
	text = idWithin.ReplaceAllStringFunc(text, func(id string) string { return n.text("", id) })
	return stampWithin.ReplaceAllStringFunc(text, func(stamp string) string {
		if at, err := time.Parse("20060102T150405Z", stamp); err == nil && at.Sub(n.Now).Abs() < near {
			return "20261124T081500Z"
		}
		return n.text("", stamp)
	})
}

func (n *Normal) text(name, text string) string {
	if fixed, ok := secrets[name]; ok {
		return fixed
	}
	if name == "url" {
		text = secretPath.ReplaceAllString(text, "https://todo.example${2}9kXo2vYb7TqLr4mJw8Ds1ZfHc6Na3GpUe5KtQyV0iRx")
	}
	if personForm.MatchString(text) {
		return "Ada"
	}
	if text == n.UserID {
		return "q2xDoUqx8tc7n98QTKbGN5qh3Y2Na2H0"
	}
	if uuidForm.MatchString(text) {
		if n.ids == nil {
			n.ids = map[string]string{}
		}
		if n.ids[text] == "" {
			n.ids[text] = fmt.Sprintf("0198c5a0-0000-7000-8000-%012x", len(n.ids)+1)
		}
		return n.ids[text]
	}
	if at, err := time.Parse(time.RFC3339, text); err == nil && at.Sub(n.Now).Abs() < near {
		return "2026-11-24T08:15:00Z"
	}
	if at, err := time.Parse(time.DateOnly, text); err == nil && at.Sub(n.Now).Abs() < near {
		return "2026-11-24"
	}
	return text
}
