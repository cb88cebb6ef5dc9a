package deploy

import (
	"maps"
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
)

// selects reports whether a selector fits labels.
func selects(selector, labels map[string]string) bool {
	for key, value := range selector {
		if labels[key] != value {
			return false
		}
	}
	return len(selector) > 0
}

// Each name that an object gives to another one is that of one which is there.
func TestEveryLinkLeadsSomewhere(t *testing.T) {
	t.Parallel()
	for _, v := range variants {
		objects := render(t, v)
		pods := workloads(t, objects)
		services := map[string]corev1.Service{}
		for _, s := range all[corev1.Service](t, "Service", objects) {
			services[s.Name] = s
			var behind []workload
			for _, w := range pods {
				if selects(s.Spec.Selector, w.meta) {
					behind = append(behind, w)
				}
			}
			if len(behind) != 1 {
				t.Errorf("%s: %d workloads are behind the Service %s", v.name, len(behind), s.Name)
				continue
			}
			for _, port := range s.Spec.Ports {
				if !slices.ContainsFunc(behind[0].spec.Containers[0].Ports, func(p corev1.ContainerPort) bool { return p.Name == port.TargetPort.String() }) {
					t.Errorf("%s: %s has no port %s", v.name, behind[0].name, port.TargetPort.String())
				}
			}
		}
		accounts := map[string]bool{}
		for _, a := range all[corev1.ServiceAccount](t, "ServiceAccount", objects) {
			accounts[a.Name] = true
		}
		for _, w := range pods {
			if !accounts[w.spec.ServiceAccountName] {
				t.Errorf("%s: %s is %s, who is not there", v.name, w.name, w.spec.ServiceAccountName)
			}
		}
		for _, b := range all[policyv1.PodDisruptionBudget](t, "PodDisruptionBudget", objects) {
			if !slices.ContainsFunc(pods, func(w workload) bool { return selects(b.Spec.Selector.MatchLabels, w.meta) }) {
				t.Errorf("%s: the budget %s is about nobody", v.name, b.Name)
			}
		}
		for _, i := range all[networkingv1.Ingress](t, "Ingress", objects) {
			for _, path := range i.Spec.Rules[0].HTTP.Paths {
				service, there := services[path.Backend.Service.Name]
				if !there || service.Spec.Ports[0].Port != path.Backend.Service.Port.Number {
					t.Errorf("%s: %s leads to nobody", v.name, path.Path)
				}
			}
		}
	}
}

// madeElsewhere are Secrets that values name and somebody else makes.
var madeElsewhere = []string{"kafka-ca", "certificates", "tickler-tls"}

// secretsOf are the Secrets that a chart makes, by hand or through somebody, and their keys.
func secretsOf(t *testing.T, from []object) map[string][]string {
	t.Helper()
	made := map[string][]string{}
	for _, s := range all[corev1.Secret](t, "Secret", from) {
		made[s.Name] = slices.Sorted(maps.Keys(s.StringData))
	}
	type external struct {
		Metadata struct{ Name string }
		Spec     struct {
			EncryptedData map[string]string
			Data          []struct{ SecretKey string }
		}
	}
	for _, o := range from {
		if o.Kind != "ExternalSecret" && o.Kind != "SealedSecret" {
			continue
		}
		e := loosely[external](t, o)
		made[o.Name] = slices.Sorted(maps.Keys(e.Spec.EncryptedData))
		for _, d := range e.Spec.Data {
			made[o.Name] = append(made[o.Name], d.SecretKey)
		}
		slices.Sort(made[o.Name])
	}
	return made
}

// Whatever way secrets come, they are the same; each is used, and what is used is one of them.
func TestEachSecretIsMadeAndUsed(t *testing.T) {
	t.Parallel()
	for _, v := range variants {
		objects := render(t, v)
		made := secretsOf(t, objects)
		if len(made) == 0 { // existing: those of the same without mail, for which none can be generated
			generated := strings.ReplaceAll(v.set, "mode: existing", "mode: external, external: {store: {name: x}}")
			if v.name == "minikube" {
				generated = ""
			}
			made = secretsOf(t, render(t, variant{set: generated}))
		}
		used := map[string]bool{}
		use := func(w workload, name string, keys ...string) {
			if slices.Contains(madeElsewhere, name) {
				return
			}
			if _, there := made[name]; !there {
				t.Errorf("%s: %s waits for the Secret %s, which nobody makes", v.name, w.name, name)
			}
			for _, key := range keys {
				if used[name+"/"+key] = true; !slices.Contains(made[name], key) {
					t.Errorf("%s: %s waits for %s of the Secret %s, which has %v", v.name, w.name, key, name, made[name])
				}
			}
		}
		for _, w := range workloads(t, objects) {
			usedBy(w, use)
		}
		for _, o := range objects {
			if o.Kind == "TriggerAuthentication" {
				for _, ref := range loosely[trigger](t, o).Spec.SecretTargetRef {
					use(workload{name: o.Name}, ref.Name, ref.Key)
				}
			}
		}
		for name, keys := range made {
			for _, key := range keys {
				if !used[name+"/"+key] {
					t.Errorf("%s: nobody uses %s of the Secret %s", v.name, key, name)
				}
			}
		}
	}
}

type trigger struct {
	Spec struct{ SecretTargetRef []struct{ Name, Key string } }
}

// usedBy tells of each Secret that a pod mounts, with the keys that its settings lead to.
func usedBy(w workload, use func(workload, string, ...string)) {
	for _, c := range w.containers() {
		for _, e := range c.Env {
			if e.ValueFrom != nil && e.ValueFrom.SecretKeyRef != nil {
				use(w, e.ValueFrom.SecretKeyRef.Name, e.ValueFrom.SecretKeyRef.Key)
			}
		}
		for _, volume := range w.spec.Volumes {
			if volume.Projected != nil {
				for _, source := range volume.Projected.Sources {
					use(w, source.Secret.Name, source.Secret.Items[0].Key)
				}
			}
			if volume.Secret == nil {
				continue
			}
			use(w, volume.Secret.SecretName)
			for _, item := range volume.Secret.Items {
				use(w, volume.Secret.SecretName, item.Key)
			}
			for _, mount := range c.VolumeMounts {
				for _, e := range c.Env {
					if key, below := strings.CutPrefix(e.Value, mount.MountPath+"/"); below && mount.Name == volume.Name && len(volume.Secret.Items) == 0 {
						use(w, volume.Secret.SecretName, key)
					}
				}
			}
		}
	}
}

// A file that a setting names is in a volume that its container mounts.
func TestEveryFileOfASettingIsMounted(t *testing.T) {
	t.Parallel()
	for _, v := range variants {
		for _, w := range workloads(t, render(t, v)) {
			for _, c := range w.containers() {
				for _, e := range c.Env {
					if !strings.HasPrefix(e.Value, "/run/") && !strings.HasPrefix(e.Value, "/secrets/") {
						continue
					}
					if !slices.ContainsFunc(c.VolumeMounts, func(m corev1.VolumeMount) bool { return strings.HasPrefix(e.Value, m.MountPath+"/") }) {
						t.Errorf("%s: %s of %s in %s is nowhere", v.name, e.Name, c.Name, w.name)
					}
				}
				for _, m := range c.VolumeMounts {
					if !slices.ContainsFunc(w.spec.Volumes, func(volume corev1.Volume) bool { return volume.Name == m.Name }) && w.kind != "StatefulSet" {
						t.Errorf("%s: %s mounts %s, which is no volume", v.name, w.name, m.Name)
					}
				}
			}
		}
	}
}

// What the chart makes the first time is made again as hooks, and a hook's job has no
// brother of the same name in the release, which would be deleted with it.
func TestJobsAreHooksOfAnUpgradeAlone(t *testing.T) {
	t.Parallel()
	names := map[string]bool{}
	for _, upgrade := range []bool{false, true} {
		n := 0
		for _, o := range render(t, variant{upgrade: upgrade}) {
			if o.Kind != "Job" {
				continue
			}
			n++
			if hook := o.Annotations["helm.sh/hook"]; (hook == "pre-upgrade") != upgrade || names[o.Name] {
				t.Errorf("upgrade %v: %s is the hook %q", upgrade, o.Name, hook)
			}
			names[o.Name] = true
		}
		if databases := len(deploymentsWith(t, "DATABASE_URL_FILE")); n != databases+1 {
			t.Errorf("%d jobs: topics, and tables of %d services", n, databases)
		}
	}
}

// deploymentsWith are the services that are given a setting.
func deploymentsWith(t *testing.T, setting string) (names []string) {
	t.Helper()
	for _, d := range all[appsv1.Deployment](t, "Deployment", render(t, variant{})) {
		for _, e := range d.Spec.Template.Spec.Containers[0].Env {
			if e.Name == setting {
				names = append(names, strings.TrimPrefix(d.Name, "tickler-"))
			}
		}
	}
	return names
}
