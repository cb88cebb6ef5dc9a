package feed

import (
	"fmt"
	"slices"
	"testing"
	"time"

	noticev1 "github.com/tickler-app/tickler/proto-events/gen/notice/v1"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
)

func newFeed() *Feed { return &Feed{Window: 10 * time.Minute, Bytes: 64 << 20, Now: time.Now} }

func (f *Feed) say(person string, seq int64, id ...string) {
	name := fmt.Sprint(person, "/", seq)
	if len(id) > 0 {
		name = id[0]
	}
	ev := &noticev1.NoticeCreated{EventId: name, UserId: person, Seq: seq, Time: timestamppb.New(time.Now()), Notice: &noticev1.Notice{Id: name, Title: "a notice"}}
	raw, err := proto.Marshal(ev)
	if err != nil {
		panic(err)
	}
	f.Publish(ev, raw, "")
}

type listener struct {
	*Subscription
	t     testing.TB
	hello int64
	heard []string // "resync n" or the place of a change
	ended int
	woken chan struct{}
}

func listen(t testing.TB, f *Feed, person string, cursor int64) *listener {
	t.Helper()
	l, err := tryListen(t, f, Listener{Person: person, Session: "s"}, cursor)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func tryListen(t testing.TB, f *Feed, who Listener, cursor int64) (l *listener, err error) {
	l = &listener{t: t, woken: make(chan struct{}, 100)}
	if cursor >= 0 {
		who.Cursor = &cursor
	}
	who.Wake = func() { l.woken <- struct{}{} }
	who.End = func() { l.ended++ }
	l.Subscription, l.hello, err = f.Subscribe(who)
	if err == nil {
		l.take()
	}
	return l, err
}

func (l *listener) take() error {
	for {
		batch, err := l.Next()
		if err != nil {
			return err
		}
		if batch.Resync {
			l.heard = append(l.heard, fmt.Sprint("resync ", batch.Cursor))
		}
		for _, c := range batch.Changes {
			l.heard = append(l.heard, fmt.Sprint(c.Seq))
		}
		if !batch.Resync && len(batch.Changes) == 0 {
			return nil
		}
	}
}

func (l *listener) hears(want ...string) {
	l.t.Helper()
	for len(l.woken) > 0 {
		<-l.woken
		if err := l.take(); err != nil {
			l.t.Fatal(err)
		}
	}
	if !slices.Equal(l.heard, want) {
		l.t.Errorf("heard %v, want %v", l.heard, want)
	}
	l.heard = nil
}
