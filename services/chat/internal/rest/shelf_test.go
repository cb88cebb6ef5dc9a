package rest_test

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/tickler-app/tickler/services/chat/internal/conversation"
	"github.com/tickler-app/tickler/services/chat/internal/store"
)

func TestEveryRouteIsInTheDocumentAndTheOtherWayRound(t *testing.T) {
	b := setup(t, echo)
	var served []string
	for _, r := range b.router.Routes() {
		if b.doc.Operation(r.Method, r.Path) != nil {
			served = append(served, r.Method+" "+r.Path)
		} else if strings.HasPrefix(r.Path, "/api/") {
			t.Errorf("%s %s is not in the document", r.Method, r.Path)
		}
	}
	for _, route := range b.doc.Routes() {
		if !slices.Contains(served, route) {
			t.Errorf("%s is not served", route)
		}
	}
}

func TestConversationsAreListedRenamedAndDeleted(t *testing.T) {
	b := setup(t, echo)
	var made []string
	for i := range 5 {
		made = append(made, b.say("ada", "", fmt.Sprintf("number %d", i)).conversation())
	}
	var seen []string
	for query := "limit=2"; ; {
		page := b.send("ada", "GET", "conversations?"+query, "")
		for _, c := range page.body["conversations"].([]any) {
			seen = append(seen, c.(map[string]any)["id"].(string))
		}
		b.say("ada", made[0], "it is used meanwhile")
		next, more := page.body["next_cursor"].(string)
		if !more {
			break
		}
		query = "limit=2&cursor=" + url.QueryEscape(next)
	}
	slices.Reverse(seen)
	if !slices.Equal(seen, made) {
		t.Errorf("saw %v of %v", seen, made)
	}
	path := "conversations/" + made[1]
	if a := b.send("ada", "PATCH", path, `{"title":"  Plans  "}`); a.status != 200 || a.body["title"] != "Plans" {
		t.Errorf("%d %s", a.status, a.text)
	}
	for _, body := range []string{`{}`, `{"title":""}`, `{"title":" "}`, `{"title":"` + strings.Repeat("x", 201) + `"}`, `{"title":"x","memory":1}`} {
		if a := b.send("ada", "PATCH", path, body); a.status != 422 {
			t.Errorf("%s: %d", body, a.status)
		}
	}
	for _, query := range []string{"limit=0", "limit=201", "cursor=x", "colour=red"} {
		if a := b.send("ada", "GET", "conversations?"+query, ""); a.status != 422 {
			t.Errorf("%s: %d", query, a.status)
		}
	}
	if a := b.send("ada", "DELETE", path, ""); a.status != 204 {
		t.Errorf("%d %s", a.status, a.text)
	}
	for _, method := range []string{"GET", "DELETE"} {
		if a := b.send("ada", method, path, ""); a.status != 404 {
			t.Errorf("%s: %d", method, a.status)
		}
	}
}

func TestAConversationThatIsDeletedEndsItsTurn(t *testing.T) {
	g := newGate()
	b := setup(t, slow(g))
	defer g.open()
	in, res := b.begin("ada", "", "tell me a story")
	if a := b.send("ada", "DELETE", "conversations/"+in, ""); a.status != 204 {
		t.Errorf("%d %s", a.status, a.text)
	}
	if rest := read(t, res); !strings.Contains(rest, `"abort"`) {
		t.Errorf("%s", rest)
	}
}

// What events tell of a person holds over what their token says, and who is gone stays so.
func TestAPersonIsKnownAndForgotten(t *testing.T) {
	b := setup(t, func(_ context.Context, turn conversation.Turn, _ conversation.Emit) (conversation.Step, error) {
		return conversation.Step{Text: turn.Now.Location().String() + " " + turn.Locale}, nil
	})
	people := &store.Work{DB: b.work}
	token := "Authorization: Bearer " + b.tokens.Mint("ada", map[string]any{"time_zone": "Europe/Berlin"})
	at := func(want string) {
		t.Helper()
		if a := b.say("ada", "", "where am I", token); a.response() != want {
			t.Errorf("%d %s, want %s", a.status, a.text, want)
		}
	}
	at("Europe/Berlin en")
	b.must(people.Know(t.Context(), conversation.Known{UserID: "ada", Zone: "Asia/Tokyo", Locale: "en-GB", Version: 2}))
	at("Asia/Tokyo en-GB")
	b.must(people.Know(t.Context(), conversation.Known{UserID: "ada", Zone: "UTC", Locale: "de", Version: 1}))
	at("Asia/Tokyo en-GB")
	b.say("bob", "", "hello")
	b.must(people.Forget(t.Context(), "ada"))
	b.must(people.Know(t.Context(), conversation.Known{UserID: "ada", Zone: "UTC", Version: 3}))
	if a := b.say("ada", "", "hello", token); a.status != 401 {
		t.Errorf("whoever is gone talks: %d %s", a.status, a.text)
	}
	for user, want := range map[string]int{"ada": 0, "bob": 1} {
		if n := len(b.send(user, "GET", "conversations", "").body["conversations"].([]any)); n != want {
			t.Errorf("%s has %d", user, n)
		}
	}
	var messages int
	b.must(b.work.GetContext(t.Context(), &messages, `SELECT count(*) FROM messages WHERE user_id = 'ada'`))
	if messages != 0 {
		t.Errorf("%d messages of ada are kept", messages)
	}
}
