package deploy

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/tickler-app/tickler/scripts/internal/house"
)

// rule is what we look at of a rule.
type rule struct {
	Alert, Record, Expr string
	Labels, Annotations map[string]string
}

// rules are those of all files in ops/rules.
func rules(t *testing.T) (all []rule) {
	t.Helper()
	for _, path := range files(t, "ops/rules/*.yml") {
		var file struct {
			Groups []struct{ Rules []rule }
		}
		readYAML(t, path, &file)
		for _, group := range file.Groups {
			all = append(all, group.Rules...)
		}
	}
	return all
}

// files are the paths that match a pattern below the root; none is an error.
func files(t *testing.T, pattern string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(root, pattern))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no files match %s: %v", pattern, err)
	}
	return paths
}

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func readYAML(t *testing.T, path string, into any) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(read(t, path)), into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

var tools = sync.OnceValues(func() (string, error) { return house.BuildPrometheus(context.Background()) })

// promtool runs Prometheus's own tool, which is built the first time.
func promtool(t *testing.T, args ...string) {
	t.Helper()
	bin, err := tools()
	if err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), filepath.Join(bin, "promtool"), args...).CombinedOutput(); err != nil {
		t.Errorf("promtool %s: %v\n%s", strings.Join(args[:2], " "), err, out)
	}
}

func TestTheRulesDoWhatTheirTestsSay(t *testing.T) {
	t.Parallel()
	promtool(t, append([]string{"check", "rules"}, files(t, "ops/rules/*.yml")...)...)
	promtool(t, append([]string{"test", "rules"}, files(t, "ops/rules/tests/*.yml")...)...)
}

func TestEveryAlertHasItsTestAndItsRunbook(t *testing.T) {
	t.Parallel()
	tested := map[string]map[bool]bool{} // by whether it is to fire
	for _, path := range files(t, "ops/rules/tests/*.yml") {
		var file struct {
			Tests []struct {
				Cases []struct {
					Name   string `yaml:"alertname"`
					Alerts []any  `yaml:"exp_alerts"`
				} `yaml:"alert_rule_test"`
			}
		}
		readYAML(t, path, &file)
		for _, test := range file.Tests {
			for _, one := range test.Cases {
				if tested[one.Name] == nil {
					tested[one.Name] = map[bool]bool{}
				}
				tested[one.Name][len(one.Alerts) > 0] = true
			}
		}
	}
	pages := map[string]bool{}
	for _, path := range files(t, "docs/operations/runbooks/*.md") {
		pages[strings.TrimSuffix(filepath.Base(path), ".md")] = true
	}
	for _, r := range rules(t) {
		if r.Alert == "" {
			continue
		}
		always := r.Alert == "Watchdog" || r.Alert == "ConsumerRebalances" // which have no moment before
		if !tested[r.Alert][true] || !tested[r.Alert][false] && !always {
			t.Errorf("no test shows when %s fires and when it does not", r.Alert)
		}
		if want := "https://github.com/tickler-app/tickler/blob/main/docs/operations/runbooks/" + r.Alert + ".md"; r.Annotations["runbook_url"] != want {
			t.Errorf("%s links to %s, not to %s", r.Alert, r.Annotations["runbook_url"], want)
		}
		if !slices.Contains([]string{"page", "ticket", "none"}, r.Labels["severity"]) || r.Annotations["summary"] == "" {
			t.Errorf("%s is %q and says %q", r.Alert, r.Labels["severity"], r.Annotations["summary"])
		}
		if !pages[r.Alert] {
			t.Errorf("%s has no page in docs/operations/runbooks", r.Alert)
		}
		delete(pages, r.Alert)
	}
	for page := range pages {
		t.Errorf("the runbook %s is of no alert", page)
	}
}

// A service that is down is told of by name, so each has to be named.
func TestTheRulesKnowEveryService(t *testing.T) {
	t.Parallel()
	for _, r := range rules(t) {
		if r.Alert != "ServiceDown" && r.Alert != "ServiceMissing" && r.Alert != "ServiceRestarts" {
			continue
		}
		for _, name := range folders(t) {
			if !regexp.MustCompile(`["|]` + name + `["|]`).MatchString(r.Expr) {
				t.Errorf("%s does not know %s", r.Alert, name)
			}
		}
	}
}
