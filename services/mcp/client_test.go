package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// The clients come from npm and are not touched. They know the address of the server, and
// nothing else: the rest they find out.
func typescript(t *testing.T, w *town) {
	dir := filepath.Join("test", "sdk")
	if _, err := os.Stat(filepath.Join(dir, "node_modules")); err != nil {
		if out, err := exec.Command("npm", "ci", "--prefix", dir, "--ignore-scripts", "--no-audit", "--no-fund").CombinedOutput(); err != nil {
			t.Fatalf("npm ci: %v\n%s", err, out)
		}
	}
	ada := w.signUp()
	cmd := exec.CommandContext(t.Context(), "node", "--test", "--test-reporter=spec", "sdk.test.mjs", "client.test.mjs")
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "PUBLIC_URL="+w.public, "COOKIE="+ada.cookie)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
