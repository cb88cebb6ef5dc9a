package rest

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tickler-app/tickler/services/identity/internal/letter"
	"github.com/tickler-app/tickler/services/identity/internal/user"
)

// Made by better-auth 1.7.25 of "correct horse Ǆ", in which the last letter is another one in
// NFKC.
const betterAuthHash = "24fa0411669d0b5d3624a8e7992491fe:23ea81dfe033088ac4e5018c9f7ea37e25b4ea8bb590a743c25e3d1e2cc7d00f100c8e821d50c29d9f4a8eea892e73586adf111d4f8d79efeb98d98cabfd55a6"

func TestAPasswordOfBetterAuthCountsAndIsReplaced(t *testing.T) {
	h := build(t, nil)
	_, id, _ := h.somebody(t, "ada@local.host")
	if _, err := h.root.ExecContext(t.Context(), `UPDATE accounts SET password = $1 WHERE user_id = $2`, betterAuthHash, id); err != nil {
		t.Fatal(err)
	}
	stored := func() (s string) {
		if err := h.root.GetContext(t.Context(), &s, `SELECT password FROM accounts WHERE user_id = $1`, id); err != nil {
			t.Fatal(err)
		}
		return s
	}
	signIn := func(password string) int {
		return h.ask(t, "POST", "/api/auth/sign-in/email", `{"email":"ada@local.host","password":"`+password+`"}`).status
	}
	if got := signIn("correct horse"); got != http.StatusUnauthorized || stored() != betterAuthHash {
		t.Errorf("a wrong one: %d, %s", got, stored())
	}
	if got := signIn("correct horse Ǆ"); got != http.StatusOK || !strings.HasPrefix(stored(), "$argon2id$v=19$m=47104,t=1,p=1$") {
		t.Errorf("the right one: %d, %s", got, stored())
	}
	if got := signIn("correct horse DŽ"); got != http.StatusOK {
		t.Errorf("after it was replaced: %d", got)
	}
}

// Nobody learns from an answer whether an address is somebody's: not from its words, and not
// from its time, which is that of a hash.
func TestAnUnknownAddressLooksLikeAWrongPassword(t *testing.T) {
	h := build(t, nil)
	h.somebody(t, "ada@local.host")
	var bodies []string
	for _, email := range []string{"ada@local.host", "nobody@local.host"} {
		before := h.hashed.Load()
		a := h.ask(t, "POST", "/api/auth/sign-in/email", `{"email":"`+email+`","password":"not this one"}`)
		if bodies = append(bodies, a.body); a.status != http.StatusUnauthorized || h.hashed.Load() != before+1 {
			t.Errorf("%s: %d after %d hashes", email, a.status, h.hashed.Load()-before)
		}
	}
	if bodies[0] != bodies[1] {
		t.Errorf("answers %q", bodies)
	}
}

func TestWhereAddressesAreVerifiedATakenOneLooksFree(t *testing.T) {
	h := build(t, func(d *Door) { d.Users.RequireVerify = true })
	up := func(email string) map[string]any {
		a := h.ask(t, "POST", "/api/auth/sign-up/email", `{"name":"Ada","email":"`+email+`","password":"correct horse"}`)
		if a.status != http.StatusOK || a.header.Get("Set-Cookie") != "" {
			t.Fatalf("%d %s", a.status, a.body)
		}
		return a.json(t)
	}
	free := up("ada@local.host")
	before := h.hashed.Load()
	taken := up("ada@local.host")
	if h.hashed.Load() != before+1 || free["token"] != nil || taken["token"] != nil {
		t.Errorf("free %v, taken %v after %d hashes", free, taken, h.hashed.Load()-before)
	}
	one, two := free["user"].(map[string]any), taken["user"].(map[string]any)
	if len(one) != len(two) || one["id"] == two["id"] || one["email"] != two["email"] {
		t.Errorf("free %v, taken %v", one, two)
	}
	letters, err := h.work.Take(t.Context(), *h.now.Load(), 10)
	if err != nil || len(letters) != 2 || letters[0].Kind != letter.Verify || letters[1].Kind != letter.Taken {
		t.Fatalf("letters %+v, %v", letters, err)
	}
	signIn := func() answer {
		return h.ask(t, "POST", "/api/auth/sign-in/email", `{"email":"ada@local.host","password":"correct horse"}`)
	}
	if a := signIn(); a.status != http.StatusForbidden || !strings.Contains(a.body, "EMAIL_NOT_VERIFIED") {
		t.Errorf("before verifying: %d %s", a.status, a.body)
	}
	whose, err := h.work.Addressee(t.Context(), "ada@local.host")
	if err != nil {
		t.Fatal(err)
	}
	link, err := h.door.Users.Links.Verify(letters[0], whose)
	if err != nil {
		t.Fatal(err)
	}
	if a := h.ask(t, "GET", "/api/auth/verify-email?token="+link, ""); a.body != `{"status":true,"user":null}` {
		t.Errorf("verified: %d %s", a.status, a.body)
	}
	if a := signIn(); a.status != http.StatusOK {
		t.Errorf("after verifying: %d %s", a.status, a.body)
	}
}

func TestALinkEndsAfterAnHourAndIsForOneAddress(t *testing.T) {
	h := build(t, nil)
	cookies, id, _ := h.somebody(t, "ada@local.host")
	u, err := h.door.Users.Find(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	link := func(u user.User, l letter.Letter) string {
		token, err := h.door.Users.Links.Verify(l, u)
		if err != nil {
			t.Fatal(err)
		}
		return "/api/auth/verify-email?token=" + token
	}
	move := letter.New(letter.Move, u.Email, "", *h.now.Load())
	move.NewEmail = "eve@local.host"
	other, _, _ := h.somebody(t, "bob@local.host")
	if a := h.ask(t, "GET", link(u, move), "", "Cookie", other); !strings.Contains(a.body, "INVALID_USER") {
		t.Errorf("where somebody else is signed in: %d %s", a.status, a.body)
	}
	stranger := u
	stranger.ID = "somebody"
	if a := h.ask(t, "GET", link(stranger, move), ""); !strings.Contains(a.body, "INVALID_TOKEN") {
		t.Errorf("of another person with that address: %d %s", a.status, a.body)
	}
	if a := h.ask(t, "GET", link(u, move), "", "Cookie", cookies); a.status != http.StatusOK || !strings.Contains(a.body, `"email":"eve@local.host","emailVerified":true`) {
		t.Errorf("its own: %d %s", a.status, a.body)
	}
	h.pass(time.Hour)
	late := letter.New(letter.Verify, "bob@local.host", "", h.now.Load().Add(-time.Hour))
	if a := h.ask(t, "GET", link(u, late)+"&callbackURL=/settings%3Fa%3Db", ""); a.status != http.StatusFound || a.header.Get("Location") != "/settings?a=b&error=TOKEN_EXPIRED" {
		t.Errorf("after an hour: %d %q", a.status, a.header.Get("Location"))
	}
}

func TestTooManyTriesOfAnAddressOrOnAnAccountWait(t *testing.T) {
	h := build(t, func(d *Door) { d.Limits.Address, d.Limits.Account = true, true })
	try := func(email, from string) answer {
		return h.ask(t, "POST", "/api/auth/sign-in/email", `{"email":"`+email+`","password":"not this one"}`, "X-Forwarded-For", from)
	}
	for i := range 3 {
		if a := try("ada@local.host", "192.0.2.1"); a.status != http.StatusUnauthorized {
			t.Errorf("try %d: %d %s", i, a.status, a.body)
		}
	}
	a := try("bob@local.host", "192.0.2.1")
	if a.status != http.StatusTooManyRequests || a.body != `{"message":"Too many requests. Please try again later."}` || a.header.Get("X-Retry-After") != "10" || a.header.Get("Retry-After") != "10" {
		t.Errorf("the fourth of one address: %d %s %v", a.status, a.body, a.header)
	}
	for i := range 7 { // with the three, ten wrong passwords from everywhere
		if a := try("ada@local.host", "192.0.2."+string(rune('2'+i))); a.status != http.StatusUnauthorized {
			t.Errorf("from elsewhere: %d %s", a.status, a.body)
		}
	}
	before := h.hashed.Load()
	if a := try("ada@local.host", "198.51.100.1"); a.status != http.StatusTooManyRequests || h.hashed.Load() != before {
		t.Errorf("the eleventh on one account: %d after %d hashes", a.status, h.hashed.Load()-before)
	}
	h.pass(time.Minute)
	if a := try("ada@local.host", "192.0.2.1"); a.status != http.StatusUnauthorized {
		t.Errorf("a minute later: %d", a.status)
	}
}

func TestOneIPv6NetworkIsOneAddress(t *testing.T) {
	h := build(t, func(d *Door) { d.Limits.Address = true })
	var last answer
	for _, from := range []string{"2001:db8::1", "2001:db8::2", "2001:db8:0:0:ffff::3", "2001:db8::4"} {
		last = h.ask(t, "POST", "/api/auth/sign-in/email", `{"email":"a@b.co","password":"not this one"}`, "X-Forwarded-For", from)
	}
	if last.status != http.StatusTooManyRequests {
		t.Errorf("the fourth of a network: %d", last.status)
	}
}

func TestLettersToOneAddressAreFew(t *testing.T) {
	h := build(t, func(d *Door) { d.Limits.Account = true })
	for i, want := range []int{200, 200, 200, 429} {
		for _, email := range []string{"ada@local.host", "nobody@local.host"} {
			if a := h.ask(t, "POST", "/api/auth/request-password-reset", `{"email":"`+email+`"}`); a.status != want {
				t.Errorf("letter %d to %s: %d", i, email, a.status)
			}
		}
	}
}

// Whatever is sent, it is the sender's mistake, never ours (ask fails on a 500).
func TestNonsenseIsNeverOurFailure(t *testing.T) {
	h := build(t, nil)
	cookies, id, jwt := h.somebody(t, "ada@local.host")
	bodies := []string{
		"", "{", "null", "[]", `"x"`, "1e999", `{"a":`, strings.Repeat("[", 20000), "\x00", "\xff\xfe",
		`{"email":"a\u0000@b.co","name":"\u0000","password":"\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000","newPassword":"12345678\u0000","token":"\u0000","timeZone":"\u0000","image":"\u0000","newEmail":"\u0000"}`,
		`{"email":{},"name":[],"password":1,"newPassword":null,"currentPassword":false,"token":{},"callbackURL":{},"rememberMe":"x","time_zone":1,"scopes":"x","expires_at":"x"}`,
		`{"email":"` + strings.Repeat("a", 70000) + `@b.co","name":"` + strings.Repeat("é", 70000) + `","password":"` + strings.Repeat("x", 70000) + `","newPassword":"` + strings.Repeat("x", 70000) + `"}`,
		`{"name":"\ud800","email":"a@b.co","password":"\ud800\ud800\ud800\ud800\ud800\ud800\ud800\ud800"}`,
		`{"name":"x","scopes":["tasks:read"],"expires_at":"9999-12-31T23:59:59Z"}`,
		`{"token":"` + strings.Repeat("x", 100000) + `"}`,
		`{"email":"ada@local.host","password":"x","callbackURL":"/\\evil"}`,
	}
	var calls [][2]string
	for _, call := range h.door.calls() {
		calls = append(calls, [2]string{call.method, "/api/auth" + strings.Replace(call.path, ":token", "%00%ff", 1)})
	}
	calls = append(calls, [2]string{"PATCH", "/api/" + id + "/settings"}, [2]string{"POST", "/api/" + id + "/tokens"}, [2]string{"DELETE", "/api/" + id + "/tokens/%00"},
		[2]string{"GET", "/api/" + id + "/tokens?cursor=%00&limit=1"}, [2]string{"GET", "/api/" + id + "/tokens?cursor=AAAA"}, [2]string{"POST", "/oauth/token"})
	for _, call := range calls {
		if call[1] == "/api/auth/sign-out" || call[1] == "/api/auth/delete-user" || strings.HasPrefix(call[1], "/api/auth/revoke-s") {
			continue // they would do what they are asked
		}
		for _, body := range bodies {
			if call[0] == "GET" {
				body = ""
			}
			for _, query := range []string{"", "?token=%00&callbackURL=%00&error=%00&error_description=%ff", "?token=a&token=b&callbackURL=a&callbackURL=b"} {
				if strings.Contains(call[1], "?") {
					query = ""
				}
				for _, kind := range []string{"application/json", "application/x-www-form-urlencoded", "text/plain", "x"} {
					h.ask(t, call[0], call[1]+query, body, "Content-Type", kind, "Cookie", cookies, "Authorization", "Bearer "+jwt, "User-Agent", "\xff", "Accept-Language", "\xff,;", "Idempotency-Key", "k\xff")
					if call[0] == "GET" {
						break
					}
				}
			}
			if call[0] == "GET" {
				break
			}
		}
	}
}
