package deploy

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/tickler-app/tickler/scripts/internal/dashboard"
)

// asked are all expressions of rules and dashboards, by where they stand.
func asked(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, r := range rules(t) {
		all["rule "+r.Alert+r.Record+r.Labels["slo"]] = r.Expr
	}
	for _, d := range dashboard.All() {
		for _, row := range d.Rows {
			for _, p := range row.Panels {
				for i, q := range p.Ask {
					all[fmt.Sprintf("%s, %s, query %d", d.Title, p.Title, i+1)] = q.Filled("5m")
				}
			}
		}
	}
	return all
}

func TestEveryQueryOfADashboardCanBeRead(t *testing.T) {
	t.Parallel()
	var file strings.Builder
	file.WriteString("groups:\n  - name: dashboards\n    rules:\n")
	n := 0
	for where, expr := range asked(t) {
		n++
		fmt.Fprintf(&file, "      - {record: %q, expr: %q, labels: {where: %q}}\n", fmt.Sprintf("query:%d", n), expr, where)
	}
	path := filepath.Join(t.TempDir(), "queries.yml")
	if err := os.WriteFile(path, []byte(file.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	promtool(t, "check", "rules", path)
}

var (
	aside   = regexp.MustCompile(`"[^"]*"|\{[^}]*\}|\[[^\]]*\]|\b(by|on|without|ignoring|group_left|group_right) ?\([^)]*\)`)
	name    = regexp.MustCompile(`[a-zA-Z_][a-zA-Z0-9_:]*( *\()?`)
	inTable = regexp.MustCompile("(?m)^\\| `([a-zA-Z0-9_:]+)` \\|")
	words   = map[string]bool{"and": true, "or": true, "unless": true, "offset": true, "by": true, "on": true}
	// of Prometheus itself, about each scrape and alert, and of the Go collectors
	given = regexp.MustCompile(`^(up|ALERTS|scrape_[a-z_]+|go_[a-z_]+|process_[a-z_]+|redpanda_[a-z_]+)$`)
)

// A metric that was renamed leaves an empty panel, or an alert that never fires. The table of
// metrics is what services show: scripts/e2e compares it with a running house.
func TestEveryMetricThatIsAskedForIsShownBySomebody(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, match := range inTable.FindAllStringSubmatch(read(t, filepath.Join(root, "docs/operations/metrics.md")), -1) {
		known[match[1]] = true
	}
	for _, r := range rules(t) {
		known[r.Record] = r.Record != ""
	}
	for where, expr := range asked(t) {
		for _, word := range name.FindAllString(aside.ReplaceAllString(expr, " "), -1) {
			if strings.HasSuffix(word, "(") || words[word] || given.MatchString(word) {
				continue
			}
			base := word
			for _, suffix := range []string{"_bucket", "_count", "_sum"} {
				base = strings.TrimSuffix(base, suffix)
			}
			if !known[word] && !known[base] {
				t.Errorf("%s asks for %s, which nobody shows", where, word)
			}
		}
	}
}

// Who installs the chart with its monitors has the same alerts and dashboards as compose.yaml.
func TestTheChartGivesRulesAndDashboardsAsTheyLie(t *testing.T) {
	t.Parallel()
	alerts, pages := map[string]string{}, map[string]bool{}
	for _, o := range render(t, variant{files: []string{"values-prod.yaml"}}) {
		switch o.Kind {
		case "PrometheusRule":
			for _, group := range loosely[struct {
				Spec struct {
					Groups []struct{ Rules []rule }
				}
			}](t, o).Spec.Groups {
				for _, r := range group.Rules {
					alerts[r.Alert+r.Record+r.Labels["slo"]] = r.Expr
				}
			}
		case "ConfigMap":
			for name := range loosely[struct{ Data map[string]string }](t, o).Data {
				pages[name] = true
			}
		}
	}
	for _, r := range rules(t) {
		if got := alerts[r.Alert+r.Record+r.Labels["slo"]]; got != r.Expr {
			t.Errorf("the chart has %s as %q, not as %q", r.Alert+r.Record, got, r.Expr)
		}
	}
	for _, d := range dashboard.All() {
		if !pages[d.Name+".json"] {
			t.Errorf("the chart lacks the dashboard %s", d.Name)
		}
	}
}
