package feed

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	events "github.com/tickler-app/tickler/proto-events"
	noticev1 "github.com/tickler-app/tickler/proto-events/gen/notice/v1"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// say publishes a change of a person, whose id is of its place in the sequence unless told.
// listener is somebody who listens, and takes what there is as soon as there is something.
// tryListen listens from a cursor; -1 is none.
// take is what a connection does when it is woken.
// hears fails unless, once woken, this is all that the listener has heard since the last time.
func TestWhoComesBackHearsTheRest(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		there  []int64 // in the ring
		cursor int64   // -1: none
		hello  int64
		hears  []string // at once
		later  []string // when 8 comes (and 1 where nothing is there)
	}{
		"without a cursor, from now on":        {[]int64{5, 6, 7}, -1, 7, nil, []string{"8"}},
		"with one of those that are kept":      {[]int64{5, 6, 7}, 5, 5, []string{"6", "7"}, []string{"8"}},
		"with the one before all":              {[]int64{5, 6, 7}, 4, 4, []string{"5", "6", "7"}, []string{"8"}},
		"with the newest":                      {[]int64{5, 6, 7}, 7, 7, nil, []string{"8"}},
		"with an older one":                    {[]int64{5, 6, 7}, 3, 3, []string{"resync 7"}, []string{"8"}},
		"with none of one's own":               {[]int64{5, 6, 7}, 0, 0, []string{"resync 7"}, []string{"8"}},
		"ahead, having just synced":            {[]int64{5, 6, 7}, 8, 8, nil, nil},
		"from the beginning, all being there":  {[]int64{1, 2}, 0, 0, []string{"1", "2"}, []string{"resync 8"}},
		"when nothing is known":                {nil, 7, 7, []string{"resync 7"}, []string{"8"}},
		"without a cursor and nothing known":   {nil, -1, 0, nil, []string{"8"}},
		"with the cursor of the unknown":       {nil, 0, 0, []string{"resync 0"}, []string{"8"}},
		"with that, when all has been changes": {[]int64{1, 2, 3, 4, 5, 6, 7}, 0, 0, []string{"1", "2", "3", "4", "5", "6", "7"}, []string{"8"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFeed()
			for _, seq := range test.there {
				f.say("ada", seq)
			}
			l := listen(t, f, "ada", test.cursor)
			if l.hello != test.hello {
				t.Errorf("hello says %d, want %d", l.hello, test.hello)
			}
			l.hears(test.hears...)
			f.say("ada", 8)
			l.hears(test.later...)
			f.say("ada", 9)
			l.hears("9")
			f.say("bob", 9)
			l.hears()
		})
	}
}

func TestAGapIsNeverSentOver(t *testing.T) {
	t.Parallel()
	f := newFeed()
	f.say("ada", 1)
	l, late, ahead := listen(t, f, "ada", 1), listen(t, f, "ada", 1), listen(t, f, "ada", 4)
	f.say("ada", 2)
	f.say("ada", 4)
	l.hears("resync 4") // 2 came, but with 3 missing sync brings all of it
	ahead.hears()
	f.say("ada", 5)
	late.hears("resync 4", "5")
	l.hears("5")
	ahead.hears("5")
	listen(t, f, "ada", 3).hears("4", "5")
	listen(t, f, "ada", 2).hears("resync 5")
}

func TestAChangeThatComesTwiceIsToldOnce(t *testing.T) {
	t.Parallel()
	f := newFeed()
	for seq := int64(1); seq <= 3; seq++ {
		f.say("ada", seq)
	}
	l := listen(t, f, "ada", 0)
	for _, seq := range []int64{1, 2, 3, 3, 4, 2} {
		f.say("ada", seq)
	}
	l.hears("1", "2", "3", "4")
}

// A database that was restored gives places of the sequence away again.
func TestASequenceThatBeginsAnewIsNoticed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFeed()
		for seq := int64(5); seq <= 9; seq++ {
			f.say("ada", seq)
		}
		l := listen(t, f, "ada", 9)
		f.say("ada", 7, "another one")
		l.hears("resync 7")
		f.say("ada", 8, "and one more")
		l.hears("8")
		listen(t, f, "ada", 9).hears() // it may be ahead of us; who has synced is not

		time.Sleep(2 * time.Minute)
		f.say("ada", 3) // too old to compare, but newer
		l.hears("resync 3")
	})
}

// Who is ahead for long is of another life of the database, and would hear nothing for
// as many changes as were lost.
func TestACursorThatStaysAheadIsNotBelieved(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFeed()
		f.say("ada", 1)
		lost, quick := listen(t, f, "ada", 100), listen(t, f, "ada", 3)
		f.say("ada", 2)
		f.say("ada", 3)
		f.say("ada", 4)
		lost.hears()
		quick.hears("4")
		time.Sleep(2 * time.Minute)
		f.say("ada", 5)
		lost.hears("resync 5")
		quick.hears("5")
		f.say("ada", 6)
		lost.hears("6")
	})
}

func TestWhatIsOlderThanTheWindowGoes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFeed()
		f.say("ada", 1)
		time.Sleep(6 * time.Minute)
		f.say("ada", 2)
		f.say("bob", 7)
		there := listen(t, f, "bob", 7)
		go f.Run(t.Context())
		time.Sleep(5 * time.Minute)
		listen(t, f, "ada", 1).hears("2")
		gone := listen(t, f, "ada", 0)
		gone.hears("resync 2")
		time.Sleep(6 * time.Minute)
		there.hears()
		last := listen(t, f, "bob", 7)
		last.hears() // somebody listened all the time, so it is known that nothing came
		for _, l := range []*listener{there, last} {
			l.Close()
		}
		if p := f.shard("bob").people["bob"]; p != nil {
			t.Error("a person is kept of whom nothing is left")
		}
	})
}

func TestWhatDoesNotFitGoes(t *testing.T) {
	t.Parallel()
	f := newFeed()
	f.Bytes = shards * 20_000
	for seq := int64(1); seq <= 1000; seq++ {
		f.say("ada", seq)
	}
	p := f.shard("ada").people["ada"]
	if kept := p.changes.len(); kept < 20 || kept > 60 || f.shard("ada").ring.len() != kept {
		t.Errorf("%d changes are kept, %d in the ring", kept, f.shard("ada").ring.len())
	}
	if f.shard("ada").bytes > 20_000 {
		t.Errorf("they count %d bytes", f.shard("ada").bytes)
	}
	listen(t, f, "ada", 999).hears("1000")
	listen(t, f, "ada", 1).hears("resync 1000")
}

func TestTheSlowAreSentAway(t *testing.T) {
	t.Parallel()
	f := newFeed()
	f.say("ada", 1)
	slow := listen(t, f, "ada", 1)
	for seq := int64(2); seq <= 2+maxBehind; seq++ {
		f.say("ada", seq)
	}
	if len(slow.woken) != 1 {
		t.Errorf("it was woken %d times", len(slow.woken))
	}
	if err := slow.take(); !errors.Is(err, ErrSlow) {
		t.Errorf("got %v", err)
	}
	listen(t, f, "ada", 1).hears(fmt.Sprint("resync ", 2+maxBehind))
}

func TestTheSlowAreSentAwayWhenWhatTheyWantIsGone(t *testing.T) {
	t.Parallel()
	f := newFeed()
	f.Bytes = shards * 5_000
	f.say("ada", 1)
	slow := listen(t, f, "ada", 1)
	for seq := int64(2); seq <= 100; seq++ {
		f.say("ada", seq)
	}
	if err := slow.take(); !errors.Is(err, ErrSlow) {
		t.Errorf("got %v", err)
	}
}

func TestMoreThanAReplayHoldsIsForSync(t *testing.T) {
	t.Parallel()
	f := newFeed()
	for seq := int64(1); seq <= maxBehind+1; seq++ {
		f.say("ada", seq)
	}
	listen(t, f, "ada", 0).hears(fmt.Sprint("resync ", maxBehind+1))
	if n := len(listen(t, f, "ada", 1).heard); n != maxBehind {
		t.Errorf("%d changes came", n)
	}
}

func TestAFrameIsMadeOnce(t *testing.T) {
	t.Parallel()
	f := newFeed()
	f.say("ada", 1) // nobody listens: made of what was kept
	first := f.shard("ada").people["ada"].changes.at(0)
	l := listen(t, f, "ada", 1)
	f.say("ada", 2)
	l.hears("2")
	for i, want := range []*Change{first, f.shard("ada").people["ada"].changes.at(1)} {
		a, err := want.Frame()
		b, _ := want.Frame()
		if err != nil || &a[0] != &b[0] {
			t.Errorf("change %d: %v, made twice", i, err)
		}
	}
	f.Publish(&noticev1.NoticeCreated{EventId: "x", UserId: "ada", Time: timestamppb.Now()}, nil, "") // of no sequence
	l.hears()
	if _, err := (&Change{kind: events.UserDeleted}).Frame(); err == nil {
		t.Error("a person's end is not on the feed")
	}
}

func TestWhatCannotBeReadIsToldAtOnce(t *testing.T) {
	t.Parallel()
	f := newFeed()
	f.say("ada", 1)
	l := listen(t, f, "ada", 1)
	f.Lose("ada")
	f.Lose("bob") // whom nobody knows
	l.hears("resync 1")
	f.say("ada", 3)
	l.hears("3")
	listen(t, f, "ada", 1).hears("resync 3")
}
