package feed

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func TestAPersonHasTenConnections(t *testing.T) {
	t.Parallel()
	f := newFeed()
	var all []*listener
	for range perPerson {
		all = append(all, listen(t, f, "ada", -1))
	}
	if _, err := tryListen(t, f, Listener{Person: "ada"}, -1); !errors.Is(err, ErrCrowded) {
		t.Errorf("the eleventh: %v", err)
	}
	listen(t, f, "bob", -1)
	all[3].Close()
	all[3].Close()
	listen(t, f, "ada", -1)
}

func TestASessionThatEndsEndsItsFeed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFeed()
		go f.Run(t.Context())
		of := func(session string) *listener {
			l, err := tryListen(t, f, Listener{Person: "ada", Session: session}, -1)
			if err != nil {
				t.Fatal(err)
			}
			return l
		}
		one, two, none := of("one"), of("two"), of("")
		f.EndSession("ada", "one")
		f.EndSession("ada", "") // of a token without one: nothing to end
		if got := []int{one.ended, two.ended, none.ended}; !slices.Equal(got, []int{1, 0, 0}) {
			t.Errorf("ended %v", got)
		}
		if _, err := tryListen(t, f, Listener{Person: "ada", Session: "one"}, -1); !errors.Is(err, ErrOver) || !f.Over("ada", "one") {
			t.Errorf("it may come back: %v", err)
		}
		if err := two.Prolong("one"); !errors.Is(err, ErrOver) {
			t.Errorf("another one becomes it: %v", err)
		}
		if err := two.Prolong("three"); err != nil {
			t.Error(err)
		}
		f.EndSession("ada", "three")
		if two.ended != 1 {
			t.Error("the session that it was prolonged by has ended, it has not")
		}
		f.EndPerson("ada")
		if none.ended != 1 || !f.Over("ada", "four") || f.Over("bob", "one") {
			t.Error("the person is gone, and nobody else")
		}
		time.Sleep(2 * remembered)
		if f.Over("ada", "one") {
			t.Error("it is remembered longer than a token lives")
		}
	})
}
