package deploy

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

const chartFolder = root + "/charts/tickler"

// An object is one document of what the chart makes.
type object struct {
	File string
	Text []byte
	metav1.TypeMeta
	metav1.ObjectMeta `json:"metadata"`
}

// A variant is a way to install the chart.
type variant struct {
	name    string
	files   []string // of values, besides the chart's own
	set     string   // more values, YAML
	apis    []string // what else the cluster knows
	upgrade bool
}

// variants are the values files, and each option once with and once without.
var variants = []variant{
	{name: "default"},
	{name: "upgrade", upgrade: true},
	{name: "minikube", files: []string{"values-minikube.yaml"}},
	{name: "prod", files: []string{"values-prod.yaml"}},
	{name: "prod-upgrade", files: []string{"values-prod.yaml"}, upgrade: true},
	{name: "existing", set: `{secrets: {mode: existing}, ingress: {enabled: true}}`},
	{name: "sealed", set: sealed},
	{name: "hpa", set: `{autoscaling: {mode: hpa}, replicas: 2}`},
	{name: "auto", set: `{autoscaling: {mode: auto}}`, apis: []string{"keda.sh/v1alpha1", "monitoring.coreos.com/v1"}},
	{name: "auto-hpa", set: `{autoscaling: {mode: auto}}`, apis: []string{"metrics.k8s.io/v1beta1"}},
	{name: "keda-tls", set: `{autoscaling: {mode: keda}, redpanda: {enabled: false}, kafka: {brokers: ["kafka:9093"], peers: [{podSelector: {}}], sasl: {mechanism: ""}, tls: {enabled: true, caSecret: kafka-ca}}}`},
	{name: "gateway", set: `{publicUrl: "https://todo.example", gateway: {enabled: true, parent: {name: public, namespace: gateways, sectionName: https}}}`},
	{name: "mutual", set: `{mutualTLS: {enabled: true, secret: certificates}, ingress: {enabled: true}, monitoring: {mode: "on", labels: {team: a}}}`},
	{name: "bare", set: `{networkPolicy: {enabled: false}, monitoring: {mode: "off"}, test: {enabled: false}, kafka: {sasl: {mechanism: ""}}, postgres: {provision: false}}`},
	{name: "traces", set: `{traces: {endpoint: "http://collector.monitoring:4318"}, services: {api: {digest: "sha256:` + strings.Repeat("a", 64) + `", nodeSelector: {disk: fast}, tolerations: [{operator: Exists}], env: {LOG_LEVEL: debug}, maxReplicas: 2, replicas: 2}, notification: {enabled: false}}}`},
	{name: "inside-providers", set: `{mail: {enabled: true, peers: [{podSelector: {matchLabels: {app: mail}}}]}, secrets: {mode: existing}, image: {registry: "registry.example:5000/x", tag: "1.2.3", pullSecrets: [{name: registry}]}}`},
}

// sealed gives each secret something that could be one.
const sealed = `
secrets:
  mode: sealed
  sealed:
    identity: {database-url: a, work-database-url: a, kafka-password: a, auth-secret: a, client-secrets: a, secret-key: a}
    identity-owner: {migrate-database-url: a}
    api: {database-url: a, work-database-url: a, kafka-password: a}
    api-owner: {migrate-database-url: a}
    audit: {database-url: a, work-database-url: a, kafka-password: a}
    audit-owner: {migrate-database-url: a}
    notification: {database-url: a, work-database-url: a, kafka-password: a, secret-key: a}
    notification-owner: {migrate-database-url: a}
    chat: {database-url: a, work-database-url: a, kafka-password: a, client-secret: a}
    chat-owner: {migrate-database-url: a}
    mcp: {client-secret: a}
    recurring: {kafka-password: a}
    scheduler: {kafka-password: a}
    realtime: {kafka-password: a}
    web: {client-secret: a}
    postgres: {password: a, url: a}
    kafka-admin: {password: a, bootstrap: a}
`

// loadChart reads the chart from its folder, links and all.
func loadChart(t *testing.T) *chart.Chart {
	t.Helper()
	c, err := loader.LoadDir(chartFolder)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// tryRender is `helm template tickler charts/tickler -n tickler`.
func tryRender(t *testing.T, v variant) ([]object, error) {
	t.Helper()
	files, err := renderFiles(t, v)
	return objects(t, files), err
}

// renderFiles returns what each template makes, notes too.
func renderFiles(t *testing.T, v variant) (map[string]string, error) {
	t.Helper()
	values := map[string]any{}
	for _, file := range v.files {
		read, err := chartutil.ReadValuesFile(filepath.Join(chartFolder, file))
		if err != nil {
			t.Fatal(err)
		}
		values = chartutil.CoalesceTables(read, values)
	}
	given := map[string]any{}
	if err := yaml.UnmarshalStrict([]byte(v.set), &given); err != nil {
		t.Fatal(err)
	}
	capabilities := chartutil.DefaultCapabilities.Copy()
	capabilities.APIVersions = slices.Concat(capabilities.APIVersions, v.apis)
	c := loadChart(t)
	all, err := chartutil.ToRenderValues(c, chartutil.CoalesceTables(given, values),
		chartutil.ReleaseOptions{Name: "tickler", Namespace: "tickler", Revision: 1, IsInstall: !v.upgrade, IsUpgrade: v.upgrade}, capabilities)
	if err != nil {
		return nil, err
	}
	return engine.Render(c, all)
}

// rendered keeps what was made of each variant; its objects are not changed.
var rendered sync.Map

func render(t *testing.T, v variant) []object {
	t.Helper()
	key := fmt.Sprint(v)
	if kept, there := rendered.Load(key); there {
		return kept.([]object)
	}
	found, err := tryRender(t, v)
	if err != nil {
		t.Fatalf("%s: %v", v.name, err)
	}
	rendered.Store(key, found)
	return found
}

// objects splits what was rendered into its documents, in the order of their files.
func objects(t *testing.T, files map[string]string) (found []object) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if filepath.Ext(name) != ".yaml" {
			continue
		}
		for _, text := range strings.Split("\n"+files[name], "\n---") {
			o := object{File: name, Text: []byte(strings.TrimLeft(text, "\n"))}
			if err := yaml.Unmarshal(o.Text, &o); err != nil {
				t.Fatalf("%s: %v\n%s", name, err, text)
			}
			if o.Kind != "" {
				found = append(found, o)
			}
		}
	}
	return found
}

// decode reads an object into a Kubernetes type and refuses what that does not know.
func decode[T any](t *testing.T, o object) (into T) {
	t.Helper()
	if err := yaml.UnmarshalStrict(o.Text, &into); err != nil {
		t.Errorf("%s: %s %s: %v", o.File, o.Kind, o.Name, err)
	}
	return into
}

// loosely reads the part of an object that T knows.
func loosely[T any](t *testing.T, o object) (into T) {
	t.Helper()
	if err := yaml.Unmarshal(o.Text, &into); err != nil {
		t.Errorf("%s: %s %s: %v", o.File, o.Kind, o.Name, err)
	}
	return into
}

// all are the objects of a kind.
func all[T any](t *testing.T, kind string, from []object) (found []T) {
	t.Helper()
	for _, o := range from {
		if o.Kind == kind {
			found = append(found, decode[T](t, o))
		}
	}
	return found
}
