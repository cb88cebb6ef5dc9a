package rest_test

import (
	"net/http/httptest"
	"strings"
	"testing"
)

// keyed asks as a person under a key.
func (b *bench) keyed(who, path, body, key string) *httptest.ResponseRecorder {
	b.Helper()
	req := httptest.NewRequest("POST", "/api/"+who+"/"+path, strings.NewReader(body))
	req.Header.Set("Authorization", "Bearer "+b.tokens.Mint(who, nil))
	req.Header.Set("Idempotency-Key", key)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	w := httptest.NewRecorder()
	b.router.ServeHTTP(w, req)
	return w
}

func TestEveryPostIsAnsweredTheSameUnderItsKey(t *testing.T) {
	b := setup(t)
	b.agent(2)
	_, listed := b.call("GET", "notices", "")
	one := listed["notices"].([]any)[0].(map[string]any)["id"].(string)
	const browser = `{"endpoint":"https://push.example/1","keys":{"p256dh":"BNaMBsCvxWBQnaDM1rYHkRjoeIWd01109d5CKwZsUyDsiTUEeKoPQFCHkeSwoLjBKRf0YFouwnkMJy7qGJrr9xY","auth":"AAAAAAAAAAAAAAAAAAAAAA"}}`
	for path, body := range map[string]string{
		"notices/read": "", "notices/" + one + "/read": "", "push/subscriptions": browser, "webhooks": `{"url":"https://example.com/"}`,
	} {
		first, again := b.keyed("ada", path, body, "key of "+path), b.keyed("ada", path, body, "key of "+path)
		if first.Code >= 300 || first.Header().Get("Idempotency-Replayed") != "" {
			t.Errorf("%s: %d %s", path, first.Code, first.Body)
		}
		if again.Code != first.Code || again.Body.String() != first.Body.String() || again.Header().Get("Idempotency-Replayed") != "true" ||
			again.Header().Get("Location") != first.Header().Get("Location") || again.Header().Get("Content-Type") != first.Header().Get("Content-Type") {
			t.Errorf("%s again: %d %v %s", path, again.Code, again.Header(), again.Body)
		}
		for _, key := range []string{"", strings.Repeat("k", 256), "\xff"} {
			if bad := b.keyed("ada", path, body, key); bad.Code != 422 && (bad.Code != 400 || key != "\xff") {
				t.Errorf("%s with the key %.9q: %d", path, key, bad.Code)
			}
		}
	}
	if other := b.keyed("ada", "push/subscriptions", strings.Replace(browser, "/1", "/2", 1), "key of push/subscriptions"); other.Code != 409 {
		t.Errorf("another body: %d %s", other.Code, other.Body)
	}
	if other := b.keyed("ada", "notices/read", "", "key of push/subscriptions"); other.Code != 409 {
		t.Errorf("another call: %d %s", other.Code, other.Body)
	}
	if bobs := b.keyed("bob", "notices/read", "", "key of notices/read"); bobs.Code != 200 || bobs.Header().Get("Idempotency-Replayed") != "" {
		t.Errorf("bob's: %d %v", bobs.Code, bobs.Header())
	}
}
