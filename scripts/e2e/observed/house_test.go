// Package observed tells the story of a house that is watched: by a Prometheus and by a
// collector of traces. It is apart from the other stories, since Prometheus may have to be
// built for it.
package observed

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tickler-app/tickler/scripts/internal/dashboard"
	"github.com/tickler-app/tickler/scripts/internal/house"
	"github.com/tickler-app/tickler/scripts/internal/person"
)

// A house with a Prometheus beside it and a collector of traces, in which people work: each
// panel has something to show, each metric is written down, and a trace goes the whole way.
func TestTheHouseIsObserved(t *testing.T) {
	offset, free, err := house.FreeOffset()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(free)
	traces := collect(t)
	state := t.TempDir()
	log, err := os.Create(filepath.Join(state, "log"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 9*time.Minute) // Prometheus may have to be built
	t.Cleanup(cancel)
	h, stop, err := house.Start(ctx, house.Options{State: state, Offset: offset, Observe: true, Out: log,
		Environment: []string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + traces.url}})
	if err != nil {
		t.Fatalf("%v\n%s", err, tail(log.Name()))
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the house said:\n%s", tail(log.Name()))
		}
		if err := errors.Join(stop(), h.Reset(), log.Close()); err != nil {
			t.Error(err)
		}
	})
	s := &scene{t, h}
	ada, err := person.SignUp(ctx, h.Public(), "Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	feed, err := ada.Listen(t.Context(), h.Public(), "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(feed.Close)
	working, rest := context.WithCancel(ctx)
	var wait sync.WaitGroup
	wait.Go(func() { listen(working, feed) })
	wait.Go(func() { work(working, s, ada) })
	t.Cleanup(func() { rest(); wait.Wait() })
	t.Run("ATraceGoesFromTheClickToTheFrame", func(t *testing.T) { aTraceGoesAllTheWay(&scene{t, h}, ada, traces) })
	t.Run("EachPanelHasSomethingToShow", func(t *testing.T) { eachPanelShows(&scene{t, h}) })
	t.Run("ALatencyLeadsToItsTrace", func(t *testing.T) { aLatencyLeadsToItsTrace(&scene{t, h}, traces) })
	t.Run("EachMetricIsWrittenDownAndScrapesAreSmall", func(t *testing.T) { scrapesAreSmall(&scene{t, h}) })
}

// scene is the house in which the story happens.
type scene struct {
	*testing.T
	house *house.House
}

// tail is the end of a log.
func tail(path string) string {
	text, _ := os.ReadFile(path)
	return string(text[max(0, len(text)-12_000):])
}

func listen(ctx context.Context, feed *person.Feed) {
	for {
		if _, err := feed.Next(ctx); err != nil {
			return
		}
	}
}

// work is somebody's day in a minute: tasks that recur and remind are made, done and undone,
// and pages are opened and closed.
func work(ctx context.Context, s *scene, p *person.Person) {
	for ctx.Err() == nil {
		due := time.Now().Add(61 * time.Second).UTC().Format(time.RFC3339)
		made, err := p.Add(ctx, "", map[string]any{"title": "water", "due_date": due, "recurrence_rule": "every day", "reminders": []any{map[string]any{"minutes_before": 1}}})
		if err == nil {
			_, _ = p.Call(ctx, "POST", "tasks/"+made.ID+"/complete", nil, "", nil)
			_, _ = p.Call(ctx, "GET", "tasks", nil, "", nil)
			_, _ = p.Call(ctx, "GET", "audit-logs", nil, "", nil)
			_, _ = p.Add(ctx, "", map[string]any{"title": "call", "due_date": due, "reminders": []any{map[string]any{"minutes_before": 1}}})
		}
		if tab, err := p.Listen(ctx, s.house.Public(), "1"); err == nil {
			tab.Close()
		}
		select {
		case <-ctx.Done():
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// ask asks Prometheus, and returns the values of the lines that are numbers.
func (s *scene) ask(query string) (lines map[string]string) {
	s.Helper()
	res, err := http.Get(s.house.URL("prometheus") + "/api/v1/query?query=" + url.QueryEscape(query))
	if err != nil {
		s.Fatal(err)
	}
	defer res.Body.Close()
	var answer struct {
		Error string
		Data  struct {
			Result []struct {
				Metric map[string]string
				Value  [2]any
			}
		}
	}
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil || answer.Error != "" {
		s.Fatalf("%s: %v %s", query, err, answer.Error)
	}
	lines = map[string]string{}
	for _, line := range answer.Data.Result {
		if value := fmt.Sprint(line.Value[1]); value != "NaN" {
			lines[line.Metric["job"]+fmt.Sprint(line.Metric)] = value
		}
	}
	return lines
}

func eachPanelShows(s *scene) {
	open := map[string]string{} // queries that have shown nothing yet
	for _, d := range dashboard.All() {
		for _, row := range d.Rows {
			for _, p := range row.Panels {
				for i, q := range p.Ask {
					if p.Rare == "" {
						open[fmt.Sprintf("%s, %s, query %d", d.Title, p.Title, i+1)] = q.Filled("30s")
					}
				}
			}
		}
	}
	all := len(open)
	for end := time.Now().Add(3 * time.Minute); len(open) > 0 && time.Now().Before(end); time.Sleep(time.Second) {
		for where, query := range open {
			if len(s.ask(query)) > 0 {
				delete(open, where)
			}
		}
	}
	s.Logf("%d of %d queries have something to show", all-len(open), all)
	for _, where := range slices.Sorted(maps.Keys(open)) {
		s.Errorf("%s shows nothing: %s", where, open[where])
	}
}

var inTable = regexp.MustCompile("(?m)^\\| `([a-z0-9_]+)` \\|")

func scrapesAreSmall(s *scene) {
	page, err := os.ReadFile("../../../docs/operations/metrics.md")
	if err != nil {
		s.Fatal(err)
	}
	written := map[string]bool{}
	for _, match := range inTable.FindAllSubmatch(page, -1) {
		written[string(match[1])] = true
	}
	shown := map[string]bool{}
	for job := range s.ask(`count by (job) (tickler_build_info)`) {
		name, _, _ := strings.Cut(job, "map[")
		address := s.house.URL(name)
		if name == "web" {
			address = s.house.URL("web admin")
		}
		began := time.Now()
		res, err := http.Get(address + "/metrics")
		if err != nil {
			s.Fatal(err)
		}
		text, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil {
			s.Fatal(err)
		}
		series := 0
		for line := range bytes.Lines(text) {
			if rest, ok := bytes.CutPrefix(line, []byte("# TYPE ")); ok {
				metric, _, _ := strings.Cut(string(rest), " ")
				shown[metric] = true
			} else if line[0] != '#' {
				series++
			}
		}
		s.Logf("%s: %d series in %v", name, series, time.Since(began).Round(100*time.Microsecond))
		if series > 3000 {
			s.Errorf("%s shows %d series", name, series)
		}
	}
	for metric := range shown {
		if strings.HasPrefix(metric, "tickler_") && !written[metric] {
			s.Errorf("%s is not in docs/operations/metrics.md", metric)
		}
	}
	rare := regexp.MustCompile("(?m)^\\| `([a-z0-9_]+)` \\|.*\\(rare\\)")
	for _, match := range rare.FindAllSubmatch(page, -1) {
		shown[string(match[1])] = true
	}
	for metric := range written {
		if !shown[metric] {
			s.Errorf("docs/operations/metrics.md has %s, which no service shows", metric)
		}
	}
}
