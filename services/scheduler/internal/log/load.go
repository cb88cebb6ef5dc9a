package log

import (
	"context"
	"fmt"
	"sync"

	"github.com/tickler-app/tickler/services/scheduler/internal/timer"
)

const mostWanted = 20_000 // records read again at a time

// A load reads records of the state topic again while steps go on.
type load struct {
	busy   bool
	wait   sync.WaitGroup
	done   chan []loaded
	failed chan error
}

// fetch hands over what was loaded and starts to load what is wanted next.
func (w *worker) fetch(ctx context.Context, now int64) error {
	if w.load.busy {
		select {
		case err := <-w.load.failed:
			return err
		case records := <-w.load.done:
			w.load.busy = false
			if err := w.take(records); err != nil {
				return err
			}
		default:
			return nil
		}
	}
	w.mu.Lock()
	wants := w.timers.Wanted(mostWanted, now)
	w.mu.Unlock()
	if len(wants) == 0 {
		return nil
	}
	w.load.busy = true
	w.load.wait.Go(func() {
		at, err := w.reader.place(ctx, w.number)
		if err != nil {
			w.load.failed <- err
			return
		}
		records, err := at.some(ctx, wants)
		if err != nil {
			w.load.failed <- err
			return
		}
		w.load.done <- records
	})
	return nil
}

func (w *worker) take(records []loaded) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, rec := range records {
		if rec.value != nil {
			w.timers.Loaded(rec.Want, rec.id, rec.value)
		} else if w.timers.Current(rec.Want) {
			return fmt.Errorf("%s has no record at %d any more, but a timer is there", w.names.state, rec.Offset)
		}
	}
	return nil
}

// Find looks up a timer of a partition that this process owns.
func (o *Owner) Find(id string) (timer.Waiting, bool) {
	for _, w := range o.held() {
		w.mu.Lock()
		if w.timers != nil {
			if found, ok := w.timers.Find(id); ok {
				w.mu.Unlock()
				return found, true
			}
		}
		w.mu.Unlock()
	}
	return timer.Waiting{}, false
}
