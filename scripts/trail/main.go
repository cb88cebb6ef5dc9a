// Command trail lets an operator read the audit trail, of everybody.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/google/uuid"

	"github.com/tickler-app/tickler/pkg/env"
	"github.com/tickler-app/tickler/pkg/postgres"
)

const usage = `trail prints entries of the audit trail, newest first, one JSON object a line.

  trail [-person ID] [-task ID] [-type task.deleted,task.restored] [-from TIME] [-to TIME] [-limit 100]

A time is a date (of UTC) or a date-time such as 2026-11-24T09:00:00+01:00; from and to are
inclusive. A line is {"event_id","event_type","user_id","task_id","timestamp","event"}; event is
the message as its service told it, null where its person has deleted their account. What is
shown here is what people wrote: take care where it goes. The database is told in the environment:

`

type settings struct {
	URL string `env:"WORK_DATABASE_URL" secret:"true" about:"PostgreSQL as the role audit_work"`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.LookupEnv, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "trail:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, lookup func(string) (string, bool), out io.Writer) error {
	var cfg settings
	ask, err := parse(args, &cfg, out)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	} else if err != nil {
		return err
	}
	if err := env.Load(&cfg, lookup); err != nil {
		return err
	}
	db, err := postgres.Open(cfg.URL)
	if err != nil {
		return err
	}
	defer db.Close()
	lines := bufio.NewWriter(out)
	err = ask.each(ctx, db, func(line []byte) error {
		_, err := lines.Write(append(line, '\n'))
		return err
	})
	return errors.Join(err, lines.Flush())
}

// parse reads the command line. Its error is flag.ErrHelp once help was given.
func parse(args []string, cfg *settings, out io.Writer) (q query, err error) {
	flags := flag.NewFlagSet("trail", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.Usage = func() {
		fmt.Fprint(out, usage)
		_ = env.Describe(out, cfg)
	}
	task := flags.String("task", "", "")
	types := flags.String("type", "", "")
	from, to := flags.String("from", "", ""), flags.String("to", "", "")
	flags.StringVar(&q.person, "person", "", "")
	flags.IntVar(&q.limit, "limit", 100, "")
	if err := flags.Parse(args); err != nil {
		return q, err
	}
	if flags.NArg() > 0 {
		return q, fmt.Errorf("%q is not understood; see trail -help", flags.Arg(0))
	}
	for kind := range strings.SplitSeq(*types, ",") {
		if kind = strings.TrimSpace(kind); kind != "" {
			q.types = append(q.types, kind)
		}
	}
	if *task != "" {
		if q.task, err = uuid.Parse(*task); err != nil {
			return q, fmt.Errorf("-task: %w", err)
		}
	}
	if q.from, err = instant(*from, 0); err != nil {
		return q, fmt.Errorf("-from: %w", err)
	}
	if q.to, err = instant(*to, 24*time.Hour-time.Microsecond); err != nil {
		return q, fmt.Errorf("-to: %w", err)
	}
	return q, nil
}

// instant reads a date-time, or a date and what it means there.
func instant(text string, ofDay time.Duration) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		return day.Add(ofDay), nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return at, fmt.Errorf("%q is no date and no date-time", text)
	}
	return at, nil
}
