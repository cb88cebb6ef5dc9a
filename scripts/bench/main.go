// Command bench measures the numbers of product.md §8 on this machine and prints them as a
// table: what was asked for, what was seen, the physical reference of the same run, and the
// ratio of the two.
//
//	bench [-only word,word] [-rate 300] [-seconds 10] [-others 400000] [-state folder]
//
// Ten million tasks of others (-others 10000000) take minutes to load and 15 GB; a folder given
// with -state keeps them for the next time.
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
	"runtime"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/tickler-app/tickler/scripts/internal/house"
)

// Row is one number.
type Row struct {
	What      string
	Asked     string
	Seen      string
	Reference string // what the machine itself does, in the same run
	Ratio     string
}

// bench is the house that is measured, and how long.
type bench struct {
	house   *house.House
	rate    int
	seconds int
	others  int      // tasks of others, of the rows on lists
	log     *ear     // the house's
	notes   []string // what is printed under the table
}

// measures are all rows, in the order of the table.
var measures = []struct {
	name string
	run  func(context.Context, *bench) ([]Row, error)
}{
	{"create", create}, {"token", token}, {"flow", flow}, {"outbox", outbox}, {"audit", audit},
	{"sockets", sockets}, {"agent", agent}, {"talk", talk}, {"lists", lists}, {"files", files}, {"recurrence", recurrence}, {"scrape", scrape}, {"up", up},
}

func main() {
	only := flag.String("only", "", "measure these alone, with commas; there are: "+names())
	rate := flag.Int("rate", 300, "new tasks a second, of the row on their latency")
	seconds := flag.Int("seconds", 10, "how long each load lasts")
	others := flag.Int("others", 400_000, "tasks of other people, of the rows on lists")
	state := flag.String("state", "", "a folder where the house is kept for the next time; none: it is thrown away")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	b := &bench{rate: *rate, seconds: *seconds, others: *others / perStranger * perStranger, log: &ear{}}
	if err := run(ctx, b, *only, *state, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func names() string {
	var all []string
	for _, m := range measures {
		all = append(all, m.name)
	}
	return strings.Join(all, " ")
}

// run starts a house, measures, and prints the table.
func run(ctx context.Context, b *bench, only, state string, out io.Writer) error {
	halt, err := b.start(ctx, state)
	if err != nil {
		return err
	}
	defer func() { _ = halt() }() // what was measured is printed already
	load, _ := os.ReadFile("/proc/loadavg")
	fmt.Fprintf(out, "%s, %d processors, load average before %s\n", time.Now().Format(time.DateOnly), runtime.NumCPU(), strings.Join(strings.Fields(string(load))[:3], " "))
	table := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(table, "WHAT\tASKED\tSEEN\tREFERENCE\tRATIO")
	var failed []string
	for _, m := range measures {
		if only != "" && !strings.Contains(","+only+",", ","+m.name+",") {
			continue
		}
		rows, err := m.run(ctx, b)
		if err != nil {
			failed = append(failed, m.name+": "+err.Error())
		}
		for _, r := range rows {
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", r.What, r.Asked, r.Seen, r.Reference, r.Ratio)
		}
		fmt.Fprintln(os.Stderr, "measured", m.name)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, note := range b.notes {
		fmt.Fprintln(out, "\n"+note)
	}
	if failed != nil {
		return fmt.Errorf("not measured: %s", strings.Join(failed, "; "))
	}
	return nil
}

// start starts a house of the benchmark's own, in a folder, or in one that halt removes.
func (b *bench) start(ctx context.Context, state string) (halt func() error, err error) {
	kept := state != ""
	if kept {
		if state, err = filepath.Abs(state); err == nil {
			err = os.MkdirAll(state, 0o755)
		}
	} else {
		state, err = os.MkdirTemp("", "tickler-bench-")
	}
	if err != nil {
		return nil, err
	}
	offset, free, err := house.FreeOffset()
	if err != nil {
		return nil, err
	}
	h, stop, err := house.Start(ctx, house.Options{State: state, Offset: offset, Out: b.log})
	if err != nil {
		free()
		return nil, err
	}
	b.house = h
	return func() error {
		defer free()
		err := stop()
		if !kept {
			err = errors.Join(err, h.Reset(), os.RemoveAll(state))
		}
		return err
	}, nil
}
