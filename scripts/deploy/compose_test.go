package deploy

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
)

const root = "../.."

// load reads compose.yaml as compose does, with nothing in the environment but env, and
// with all profiles.
func load(t *testing.T, env ...string) *types.Project { return loadProfiles(t, []string{"*"}, env...) }

func loadProfiles(t *testing.T, profiles []string, env ...string) *types.Project {
	t.Helper()
	options, err := cli.NewProjectOptions([]string{filepath.Join(root, "compose.yaml")}, cli.WithEnv(env), cli.WithProfiles(profiles))
	if err != nil {
		t.Fatal(err)
	}
	project, err := options.LoadProject(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return project
}

// isOurs tells services of ours, and jobs, from what others made.
func isOurs(s types.ServiceConfig) bool { return strings.HasPrefix(s.Image, "tickler-") }

// isJob tells what ends from what stays.
func isJob(s types.ServiceConfig) bool { return strings.HasPrefix(s.Restart, "on-failure") }

// folders are the names of our services.
func folders(t *testing.T) (names []string) {
	t.Helper()
	mains, err := filepath.Glob(filepath.Join(root, "services/*/main.go"))
	if err != nil || len(mains) == 0 {
		t.Fatalf("no services: %v", err)
	}
	for _, main := range mains {
		names = append(names, filepath.Base(filepath.Dir(main)))
	}
	return names
}

func TestEveryContainerIsConfined(t *testing.T) {
	t.Parallel()
	rewritesItsConfiguration := []string{"redpanda", "kafka"}
	pinned := regexp.MustCompile(`:v?\d+(\.\d+)*$`)
	for name, s := range load(t).Services {
		limits := s.Deploy
		if limits == nil || limits.Resources.Limits == nil || limits.Resources.Limits.MemoryBytes == 0 || limits.Resources.Limits.NanoCPUs == 0 || limits.Resources.Limits.Pids == 0 {
			t.Errorf("%s lacks a limit of memory, processors or processes", name)
		}
		if !s.ReadOnly && !slices.Contains(rewritesItsConfiguration, name) {
			t.Errorf("%s may write to its root", name)
		}
		if !slices.Equal(s.CapDrop, []string{"ALL"}) || len(s.CapAdd) > 0 || s.Privileged || !slices.Contains(s.SecurityOpt, "no-new-privileges:true") {
			t.Errorf("%s may do more than it needs", name)
		}
		if isJob(s) != (s.HealthCheck == nil || s.HealthCheck.Disable) {
			t.Errorf("%s: what stays has a health check, a job has none", name)
		}
		if !isOurs(s) && !pinned.MatchString(s.Image) {
			t.Errorf("%s: image %q has no version", name, s.Image)
		}
		if s.User == "root" || s.User == "0" || s.ContainerName != "" {
			t.Errorf("%s: user %q, container %q", name, s.User, s.ContainerName)
		}
	}
}

func TestOnlyWhatIsWrittenDownIsReachedFromOutside(t *testing.T) {
	t.Parallel()
	want := map[string]string{"web": "3000", "grafana": "3001", "prometheus": "9090", "console": "8080", "mail": "8025",
		"redpanda": "19092", "kafka": "19092", "postgres": "5433"}
	for name, s := range load(t).Services {
		for _, port := range s.Ports {
			if want[name] != port.Published || port.HostIP != "127.0.0.1" {
				t.Errorf("%s listens on %s:%s", name, port.HostIP, port.Published)
			}
			delete(want, name)
		}
	}
	if len(want) > 0 {
		t.Errorf("not reached: %v", want)
	}
}

func TestTheCoreNeedsNoProfile(t *testing.T) {
	t.Parallel()
	project := load(t)
	for profile, names := range map[string][]string{"tools": {"console"}, "apache": {"kafka"}, "observability": {"prometheus", "grafana", "jaeger"}} {
		for _, name := range names {
			if got := project.Services[name].Profiles; !slices.Equal(got, []string{profile}) {
				t.Errorf("%s is in the profiles %v", name, got)
			}
		}
	}
	for _, name := range append(folders(t), "postgres", "redpanda", "mail", "secrets", "topics", "provision") {
		if s, there := project.Services[name]; !there || len(s.Profiles) > 0 {
			t.Errorf("%s is not in compose.yaml, or only with %v", name, s.Profiles)
		}
	}
	if _, there := loadProfiles(t, nil).Services["kafka"]; there {
		t.Error("without a profile there are two brokers")
	}
	redpanda := load(t, "REDPANDA=0").Services["redpanda"]
	if replicas := redpanda.GetScale(); replicas != 0 {
		t.Errorf("REDPANDA=0 leaves %d of it", replicas)
	}
}

// telling are names of what may be a secret.
var telling = regexp.MustCompile(`(?i)(password|secret|token|key|credential)`)

func TestNoSecretIsWrittenDown(t *testing.T) {
	t.Parallel()
	withPassword := regexp.MustCompile(`://[^/@\s]+:[^/@\s]+@`)
	for name, s := range load(t).Services {
		for variable, value := range s.Environment {
			if telling.MatchString(variable) && !strings.HasSuffix(variable, "_FILE") || value != nil && withPassword.MatchString(*value) {
				t.Errorf("%s has a secret in %s", name, variable)
			}
		}
	}
	ignored, err := os.ReadFile(filepath.Join(root, ".dockerignore"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(ignored), "\n")
	for _, line := range []string{"*", "**/.git*", "**/.env*", "**/*.pem", "**/*.key", "**/.tickler"} {
		if !slices.Contains(lines, line) {
			t.Errorf(".dockerignore lets %s through", line)
		}
	}
}

// What a service reads at its secrets' place is made by the job, and it mounts its own folder only.
func TestEachSecretIsMadeAndMountedWhereItBelongs(t *testing.T) {
	t.Parallel()
	project := load(t)
	made := map[string]bool{}
	for _, arg := range project.Services["secrets"].Command[2:] {
		name, kinds, _ := strings.Cut(arg, ":")
		for kind := range strings.SplitSeq(kinds, ",") {
			if kind != "database" {
				made[name+"/"+kind] = true
				continue
			}
			for _, file := range []string{name + "/database-url", name + "/work-database-url", "owners/" + name, "owners/postgres", "postgres/password"} {
				made[file] = true
			}
		}
	}
	for name, s := range project.Services {
		places := map[string]string{}
		for _, volume := range s.Volumes {
			folder, secret := strings.CutPrefix(volume.Source, "secrets-")
			if !secret {
				continue
			}
			places[volume.Target] = folder
			if name == "secrets" {
				continue
			}
			if own := strings.TrimSuffix(name, "-migrations"); folder != own && !isJob(s) || !volume.ReadOnly {
				t.Errorf("%s mounts the secrets of %s, or may change them", name, folder)
			}
		}
		for variable, value := range s.Environment {
			if !strings.HasSuffix(variable, "_FILE") || value == nil {
				continue
			}
			if folder := places[filepath.Dir(*value)]; !made[folder+"/"+filepath.Base(*value)] {
				t.Errorf("%s: nobody makes %s=%s", name, variable, *value)
			}
		}
	}
	for _, service := range project.Services["provision"].Command[2:] {
		if !made["owners/"+service] || project.Services[service+"-migrations"].Image != project.Services[service].Image {
			t.Errorf("%s has no secrets, or no migrations", service)
		}
	}
}
