package deploy

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write what the chart makes to k8s and testdata/golden")

// plain are the ways that are committed, for kubectl and for eyes: files of k8s by what goes
// into each.
var plain = []struct {
	file string
	from variant
	keep func(object) bool
}{
	{"k8s/base/tickler.yaml", onMinikube, func(o object) bool { return !isStore(o) }},
	{"k8s/stores/redpanda.yaml", onMinikube, func(o object) bool { return filepath.Base(o.File) == "redpanda.yaml" }},
	{"k8s/stores/postgres.yaml", onMinikube, func(o object) bool { return filepath.Base(o.File) == "postgres.yaml" }},
	{"k8s/prod/tickler.yaml", variant{files: []string{"values-prod.yaml"}, set: `{secrets: {mode: existing}, monitoring: {dashboards: false}}`}, func(o object) bool { return o.Kind != "PrometheusRule" }},
}

var onMinikube = variant{files: []string{"values-minikube.yaml"}, set: `{monitoring: {mode: "off"}}`}

func isStore(o object) bool {
	return slices.Contains([]string{"redpanda.yaml", "postgres.yaml"}, filepath.Base(o.File))
}

// byHelm are labels that would be untrue of what kubectl applies.
var byHelm = regexp.MustCompile(`(?m)^ *(app\.kubernetes\.io/managed-by|helm\.sh/chart): .*\n`)

func text(objects []object, keep func(object) bool) string {
	var out strings.Builder
	out.WriteString("# Rendered from charts/tickler by make generate; do not edit.\n")
	for _, o := range objects {
		if o.Annotations["helm.sh/hook"] == "test" || !keep(o) {
			continue
		}
		out.WriteString("---\n" + strings.TrimRight(byHelm.ReplaceAllString(string(o.Text), ""), "\n") + "\n")
	}
	return out.String()
}

func TestWhatIsRenderedIsFresh(t *testing.T) {
	t.Parallel()
	for _, p := range plain {
		path, want := filepath.Join(root, p.file), text(render(t, p.from), p.keep)
		if *update {
			if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != want {
			t.Errorf("%s is not what the chart makes (%v): make generate", p.file, err)
		}
	}
}

// kubectl has kustomize in it. What an overlay makes is as strict as what the chart does.
func TestOverlaysAreWhole(t *testing.T) {
	t.Parallel()
	kubectl, err := exec.LookPath("kubectl")
	if err != nil {
		t.Skip("kubectl is not installed here")
	}
	services := len(loadChart(t).Values["services"].(map[string]any))
	for overlay, kinds := range map[string]map[string]int{
		"minikube": {"Deployment": services, "StatefulSet": 2, "Namespace": 1, "Ingress": 1},
		"prod":     {"Deployment": services, "StatefulSet": 0, "Namespace": 1, "Ingress": 1},
	} {
		out, err := exec.CommandContext(t.Context(), kubectl, "kustomize", filepath.Join(root, "k8s", overlay)).CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v: %s", overlay, err, out)
		}
		found := objects(t, map[string]string{overlay + ".yaml": string(out)})
		for _, o := range found {
			strictly(t, o)
			kinds[o.Kind]--
			if o.Kind != "Namespace" && o.Namespace != "tickler" {
				t.Errorf("%s: %s %s is in the namespace %q", overlay, o.Kind, o.Name, o.Namespace)
			}
		}
		for _, kind := range []string{"Deployment", "StatefulSet", "Namespace", "Ingress"} {
			if kinds[kind] != 0 {
				t.Errorf("%s lacks %d of %s", overlay, kinds[kind], kind)
			}
		}
	}
}
