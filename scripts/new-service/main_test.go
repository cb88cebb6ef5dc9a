package main

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// checkout copies what a service needs of this one.
func checkout(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	for _, folder := range []string{"pkg", "proto-events", "ops", "scripts/internal/house", "scripts/tools", "services/api"} {
		from := os.DirFS(filepath.Join("../..", folder))
		if err := fs.WalkDir(from, ".", func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || folder == "services/api" && !strings.HasPrefix(path, "go.") {
				return err
			}
			content, err := fs.ReadFile(from, path)
			if err != nil {
				return err
			}
			target := filepath.Join(root, folder, path)
			if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
				return err
			}
			return os.WriteFile(target, content, 0o644)
		}); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(root, "go.work"), []byte("go 1.26.7\n\nuse (\n\t./pkg\n\t./proto-events\n)\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	return root
}

func command(t *testing.T, folder, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = folder
	said, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%s %s: %v\n%s", name, strings.Join(args, " "), err, said)
	}
	return string(said)
}

func TestANewServiceStandsAndPassesItsTests(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it builds a whole service")
	}
	root := checkout(t)
	if err := create(root, "ledger", os.Stdout); err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(root, "services", "ledger")
	command(t, folder, "go", "vet", "./...")
	command(t, folder, "go", "test", "./...")
	if said := command(t, folder, "go", "run", ".", "settings"); !strings.Contains(said, "WORK_DATABASE_URL[_FILE]") {
		t.Errorf("its settings:\n%s", said)
	}
	if said := command(t, folder, "gofmt", "-l", "."); said != "" {
		t.Errorf("not in form: %s", said)
	}
	work, err := os.ReadFile(filepath.Join(root, "go.work"))
	if err != nil || !strings.Contains(string(work), "./services/ledger") {
		t.Errorf("the workspace: %s %v", work, err)
	}
	rows, err := os.ReadFile(filepath.Join(root, table))
	if err != nil || !strings.Contains(string(rows), "\t\t{Name: \"ledger\", Port: 8009, Database: true},\n\t\t{Name: \"web\"") {
		t.Errorf("make up's table: %s %v", rows, err)
	}
	for file, want := range map[string][]string{
		"ops/prometheus.yml":           {"          - identity:8007\n          - ledger:8009\n          - mcp:8001\n"},
		"ops/rules/alerts.yml":         {"expr: up{job=~\"api|audit|chat|identity|ledger|mcp|", "or absent(up{job=\"identity\"})\n          or absent(up{job=\"ledger\"})\n"},
		"ops/rules/tests/services.yml": {"'up{job=\"ledger\",instance=\"ledger:1\"}'\n        values: \"1x60\"\n      - series: 'up{job=\"mcp\""},
	} {
		text, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range want {
			if !strings.Contains(string(text), part) {
				t.Errorf("%s lacks %q:\n%s", file, part, text)
			}
		}
		if rest := strings.Count(string(text), "identity|mcp"); rest > 0 {
			t.Errorf("%s has %d lists without it", file, rest)
		}
	}
	if err := create(root, "ledger", os.Stdout); err == nil || !strings.Contains(err.Error(), "is there already") {
		t.Errorf("once more: %v", err)
	}
}

func TestANameThatWouldNotDoIsRefused(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for _, name := range []string{"", "a", "Ledger", "led-ger", "store", "../etc", "averyverylongname"} {
		if err := create(root, name, os.Stdout); err == nil {
			t.Errorf("%q is taken", name)
		}
	}
	if left, err := os.ReadDir(root); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}
