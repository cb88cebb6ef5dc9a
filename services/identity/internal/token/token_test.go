package token

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/tickler-app/tickler/pkg/fault"
)

var noon = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)

func TestAnAPITokenIsWhatWasWishedFor(t *testing.T) {
	t.Parallel()
	made, text, err := Make("ada", Wish{Name: " script ", Scopes: []string{"audit:read", "tasks:read", "audit:read"}}, noon)
	want := API{ID: made.ID, UserID: "ada", Name: "script", Scopes: []string{"tasks:read", "audit:read"}, CreatedAt: noon, ExpiresAt: noon.Add(usualLife)}
	if err != nil || !reflect.DeepEqual(made, want) || !strings.HasPrefix(text, Prefix) || len(text) != len(Prefix)+43 {
		t.Errorf("got %+v, %q, %v", made, text, err)
	}
	past, far := noon, noon.Add(longestLife+time.Second)
	for name, test := range map[string]struct {
		wish   Wish
		fields []string
	}{
		"nothing":        {Wish{}, []string{"/name", "/scopes"}},
		"too long":       {Wish{Name: strings.Repeat("ü", 101), Scopes: Scopes}, []string{"/name"}},
		"NUL":            {Wish{Name: "\x00", Scopes: Scopes}, []string{"/name"}},
		"unknown scope":  {Wish{Name: "x", Scopes: []string{"tasks:read", "all"}}, []string{"/scopes"}},
		"ended already":  {Wish{Name: "x", Scopes: Scopes, ExpiresAt: &past}, []string{"/expires_at"}},
		"over a year":    {Wish{Name: "x", Scopes: Scopes, ExpiresAt: &far}, []string{"/expires_at"}},
		"all of it":      {Wish{Scopes: []string{""}, ExpiresAt: &past}, []string{"/name", "/scopes", "/expires_at"}},
		"a year at most": {Wish{Name: "x", Scopes: Scopes, ExpiresAt: ptr(noon.Add(longestLife))}, nil},
	} {
		_, _, err := Make("ada", test.wish, noon)
		var named []string
		if wrong, ok := errors.AsType[*fault.Error](err); ok {
			for _, f := range wrong.Fields {
				named = append(named, f.Name)
			}
		}
		if !reflect.DeepEqual(named, test.fields) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func ptr[T any](v T) *T { return &v }

func TestAScopeOnlyNarrows(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		has    *string
		wished string
		want   *string
		err    error
	}{
		{nil, "", nil, nil}, {nil, "tasks:read", ptr("tasks:read"), nil}, {nil, "all", nil, ErrScope},
		{ptr("tasks:read audit:read"), "", ptr("tasks:read audit:read"), nil}, {ptr("tasks:read audit:read"), " audit:read ", ptr("audit:read"), nil},
		{ptr("tasks:read"), "tasks:read tasks:write", nil, ErrScope}, {ptr(""), "", ptr(""), nil}, {ptr(""), "tasks:read", nil, ErrScope},
	} {
		if got, err := narrow(test.has, test.wished); !reflect.DeepEqual(got, test.want) || !errors.Is(err, test.err) {
			t.Errorf("%v wished %q: %v, %v", test.has, test.wished, got, err)
		}
	}
}

func TestClientsAreKnownByTheirSecretAlone(t *testing.T) {
	t.Parallel()
	clients, err := NewClients([]string{"mcp:a:secret:with:colons:in"}, "a", "b")
	if err != nil {
		t.Fatal(err)
	}
	s := Service{Clients: clients}
	for _, test := range []struct {
		client, secret string
		want           bool
	}{{"mcp", "a:secret:with:colons:in", true}, {"mcp", "a", false}, {"mcp", "", false}, {"web", "", false}, {"", "", false}} {
		if s.Known(test.client, test.secret) != test.want {
			t.Errorf("%q with %q: %v", test.client, test.secret, !test.want)
		}
	}
	for _, bad := range []string{"mcp", "mcp:short", "api:long-enough-for-a-secret", "long-enough-for-a-secret"} {
		if _, err := NewClients([]string{bad}, "a", "b"); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}
