// Command kafka runs Apache Kafka on this machine, for checks on a broker that nobody here
// wrote. make up BROKER=kafka runs the same one, through pkg/testkit/apache.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/tickler-app/tickler/pkg/testkit/apache"
)

const usage = `kafka runs Apache Kafka ` + apache.Version + ` on loopback until ^C, one node, KRaft. It needs java (17 or newer),
and the first time mvn, which fetches 54 MB into the user's cache folder. What is written is kept.

`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "kafka:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("kafka", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.Usage = func() {
		fmt.Fprint(out, usage)
		flags.PrintDefaults()
	}
	folder := flags.String("dir", ".tickler/kafka", "for its data and its log")
	port := flags.Int("port", 9092, "to listen on; 0 for any")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return nil
	} else if err != nil {
		return err
	}
	absolute, err := filepath.Abs(*folder) // Java has no idea of ours
	if err == nil {
		err = os.MkdirAll(absolute, 0o755)
	}
	if err != nil {
		return err
	}
	broker := &apache.Broker{Dir: absolute, Port: *port}
	if err := broker.Start(ctx); err != nil {
		return err
	}
	fmt.Fprintf(out, "KAFKA_BROKERS=%s\n", broker.Address())
	select {
	case <-ctx.Done():
		return broker.Stop()
	case <-broker.Ended():
		return fmt.Errorf("it ended; see %s", filepath.Join(absolute, "kafka.log"))
	}
}
