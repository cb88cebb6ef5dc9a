package kafka

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Gate keeps a service from its work until its topics are there as they have to be, and it may
// do with them what it has to. It asks until they are and never again: what is lost later is
// for an alert to tell, and an outage of the broker is none of readiness' business.
type Gate struct {
	Client *kgo.Client // of any kind; the gate does not close it
	Want   []Topic
	Rights Rights
	Log    *slog.Logger

	mu   sync.Mutex
	open bool
	last error
}

// Ready is for the readiness probe: nil once the topics were found as they have to be,
// before that the sentence that says what is wrong.
func (g *Gate) Ready(context.Context) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.open {
		return nil
	} else if g.last == nil {
		return errors.New("the topics are not checked yet")
	}
	return g.last
}

// Wait blocks until the topics are there, asking every second, and says so in the log
// each time that what is wrong changes. Its error is that of ctx.
func (g *Gate) Wait(ctx context.Context) error {
	for said := ""; ; {
		err := g.ask(ctx)
		if err == nil {
			return nil
		} else if ctx.Err() != nil {
			return ctx.Err()
		} else if err.Error() != said {
			said = err.Error()
			g.Log.WarnContext(ctx, "waiting for topics", "error", err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Second):
		}
	}
}

// Then returns a part that waits and then does the work, such as Consumer.Run.
func (g *Gate) Then(work func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		if g.Wait(ctx) != nil {
			return nil
		}
		return work(ctx)
	}
}

func (g *Gate) ask(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	err := Check(ctx, g.Client, g.Want, g.Rights)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.open, g.last = err == nil, err
	return err
}
