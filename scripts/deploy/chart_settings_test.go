package deploy

import (
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	events "github.com/tickler-app/tickler/proto-events"
)

// environmentOf is what a container is given.
func environmentOf(c corev1.Container) types.MappingWithEquals {
	settings := types.MappingWithEquals{}
	for _, e := range c.Env {
		settings[e.Name] = &e.Value
	}
	return settings
}

// What the chart tells a service is what it takes, it lacks nothing that it needs, it is
// asked where it listens, and it starts with it.
func TestTheChartGivesEachServiceWhatItTakes(t *testing.T) {
	t.Parallel()
	bin := programs(t)
	for _, v := range variants {
		objects := render(t, v)
		var names []string
		for _, d := range all[appsv1.Deployment](t, "Deployment", objects) {
			container := d.Spec.Template.Spec.Containers[0]
			if !slices.Contains(folders(t), container.Name) {
				continue // the next one, which is being written
			}
			names = append(names, container.Name)
			settings := takes(t.Context(), t, filepath.Join(bin, container.Name))
			fits(t, v.name+" "+container.Name, settings, environmentOf(container))
			listens(t, settings, container)
			if v.name == "default" {
				startsWith(t, filepath.Join(bin, container.Name), withFiles(t, container, d.Spec.Template.Spec, objects))
			}
		}
		for _, j := range all[batchv1.Job](t, "Job", objects) {
			if c := j.Spec.Template.Spec.Containers[0]; c.Name == "migrate" {
				service := strings.Split(strings.TrimPrefix(j.Name, "tickler-migrate-"), "-")[0]
				if !slices.Contains(folders(t), service) {
					continue
				}
				fits(t, j.Name, takes(t.Context(), t, filepath.Join(bin, service)), environmentOf(c))
			}
		}
		want := folders(t)
		if v.name == "traces" {
			want = slices.DeleteFunc(want, func(name string) bool { return name == "notification" })
		}
		if slices.Sort(names); !slices.Equal(names, want) {
			t.Errorf("%s runs %v, there are %v", v.name, names, want)
		}
	}
}

// listens compares a container's ports with where its program answers by default, and its
// probes' with where the probes are.
func listens(t *testing.T, settings map[string]string, c corev1.Container) {
	t.Helper()
	want := map[string]string{"http": settings["ADDR"]}
	probes := "http"
	if settings["ADMIN_ADDR"] != "" {
		probes, want["admin"] = "admin", settings["ADMIN_ADDR"]
	}
	got := map[string]string{}
	for _, port := range c.Ports {
		got[port.Name] = net.JoinHostPort("", strconv.Itoa(int(port.ContainerPort)))
	}
	if !maps.Equal(got, want) {
		t.Errorf("%s listens on %v, the chart says %v", c.Name, want, got)
	}
	for _, probe := range []*corev1.Probe{c.StartupProbe, c.LivenessProbe, c.ReadinessProbe} {
		if probe.HTTPGet.Port.String() != probes {
			t.Errorf("%s is asked at %s, its probes are at %s", c.Name, probe.HTTPGet.Port.String(), probes)
		}
	}
}

// withFiles is a container's environment with the files of its Secrets in a folder here.
func withFiles(t *testing.T, c corev1.Container, pod corev1.PodSpec, objects []object) (environment []string) {
	t.Helper()
	dir := t.TempDir()
	for _, secret := range all[corev1.Secret](t, "Secret", objects) {
		if !slices.ContainsFunc(pod.Volumes, func(v corev1.Volume) bool { return v.Secret != nil && v.Secret.SecretName == secret.Name }) {
			continue
		}
		for key, value := range secret.StringData {
			if err := os.WriteFile(filepath.Join(dir, key), []byte(value), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, e := range c.Env {
		if key, secret := strings.CutPrefix(e.Value, "/run/secrets/"); secret {
			e.Value = filepath.Join(dir, key)
		}
		environment = append(environment, e.Name+"="+e.Value)
	}
	return environment
}

// What the chart says of Kafka is what the catalog says.
func TestTheChartKnowsTheCatalog(t *testing.T) {
	t.Parallel()
	values := loadChart(t).Values["services"].(map[string]any)
	for name, service := range values {
		settings := service.(map[string]any)
		speaks := slices.Contains(settings["settings"].([]any), any("kafka"))
		if speaks != slices.Contains(events.Services(), name) {
			t.Errorf("%s speaks Kafka: %v", name, speaks)
		}
		var lag, groups []string
		if listed, there := settings["lag"]; there {
			for _, topic := range listed.([]any) {
				lag = append(lag, topic.(string))
			}
		}
		for _, topic := range events.Catalog() {
			if slices.Contains(topic.Groups, name) && name != "chat" { // whose topic is about people who leave
				groups = append(groups, topic.Name)
			}
		}
		slices.Sort(lag)
		if slices.Sort(groups); !slices.Equal(lag, groups) {
			t.Errorf("%s grows with the lag of %v, its group reads %v", name, lag, groups)
		}
		var called []string
		if listed, there := settings["calls"]; there {
			for _, other := range listed.([]any) {
				called = append(called, other.(string))
			}
		}
		want := slices.DeleteFunc(slices.Clone(calls[name]), func(other string) bool { return values[other] == nil })
		slices.Sort(called)
		if slices.Sort(want); !slices.Equal(called, want) {
			t.Errorf("%s calls %v, the picture says %v", name, called, want)
		}
	}
}
