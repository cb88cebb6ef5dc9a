package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/tickler-app/tickler/scripts/internal/person"
)

// ear hears the house's log while somebody listens.
type ear struct {
	mu    sync.Mutex
	open  bool
	heard bytes.Buffer
}

// Write implements io.Writer.
func (e *ear) Write(p []byte) (int, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.open {
		e.heard.Write(p)
	}
	return len(p), nil
}

// listen begins anew.
func (e *ear) listen() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.open = true
	e.heard.Reset()
}

// of is what a process said since, without its name before each line.
func (e *ear) of(process string) string {
	e.mu.Lock()
	defer e.mu.Unlock()
	var said strings.Builder
	for line := range strings.Lines(e.heard.String()) {
		if who, rest, ok := strings.Cut(line, " "); ok && strings.TrimSpace(who) == process {
			said.WriteString(rest)
		}
	}
	return said.String()
}

// telling is what makes PostgreSQL say in its log how it carried out what api's requests ask.
var telling = []string{"session_preload_libraries = 'auto_explain'", "auto_explain.log_min_duration = 0", "auto_explain.log_analyze = on", "auto_explain.log_buffers = on"}

// explain asks lists once more and returns how PostgreSQL carried out what was asked there that
// took more than a millisecond (EXPLAIN ANALYZE, by its module auto_explain).
func (b *bench) explain(ctx context.Context, admin *sqlx.DB, p *person.Person, queries []string) (plans []string, err error) {
	if len(queries) == 0 {
		return nil, nil
	}
	if err := b.api(ctx, admin, p, "SET ", telling); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, b.api(ctx, admin, p, "RESET ", telling)) }()
	for _, query := range queries {
		b.log.listen()
		if _, err := p.Call(ctx, "GET", "tasks?limit=50&"+query, nil, "", nil); err != nil {
			return nil, err
		}
		said := ""
		for deadline := time.Now().Add(5 * time.Second); !strings.Contains(said, "Query Text: COMMIT") && time.Now().Before(deadline); {
			time.Sleep(50 * time.Millisecond)
			said = b.log.of("postgres")
		}
		plans = append(plans, longer(said))
	}
	return plans, nil
}

// api changes settings of the role that answers requests, whose connections are made anew.
func (b *bench) api(ctx context.Context, admin *sqlx.DB, p *person.Person, verb string, settings []string) error {
	for _, setting := range settings {
		if verb == "RESET " {
			setting, _, _ = strings.Cut(setting, " =")
		}
		if _, err := admin.ExecContext(ctx, "ALTER ROLE api_app "+verb+setting); err != nil {
			return fmt.Errorf("watch PostgreSQL: %w", err)
		}
	}
	if _, err := admin.ExecContext(ctx, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'api_app'`); err != nil {
		return fmt.Errorf("watch PostgreSQL: %w", err)
	}
	for range 2 * poolSize { // each call that meets a connection of before fails, and drops it
		_, _ = p.Call(ctx, "GET", "tasks?limit=1", nil, "", nil)
	}
	return nil
}

// poolSize is at least how many connections api has.
const poolSize = 24

// longer keeps the plans that took more than a millisecond.
func longer(said string) string {
	var kept []string
	for _, plan := range strings.Split(said, "LOG:  duration: ")[1:] {
		var took float64
		if _, err := fmt.Sscanf(plan, "%f ms", &took); err == nil && took > 1 {
			kept = append(kept, plan)
		}
	}
	return strings.Join(kept, "")
}
