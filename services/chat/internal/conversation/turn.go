package conversation

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tickler-app/tickler/pkg/fault"
)

// Times of a turn.
const (
	turnTime = 2 * time.Minute // a whole turn
	callTime = 10 * time.Second
	beatTime = 500 * time.Millisecond // how often what was said is kept, and a wish to stop is heard
	keepTime = 15 * time.Second       // how long the end of a turn is tried to be kept
)

// Causes of a turn's early end.
var (
	errStopped = errors.New("the person stopped it")
	errTooLong = errors.New("the answer is too long")
)

// turn is one that runs.
type turn struct {
	service *Service
	person  Person
	ask     Ask
	begun   Begun
	draft   *draft
	cancel  context.CancelCauseFunc

	guard guard
	told  Turn // what the planner is told
	end   End
}

// run goes through a turn, and keeps what came of it whatever happens.
func (t *turn) run(base context.Context) {
	began := time.Now()
	ctx, done := context.WithTimeout(base, turnTime)
	defer done()
	beating := make(chan struct{})
	quiet, hush := context.WithCancel(context.WithoutCancel(base))
	go func() { defer close(beating); t.beat(quiet) }()
	status, err := t.steps(ctx)
	hush()
	<-beating
	if status, err = t.close(base, status, err); t.service.Noted != nil {
		t.service.Noted(base, status, time.Since(began), err)
	}
}

// beat keeps the lease and what was said, and hears from other instances that it should stop.
func (t *turn) beat(ctx context.Context) {
	tick := time.NewTicker(beatTime)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		stop, err := t.service.Turns.Beat(ctx, t.person.ID, t.begun.Turn, t.draft.unkept())
		switch {
		case stop:
			t.cancel(errStopped)
		case errors.Is(err, ErrLost):
			t.cancel(err)
		}
	}
}

// steps is the turn itself: the planner says what to do, until it is done.
func (t *turn) steps(ctx context.Context) (Status, error) {
	offers, err := t.service.Tools.List(ctx, t.person)
	if fault.KindOf(err) == fault.Unauthorized {
		return Broken, err
	}
	t.prepare(offers)
	t.guard.away = err != nil // each call says so
	if err := t.decide(ctx); err != nil {
		return Broken, err
	}
	for n := 0; n < t.most(); n++ {
		t.draft.add(Part{Type: Begin})
		step, err := t.think(ctx)
		if err != nil {
			return Broken, err
		}
		if step.Memory != nil {
			t.end.Memory, t.told.Memory = step.Memory, step.Memory
		}
		if len(step.Calls) == 0 {
			t.spell(step.Text)
			t.await(step.Asks)
			return Done, nil
		}
		circling, err := t.act(ctx, step.Calls)
		if err != nil {
			return Broken, err
		}
		if circling {
			t.draft.add(Words(goneInCircles))
			return Limited, nil
		}
	}
	t.draft.add(Words(tooManySteps))
	return Limited, nil
}

// most is how many steps the turn may have.
func (t *turn) most() int {
	if f, ok := t.service.Planner.(Fallback); ok && handedOver(t.told) {
		return f.Steps
	}
	return t.service.Steps
}

// prepare puts together what the planner and the guard go by.
func (t *turn) prepare(offers []Offer) {
	t.guard = guard{
		offers: map[string]Offer{}, said: t.ask.Message, asked: map[string]int{}, answers: map[string]json.RawMessage{},
		mine: map[string]bool{}, changed: map[string]bool{},
	}
	for _, o := range offers {
		t.guard.offers[o.Name] = o
	}
	for _, r := range t.begun.Before { // an answer that is written again does nothing again
		t.guard.made(judged{Call: r.Call}, r.Output)
	}
	message := TextOf(t.begun.Asked.Parts)
	zone, err := time.LoadLocation(firstOf(t.begun.Zone, t.person.Zone, "UTC"))
	if err != nil {
		zone = time.UTC
	}
	t.guard.said = message
	t.told = Turn{
		Now: t.service.Now().In(zone), Locale: firstOf(t.begun.Locale, "en"), History: history(t.begun.History),
		Message: message, Memory: t.begun.Memory, Request: t.ask.Request, Tools: offers,
	}
}

func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

// history is what a planner is told of earlier turns.
func history(entries []Entry) (messages []Message) {
	for _, e := range entries {
		messages = append(messages, Message{Role: e.Role, Text: TextOf(e.Parts), Results: ResultsOf(e.Parts), Request: e.Request})
	}
	return messages
}

// think asks the planner for a step, and shows its words as they come.
func (t *turn) think(ctx context.Context) (Step, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var emitted strings.Builder
	full := false
	step, err := t.service.Planner.Next(ctx, t.told, func(delta string) {
		if full {
			return
		}
		emitted.WriteString(delta)
		if !t.draft.say(delta) {
			full = true
			cancel(errTooLong)
		}
	})
	switch {
	case full:
		err = errTooLong
	case err != nil && ctx.Err() != nil:
		err = context.Cause(ctx)
	case err == nil:
		// What it did not show itself is shown now.
		if rest, ok := strings.CutPrefix(step.Text, emitted.String()); ok && !t.draft.say(rest) {
			err = errTooLong
		}
	}
	t.draft.hush()
	return step, err
}

// close says why a turn ended early, and keeps it.
func (t *turn) close(base context.Context, status Status, err error) (Status, error) {
	cause := context.Cause(base)
	switch {
	case err == nil:
	case errors.Is(err, errTooLong):
		t.draft.add(Words(tooLong))
		status, err = Limited, nil
	case errors.Is(cause, errStopped):
		status, err = Stopped, nil
	case errors.Is(cause, ErrLost):
		status, err = Stopped, nil
	case errors.Is(cause, errClosing):
		t.draft.add(Words(stoppedByService))
		status = Broken
	case errors.Is(err, context.DeadlineExceeded) && fault.KindOf(err) == fault.Internal:
		t.draft.add(Words(tooSlow))
		status, err = Limited, nil
	case fault.KindOf(err) == fault.Unauthorized:
		t.draft.add(Words(signedOut))
	default:
		t.draft.add(Words(brokenOff(err)))
	}
	view, _ := t.draft.look()
	if status == Done && TextOf(view.Parts) == "" {
		t.draft.add(Words(nothingToSay))
		view, _ = t.draft.look()
	}
	t.end.Parts, t.end.Status, t.end.Now = Settled(view.Parts), status, t.service.Now()
	if kept := t.keep(base); errors.Is(kept, ErrLost) {
		status, err = Stopped, nil // the conversation was deleted, or somebody thought this instance dead
	} else if kept != nil {
		status, err = Broken, errors.Join(err, kept)
	}
	t.draft.end(status, err)
	return status, err
}

// keep writes the end down, and tries again while the database is away for a moment. If it is
// for longer, the lease ends, and what was kept last is shown as interrupted.
func (t *turn) keep(base context.Context) error {
	ctx, done := context.WithTimeout(context.WithoutCancel(base), keepTime)
	defer done()
	for wait := 50 * time.Millisecond; ; wait *= 2 {
		err := t.service.Turns.End(ctx, t.person.ID, t.begun.Turn, t.end)
		if err == nil || fault.KindOf(err) != fault.Unavailable {
			return err
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return fmt.Errorf("keep the answer: %w", err)
		}
	}
}
