package house

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/lib/pq"
	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/scripts/internal/supervise"
	"golang.org/x/sync/errgroup"
)

const (
	look     = 25 * time.Millisecond // between two looks at a part that is not ready
	complain = 10 * time.Second      // between two lines about it
	patience = 5                     // starts until a part that never was ready is given up
)

// Process is one part's process, nil if the house has no such part: a service, postgres,
// broker, mail or prometheus; with Options.Replicas, a replica such as api-1. Send it SIGKILL,
// SIGSTOP, SIGCONT; Hold and Release it.
func (h *House) Process(name string) *supervise.Process {
	if p := h.processes[name]; p != nil && p.Command != nil {
		return p
	}
	return h.replica(name)
}

// Await returns when the services, all if none is named, say that they are ready.
func (h *House) Await(ctx context.Context, names ...string) error {
	if len(names) == 0 {
		for _, s := range h.services {
			names = append(names, s.Name)
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	for _, name := range names {
		group.Go(func() error { return h.await(ctx, name, h.readiness(name)) })
	}
	return group.Wait()
}

// readiness asks a service whether it is ready.
func (h *House) readiness(name string) func(context.Context) error {
	address := h.Address(name)
	for _, s := range h.services {
		if s.Name == name && s.Admin != 0 {
			address = h.Address(name + " admin")
		}
	}
	return answers("http://" + address + "/readyz")
}

// answers returns what asks for a page, and fails unless it answers 200.
func answers(url string) func(context.Context) error {
	return func(ctx context.Context) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			return err
		}
		defer res.Body.Close()
		if body, _ := io.ReadAll(io.LimitReader(res.Body, 4096)); res.StatusCode != http.StatusOK {
			return fmt.Errorf("%s %s", res.Status, strings.TrimSpace(string(body)))
		}
		return nil
	}
}

// await asks a part until it is ready. It fails if the part refuses us, or ends again and
// again; who only is slow is named in the log and waited for.
func (h *House) await(ctx context.Context, name string, ready func(context.Context) error) error {
	said := time.Now()
	p := h.processes[name]
	starts := p.Starts()
	for {
		once, cancel := context.WithTimeout(ctx, 2*time.Second)
		err := ready(once)
		cancel()
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return fmt.Errorf("%s is not ready: %w", name, errors.Join(ctx.Err(), err))
		case isRefusal(err):
			return err
		case p.Starts()-starts >= patience:
			return fmt.Errorf("%s ended again and again; the log says why", name)
		case time.Since(said) >= complain:
			h.log.Printf("still waiting for %s: %v", name, err)
			said = time.Now()
		}
		select {
		case <-ctx.Done():
		case <-time.After(look):
		}
	}
}

// isRefusal reports whether the database answered, and not that it is starting or away.
func isRefusal(err error) bool {
	_, answered := errors.AsType[*pq.Error](err)
	return answered && fault.KindOf(err) != fault.Unavailable
}
