package client

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/reach"
)

// identity swaps tkl_x for short-x, for seconds; asked counts.
func identity(t *testing.T, seconds int) (client *Identity, clock *atomic.Int64, asked *atomic.Int64) {
	t.Helper()
	clock, asked = new(atomic.Int64), new(atomic.Int64)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		token := r.PostFormValue("subject_token")
		if token == "tkl_revoked" {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		fmt.Fprintf(w, `{"access_token":"short-%s","expires_in":%d}`, strings.TrimPrefix(token, "tkl_"), seconds)
	}))
	t.Cleanup(server.Close)
	return &Identity{
		URL: server.URL, Secret: "secret", Reach: reach.New(reach.Config{Target: "exchange"}),
		Now: func() time.Time { return time.Unix(clock.Load(), 0) },
	}, clock, asked
}

func TestATokenIsAskedForOnceAMinuteHoweverManyCome(t *testing.T) {
	t.Parallel()
	i, clock, asked := identity(t, 900)
	for _, want := range []int64{1, 2} {
		var wait sync.WaitGroup
		for range 20 {
			wait.Go(func() {
				if token, err := i.Exchange(t.Context(), "tkl_a"); token != "short-a" || err != nil {
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
	i, clock, asked := identity(t, 10)
	for range 3 {
		if _, err := i.Exchange(t.Context(), "tkl_a"); err != nil {
			t.Fatal(err)
		}
		clock.Add(6)
	}
	if n := asked.Load(); n != 3 {
		t.Errorf("asked %d times", n)
	}
}

func TestTheOldestTokensMakeRoom(t *testing.T) {
	t.Parallel()
	i, _, _ := identity(t, 900)
	var key [32]byte
	for n := range maxKnown + 5 {
		key[0], key[1], key[2] = byte(n), byte(n>>8), byte(n>>16)
		i.keep(key, swapped{"x", i.Now().Add(time.Minute)})
	}
	if _, ok := i.look([32]byte{4}); ok || len(i.known) != maxKnown || len(i.order) != maxKnown {
		t.Errorf("%d are kept, in an order of %d", len(i.known), len(i.order))
	}
	if _, ok := i.look(key); !ok {
		t.Error("the newest is gone")
	}
}

func TestARevokedTokenIsUnauthorizedAndIdentityAwayIsNot(t *testing.T) {
	t.Parallel()
	i, _, _ := identity(t, 900)
	if _, err := i.Exchange(t.Context(), "tkl_revoked"); fault.KindOf(err) != fault.Unauthorized {
		t.Error(err)
	}
	i.URL = "http://127.0.0.1:1"
	if _, err := i.Exchange(t.Context(), "tkl_b"); fault.KindOf(err) != fault.Unavailable {
		t.Error(err)
	}
}
