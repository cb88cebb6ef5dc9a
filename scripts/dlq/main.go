// Command dlq is for the person who looks after dead letters: records that a group could
// not handle, and those that wait behind them.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
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
	"github.com/twmb/franz-go/pkg/kgo"
)

const usage = `dlq looks after dead letters: records that a group could not handle, and records of the same key
that wait behind them, so that nothing passes.

  dlq list [-json] [topic]                  what lies open; without a topic, everywhere
  dlq show [-json] topic id                 one letter, with its headers and what it says
  dlq replay [flags] topic id…              have the group handle it again, and what waits behind it
  dlq drop [flags] topic id…                give it up, and let go what waits behind it

A topic is one such as task-events.audit.dlq, an id one such as 3/17, both from list.
Instead of ids: -key K for all letters of a parked key, -all for all letters of the topic.

A replay goes only to the group that failed: its own running consumer does it, between two batches of
the partition that the record came from. No other group sees it and nothing is written to the source
topic. A letter whose replay fails stays, with the new error. Letters end after 30 days.

Exit status: 0 done, 1 failed, 3 asked, but not taken up within -wait (is the group running?).

Flags come before the topic:
`

// errPending is the outcome of asking a group that does not answer.
var errPending = errors.New("asked, but not taken up yet: is the group running? it will do so when it is")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], os.LookupEnv, os.Stdout)
	if err == nil {
		return
	}
	fmt.Fprintln(os.Stderr, "dlq:", err)
	stop()
	if errors.Is(err, errPending) {
		os.Exit(3)
	}
	os.Exit(1)
}

// A desk is one call of the command.
type desk struct {
	opts []kgo.Opt
	out  io.Writer

	json, all bool
	key       string
	wait      time.Duration
}

func run(ctx context.Context, args []string, lookup func(string) (string, bool), out io.Writer) error {
	var settings kafka.Settings
	d := &desk{out: out}
	flags := flag.NewFlagSet("dlq", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.BoolVar(&d.json, "json", false, "print JSON, one letter a line")
	flags.BoolVar(&d.all, "all", false, "all letters of the topic")
	flags.StringVar(&d.key, "key", "", "all letters of this parked key")
	flags.DurationVar(&d.wait, "wait", 30*time.Second, "how long to wait for the group")
	flags.Usage = func() {
		fmt.Fprint(out, usage)
		flags.PrintDefaults()
		fmt.Fprintln(out, "\nThe broker is told in the environment:")
		_ = env.Describe(out, &settings)
	}
	name := ""
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		name, args = args[0], args[1:]
	}
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return nil
	} else if err != nil {
		return err
	}
	verb, known := map[string]func(context.Context, []string) error{"list": d.list, "show": d.show, "replay": d.replay, "drop": d.drop}[name]
	if !known {
		flags.Usage()
		return fmt.Errorf("no command %q", cmp.Or(name, "at all"))
	}
	if err := env.Load(&settings, lookup); err != nil {
		return err
	}
	d.opts = settings.Opts(slog.New(slog.NewTextHandler(os.Stderr, nil)), nil)
	return verb(ctx, flags.Args())
}
