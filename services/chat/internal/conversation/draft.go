package conversation

import (
	"context"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
)

// View is an answer as it is at a moment.
type View struct {
	Parts  []Part
	Status Status
	Err    error // why it broke off, where that is known
}

// Answer is one that is followed while it is written, wherever that is.
type Answer interface {
	// Next waits until the answer is further than it was when Next was called last, and returns
	// it. One whose status is not Running changes no more.
	Next(ctx context.Context) (View, error)
}

// draft is an answer that is written here. Its turn writes; any number may read.
type draft struct {
	mu      sync.Mutex
	view    View
	dirty   bool          // since it was kept last
	spoken  int           // bytes of text
	changed chan struct{} // closed at the next change
	over    chan struct{} // closed at the last one
}

func newDraft() *draft {
	return &draft{view: View{Status: Running}, changed: make(chan struct{}), over: make(chan struct{})}
}

func (d *draft) change(f func(v *View)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.view.Parts = slices.Clone(d.view.Parts) // readers hold the old ones
	f(&d.view)
	d.dirty = true
	close(d.changed)
	d.changed = make(chan struct{})
}

func (d *draft) look() (View, <-chan struct{}) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.view, d.changed
}

// unkept returns the parts if they were changed since they were kept last, else nil.
func (d *draft) unkept() []Part {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.dirty {
		return nil
	}
	d.dirty = false
	return d.view.Parts
}

// kept returns the parts as they are kept now.
func (d *draft) kept() []Part {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.dirty = false
	return d.view.Parts
}

// say appends to the words that are being spoken, or begins to speak. It reports false when the
// answer is as long as it may be; what is too much is left out.
func (d *draft) say(text string) bool {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "")
	if text == "" {
		return true
	}
	room := true
	d.change(func(v *View) {
		if over := d.spoken + len(text) - maxAnswer; over > 0 {
			room, text = false, cut(text, len(text)-over)
		}
		d.spoken += len(text)
		if last := len(v.Parts) - 1; last >= 0 && v.Parts[last].Type == Text && v.Parts[last].State == Streaming {
			v.Parts[last].Text += text
		} else if text != "" {
			v.Parts = append(v.Parts, Part{Type: Text, Text: text, State: Streaming})
		}
	})
	return room
}

// cut returns at most so many bytes of a text, without breaking a character.
func cut(text string, most int) string {
	most = max(most, 0)
	if len(text) <= most {
		return text
	}
	for most > 0 && !utf8.RuneStart(text[most]) {
		most--
	}
	return text[:most]
}

// hush ends the words that are being spoken.
func (d *draft) hush() {
	d.change(func(v *View) {
		for i := range v.Parts {
			if v.Parts[i].Type == Text {
				v.Parts[i].State = Spoken
			}
		}
	})
}

func (d *draft) add(p Part) { d.change(func(v *View) { v.Parts = append(v.Parts, p) }) }

// tool changes the part of a call.
func (d *draft) tool(id string, f func(p *Part)) {
	d.change(func(v *View) {
		for i := range v.Parts {
			if p := &v.Parts[i]; p.Type == Tool && p.ToolCallID == id {
				f(p)
			}
		}
	})
}

// card shows a task; one that is shown already is shown as it is now.
func (d *draft) card(id string, task json.RawMessage) {
	d.change(func(v *View) {
		for i := range v.Parts {
			if p := &v.Parts[i]; p.Type == Card && p.ID == id {
				p.Data = task
				return
			}
		}
		v.Parts = append(v.Parts, Part{Type: Card, ID: id, Data: task})
	})
}

func (d *draft) end(status Status, err error) {
	d.change(func(v *View) { v.Parts, v.Status, v.Err = Settled(v.Parts), status, err })
	close(d.over)
}

// reader follows a draft.
type reader struct {
	*draft
	next <-chan struct{} // nil before the first look
}

// gathering is how long what is new waits for more, unless it is the end: a reader then writes
// once what would be many small pieces, and nobody sees so short a time.
const gathering = 8 * time.Millisecond

// Next implements Answer.
func (r *reader) Next(ctx context.Context) (View, error) {
	if r.next != nil {
		select {
		case <-r.next:
		case <-ctx.Done():
			return View{}, ctx.Err()
		}
		select {
		case <-r.over:
		case <-time.After(gathering):
		case <-ctx.Done():
			return View{}, ctx.Err()
		}
	}
	view, next := r.look()
	r.next = next
	return view, nil
}

// distant follows an answer that another instance writes, or that is written.
type distant struct {
	turns  Turns
	userID string
	turn   uuid.UUID
	seen   *View
}

// peekEvery is how often a distant answer is looked at. Its writer keeps it twice a second.
const peekEvery = 200 * time.Millisecond

// Next implements Answer.
func (d *distant) Next(ctx context.Context) (View, error) {
	for {
		view, err := d.turns.Peek(ctx, d.userID, d.turn)
		if err != nil {
			return View{}, err
		}
		if d.seen == nil || view.Status != Running || !reflect.DeepEqual(view, *d.seen) {
			d.seen = &view
			return view, nil
		}
		select {
		case <-time.After(peekEvery):
		case <-ctx.Done():
			return View{}, ctx.Err()
		}
	}
}
