// Command new-service makes a service with all its rooms, which compiles, starts and has
// tests, and gives it its place: go run ./scripts/new-service ledger.
package main

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"text/template"
)

// templates are the files of a service. The folder noun gets the service's name, and «.Name»
// and «.Port» are filled in.
//
//go:embed all:template
var templates embed.FS

const (
	pattern = "services/api" // whose go.mod names the versions that all have
	table   = "scripts/internal/house/table.go"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "new-service takes one name: make new-service NAME=ledger")
		os.Exit(2)
	}
	if err := create(".", os.Args[1], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "new-service:", err)
		os.Exit(1)
	}
}

// A name is a Go package's, a schema's, a process's and a host's.
var (
	name  = regexp.MustCompile(`^[a-z]{3,12}$`)
	rooms = regexp.MustCompile(`^(main|rest|store|inbox|mcp|page|client|mail|sms|push|webhook|log|model|events|run|env|fault|postgres|outbox|kafka|httpd|auth|reach|telemetry|testkit)$`)
)

// create makes the service in the checkout at root, and says what is left to do.
func create(root, service string, out *os.File) error {
	if !name.MatchString(service) || rooms.MatchString(service) {
		return fmt.Errorf("%q cannot name a service: three to twelve small letters, and no room's or package's name", service)
	}
	folder := filepath.Join(root, "services", service)
	if _, err := os.Stat(folder); err == nil {
		return fmt.Errorf("%s is there already", folder)
	}
	port, err := enter(filepath.Join(root, table), service)
	if err != nil {
		return err
	}
	if err := errors.Join(watch(root, service, port), fill(folder, service, port)); err != nil {
		return err
	}
	if err := module(root, folder, service); err != nil {
		return err
	}
	for _, step := range [][]string{
		{"go", "work", "use", "."},
		{"go", "generate", "./..."},
		{"go", "mod", "tidy"},
		{"gofmt", "-l", "-w", "."},
	} {
		cmd := exec.Command(step[0], step[1:]...)
		cmd.Dir, cmd.Stdout, cmd.Stderr = folder, out, os.Stderr
		if step[1] == "mod" {
			cmd.Env = append(os.Environ(), "GOWORK=off")
		}
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("%s: %w", strings.Join(step, " "), err)
		}
	}
	_, err = fmt.Fprintf(out, `services/%[1]s is there, on port %[2]d, in make up, and known to Prometheus and the alerts. What is left:
  - say in its README and its openapi.yaml what it is for
  - /api/{user_id}/%[1]s: give it to the service in services/web, where the other routes are
  - the topics that it reads or writes, in proto-events/catalog.go; then make generate
  - its place in charts/tickler, compose.yaml and the table of services in README.md
`, service, port)
	return err
}

// row is what make up's table has of a service.
var row = regexp.MustCompile(`\{Name: "([a-z]+)", Port: (\d+)`)

// enter gives the service the next free port in make up's table, before web, and returns it.
func enter(path, service string) (port int, err error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	for _, found := range row.FindAllSubmatch(content, -1) {
		if string(found[1]) == service {
			return 0, fmt.Errorf("%s has a %s already", path, service)
		}
		if n, _ := strconv.Atoi(string(found[2])); n >= port {
			port = n + 1
		}
	}
	web := []byte("\t\t{Name: \"web\",")
	if !bytes.Contains(content, web) {
		return 0, fmt.Errorf("%s has no row of web to put %s before", path, service)
	}
	line := fmt.Appendf(nil, "\t\t{Name: %q, Port: %d, Database: true},\n", service, port)
	return port, os.WriteFile(path, bytes.Replace(content, web, append(line, web...), 1), 0o644)
}

// fill writes the templates into the folder.
func fill(folder, service string, port int) error {
	return fs.WalkDir(templates, "template", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := templates.ReadFile(path)
		if err != nil {
			return err
		}
		text, err := template.New(path).Delims("«", "»").Parse(string(content))
		if err != nil {
			return err
		}
		target := strings.TrimSuffix(strings.TrimPrefix(path, "template/"), ".tmpl")
		target = filepath.Join(folder, strings.ReplaceAll(target, "noun", service))
		var filled bytes.Buffer
		if err := errors.Join(text.Execute(&filled, map[string]any{"Name": service, "Port": port}), os.MkdirAll(filepath.Dir(target), 0o755)); err != nil {
			return err
		}
		return os.WriteFile(target, filled.Bytes(), 0o644)
	})
}

// module makes go.mod and go.sum from those of a service that is there, so that the versions
// are the same; go mod tidy takes away what this one does not need.
func module(root, folder, service string) error {
	for _, file := range []string{"go.mod", "go.sum"} {
		content, err := os.ReadFile(filepath.Join(root, pattern, file))
		if err != nil {
			return err
		}
		content = bytes.Replace(content, []byte("/"+pattern+"\n"), []byte("/services/"+service+"\n"), 1)
		if err := os.WriteFile(filepath.Join(folder, file), content, 0o644); err != nil {
			return err
		}
	}
	return nil
}
