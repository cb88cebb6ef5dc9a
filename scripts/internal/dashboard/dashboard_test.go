package dashboard

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write ops/grafana/dashboards")

const folder = "../../../ops/grafana/dashboards"

// What lies in ops is what the code says: whoever changes a panel does it here, and `make
// generate` writes it.
func TestEachDashboardIsFresh(t *testing.T) {
	t.Parallel()
	written := map[string]bool{}
	for _, d := range All() {
		want, err := d.JSON()
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(folder, d.Name+".json")
		written[path] = true
		if *update {
			if err := os.WriteFile(path, want, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != string(want) {
			t.Errorf("%s is not what the code says (%v): make generate", path, err)
		}
	}
	there, err := filepath.Glob(folder + "/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range there {
		if !written[path] {
			t.Errorf("%s is of no dashboard", path)
		}
	}
}

var counter = regexp.MustCompile(`_total\b`)

// The rules of Grafana's own dashboard linter that a typed dashboard can still break.
func TestEachPanelSaysWhatItShows(t *testing.T) {
	t.Parallel()
	for _, d := range All() {
		titles := map[string]bool{}
		for _, row := range d.Rows {
			for _, p := range row.Panels {
				if p.Title == "" || p.Unit == "" || p.About == "" || len(p.Ask) == 0 || titles[p.Title] {
					t.Errorf("%s: the panel %q lacks a title, a unit, a word about it, or a query, or is there twice", d.Name, p.Title)
				}
				titles[p.Title] = true
				for _, q := range p.Ask {
					if q.Legend == "" {
						t.Errorf("%s, %s: a query without a legend", d.Name, p.Title)
					}
					if strings.Contains(q.Expr, "[") && !strings.Contains(q.Expr, "[$__rate_interval]") {
						t.Errorf("%s, %s: a window that Grafana cannot fit: %s", d.Name, p.Title, q.Expr)
					}
					if counter.MatchString(q.Expr) && !strings.Contains(q.Expr, "rate(") && !strings.Contains(q.Expr, "increase(") {
						t.Errorf("%s, %s: a counter without its rate: %s", d.Name, p.Title, q.Expr)
					}
				}
			}
		}
	}
}
