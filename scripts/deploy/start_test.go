package deploy

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
)

// starts runs a program as its container would, with the secrets that the job makes, up to
// where it has read its settings: healthcheck then looks for a server that is not there.
func starts(t *testing.T, program, secrets string, s types.ServiceConfig) {
	t.Helper()
	var environment []string
	for variable, value := range s.Environment {
		for _, volume := range s.Volumes {
			if folder := strings.TrimPrefix(volume.Source, "secrets-"); filepath.Dir(*value) == volume.Target {
				*value = filepath.Join(secrets, folder, filepath.Base(*value))
			}
		}
		environment = append(environment, variable+"="+*value)
	}
	startsWith(t, program, environment)
}

// startsWith runs a program with an environment.
func startsWith(t *testing.T, program string, environment []string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, "healthcheck")
	cmd.Env = append(environment, "ADDR=127.0.0.1:1")
	if filepath.Base(program) == "web" {
		cmd.Env = append(cmd.Env, "ADMIN_ADDR=127.0.0.1:1")
	}
	if out, _ := cmd.CombinedOutput(); !strings.Contains(string(out), "127.0.0.1:1: connect: connection refused") {
		t.Errorf("%s does not get past its settings: %s", filepath.Base(program), out)
	}
}

// makeSecrets runs the job `secrets` into a folder.
func makeSecrets(t *testing.T, bin string, job types.ServiceConfig) string {
	t.Helper()
	dir := t.TempDir()
	args := append([]string{"secrets", "-dir", dir}, job.Command[2:]...)
	if out, err := exec.CommandContext(t.Context(), filepath.Join(bin, "provision"), args...).CombinedOutput(); err != nil {
		t.Fatalf("provision secrets: %v: %s", err, out)
	}
	return dir
}
