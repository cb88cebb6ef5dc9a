package rest

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tickler-app/tickler/pkg/httpd"
	"github.com/tickler-app/tickler/services/identity/internal/letter"
)

// The answers are what a better-auth 1.7.25 server gave to the same requests.
func TestAnswersAreBetterAuths(t *testing.T) {
	h := build(t, nil)
	mine, _, _ := h.somebody(t, "ada@local.host")
	for _, test := range []struct {
		method, path, body, cookie string
		status                     int
		want                       string
	}{
		{"GET", "/ok", "", "", 200, `{"ok":true}`},
		{"GET", "/get-session", "", "", 200, `null`},
		{"GET", "/get-session", "", "better-auth.session_token=abc.def", 200, `null`},
		{"POST", "/get-session", "{}", mine, 405, `{"message":"POST method requires deferSessionRefresh to be enabled in session config","code":"METHOD_NOT_ALLOWED_DEFER_SESSION_REQUIRED"}`},
		{"GET", "/token", "", "", 401, `{"message":"Unauthorized","code":"UNAUTHORIZED"}`},
		{"POST", "/sign-up/email", "{}", "", 400, `{"message":"[body.name] Invalid input: expected string, received undefined; [body.email] Invalid input: expected string, received undefined; [body.password] Invalid input: expected string, received undefined","code":"VALIDATION_ERROR"}`},
		{"POST", "/sign-up/email", "{", "", 400, `{"message":"Invalid JSON in request body","code":"BAD_REQUEST"}`},
		{"POST", "/sign-up/email", `{"name":1,"email":"x","password":""}`, "", 400, `{"message":"[body.name] Invalid input: expected string, received number; [body.email] Invalid email address; [body.password] Too small: expected string to have >=1 characters","code":"VALIDATION_ERROR"}`},
		{"POST", "/sign-up/email", `{"name":"x","email":"a@b.co","password":"short"}`, "", 400, `{"message":"Password too short","code":"PASSWORD_TOO_SHORT"}`},
		{"POST", "/sign-up/email", `{"name":"x","email":"ADA@local.host","password":"long enough"}`, "", 422, `{"message":"User already exists. Use another email.","code":"USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL"}`},
		{"POST", "/sign-in/email", `{"email":"x","password":"short"}`, "", 400, `{"message":"Invalid email","code":"INVALID_EMAIL"}`},
		{"POST", "/sign-in/email", `{"email":"a@b.co","password":"short"}`, "", 401, `{"message":"Invalid email or password","code":"INVALID_EMAIL_OR_PASSWORD"}`},
		{"POST", "/sign-in/email", `{"email":"a@b.co","password":"short","rememberMe":"yes","callbackURL":3}`, "", 400, `{"message":"Invalid callbackURL: expected a string"}`},
		{"POST", "/sign-in/email", `{"email":"a@b.co","password":"short","callbackURL":"https://evil.example"}`, "", 403, `{"message":"Invalid callbackURL","code":"INVALID_CALLBACK_URL"}`},
		{"POST", "/sign-out", "", "", 200, `{"success":true}`},
		{"POST", "/update-user", "{}", mine, 400, `{"message":"No fields to update"}`},
		{"POST", "/update-user", "", mine, 400, `{"message":"[body] Invalid input: expected record, received undefined","code":"VALIDATION_ERROR"}`},
		{"POST", "/update-user", `{"email":"x@y.zz"}`, mine, 400, `{"message":"Email can not be updated","code":"EMAIL_CAN_NOT_BE_UPDATED"}`},
		{"POST", "/update-user", `{"name":"Ada"}`, "", 401, `{"message":"Unauthorized","code":"UNAUTHORIZED"}`},
		{"POST", "/revoke-session", "{}", mine, 400, `{"message":"[body.token] Invalid input: expected string, received undefined","code":"VALIDATION_ERROR"}`},
		{"POST", "/revoke-session", `{"token":"x"}`, mine, 200, `{"status":true}`},
		{"POST", "/change-password", "{}", mine, 400, `{"message":"[body.newPassword] Invalid input: expected string, received undefined; [body.currentPassword] Invalid input: expected string, received undefined","code":"VALIDATION_ERROR"}`},
		{"POST", "/change-password", `{"currentPassword":"nope nope","newPassword":"new password"}`, mine, 400, `{"message":"Invalid password","code":"INVALID_PASSWORD"}`},
		{"POST", "/change-email", `{"newEmail":"x"}`, mine, 400, `{"message":"[body.newEmail] Invalid email address","code":"VALIDATION_ERROR"}`},
		{"POST", "/change-email", `{"newEmail":"ada@local.host"}`, mine, 400, `{"message":"Email is the same"}`},
		{"POST", "/change-email", `{"newEmail":"ada2@local.host"}`, mine, 200, `{"status":true}`},
		{"POST", "/request-password-reset", `{"email":"ada@local.host","redirectTo":"/reset?x=1"}`, "", 200, `{"message":"If this email exists in our system, check your email for the reset link","status":true}`},
		{"POST", "/request-password-reset", `{"email":"ada@local.host","redirectTo":"//evil"}`, "", 403, `{"message":"Invalid redirectURL","code":"INVALID_REDIRECT_URL"}`},
		{"POST", "/request-password-reset", `{"email":"ada"}`, "", 400, `{"message":"[body.email] Invalid email address","code":"VALIDATION_ERROR"}`},
		{"GET", "/reset-password/abc", "", "", 400, `{"message":"[query.callbackURL] Invalid input: expected string, received undefined","code":"VALIDATION_ERROR"}`},
		{"POST", "/reset-password", `{"newPassword":"whatever x"}`, "", 400, `{"message":"Invalid token","code":"INVALID_TOKEN"}`},
		{"POST", "/reset-password", `{"newPassword":"whatever x","token":"x"}`, "", 400, `{"message":"Invalid token","code":"INVALID_TOKEN"}`},
		{"POST", "/send-verification-email", `{"email":"b@local.host"}`, mine, 400, `{"message":"Email mismatch","code":"EMAIL_MISMATCH"}`},
		{"GET", "/verify-email?token=x", "", "", 401, `{"message":"Invalid token","code":"INVALID_TOKEN"}`},
		{"GET", "/verify-email", "", "", 400, `{"message":"[query.token] Invalid input: expected string, received undefined","code":"VALIDATION_ERROR"}`},
		{"GET", "/verify-email?token=x&callbackURL=https://evil.example", "", "", 403, `{"message":"Invalid callbackURL","code":"INVALID_CALLBACK_URL"}`},
		{"POST", "/delete-user", `{"password":"x"}`, mine, 400, `{"message":"Invalid password","code":"INVALID_PASSWORD"}`},
		{"POST", "/delete-user", `{"token":"x"}`, mine, 404, `{"message":"Invalid token","code":"INVALID_TOKEN"}`},
		{"GET", "/nope", "", "", 404, ""},
		{"GET", "/sign-out", "", "", 404, ""},
		{"PUT", "/sign-in/email", "{}", "", 404, ""},
		{"OPTIONS", "/ok", "", "", 404, ""},
		{"GET", "/", "", "", 404, ""},
		{"GET", "/ok/", "", "", 404, ""},
	} {
		headers := []string{}
		if test.cookie != "" {
			headers = []string{"Cookie", test.cookie}
		}
		a := h.ask(t, test.method, "/api/auth"+test.path, test.body, headers...)
		if a.status != test.status || a.body != test.want {
			t.Errorf("%s %s %s:\n got %d %s\nwant %d %s", test.method, test.path, test.body, a.status, a.body, test.status, test.want)
		}
		if test.want != "" && a.header.Get("Content-Type") != "application/json" {
			t.Errorf("%s %s: Content-Type %q", test.method, test.path, a.header.Get("Content-Type"))
		}
	}
}

func TestHeadIsNoCallOfBetterAuths(t *testing.T) {
	h := build(t, nil)
	ln, err := httpd.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	router, err := httpd.New(httpd.Config{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	h.door.Routes(router)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- httpd.Serve(ln, router)(ctx) }() // HEAD becomes GET there
	defer func() { cancel(); <-ended }()
	res, err := http.Head("http://" + ln.Addr().String() + "/api/auth/ok")
	if err != nil || res.StatusCode != http.StatusNotFound {
		t.Errorf("answered %v, %v", res, err)
	}
}

func TestCookiesAreBetterAuths(t *testing.T) {
	d := &Door{Public: "http://localhost:3000", Secret: []byte(testSecret)}
	t.Parallel()
	for text, want := range map[string]string{ // captured from a better-auth server with this secret
		"D2HM1esfSvzU2TngDvI02G48l1MnLeVv": "D2HM1esfSvzU2TngDvI02G48l1MnLeVv.pev4EzpoQDeZqqyeuMBDrCtBIlaI7Aeco97qbusf2eI%3D",
		"pik62rjeUhYrLgJmsYdZGqsWdS31P0J8": "pik62rjeUhYrLgJmsYdZGqsWdS31P0J8.Eb%2BJ86u91ii0KjsrW%2B%2F%2FRWosZOmDD8cfu%2BWxjLYXxaY%3D",
		"true":                             "true.LrxJKa3x2eCRjNwwnr9kuw9J8F5SAHRXP10QjfJxfd0%3D",
	} {
		if got := d.signed(text); got != want || d.unsigned(want) != text {
			t.Errorf("%s: %s, read as %q", text, got, d.unsigned(want))
		}
		if forged := strings.Replace(want, text[:1], "X", 1); d.unsigned(forged) != "" {
			t.Errorf("%s was believed", forged)
		}
	}
}

func TestCookiesHaveTheAttributesOfTheirScheme(t *testing.T) {
	h := build(t, nil)
	sign := func(rest string) []string {
		a := h.ask(t, "POST", "/api/auth/sign-in/email", `{"email":"ada@local.host","password":"correct horse"`+rest+`}`, "Origin", h.door.Public)
		if a.status != http.StatusOK {
			t.Fatalf("%d %s", a.status, a.body)
		}
		var shape []string
		for _, c := range a.header.Values("Set-Cookie") {
			pair, attributes, _ := strings.Cut(c, "; ")
			name, _, _ := strings.Cut(pair, "=")
			shape = append(shape, name+"; "+attributes)
		}
		return shape
	}
	h.somebody(t, "ada@local.host")
	for _, test := range []struct {
		public, body string
		want         []string
	}{
		{public, "", []string{"better-auth.session_token; Max-Age=604800; Path=/; HttpOnly; SameSite=Lax"}},
		{public, `,"rememberMe":false`, []string{"better-auth.session_token; Path=/; HttpOnly; SameSite=Lax", "better-auth.dont_remember; Path=/; HttpOnly; SameSite=Lax"}},
		{"https://todo.example", "", []string{"__Secure-better-auth.session_token; Max-Age=604800; Path=/; HttpOnly; Secure; SameSite=Lax"}},
	} {
		h.door.Public = test.public
		if got := sign(test.body); !slices.Equal(got, test.want) {
			t.Errorf("%s %s: %q", test.public, test.body, got)
		}
	}
}

func TestASessionIsProlongedByUseAfterADay(t *testing.T) {
	h := build(t, nil)
	cookies, _, _ := h.somebody(t, "ada@local.host")
	brief := h.ask(t, "POST", "/api/auth/sign-in/email", `{"email":"ada@local.host","password":"correct horse","rememberMe":false}`).cookies()
	expires := func(cookies, query string) (string, bool) {
		a := h.ask(t, "GET", "/api/auth/get-session"+query, "", "Cookie", cookies)
		if a.body == "null" {
			return "", len(a.header.Values("Set-Cookie")) == 3
		}
		return a.json(t)["session"].(map[string]any)["expiresAt"].(string), len(a.header.Values("Set-Cookie")) > 0
	}
	first, set := expires(cookies, "")
	if h.pass(23 * time.Hour); set {
		t.Error("a new session sets the cookie again")
	}
	if again, set := expires(cookies, ""); again != first || set {
		t.Errorf("prolonged within a day: %s, %s", first, again)
	}
	h.pass(2 * time.Hour)
	if again, _ := expires(cookies, "?disableRefresh=true"); again != first {
		t.Errorf("prolonged though asked not to: %s, %s", first, again)
	}
	if again, set := expires(cookies, ""); again == first || !set {
		t.Errorf("not prolonged after a day: %s", again)
	}
	if again, cleared := expires(brief, ""); again != "" || !cleared {
		t.Errorf("a brief session after 25 hours: %q, cookies cleared: %v", again, cleared)
	}
	if a := h.ask(t, "GET", "/api/auth/list-sessions", "", "Cookie", cookies); a.status != http.StatusForbidden || !strings.Contains(a.body, "SESSION_NOT_FRESH") {
		t.Errorf("listed after a day: %d %s", a.status, a.body)
	}
	if a := h.ask(t, "POST", "/api/auth/delete-user", "{}", "Cookie", cookies); !strings.Contains(a.body, "SESSION_EXPIRED") {
		t.Errorf("deleted without a password after a day: %d %s", a.status, a.body)
	}
	h.pass(7 * 24 * time.Hour)
	if again, cleared := expires(cookies, ""); again != "" || !cleared {
		t.Errorf("after a week without use: %q, cookies cleared: %v", again, cleared)
	}
}

func TestWritesWithCookiesComeFromPagesOfOurs(t *testing.T) {
	h := build(t, nil)
	cookies, _, _ := h.somebody(t, "ada@local.host")
	const none, bad, cross = "MISSING_OR_NULL_ORIGIN", "INVALID_ORIGIN", "CROSS_SITE_NAVIGATION_LOGIN_BLOCKED"
	signIn := `{"email":"ada@local.host","password":"correct horse"}`
	for name, test := range map[string]struct {
		path, body string
		headers    []string
		code       string
	}{
		"our page":                     {"/update-user", `{"name":"A"}`, []string{"Cookie", cookies}, ""},
		"an allowed origin":            {"/update-user", `{"name":"A"}`, []string{"Cookie", cookies, "Origin", "https://other.example"}, ""},
		"by referer":                   {"/update-user", `{"name":"A"}`, []string{"Cookie", cookies, "Origin", "", "Referer", public + "/settings"}, ""},
		"no origin":                    {"/update-user", `{"name":"A"}`, []string{"Cookie", cookies, "Origin", ""}, none},
		"null origin":                  {"/update-user", `{"name":"A"}`, []string{"Cookie", cookies, "Origin", "null"}, none},
		"null origin of the same site": {"/update-user", `{"name":"A"}`, []string{"Cookie", cookies, "Origin", "null", "Sec-Fetch-Site", "same-origin"}, ""},
		"another site":                 {"/update-user", `{"name":"A"}`, []string{"Cookie", cookies, "Origin", "https://evil.example"}, bad},
		"a site that looks like ours":  {"/update-user", `{"name":"A"}`, []string{"Cookie", cookies, "Origin", public + ".evil.example"}, bad},
		"other scheme":                 {"/update-user", `{"name":"A"}`, []string{"Cookie", cookies, "Origin", "https://todo.example"}, bad},
		"a program without cookies":    {"/sign-in/email", signIn, []string{"Origin", ""}, ""},
		"a browser without an origin":  {"/sign-in/email", signIn, []string{"Origin", "", "Sec-Fetch-Mode", "cors"}, none},
		"a form elsewhere":             {"/sign-in/email", signIn, []string{"Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate"}, cross},
		"a script elsewhere":           {"/sign-in/email", signIn, []string{"Origin", "https://evil.example"}, bad},
	} {
		a := h.ask(t, "POST", "/api/auth"+test.path, test.body, test.headers...)
		if test.code == "" && a.status != http.StatusOK || test.code != "" && (a.status != http.StatusForbidden || !strings.Contains(a.body, test.code)) {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
}

func TestABearerSignsInToo(t *testing.T) {
	h := build(t, nil)
	a := h.ask(t, "POST", "/api/auth/sign-up/email", `{"name":"Ada","email":"ada@local.host","password":"correct horse"}`)
	plain, signed := a.json(t)["token"].(string), a.header.Get("set-auth-token")
	for name, bearer := range map[string]string{"plain": plain, "signed": signed} {
		if got := h.ask(t, "GET", "/api/auth/get-session", "", "Authorization", "Bearer "+bearer); got.body == "null" {
			t.Errorf("%s token: nobody", name)
		}
	}
	if got := h.ask(t, "GET", "/api/auth/get-session", "", "Authorization", "Bearer "+plain+".AAAA"); got.body != "null" {
		t.Errorf("a forged signature: %s", got.body)
	}
}

func TestALetterIsPostedWhoeverIsAskedFor(t *testing.T) {
	h := build(t, nil)
	h.somebody(t, "ada@local.host")
	for _, email := range []string{"Ada@local.host", "nobody@local.host"} {
		h.ask(t, "POST", "/api/auth/request-password-reset", `{"email":"`+email+`","redirectTo":"/x"}`)
	}
	letters, err := h.work.Take(t.Context(), *h.now.Load(), 10)
	if err != nil || len(letters) != 2 || letters[0].Kind != letter.Reset || letters[1].Kind != letter.Reset {
		t.Errorf("posted %+v, %v", letters, err)
	}
}
