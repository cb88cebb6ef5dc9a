package env

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
)

// Names returns the variables that a settings struct reads, those with _FILE too.
func Names(settings any) []string {
	var names []string
	for _, v := range variables(settings) {
		names = append(names, v.name)
		if v.secret {
			names = append(names, v.name+"_FILE")
		}
	}
	return names
}

// Describe prints every variable's name, default and meaning. It needs no environment.
func Describe(w io.Writer, settings any) error {
	table := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(table, "NAME\tDEFAULT\tMEANING")
	for _, v := range variables(settings) {
		name, fallback := v.name, v.fallback
		if v.secret {
			name += "[_FILE]"
		}
		if !v.optional {
			fallback = "(required)"
		} else if fallback == "" {
			fallback = "–"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\n", name, fallback, v.about)
	}
	return table.Flush()
}

// Misspelt returns a sentence for each variable of environ (as os.Environ) that is not one
// of ours but almost: one or two letters away from a setting that is not set itself.
func Misspelt(settings any, environ []string) (warnings []string) {
	ours := Names(settings)
	set := map[string]bool{}
	for _, pair := range environ {
		name, _, _ := strings.Cut(pair, "=")
		set[name] = true
	}
	for _, name := range slices.Sorted(maps.Keys(set)) {
		if slices.Contains(ours, name) || !strings.Contains(name, "_") {
			continue
		}
		for _, own := range ours {
			if !set[own] && strings.Contains(own, "_") && near(name, own) {
				warnings = append(warnings, fmt.Sprintf("%s is no setting: was %s meant?", name, own))
			}
		}
	}
	return warnings
}

// near reports whether a and b are at most two letters apart (Levenshtein), and begin alike.
func near(a, b string) bool {
	if a[:min(2, len(a))] != b[:min(2, len(b))] || max(len(a)-len(b), len(b)-len(a)) > 2 {
		return false
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)] <= 2
}
