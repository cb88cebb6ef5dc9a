package deploy

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/tickler-app/tickler/pkg/testkit"
)

// said keeps what each program said.
var said sync.Map

// takes is what a program says of its settings: the default of each.
func takes(ctx context.Context, t *testing.T, program string) map[string]string {
	t.Helper()
	if kept, there := said.Load(program); there {
		return kept.(map[string]string)
	}
	cmd := exec.CommandContext(ctx, program, "settings")
	cmd.Env = []string{}
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s settings: %v", filepath.Base(program), err)
	}
	settings := map[string]string{}
	for line := range strings.Lines(string(out)) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] != "NAME" {
			name, secret := strings.CutSuffix(fields[0], "[_FILE]")
			settings[name] = fields[1]
			if secret {
				settings[name+"_FILE"] = "–"
			}
		}
	}
	said.Store(program, settings)
	return settings
}

var (
	bin  string // a folder for programs, for as long as the tests run
	once sync.Once
)

func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == "kubectl" {
		if err := asKubectl(); err != nil {
			fmt.Fprintln(os.Stderr, "kubectl:", err)
			os.Exit(1)
		}
		return
	}
	var err error
	if bin, err = os.MkdirTemp("", "tickler-deploy-"); err != nil {
		panic(err)
	}
	bin += "/"
	code := testkit.Main(m)
	_ = os.RemoveAll(bin)
	os.Exit(code)
}

// programs builds all services, provision and topics, once.
func programs(t *testing.T) string {
	t.Helper()
	once.Do(func() {
		args := []string{"build", "-buildvcs=false", "-o", bin, "./scripts/provision", "./scripts/topics"}
		for _, name := range folders(t) {
			args = append(args, "./services/"+name)
		}
		cmd := exec.CommandContext(t.Context(), "go", args...)
		cmd.Dir = root
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v: %s", err, out)
		}
	})
	if t.Failed() {
		t.FailNow()
	}
	return bin
}

func TestEachServiceIsGivenWhatItTakes(t *testing.T) {
	t.Parallel()
	project, bin := load(t, "PUBLIC_URL=https://todo.example"), programs(t)
	targets, err := os.ReadFile(filepath.Join(root, "ops/prometheus.yml"))
	if err != nil {
		t.Fatal(err)
	}
	secrets := makeSecrets(t, bin, project.Services["secrets"])
	for _, name := range folders(t) {
		settings := takes(t.Context(), t, filepath.Join(bin, name))
		given := project.Services[name].Environment
		fits(t, name, settings, given)
		if settings["DATABASE_URL"] != "" {
			migrations := project.Services[name+"-migrations"].Environment
			if fits(t, name+"-migrations", settings, migrations); migrations["MIGRATE_DATABASE_URL_FILE"] == nil {
				t.Errorf("%s-migrations does not know its owner", name)
			}
			if given["MIGRATE_DATABASE_URL_FILE"] != nil {
				t.Errorf("%s itself knows its owner", name)
			}
		}
		address := settings["ADDR"]
		if admin := settings["ADMIN_ADDR"]; admin != "" {
			address = admin
		}
		if _, port, err := net.SplitHostPort(address); err != nil || !slices.Contains(strings.Fields(string(targets)), name+":"+port) {
			t.Errorf("Prometheus does not ask %s at %s", name, address)
		}
		starts(t, filepath.Join(bin, name), secrets, project.Services[name])
	}
}

// fits reports what is given and not taken, and what is required and not given.
func fits(t *testing.T, name string, settings map[string]string, given types.MappingWithEquals) {
	t.Helper()
	for variable := range given {
		if settings[variable] == "" {
			t.Errorf("%s does not know %s", name, variable)
		}
	}
	for variable, fallback := range settings {
		if fallback == "(required)" && given[variable] == nil && given[variable+"_FILE"] == nil {
			t.Errorf("%s is not given %s", name, variable)
		}
	}
}

func TestTheDockerfileKnowsEveryModuleAndFolder(t *testing.T) {
	t.Parallel()
	dockerfile, err := os.ReadFile(filepath.Join(root, "services/Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	work, err := os.ReadFile(filepath.Join(root, "go.work"))
	if err != nil {
		t.Fatal(err)
	}
	for _, use := range regexp.MustCompile(`\./(\S+)`).FindAllStringSubmatch(string(work), -1) {
		if line := "COPY " + use[1] + "/go.mod " + use[1] + "/go.sum " + use[1] + "/\n"; !strings.Contains(string(dockerfile), line) {
			t.Errorf("services/Dockerfile lacks %q", line)
		}
	}
	loop := regexp.MustCompile(`for owner in ([a-z ]+);`).FindStringSubmatch(string(dockerfile))
	project := load(t)
	for _, volume := range project.Services["secrets"].Volumes {
		if folder := filepath.Base(volume.Target); loop == nil || !slices.Contains(strings.Fields(loop[1]), folder) {
			t.Errorf("the image tickler-tools has no folder /secrets/%s for a volume to take its owner from", folder)
		}
	}
	built := map[string]bool{}
	for name, s := range project.Services {
		if s.Build == nil {
			continue
		}
		built[s.Image] = true
		for path := range strings.FieldsSeq(*s.Build.Args["PACKAGE"]) {
			if _, err := os.Stat(filepath.Join(root, path, "main.go")); err != nil {
				t.Errorf("%s is built from %s: %v", name, path, err)
			}
		}
	}
	for name, s := range project.Services {
		if isOurs(s) && !built[s.Image] {
			t.Errorf("nobody builds %s of %s", s.Image, name)
		}
	}
	// make images puts its cache mounts before these.
	if n := strings.Count(string(dockerfile), "\nRUN go "); n != 3 {
		t.Errorf("%d steps begin with go, and would have a cache", n)
	}
}
