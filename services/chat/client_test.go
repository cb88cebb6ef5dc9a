package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// The clients come from npm and are not touched: what they read is what we stream.
func TestUnmodifiedAIClientsWork(t *testing.T) {
	t.Parallel()
	dir := filepath.Join("test", "ai-sdk")
	if _, err := os.Stat(filepath.Join(dir, "node_modules")); err != nil {
		install := exec.CommandContext(t.Context(), "npm", "ci", "--prefix", dir, "--ignore-scripts", "--no-audit", "--no-fund")
		if out, err := install.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	s := start(t, nil)
	cmd := exec.CommandContext(t.Context(), "node", "--test", "--test-reporter=spec", "chat.test.mjs")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CHAT_URL="+s.url, "CHAT_USER=ada", "CHAT_TOKEN="+s.tokens.Mint("ada", nil))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}
