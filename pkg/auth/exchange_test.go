package auth

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tickler-app/tickler/pkg/reach"
)

// swapping swaps tkl_x for short-x, for seconds; asked counts.
func swapping(t *testing.T, seconds int) (client *Exchanger, clock *atomic.Int64, asked *atomic.Int64) {
	t.Helper()
	clock, asked = new(atomic.Int64), new(atomic.Int64)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		id, secret, _ := r.BasicAuth()
		if id != "web" || secret != "a+b" || r.PostFormValue("subject_token_type") != APIToken || r.PostFormValue("audience") != "house" || r.PostFormValue("scope") != "tasks:read" {
			t.Errorf("asked as %s %s: %v", id, secret, r.PostForm)
		}
		token := r.PostFormValue("subject_token")
		if status := map[string]int{"tkl_revoked": http.StatusBadRequest, "tkl_of_a_stranger": http.StatusUnauthorized}[token]; status != 0 {
			w.WriteHeader(status)
			return
		}
		fmt.Fprintf(w, `{"access_token":"short-%s","expires_in":%d}`, strings.TrimPrefix(token, "tkl_"), seconds)
	}))
	t.Cleanup(server.Close)
	return &Exchanger{
		URL: server.URL, ID: "web", Secret: "a b", Type: APIToken, Audience: "house", KeepFor: 50 * time.Second, Spare: 5 * time.Second,
		Reach: reach.New(reach.Config{Target: "exchange"}),
		Now:   func() time.Time { return time.Unix(clock.Load(), 0) },
	}, clock, asked
}

func TestATokenIsAskedForOnceAMinuteHoweverManyCome(t *testing.T) {
	t.Parallel()
	e, clock, asked := swapping(t, 900)
	for _, want := range []int64{1, 2} {
		var wait sync.WaitGroup
		for range 20 {
			wait.Go(func() {
				if token, err := e.Exchange(t.Context(), "tkl_a", "tasks:read"); token != "short-a" || err != nil {
					t.Errorf("%q, %v", token, err)
				}
			})
		}
		wait.Wait()
		if n := asked.Load(); n != want {
			t.Errorf("asked %d times, want %d", n, want)
		}
		clock.Add(60)
	}
}

func TestATokenIsNotKeptBeyondItsOwnTime(t *testing.T) {
	t.Parallel()
	e, clock, asked := swapping(t, 10)
	for range 3 {
		if _, err := e.Exchange(t.Context(), "tkl_a", "tasks:read"); err != nil {
			t.Fatal(err)
		}
		clock.Add(6)
	}
	if n := asked.Load(); n != 3 {
		t.Errorf("asked %d times", n)
	}
}
