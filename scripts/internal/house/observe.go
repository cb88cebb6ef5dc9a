package house

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/tickler-app/tickler/scripts/internal/supervise"
)

// raisePrometheus brings up a Prometheus beside the house that asks every service and knows
// the rules of ops/rules. It is built from its Go module, the first time for minutes.
func (h *House) raisePrometheus(ctx context.Context, on *stage) error {
	if !h.options.Observe {
		return nil
	}
	h.log.Printf("building Prometheus, which takes some minutes the first time")
	if err := h.exclusively(func() error { return h.buildPrometheus(ctx) }); err != nil {
		return err
	}
	program, err := h.place(filepath.Join(h.options.Root, "bin", "prometheus"), "prometheus")
	if err != nil {
		return err
	}
	if err := os.WriteFile(h.file("prometheus.yml"), []byte(h.scrapes()), 0o644); err != nil {
		return err
	}
	p := h.processes["prometheus"]
	p.Command = func(ctx context.Context, _ bool) (*exec.Cmd, error) {
		cmd := exec.CommandContext(ctx, program, "--config.file="+h.file("prometheus.yml"), "--storage.tsdb.path="+h.file("prometheus"),
			"--storage.tsdb.retention.time=1d", "--web.listen-address="+h.Address("prometheus"), "--enable-feature=exemplar-storage", "--log.level=warn")
		cmd.Env = ground()
		return cmd, nil
	}
	on.run(p)
	return h.await(ctx, "prometheus", answers(h.URL("prometheus")+"/-/ready"))
}

// BuildPrometheus builds prometheus and promtool into bin of the checkout and returns that
// folder. Whoever comes meanwhile waits, rather than to build the same beside it.
func BuildPrometheus(ctx context.Context) (bin string, err error) {
	h := &House{}
	if h.options.Root, err = root(); err != nil {
		return "", err
	}
	var said bytes.Buffer
	h.log = &supervise.Log{Out: &said, Name: "build"}
	if err := h.exclusively(func() error { return h.buildPrometheus(ctx) }); err != nil {
		return "", fmt.Errorf("%w: %s", err, &said)
	}
	return filepath.Join(h.options.Root, "bin"), nil
}

// buildPrometheus builds both programs. Their module stands alone: no service has to agree
// with the versions that it wants. The tag leaves out what finds targets in clouds.
func (h *House) buildPrometheus(ctx context.Context) error {
	const of = "github.com/prometheus/prometheus/cmd/"
	if err := h.tool(ctx, "env", "GOWORK=off", "GOFLAGS=", "go", "build", "-C", "scripts/tools/prometheus", "-buildvcs=false", "-tags=remove_all_sd",
		"-o", filepath.Join(h.options.Root, "bin")+"/", of+"prometheus", of+"promtool"); err != nil {
		return fmt.Errorf("build Prometheus: %w", err)
	}
	return nil
}

// scrapes is Prometheus's configuration: as ops/prometheus.yml, with the addresses of this
// house, and quicker, since nobody waits half a minute at a terminal.
func (h *House) scrapes() string {
	var out strings.Builder
	fmt.Fprintf(&out, "global: {scrape_interval: 2s, scrape_timeout: 2s, evaluation_interval: 5s}\nrule_files: [%q]\nscrape_configs:\n",
		filepath.Join(h.options.Root, "ops/rules/*.yml"))
	for _, s := range h.services {
		at := s.Name
		if s.Admin != 0 {
			at += " admin"
		}
		fmt.Fprintf(&out, "  - {job_name: %s, static_configs: [{targets: [%q]}]}\n", s.Name, h.Address(at))
	}
	return out.String()
}

// watched returns when Prometheus has loaded every rule and hears from every service, and
// tells of how many.
func (h *House) watched(ctx context.Context) error {
	if !h.options.Observe {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		rules, up, err := h.observed(ctx)
		if err == nil {
			h.log.Printf("Prometheus knows %d rules and hears from %d services", rules, up)
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("prometheus: %w", err)
		case <-time.After(look):
		}
	}
}

// observed counts Prometheus's rules and the services that answer it. A rule that could not
// be evaluated is an error, and so is a service that does not answer.
func (h *House) observed(ctx context.Context) (rules, up int, err error) {
	var groups struct {
		Groups []struct {
			Rules []struct{ Name, Health, LastError string }
		}
	}
	if err := h.askPrometheus(ctx, "rules", &groups); err != nil {
		return 0, 0, err
	}
	for _, group := range groups.Groups {
		for _, rule := range group.Rules {
			if rules++; rule.Health != "ok" {
				return 0, 0, fmt.Errorf("the rule %s is %s: %s", rule.Name, rule.Health, rule.LastError)
			}
		}
	}
	var targets struct {
		ActiveTargets []struct {
			Labels            map[string]string
			Health, LastError string
		}
	}
	if err := h.askPrometheus(ctx, "targets?state=active", &targets); err != nil {
		return 0, 0, err
	}
	for _, target := range targets.ActiveTargets {
		if up++; target.Health != "up" {
			return 0, 0, fmt.Errorf("%s is %s: %s", target.Labels["job"], target.Health, target.LastError)
		}
	}
	if rules == 0 || up != len(h.services) {
		err = fmt.Errorf("it has %d rules and hears from %d of %d services", rules, up, len(h.services))
	}
	return rules, up, err
}

// askPrometheus makes a call of its HTTP API.
func (h *House) askPrometheus(ctx context.Context, call string, answer any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, h.URL("prometheus")+"/api/v1/"+call, nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	var said struct {
		Status, Error string
		Data          json.RawMessage
	}
	if err := json.NewDecoder(res.Body).Decode(&said); err != nil {
		return err
	} else if said.Status != "success" {
		return errors.New(said.Error)
	}
	return json.Unmarshal(said.Data, answer)
}
