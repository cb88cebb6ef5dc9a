// Command timers shows what waits in the scheduler. It changes nothing.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/tickler-app/tickler/pkg/env"
	"github.com/tickler-app/tickler/pkg/kafka"
)

const usage = `timers shows what waits in the scheduler, and changes nothing.

  timers              each partition: pending, overdue, what is due next (asks the schedulers)
  timers waits <key>  what waits for a key: a person's id, or one timer's id, with what became
                      of it lately (reads all of timer-state)

Settings, from the environment:

`

type settings struct {
	URL []string `env:"SCHEDULER_URL" default:"http://127.0.0.1:8006" about:"every scheduler, with commas; each shows the partitions that it owns"`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.LookupEnv, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "timers:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, lookup func(string) (string, bool), out io.Writer) error {
	switch {
	case len(args) == 0:
		var s settings
		if err := env.Load(&s, lookup); err != nil {
			return err
		}
		return partitions(ctx, s.URL, out)
	case len(args) == 2 && args[0] == "waits":
		var s kafka.Settings
		if err := env.Load(&s, lookup); err != nil {
			return err
		}
		found, err := waits(ctx, s.Opts(slog.New(slog.DiscardHandler), nil), args[1])
		if err != nil {
			return err
		}
		show(out, found, time.Now())
		return nil
	}
	fmt.Fprint(out, usage)
	err := errors.Join(env.Describe(out, &settings{}), env.Describe(out, &kafka.Settings{}))
	if len(args) == 1 && strings.TrimLeft(args[0], "-") == "help" {
		return err
	}
	return errors.New("no such command")
}
