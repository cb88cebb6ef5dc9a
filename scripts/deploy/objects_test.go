package deploy

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	"sigs.k8s.io/yaml"
)

// strictly reads an object as the API server would with --validate=strict: Kubernetes' own
// kinds into their types, those of others against the schemas of their definitions.
func strictly(t *testing.T, o object) {
	t.Helper()
	switch o.APIVersion + " " + o.Kind {
	case "v1 Service":
		decode[corev1.Service](t, o)
	case "v1 ServiceAccount":
		decode[corev1.ServiceAccount](t, o)
	case "v1 Secret":
		decode[corev1.Secret](t, o)
	case "v1 ConfigMap":
		decode[corev1.ConfigMap](t, o)
	case "v1 Namespace":
		decode[corev1.Namespace](t, o)
	case "v1 Pod":
		decode[corev1.Pod](t, o)
	case "apps/v1 Deployment":
		decode[appsv1.Deployment](t, o)
	case "apps/v1 StatefulSet":
		decode[appsv1.StatefulSet](t, o)
	case "batch/v1 Job":
		decode[batchv1.Job](t, o)
	case "batch/v1 CronJob":
		decode[batchv1.CronJob](t, o)
	case "policy/v1 PodDisruptionBudget":
		decode[policyv1.PodDisruptionBudget](t, o)
	case "networking.k8s.io/v1 NetworkPolicy":
		decode[networkingv1.NetworkPolicy](t, o)
	case "networking.k8s.io/v1 Ingress":
		decode[networkingv1.Ingress](t, o)
	case "autoscaling/v2 HorizontalPodAutoscaler":
		decode[autoscalingv2.HorizontalPodAutoscaler](t, o)
	default:
		againstDefinition(t, o)
	}
}

// againstDefinition validates an object of an operator's kind. testdata/crds holds the
// schemas of the versions that testdata/README.md names, closed to fields that they do not
// know.
func againstDefinition(t *testing.T, o object) {
	t.Helper()
	group, version, _ := strings.Cut(o.APIVersion, "/")
	file, err := os.Open(fmt.Sprintf("testdata/crds/%s.%s_%s.json", o.Kind, group, version))
	if err != nil {
		t.Errorf("%s: what is a %s %s? %v", o.File, o.APIVersion, o.Kind, err)
		return
	}
	defer file.Close()
	document, err := jsonschema.UnmarshalJSON(file)
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("crd.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("crd.json")
	if err != nil {
		t.Fatal(err)
	}
	var value any
	text, err := yaml.YAMLToJSONStrict(o.Text)
	if err == nil {
		err = json.Unmarshal(text, &value)
	}
	if err == nil {
		err = schema.Validate(value)
	}
	if err != nil {
		t.Errorf("%s: %s %s: %v", o.File, o.Kind, o.Name, err)
	}
}

func TestEveryObjectIsWhatItsKindAllows(t *testing.T) {
	t.Parallel()
	for _, v := range variants {
		seen := map[string]bool{}
		for _, o := range render(t, v) {
			strictly(t, o)
			if id := o.APIVersion + o.Kind + o.Name; o.Name == "" || seen[id] {
				t.Errorf("%s: there are two of %s %s", v.name, o.Kind, o.Name)
			} else {
				seen[id] = true
			}
			if o.Labels["app.kubernetes.io/part-of"] != "tickler" || o.Labels["app.kubernetes.io/instance"] != "tickler" {
				t.Errorf("%s: %s %s lacks its labels", v.name, o.Kind, o.Name)
			}
		}
	}
}

// A misspelt field is what the strict reading is for.
func TestAMisspeltFieldIsSeen(t *testing.T) {
	t.Parallel()
	for text, kind := range map[string]string{
		"apiVersion: v1\nkind: Service\nmetadata: {name: x}\nspec: {selectr: {a: b}}":                                                                       "Service",
		"apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata: {name: x}\nspec: {groups: [{name: g, rules: [{expr: up, for: 5 minutes}]}]}": "PrometheusRule",
		"apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {name: x}\nspec: {scaleTargetRef: {name: x}, triggerz: []}":                            "ScaledObject",
	} {
		o := objects(t, map[string]string{"x.yaml": text})[0]
		inner := &testing.T{}
		done := make(chan struct{})
		go func() { defer close(done); strictly(inner, o) }()
		if <-done; !inner.Failed() {
			t.Errorf("a wrong %s passed", kind)
		}
	}
}

func TestWhatCannotWorkIsRefusedWithWhatToDo(t *testing.T) {
	t.Parallel()
	for set, says := range map[string]string{
		`{redpanda: {enabled: false}}`:                                               "kafka.brokers is empty",
		`{postgres: {enabled: false, provision: false}}`:                             "postgres.host is empty",
		`{mutualTLS: {enabled: true}}`:                                               "mutualTLS.secret is empty",
		`{graceSeconds: 30, drainSeconds: 15}`:                                       "graceSeconds must be",
		`{redpanda: {enabled: false}, kafka: {brokers: ["a:9092"]}}`:                 "kafka.peers is empty",
		`{secrets: {mode: external}}`:                                                "which store has the secrets",
		`{secrets: {mode: sealed}}`:                                                  "is not given",
		`{mail: {enabled: true}}`:                                                    "cannot make smtp-url",
		`{gateway: {enabled: true}}`:                                                 "which Gateway",
		`{image: {tag: latest}}`:                                                     "tag",
		`{publicUrl: "https://todo.example/app"}`:                                    "publicUrl",
		`{services: {api: {sirtings: [kafka]}}}`:                                     "sirtings",
		`{kafak: {}}`:                                                                "kafak",
		`{services: {api: {calls: [nobody]}}}`:                                       "no service",
		`{redpanda: {image: "redpandadata/redpanda:latest"}}`:                        "image",
		`{kafka: {brokers: ["http://a"]}}`:                                           "brokers",
		`{services: {api: {settings: [kafka, magic]}}}`:                              "settings",
		`{autoscaling: {mode: sometimes}}`:                                           "mode",
		`{services: {api: {resources: {requests: {cpu: 1}, limits: {cpu: a lot}}}}}`: "cpu",
	} {
		if _, err := tryRender(t, variant{set: set}); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %q", set, err, says)
		}
	}
}

// Whatever scales has no number of its own, which an upgrade would set back.
func TestWhatScalesIsNotGivenANumber(t *testing.T) {
	t.Parallel()
	for _, v := range variants {
		objects := render(t, v)
		var scaled []string
		for _, o := range objects {
			if o.Kind == "HorizontalPodAutoscaler" || o.Kind == "ScaledObject" {
				scaled = append(scaled, o.Name)
			}
		}
		for _, d := range all[appsv1.Deployment](t, "Deployment", objects) {
			if slices.Contains(scaled, d.Name) != (d.Spec.Replicas == nil) {
				t.Errorf("%s: %s has replicas %v, scaled: %v", v.name, d.Name, d.Spec.Replicas, scaled)
			}
		}
		if wants := strings.Contains(v.set, "hpa") || v.name == "prod" || strings.HasPrefix(v.name, "auto") || strings.HasPrefix(v.name, "keda"); wants != (len(scaled) > 0) && v.name != "prod-upgrade" {
			t.Errorf("%s scales %v", v.name, scaled)
		}
	}
}
