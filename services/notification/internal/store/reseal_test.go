package store_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/tickler-app/tickler/pkg/seal"
	"github.com/tickler-app/tickler/services/notification/internal/notice"
	"github.com/tickler-app/tickler/services/notification/internal/store"
)

func TestAnOldKeyMayGoOnceAllIsSealedWithTheNewOne(t *testing.T) {
	b := setup(t).ada()
	h := b.hook("https://all.example")
	for i := range 3 {
		_, err := b.desk.Register(t.Context(), "ada", notice.Subscription{Endpoint: fmt.Sprintf("https://push.example/%d", i), P256dh: "p", Auth: "a"})
		b.must(err)
	}
	fresh := func() (string, string, error) { return "public", "private", nil }
	_, _, err := b.work.PushKeys(t.Context(), fresh)
	b.must(err)
	old, young := base64.StdEncoding.EncodeToString(make([]byte, 32)), "new:"+base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 32)))
	both, err := seal.Parse(young + "\n" + old)
	b.must(err)
	for _, want := range []int{6, 0} {
		if n, err := (&store.Work{DB: b.role, Seal: both}).Reseal(t.Context()); err != nil || n != want {
			t.Errorf("sealed again %d, %v", n, err)
		}
	}
	only, err := seal.Parse(young)
	b.must(err)
	b.work.Seal = only
	if _, private, err := b.work.PushKeys(t.Context(), fresh); err != nil || private != "private" {
		t.Errorf("%s, %v", private, err)
	}
	b.ring(1, by("push", "webhook"))
	b.courier(notice.Push, func(p *notice.Parcel) error {
		if len(p.Subscriptions) != 3 || p.Subscriptions[2].Auth != "a" || p.Person.Unsubscribe == "" {
			t.Errorf("to %+v", p)
		}
		return nil
	})
	b.courier(notice.Webhook, func(p *notice.Parcel) error {
		if p.Hook.Secret != h.Secret {
			t.Errorf("signed with %q", p.Hook.Secret)
		}
		return nil
	})
}
