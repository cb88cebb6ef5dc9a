// Command smoke tries a house that runs, as its people would: somebody signs up, adds a task,
// sees it on the live feed and on the trail, and leaves. helm test runs it inside the cluster.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"github.com/tickler-app/tickler/scripts/internal/person"
)

const usage = `smoke [-origin https://todo.example] [-within 1m] ADDRESS

tries the house that answers at ADDRESS, as http://web:3000. The origin is PUBLIC_URL of the house, if that is another
address. Whoever it signs up is gone at the end, with all that was theirs.

`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "smoke:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("smoke", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.Usage = func() { fmt.Fprint(out, usage); flags.PrintDefaults() }
	origin := flags.String("origin", "", "how people see the house; empty: ADDRESS")
	within := flags.Duration("within", time.Minute, "how long all of it may take")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return nil
	} else if err != nil {
		return err
	}
	if flags.NArg() != 1 {
		return errors.New("give one address; see smoke -help")
	}
	ctx, cancel := context.WithTimeout(ctx, *within)
	defer cancel()
	at := flags.Arg(0)
	if *origin == "" {
		*origin, at = at, ""
	}
	return story(ctx, *origin, at, out)
}

// story is one life in the house.
func story(ctx context.Context, origin, at string, out io.Writer) (err error) {
	began := time.Now()
	done := func(what string) { fmt.Fprintf(out, "%6.2f s  %s\n", time.Since(began).Seconds(), what) }
	p, err := person.SignUpThrough(ctx, origin, at, "Europe/Berlin")
	if err != nil {
		return fmt.Errorf("sign up: %w", err)
	}
	done("signed up")
	defer func() {
		if left := p.Leave(context.WithoutCancel(ctx)); left != nil {
			err = errors.Join(err, fmt.Errorf("leave: %w", left))
			return
		}
		done("left")
	}()
	feed, err := p.Listen(ctx, origin, "")
	if err != nil {
		return err
	}
	defer feed.Close()
	if _, err := feed.Next(ctx); err != nil { // hello
		return fmt.Errorf("the feed: %w", err)
	}
	task, err := p.Add(ctx, "", map[string]any{"title": "See that the house works"})
	if err != nil {
		return fmt.Errorf("add a task: %w", err)
	}
	done("added a task")
	for seen := false; !seen; {
		frame, err := feed.Next(ctx)
		if err != nil {
			return fmt.Errorf("the task on the feed: %w", err)
		}
		seen = frame.TaskID == task.ID || frame.Task != nil && frame.Task.ID == task.ID
	}
	done("saw it on the feed")
	if err := onTheTrail(ctx, p, task.ID); err != nil {
		return err
	}
	done("saw it on the trail")
	return nil
}

// onTheTrail waits until the trail tells of a task.
func onTheTrail(ctx context.Context, p *person.Person, task string) error {
	for {
		entries, err := p.Entries(ctx)
		if err != nil {
			return fmt.Errorf("the trail: %w", err)
		}
		if slices.ContainsFunc(entries, func(e person.Entry) bool { return e.TaskID == task }) {
			return nil
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return errors.New("the task is not on the trail")
		}
	}
}
