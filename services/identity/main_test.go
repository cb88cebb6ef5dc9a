package main

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jwk"
	"github.com/lestrrat-go/jwx/v2/jwt"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/tickler-app/tickler/pkg/auth"
	events "github.com/tickler-app/tickler/proto-events"
	sessionv1 "github.com/tickler-app/tickler/proto-events/gen/session/v1"
	userv1 "github.com/tickler-app/tickler/proto-events/gen/user/v1"
	"github.com/twmb/franz-go/pkg/kgo"
)

// send posts JSON, or gets, and reads the answer's JSON into answer.
func (b *binary) send(t *testing.T, method, path, body string, answer any, headers ...string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, b.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Origin", b.url)
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode >= http.StatusBadRequest || json.Unmarshal(raw, answer) != nil {
		t.Fatalf("%s %s: %s %s %v", method, path, res.Status, raw, err)
	}
	return res
}

// told reads events of user-events until the one of that type.
func told(t *testing.T, reader *kgo.Client, kind string) events.Event {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for {
		fetches := reader.PollRecords(ctx, 1)
		if err := fetches.Err(); err != nil {
			t.Fatalf("waiting for %s: %v", kind, err)
		}
		for _, rec := range fetches.Records() {
			headers := map[string]string{}
			for _, h := range rec.Headers {
				headers[h.Key] = string(h.Value)
			}
			if headers["ce_type"] != kind {
				continue
			}
			ev, err := events.Decode(kind, rec.Value)
			if err != nil || string(rec.Key) != ev.GetUserId() || headers["ce_source"] != "/tickler/identity" || headers["ce_id"] != ev.GetEventId() {
				t.Fatalf("%v %v, %v", headers, ev, err)
			}
			return ev
		}
	}
}

// From signing up to being gone, with what the other services hear and believe of it.
func TestThePersonsStory(t *testing.T) {
	t.Parallel()
	b := start(t)
	reader, err := kgo.NewClient(kgo.SeedBrokers(b.brokers...), kgo.ConsumeTopics(events.UserEvents),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	var up struct{ User struct{ ID string } }
	res := b.send(t, "POST", "/api/auth/sign-up/email", `{"name":"Ada","email":"ada@example.com","password":"correct horse","timeZone":"Europe/Berlin"}`, &up, "X-Request-Id", "story-0001")
	cookie, _, _ := strings.Cut(res.Header.Get("Set-Cookie"), ";")
	registered := told(t, reader, events.UserRegistered).(*userv1.UserRegistered)
	if registered.UserId != up.User.ID || registered.RequestId != "story-0001" || registered.User.TimeZone != "Europe/Berlin" || registered.Version != 1 {
		t.Errorf("registered: %v", registered)
	}

	var signed struct{ Token string }
	b.send(t, "GET", "/api/auth/token", "", &signed, "Cookie", cookie)
	verifier := auth.New(auth.Settings{Issuer: b.url, Audience: b.url, JWKSURL: b.url + "/api/auth/jwks"}, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	who, err := verifier.Verify(t.Context(), signed.Token)
	if err != nil || who.UserID != up.User.ID || who.Name != "Ada" || who.TimeZone != "Europe/Berlin" || who.SessionID == "" || who.Scopes != nil || who.Actors != nil {
		t.Errorf("the services take the token for %+v, %v", who, err)
	}
	keys, err := jwk.Fetch(t.Context(), b.url+"/api/auth/jwks")
	if err != nil {
		t.Fatal(err)
	}
	if parsed, err := jwt.ParseString(signed.Token, jwt.WithKeySet(keys), jwt.WithIssuer(b.url), jwt.WithAudience(b.url)); err != nil || parsed.Subject() != up.User.ID {
		t.Errorf("plain jwx: %v, %v", parsed, err)
	}
	if key, _ := keys.Key(0); keys.Len() != 1 || key.Algorithm() != jwa.EdDSA {
		t.Errorf("keys %v", keys)
	}
	actor := b.exchange(t, signed.Token)
	if who, err := verifier.Verify(t.Context(), actor); err != nil || !slices.Equal(who.Actors, []string{"mcp"}) || !slices.Equal(who.Scopes, []string{"tasks:read"}) {
		t.Errorf("of an exchanged token: %+v, %v", who, err)
	}

	var changed struct{ Locale string }
	b.send(t, "PATCH", "/api/"+up.User.ID+"/settings", `{"locale":"de"}`, &changed, "Authorization", "Bearer "+signed.Token)
	if updated := told(t, reader, events.UserUpdated).(*userv1.UserUpdated); updated.Version != 2 || updated.User.Locale != "de" || updated.Before.Locale != "en" || updated.Source != "api" || !slices.Equal(updated.Changed, []string{"locale"}) {
		t.Errorf("updated: %v", updated)
	}
	shell(t, b.env, b.path, "replay-users")
	if again := told(t, reader, events.UserRegistered); again.GetVersion() != 2 || again.GetActor().GetType() != "system" {
		t.Errorf("replayed: %v", again)
	}
	shell(t, b.env, b.path, "rotate-keys")

	var gone struct{ Success bool }
	b.send(t, "POST", "/api/auth/delete-user", `{"password":"correct horse"}`, &gone, "Cookie", cookie)
	if ended := told(t, reader, events.SessionRevoked).(*sessionv1.SessionRevoked); ended.SessionId != who.SessionID || ended.Reason != "user_deleted" {
		t.Errorf("ended: %v", ended)
	}
	if deleted := told(t, reader, events.UserDeleted); deleted.GetUserId() != up.User.ID || deleted.GetVersion() != 3 {
		t.Errorf("deleted: %v", deleted)
	}
}

// exchange swaps a token as mcp does.
func (b *binary) exchange(t *testing.T, subject string) string {
	t.Helper()
	form := url.Values{
		"grant_type": {"urn:ietf:params:oauth:grant-type:token-exchange"}, "subject_token": {subject},
		"subject_token_type": {"urn:ietf:params:oauth:token-type:access_token"}, "scope": {"tasks:read"},
	}
	req, err := http.NewRequestWithContext(t.Context(), "POST", b.url+"/oauth/token", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth("mcp", "mcp-secret-mcp-secret")
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var made struct {
		Token string `json:"access_token"`
	}
	if err := json.NewDecoder(res.Body).Decode(&made); err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s %v", res.Status, err)
	}
	return made.Token
}

func TestSettingsThatCannotBeAreNamed(t *testing.T) {
	t.Parallel()
	cfg := settings{Public: "todo.example", Secret: "short", TokenTTL: time.Second, SessionTTL: time.Hour, VerifyEmail: true, Common: "maybe", Limits: []string{"nobody"}}
	err := cfg.complete()
	for _, name := range []string{"PUBLIC_URL", "AUTH_SECRET", "AUTH_TOKEN_TTL", "SMTP_URL", "AUTH_COMMON_PASSWORDS", "RATE_LIMITS"} {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("no word of %s in %v", name, err)
		}
	}
	fine := settings{Public: "https://todo.example/", Secret: strings.Repeat("s", 32), TokenTTL: time.Minute, SessionTTL: time.Hour, Common: "on"}
	if err := fine.complete(); err != nil || fine.Public != "https://todo.example" || fine.Issuer != fine.Public || fine.Audience != fine.Public || fine.Hashers < 1 {
		t.Errorf("%+v, %v", fine, err)
	}
}
