package kafka

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// A turn gives this much to replays, so that many of them do not cost the membership.
const (
	replayBatch = 100
	replayTime  = 5 * time.Second
)

var errGone = errors.New("the letter is no longer there: its topic keeps letters only for so long")

// replay handles the letters that operators asked for, and those that only waited for one
// that is settled. It is the owner of the record's partition who does so, between two
// batches of that: so no live record passes a letter of its key.
func (c *Consumer) replay(ctx context.Context) {
	if time.Now().Before(c.replayAt) {
		return
	}
	c.replayAt = time.Time{}
	if err := c.catchUp(ctx); err != nil {
		c.replayAt = time.Now().Add(c.MaxWait)
		return // turn says it
	}
	ours := c.owned()
	c.letters.owns(ours)
	work, cancel := outlive(ctx, c.Grace)
	defer cancel()
	end := time.Now().Add(replayTime)
	for _, at := range ours {
		due := c.letters.due(at, replayBatch)
		if len(due) == 0 {
			continue
		}
		if err := c.replayed(work, due, end, ctx.Done()); err != nil {
			c.letters.again(at)
			c.replayAt = time.Now().Add(c.MaxWait)
			c.Log.WarnContext(ctx, "replay waits", "topic", at.topic, "partition", at.number, "error", err)
		}
	}
}

// RunReplays only handles what operators ask for, until ctx ends. It is for a group whose
// records another loop handles, such as a transform, beside which it may run: it neither
// polls nor closes Client, and of the fields it needs Handle, Healthy and Log.
func (c *Consumer) RunReplays(ctx context.Context) error {
	if err := c.prepare(); err != nil {
		return err
	}
	defer c.letters.client.Close()
	reading, stop := context.WithCancel(ctx)
	var reader sync.WaitGroup
	reader.Go(func() { c.letters.run(reading) })
	defer reader.Wait()
	defer stop()
	for ctx.Err() == nil {
		c.replay(ctx)
		sleep(ctx, idle)
	}
	return nil
}

// replayed handles letters of one partition in order and marks each with what became of
// it. An error means that some are still to be handled.
func (c *Consumer) replayed(ctx context.Context, due []Letter, end time.Time, stop <-chan struct{}) error {
	bodies, err := c.letters.bodies(ctx, due)
	if err != nil {
		return err
	}
	var marks []*kgo.Record
	failed := map[string]bool{} // keys; what waits behind goes on waiting
	for _, letter := range due {
		if letter.Parked != "" && failed[letter.Parked] {
			continue
		} else if isClosed(stop) || time.Now().After(end) {
			err = errors.New("out of time")
			break
		}
		var mark *kgo.Record
		if mark, err = c.settle(ctx, letter, bodies); err != nil {
			break
		}
		marks = append(marks, mark)
		failed[letter.Parked] = string(mark.Headers[0].Value) == markFailed
	}
	if len(marks) == 0 {
		return err
	}
	// A letter whose mark is lost is handled again, which handlers bear.
	_, lost := c.letters.send(ctx, marks...)
	return errors.Join(err, lost)
}

// settle handles one letter and returns the mark for it. It does not try for long: whoever
// asked may ask again. An error means an outage.
func (c *Consumer) settle(ctx context.Context, letter Letter, bodies map[slot]Letter) (*kgo.Record, error) {
	body, there := bodies[letter.slot()]
	switch {
	case !there:
		return letter.mark(markDropped, errGone), nil
	case letter.Asked == markDrop:
		return letter.mark(markDropped, nil), nil
	}
	if err := c.healthy(ctx); err != nil {
		return nil, err
	}
	err := c.effect(ctx, []*kgo.Record{body.Record})
	if err == nil {
		c.gauges.count(body.Record.Topic, replayed, 1)
		return letter.mark(markReplayed, nil), nil
	} else if c.away(ctx, err) {
		return nil, err
	}
	c.Log.ErrorContext(ctx, "replay failed", "topic", letter.Topic, "letter", letter.ID(), "error", err)
	return letter.mark(markFailed, err), nil
}

func isClosed(stop <-chan struct{}) bool {
	select {
	case <-stop:
		return true
	default:
		return false
	}
}
