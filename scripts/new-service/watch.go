package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// A list is one of all services that somebody keeps in a file of ops.
type list struct {
	file string
	item *regexp.Regexp // of one service, the name first; items follow one another
	line string         // of the new one, by its name and port
}

var lists = []list{
	{"ops/prometheus.yml", regexp.MustCompile(`(?m)^          - ([a-z]+):\d+\n`), "          - %[1]s:%[2]d\n"},
	{"ops/rules/alerts.yml", regexp.MustCompile(`(?m)^          or absent\(up\{job="([a-z]+)"\}\)\n`), "          or absent(up{job=\"%[1]s\"})\n"},
	{"ops/rules/alerts.yml", regexp.MustCompile(`([a-z]+)[|"]`), "%[1]s|"},
	{"ops/rules/tests/services.yml", regexp.MustCompile(`(?m)^      - series: 'up\{job="([a-z]+)",instance="[a-z]+:1"\}'\n        values: .*\n`),
		"      - series: 'up{job=\"%[1]s\",instance=\"%[1]s:1\"}'\n        values: \"1x60\"\n"},
}

// watch has Prometheus ask the service, and every alert about services know its name. The
// dashboards go by the names that Prometheus has.
func watch(root, service string, port int) error {
	for _, l := range lists {
		path := filepath.Join(root, l.file)
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		text, places := l.with(string(content), service, fmt.Sprintf(l.line, service, port))
		if places == 0 {
			return fmt.Errorf("%s has no list of services like %q to put %s into", path, l.item, service)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// with puts the line into each list of all services, where its name belongs, and says how many
// there were.
func (l list) with(text, service, line string) (with string, places int) {
	var out strings.Builder
	at, items := 0, l.item.FindAllStringSubmatchIndex(text, -1)
	for len(items) > 0 {
		n := 1
		for n < len(items) && items[n][0] == items[n-1][1] {
			n++
		}
		var names []string
		for _, item := range items[:n] {
			names = append(names, text[item[2]:item[3]])
		}
		if slices.Contains(names, "audit") && names[n-1] == "web" {
			before := slices.IndexFunc(names, func(name string) bool { return name > service || name == "web" }) // whose end may differ
			place := items[before][0]
			out.WriteString(text[at:place] + line)
			at, places = place, places+1
		}
		items = items[n:]
	}
	return out.String() + text[at:], places
}
