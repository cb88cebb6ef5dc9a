// Command timers measures the scheduler: the built binary, a broker in a process of its own,
// and beside each number what a bare client does on the same machine in the same run.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"text/tabwriter"
	"time"
)

func main() {
	var s settings
	flag.StringVar(&s.broker, "broker", "kfake", "kfake, or kafka for Apache Kafka")
	flag.StringVar(&s.only, "only", "", "one of: steady, rush, herd, register, many; empty: all")
	flag.IntVar(&s.many, "pending", 10_000_000, "timers of `many`")
	flag.DurationVar(&s.length, "length", 20*time.Second, "of steady and rush")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := measure(ctx, s); err != nil {
		fmt.Fprintln(os.Stderr, "timers:", err)
		os.Exit(1)
	}
}

type settings struct {
	broker, only string
	many         int
	length       time.Duration
}

// A row is one measured number. Wanted is what product.md says, if it says something.
type row struct{ what, wanted, got, bare string }

func measure(ctx context.Context, s settings) error {
	table := tabwriter.NewWriter(os.Stdout, 0, 4, 2, ' ', 0)
	defer table.Flush()
	fmt.Fprintln(table, "WHAT\tWANTED\tSCHEDULER\tBARE CLIENT")
	for _, one := range []struct {
		name string
		f    func(context.Context, *stage, settings) ([]row, error)
	}{{"steady", steady}, {"rush", rush}, {"herd", herd}, {"register", register}, {"many", many}} {
		if s.only != "" && s.only != one.name {
			continue
		}
		load, _ := os.ReadFile("/proc/loadavg")
		fmt.Printf("%s: load average %.14s on %d cores\n", one.name, load, runtime.NumCPU())
		stage, err := open(ctx, s.broker)
		if err != nil {
			return err
		}
		rows, err := one.f(ctx, stage, s)
		stage.close()
		if err != nil {
			return fmt.Errorf("%s: %w", one.name, err)
		}
		for _, r := range rows {
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", r.what, r.wanted, r.got, r.bare)
		}
	}
	return nil
}
