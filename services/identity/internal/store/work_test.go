package store

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/tickler-app/tickler/pkg/seal"
	events "github.com/tickler-app/tickler/proto-events"
	"github.com/tickler-app/tickler/services/identity/internal/key"
	"github.com/tickler-app/tickler/services/identity/internal/letter"
	"github.com/tickler-app/tickler/services/identity/internal/secret"
	"github.com/tickler-app/tickler/services/identity/internal/token"
	"github.com/tickler-app/tickler/services/identity/internal/user"
)

func TestALetterLiesUntilItIsDoneAndIsTakenByOne(t *testing.T) {
	r := open(t)
	l := letter.New(letter.Reset, "ada@example.com", "/reset", noon)
	if err := r.people.Post(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	first, err := r.work.Take(t.Context(), noon, 10)
	if err != nil || len(first) != 1 || first[0].ID != l.ID || first[0].Back != "/reset" || !first[0].CreatedAt.Equal(noon) {
		t.Fatalf("took %+v, %v", first, err)
	}
	if again, err := r.work.Take(t.Context(), noon.Add(time.Second), 10); err != nil || len(again) != 0 {
		t.Errorf("taken twice: %v, %v", again, err)
	}
	later, err := r.work.Take(t.Context(), noon.Add(31*time.Second), 10)
	if err != nil || len(later) != 1 || later[0].Attempts != 2 {
		t.Fatalf("after a crash: %v, %v", later, err)
	}
	if err := r.work.Done(t.Context(), l.ID); err != nil {
		t.Fatal(err)
	}
	if rest, err := r.work.Take(t.Context(), noon.Add(time.Hour), 10); err != nil || len(rest) != 0 {
		t.Errorf("left: %v, %v", rest, err)
	}
}

func TestAResetTokenWorksOnceAndInTime(t *testing.T) {
	r := open(t)
	u, _ := r.add(t, "ada@example.com")
	hash := secret.Hash("token")
	for range 2 { // a letter may be written twice
		if err := r.work.Grant(t.Context(), u.ID, hash, noon.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	if id, err := r.people.FindReset(t.Context(), hash, noon); err != nil || id != u.ID {
		t.Errorf("found %q, %v", id, err)
	}
	if _, err := r.people.FindReset(t.Context(), hash, noon.Add(time.Hour)); !errors.Is(err, user.ErrToken) {
		t.Errorf("after its time: %v", err)
	}
	spend := func(*user.Account) (user.With, error) { return user.With{Spend: hash}, nil }
	if _, err := r.people.Change(t.Context(), u.ID, spend); err != nil {
		t.Fatal(err)
	}
	if _, err := r.people.Change(t.Context(), u.ID, spend); !errors.Is(err, user.ErrToken) {
		t.Errorf("the second time: %v", err)
	}
}

func TestReplayTellsOfEverybodyOnceAVersion(t *testing.T) {
	r := open(t)
	for _, email := range []string{"ada@example.com", "bob@example.com"} {
		r.add(t, email)
	}
	for range 2 {
		if n, err := r.work.Replay(t.Context()); err != nil || n != 2 {
			t.Fatalf("replayed %d, %v", n, err)
		}
	}
	ids := map[string]int{}
	for _, ev := range r.told(t)[2:] {
		if events.Type(ev) != events.UserRegistered || ev.GetVersion() != 1 || ev.GetActor().GetType() != "system" {
			t.Errorf("told %v", ev)
		}
		ids[ev.GetEventId()]++
	}
	if len(ids) != 2 {
		t.Errorf("ids %v: two people, told twice", ids)
	}
}

func TestSweepingTakesWhatHasEndedAndNoMore(t *testing.T) {
	r := open(t)
	u, live := r.add(t, "ada@example.com") // the session lives an hour
	api, _, _ := token.Make(u.ID, token.Wish{Name: "script", Scopes: []string{"tasks:read"}}, noon)
	if _, err := r.tokens.Add(t.Context(), api, secret.Hash("x"), 10, token.Once{}); err != nil {
		t.Fatal(err)
	}
	if err := r.work.Sweep(t.Context(), noon); err != nil {
		t.Fatal(err)
	}
	if _, err := r.people.SignedIn(t.Context(), secret.Hash(live)); err != nil {
		t.Errorf("a live session: %v", err)
	}
	if err := r.work.Sweep(t.Context(), noon.Add(2*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if _, err := r.people.SignedIn(t.Context(), secret.Hash(live)); !errors.Is(err, user.ErrNobody) {
		t.Errorf("an ended session: %v", err)
	}
	if found, err := r.tokens.List(t.Context(), u.ID, "", 10); err != nil || len(found) != 1 {
		t.Errorf("API tokens %v, %v", found, err)
	}
}

const oneKey, twoKey = "one:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=", "two:ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA="

func (r rooms) ring(t *testing.T, keys string, now *time.Time) *key.Ring {
	t.Helper()
	sealed, err := seal.Parse(keys)
	if err != nil {
		t.Fatal(err)
	}
	ring := &key.Ring{
		Store: &Keys{DB: r.root, Seal: sealed}, Now: func() time.Time { return *now }, Life: 15 * time.Minute, MaxAge: 90 * 24 * time.Hour,
		Failed: func(err error) { t.Error(err) },
	}
	if err := ring.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	return ring
}

func TestANewKeyIsPublishedBeforeItSignsAndTheOldOneAfter(t *testing.T) {
	r := open(t)
	now := noon
	ring := r.ring(t, oneKey, &now)
	first, err := ring.Sign(map[string]string{"sub": "ada"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.ring(t, oneKey, &now).Rotate(t.Context()); err != nil { // another process
		t.Fatal(err)
	}
	shown := func() (ids []string) {
		if err := ring.Load(t.Context()); err != nil {
			t.Fatal(err)
		}
		keys, err := ring.JWKS()
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range keys {
			ids = append(ids, k.ID)
		}
		return ids
	}
	both := shown()
	if before, _ := ring.Sign(map[string]string{"sub": "ada"}); len(both) != 2 || before != first {
		t.Errorf("after rotating, %v are published, and another key signs: %v", both, before != first)
	}
	now = noon.Add(key.Lead)
	after, err := ring.Sign(map[string]string{"sub": "ada"})
	if err != nil || after == first || !slices.Equal(shown(), both) {
		t.Errorf("after the lead: same key %v, published %v, %v", after == first, shown(), err)
	}
	var claims map[string]any
	if err := ring.Verify(first, &claims); err != nil || claims["sub"] != "ada" {
		t.Errorf("the old key's token: %v, %v", claims, err)
	}
	now = noon.Add(key.Lead + ring.Life + key.Grace)
	if got := shown(); !slices.Equal(got, both[1:]) {
		t.Errorf("at the end %v are published", got)
	}
	if err := ring.Verify(first, &claims); !errors.Is(err, key.ErrToken) {
		t.Errorf("a token of a key that is gone: %v", err)
	}
}

func TestAnOldKeyIsReplacedWithoutBeingAsked(t *testing.T) {
	r := open(t)
	now := noon
	ring := r.ring(t, oneKey, &now)
	now = noon.Add(91 * 24 * time.Hour)
	if err := ring.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	if keys, err := ring.JWKS(); err != nil || len(keys) != 2 {
		t.Errorf("published %v, %v", keys, err)
	}
}

func TestKeysAreSealedAndSealedAnew(t *testing.T) {
	r := open(t)
	now := noon
	ring := r.ring(t, oneKey, &now)
	signed, err := ring.Sign(map[string]string{"sub": "ada"})
	if err != nil {
		t.Fatal(err)
	}
	var sealed string
	if err := r.root.GetContext(t.Context(), &sealed, `SELECT private_key FROM jwks`); err != nil || sealed[:4] != "one:" {
		t.Fatalf("kept as %.20s…, %v", sealed, err)
	}
	other, _ := seal.Parse(twoKey)
	if _, err := (&Keys{DB: r.root, Seal: other}).Keys(t.Context(), now); err == nil {
		t.Error("opened with another secret key")
	}
	if n, err := r.ring(t, twoKey+"\n"+oneKey, &now).Rotate(t.Context()); err != nil || n != 1 {
		t.Fatalf("sealed %d anew, %v", n, err)
	}
	var claims map[string]any
	if err := r.ring(t, twoKey, &now).Verify(signed, &claims); err != nil {
		t.Errorf("without the old secret key: %v", err)
	}
}

func TestTriesAreCountedForAllTogetherUntilTheWindowEnds(t *testing.T) {
	r := open(t)
	limits := &Limits{DB: r.app}
	for want := 1; want <= 3; want++ {
		if c, err := limits.Hit(t.Context(), "k", noon.Add(time.Duration(want)*time.Second), time.Minute); err != nil || c.Hits != want || !c.Since.Equal(noon.Add(time.Second)) {
			t.Errorf("hit %d: %+v, %v", want, c, err)
		}
	}
	if c, err := limits.Count(t.Context(), "k"); err != nil || c.Hits != 3 {
		t.Errorf("counted %+v, %v", c, err)
	}
	if c, err := limits.Hit(t.Context(), "k", noon.Add(61*time.Second), time.Minute); err != nil || c.Hits != 1 {
		t.Errorf("after the window: %+v, %v", c, err)
	}
	if c, err := limits.Count(t.Context(), "other"); err != nil || c.Hits != 0 {
		t.Errorf("another key: %+v, %v", c, err)
	}
}

func TestAnAPITokenIsKeptOnceAKey(t *testing.T) {
	r := open(t)
	u, _ := r.add(t, "ada@example.com")
	made, _, _ := token.Make(u.ID, token.Wish{Name: "script", Scopes: []string{"tasks:read", "audit:read"}}, noon)
	once := token.Once{Key: "k", Request: []byte("a"), Answer: "sealed", Until: noon.Add(time.Hour)}
	add := func(once token.Once, most int) (token.Kept, error) {
		again, _, _ := token.Make(u.ID, token.Wish{Name: "script", Scopes: []string{"tasks:read"}}, noon)
		return r.tokens.Add(t.Context(), again, secret.Hash(again.ID), most, once)
	}
	if kept, err := r.tokens.Add(t.Context(), made, secret.Hash("x"), 2, once); err != nil || kept.Before != "" {
		t.Fatalf("%+v, %v", kept, err)
	}
	if kept, err := add(once, 2); err != nil || kept.Before != "sealed" {
		t.Errorf("repeated: %+v, %v", kept, err)
	}
	once.Request = []byte("b")
	if _, err := add(once, 2); !errors.Is(err, token.ErrReused) {
		t.Errorf("another body: %v", err)
	}
	if _, err := add(token.Once{}, 1); !errors.Is(err, token.ErrTooMany) {
		t.Errorf("one too many: %v", err)
	}
	got, owner, err := r.tokens.ByHash(t.Context(), secret.Hash("x"), noon)
	if err != nil || owner != u || got.ID != made.ID || !slices.Equal(got.Scopes, made.Scopes) {
		t.Errorf("found %+v of %+v, %v", got, owner, err)
	}
	if _, _, err := r.tokens.ByHash(t.Context(), secret.Hash("x"), made.ExpiresAt); !errors.Is(err, token.ErrAPIToken) {
		t.Errorf("after its time: %v", err)
	}
	if err := r.tokens.Remove(t.Context(), "somebody", made.ID); !errors.Is(err, token.ErrNotFound) {
		t.Errorf("somebody else's: %v", err)
	}
	if _, err := r.tokens.Alive(t.Context(), u.ID, token.Source{TokenID: made.ID}, noon); err != nil {
		t.Errorf("alive: %v", err)
	}
	if err := r.tokens.Remove(t.Context(), u.ID, made.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := r.tokens.Alive(t.Context(), u.ID, token.Source{TokenID: made.ID}, noon); !errors.Is(err, token.ErrEnded) {
		t.Errorf("removed: %v", err)
	}
}
