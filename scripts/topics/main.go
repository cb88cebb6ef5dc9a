// Command topics makes the broker's topics as the catalog says, and nothing else does.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/tickler-app/tickler/pkg/env"
	"github.com/tickler-app/tickler/pkg/kafka"
	events "github.com/tickler-app/tickler/proto-events"
	"github.com/tickler-app/tickler/scripts/catalog"
	"github.com/twmb/franz-go/pkg/kgo"
)

const usage = `topics makes the broker's topics as the catalog (proto-events/catalog.go) says.

  topics apply [-partitions 8]     create what is missing, mend settings; doing so twice changes nothing
  topics check [-partitions 8]     say what is missing or different, and fail if something is
  topics access [-secrets dir]     give every service its rights, and keda those to look at lag, and a SCRAM
                                   user to each whose password lies in dir/<its name>; needs a superuser
  topics reset-cursor <service>    forget how far the service's outbox was sent: what is in it is
                                   sent from its beginning. Only for a database that was meant to be
                                   wiped, or brought back from a backup
  topics forget-timers             have the scheduler, which must not run, begin with no timer. Only after a restore: then
                                   "api timers resync" sets those that the database has
  topics point                     print where each partition ends and how far each outbox was sent, as a backup notes it

The number of partitions is never changed afterwards: 8 in development, 32 in production.
The broker is told in the environment:

`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.LookupEnv, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "topics:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, lookup func(string) (string, bool), out io.Writer) error {
	var settings kafka.Settings
	name, flags := "", flag.NewFlagSet("topics", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.Usage = func() {
		fmt.Fprint(out, usage)
		_ = env.Describe(out, &settings)
	}
	secrets := flags.String("secrets", "", "folder with a file for each user: its password")
	partitions := flags.Int("partitions", events.DevelopmentPartitions, "of each topic")
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		name, args = args[0], args[1:]
	}
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return nil
	} else if err != nil {
		return err
	} else if name == "" {
		flags.Usage()
		return errors.New("no command")
	}
	if err := env.Load(&settings, lookup); err != nil {
		return err
	}
	opts := settings.Opts(slog.New(slog.NewTextHandler(os.Stderr, nil)), nil)
	client, err := kgo.NewClient(opts...)
	if err != nil {
		return err
	}
	defer client.Close()
	want := catalog.Topics(*partitions, settings.Replication)
	switch name {
	case "apply":
		return apply(ctx, client, want, out)
	case "check":
		return kafka.CheckTopics(ctx, client, want)
	case "access":
		return grants(ctx, client, *secrets, out)
	case "point":
		return point(ctx, client, opts, out)
	case "forget-timers":
		return forgetTimers(ctx, client, opts, out)
	case "reset-cursor":
		return reset(ctx, opts, flags.Arg(0), out)
	}
	return fmt.Errorf("no command %q; see topics -help", name)
}

func apply(ctx context.Context, client *kgo.Client, want []kafka.Topic, out io.Writer) error {
	did, err := kafka.ApplyTopics(ctx, client, want)
	for _, line := range did {
		fmt.Fprintln(out, line)
	}
	if err == nil {
		fmt.Fprintf(out, "%d topics are as the catalog says\n", len(want))
	}
	return err
}

// reset writes a tombstone over each cursor of a service. Its relay, which has stopped at
// a cursor of another database, finds none within a second and begins.
func reset(ctx context.Context, opts []kgo.Opt, service string, out io.Writer) error {
	cursors, _ := events.Find(events.OutboxCursors)
	if !slices.Contains(cursors.Writers, service) {
		return fmt.Errorf("%q has no outbox; these have: %s", service, strings.Join(cursors.Writers, ", "))
	}
	last := map[string]*kgo.Record{}
	if err := kafka.Scan(ctx, opts, events.OutboxCursors, func(rec *kgo.Record) bool {
		if strings.HasPrefix(string(rec.Key), service+"/") {
			last[string(rec.Key)] = rec
		}
		return true
	}); err != nil {
		return err
	}
	var tombstones []*kgo.Record
	for key, rec := range last {
		if rec.Value != nil {
			tombstones = append(tombstones, &kgo.Record{Topic: rec.Topic, Partition: rec.Partition, Key: []byte(key)})
		}
	}
	if err := send(ctx, opts, tombstones); err != nil {
		return err
	}
	fmt.Fprintf(out, "%d cursors of %s are forgotten\n", len(tombstones), service)
	return nil
}
