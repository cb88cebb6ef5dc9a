package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
)

// report prints what was done to whom, what people did, and what came of each check. The
// error is that something was violated.
func report(out io.Writer, done map[fault]int, h *history, verdicts []verdict) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	deeds := []string{kill, stop, restart}
	fmt.Fprintf(table, "\nVICTIM\t%s\n", strings.ToUpper(strings.Join(deeds, "\t")))
	victims := map[string]bool{}
	for f := range done {
		victims[f.victim] = true
	}
	for _, victim := range slices.Sorted(maps.Keys(victims)) {
		fmt.Fprint(table, victim)
		for _, deed := range deeds {
			fmt.Fprintf(table, "\t%d", done[fault{victim, deed}])
		}
		fmt.Fprintln(table)
	}
	fmt.Fprintf(table, "\nCHANGES\t%s\n\nCHECK\tLOOKED AT\tVIOLATIONS\n", h.numbers())
	violated := 0
	for _, v := range verdicts {
		fmt.Fprintf(table, "%s\t%d\t%d\n", v.Name, v.Looked, v.Violations)
		violated += v.Violations
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if violated == 0 {
		return nil
	}
	for _, v := range verdicts {
		for _, example := range v.Examples {
			fmt.Fprintf(out, "%s: %s\n", v.Name, example)
		}
	}
	return fmt.Errorf("%d violations", violated)
}

// numbers tells how much there was to check.
func (h *history) numbers() string {
	fates := map[fate]int{}
	sights := map[string]int{}
	for _, w := range h.People {
		for _, c := range w.Changes {
			fates[c.Fate]++
		}
		for _, s := range slices.Concat(w.Feeds...) {
			sights[s.Kind]++
		}
	}
	asked, rang, letters, again, steps := 0, 0, 0, 0, 0
	for _, k := range h.Keepings {
		asked, steps = asked+len(k.Bells), steps+k.Chain.Steps
		for _, b := range k.Bells {
			rang += len(k.Notices[b.Task])
			came := slices.Sorted(slices.Values(k.Mails[b.Title]))
			once := len(slices.Compact(slices.Clone(came)))
			letters, again = letters+once, again+len(came)-once
		}
	}
	return fmt.Sprintf("%d acknowledged, %d refused, %d in doubt; %d on the log\nFEEDS\t%d connections, %d changes seen, %d resyncs\n"+
		"REMINDERS\t%d asked for, %d rang, %d letters, %d of them again\nSERIES\t%d occurrences done",
		fates[acknowledged], fates[refused], fates[doubtful], len(h.Events), sights[hello], sights[told], sights[synced],
		asked, rang, letters, again, steps)
}
