package deploy

import (
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// A workload is a pod and what makes it.
type workload struct {
	kind, name string
	meta       map[string]string // labels of its pods
	spec       corev1.PodSpec
}

// workloads are all pods that a chart makes.
func workloads(t *testing.T, from []object) (found []workload) {
	t.Helper()
	for _, d := range all[appsv1.Deployment](t, "Deployment", from) {
		found = append(found, workload{"Deployment", d.Name, d.Spec.Template.Labels, d.Spec.Template.Spec})
	}
	for _, s := range all[appsv1.StatefulSet](t, "StatefulSet", from) {
		found = append(found, workload{"StatefulSet", s.Name, s.Spec.Template.Labels, s.Spec.Template.Spec})
	}
	for _, j := range all[batchv1.Job](t, "Job", from) {
		found = append(found, workload{"Job", j.Name, j.Spec.Template.Labels, j.Spec.Template.Spec})
	}
	for _, c := range all[batchv1.CronJob](t, "CronJob", from) {
		found = append(found, workload{"CronJob", c.Name, c.Spec.JobTemplate.Spec.Template.Labels, c.Spec.JobTemplate.Spec.Template.Spec})
	}
	for _, p := range all[corev1.Pod](t, "Pod", from) {
		found = append(found, workload{"Pod", p.Name, p.Labels, p.Spec})
	}
	return found
}

func (w workload) containers() []corev1.Container {
	return slices.Concat(w.spec.InitContainers, w.spec.Containers)
}

// The level "restricted" of the pod security standards, and more.
func TestEveryPodIsConfined(t *testing.T) {
	t.Parallel()
	for _, v := range variants {
		for _, w := range workloads(t, render(t, v)) {
			at := v.name + " " + w.name
			s := w.spec.SecurityContext
			if s == nil || s.RunAsNonRoot == nil || !*s.RunAsNonRoot || s.RunAsUser == nil || *s.RunAsUser == 0 || s.SeccompProfile == nil || s.SeccompProfile.Type != corev1.SeccompProfileTypeRuntimeDefault {
				t.Errorf("%s may run as root, or without seccomp", at)
			}
			if yes := w.spec.AutomountServiceAccountToken; yes == nil || *yes || w.spec.ServiceAccountName == "" || w.spec.ServiceAccountName == "default" {
				t.Errorf("%s has a token, or no account of its own", at)
			}
			if yes := w.spec.EnableServiceLinks; yes == nil || *yes {
				t.Errorf("%s gets settings from the names of Services", at)
			}
			if w.spec.HostNetwork || w.spec.HostPID || w.spec.HostIPC {
				t.Errorf("%s is on the host", at)
			}
			for _, volume := range w.spec.Volumes {
				if volume.HostPath != nil {
					t.Errorf("%s mounts the host's %s", at, volume.HostPath.Path)
				}
			}
			for _, c := range w.containers() {
				confined(t, at, w, c)
			}
		}
	}
}

func confined(t *testing.T, at string, w workload, c corev1.Container) {
	t.Helper()
	s := c.SecurityContext
	if s == nil || s.AllowPrivilegeEscalation == nil || *s.AllowPrivilegeEscalation || s.RunAsNonRoot == nil || !*s.RunAsNonRoot || s.Privileged != nil ||
		s.Capabilities == nil || !slices.Equal(s.Capabilities.Drop, []corev1.Capability{"ALL"}) || len(s.Capabilities.Add) > 0 {
		t.Errorf("%s: %s may do more than it needs", at, c.Name)
	} else if s.ReadOnlyRootFilesystem == nil || !*s.ReadOnlyRootFilesystem && c.Name != "redpanda" { // which rewrites its configuration
		t.Errorf("%s: %s may write to its root", at, c.Name)
	}
	for _, list := range []corev1.ResourceList{c.Resources.Requests, c.Resources.Limits} {
		if list.Cpu().IsZero() || list.Memory().IsZero() {
			t.Errorf("%s: %s lacks requests or limits", at, c.Name)
		}
	}
	if c.Resources.Requests.Memory().Cmp(*c.Resources.Limits.Memory()) > 0 {
		t.Errorf("%s: %s asks for more than it may have", at, c.Name)
	}
	if name := c.Image[strings.LastIndex(c.Image, "/")+1:]; !strings.ContainsAny(name, ":@") || strings.HasSuffix(name, ":latest") {
		t.Errorf("%s: %s runs %s, which may be anything", at, c.Name, c.Image)
	}
	stays := w.kind == "Deployment" || w.kind == "StatefulSet"
	if stays != (c.StartupProbe != nil && c.LivenessProbe != nil && c.ReadinessProbe != nil) {
		t.Errorf("%s: %s lacks a probe, or has one and ends", at, c.Name)
	}
	if w.kind == "Deployment" && (c.LivenessProbe.HTTPGet.Path != "/livez" || c.ReadinessProbe.HTTPGet.Path != "/readyz") {
		t.Errorf("%s: alive is not ready", at)
	}
	if w.kind == "Deployment" && (c.Lifecycle == nil || c.Lifecycle.PreStop == nil || c.Lifecycle.PreStop.Sleep == nil ||
		*w.spec.TerminationGracePeriodSeconds < c.Lifecycle.PreStop.Sleep.Seconds+20) {
		t.Errorf("%s is gone before others know, or before it has finished", at)
	}
	for _, e := range c.Env {
		if e.Value != "" && telling.MatchString(e.Name) && !strings.HasSuffix(e.Name, "_FILE") {
			t.Errorf("%s: %s has a secret in %s", at, c.Name, e.Name)
		}
	}
}

// Every service's requests together, in the values as they are.
func TestTheServicesAskForNoMoreMemoryThanWasPromised(t *testing.T) {
	t.Parallel()
	var sum resource.Quantity
	for _, d := range all[appsv1.Deployment](t, "Deployment", render(t, variant{})) {
		for _, c := range d.Spec.Template.Spec.Containers {
			for range *d.Spec.Replicas {
				sum.Add(*c.Resources.Requests.Memory())
			}
		}
	}
	if most := resource.MustParse("600M"); sum.Cmp(most) > 0 || sum.IsZero() {
		t.Errorf("they ask for %s, at most %s", sum.String(), most.String())
	}
}

// A rollout has a new pod ready before an old one goes, and a drained node takes one at most.
func TestARolloutTakesNobodyAway(t *testing.T) {
	t.Parallel()
	for _, d := range all[appsv1.Deployment](t, "Deployment", render(t, variant{})) {
		rolling := d.Spec.Strategy.RollingUpdate
		if rolling == nil || rolling.MaxUnavailable.IntValue() != 0 || rolling.MaxSurge.IntValue() < 1 {
			t.Errorf("%s goes before the next is there", d.Name)
		}
		if len(d.Spec.Template.Spec.TopologySpreadConstraints) != 2 {
			t.Errorf("%s may be all on one node", d.Name)
		}
	}
}
