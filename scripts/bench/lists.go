package main

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/scripts/internal/person"
)

// Sizes of the lists: a person's own tasks, and other people's beside them.
const (
	ownTasks     = 100_000
	foreignTasks = 400_000
	perStranger  = 1_000
)

// fill gives people tasks without the services, which would take an hour: $1 is a person or
// a stranger's prefix, $2 how many tasks, $3 how many a stranger has (0: all are one's).
const fill = `
	WITH made AS (
		INSERT INTO api.tasks (user_id, id, title, title_key, description, completed_at, priority, tags, due_wall, due_timed, due_at,
			time_zone, version, seq, created_at, updated_at, deleted_at, reminders, rings_at, series, series_id, series_place)
		SELECT $1 || CASE WHEN $3 > 0 THEN (n / $3)::text ELSE '' END, uuidv7(), 'Task ' || md5(n::text), 'task ' || md5(n::text),
			CASE WHEN n % 10 = 0 THEN repeat('some notes ', 20) ELSE '' END, CASE WHEN n % 3 = 0 THEN now() END, n % 4 - 1,
			ARRAY['tag' || n % 50], now() + (n % 1000 - 500) * interval '1 hour', true, now() + (n % 1000 - 500) * interval '1 hour',
			'', 1, n, now() - n * interval '1 second', now() - n * interval '1 second', NULL, '[]', NULL, NULL, NULL, NULL
		FROM generate_series(1, $2) n RETURNING user_id, id, title_key, tags
	)
	INSERT INTO api.task_search (user_id, task_id, text, tags) SELECT user_id, id, title_key, tags FROM made`

// lists measures reading, filtering and searching for somebody with many tasks, before and
// after other people have many as well.
func lists(ctx context.Context, b *bench) ([]Row, error) {
	crowdOf, err := b.crowd(ctx, 1)
	if err != nil {
		return nil, err
	}
	admin, err := postgres.Open(b.house.AdminURL())
	if err != nil {
		return nil, err
	}
	defer admin.Close()
	ada := crowdOf[0]
	if err := do(ctx, admin, step{fill, []any{ada.ID, ownTasks, 0}},
		step{`INSERT INTO api.people (user_id, seq) VALUES ($1, $2) ON CONFLICT (user_id) DO UPDATE SET seq = EXCLUDED.seq`, []any{ada.ID, ownTasks}},
		step{`VACUUM ANALYZE api.tasks, api.task_search`, nil}); err != nil {
		return nil, err
	}
	alone, slowest, err := ask(ctx, ada)
	if err != nil {
		return nil, err
	}
	if err := do(ctx, admin, step{fill, []any{"stranger-", foreignTasks, perStranger}}, step{`VACUUM ANALYZE api.tasks, api.task_search`, nil}); err != nil {
		return nil, err
	}
	among, _, err := ask(ctx, ada)
	if err != nil {
		return nil, err
	}
	return []Row{
		{"list, filter, search of 100,000 own tasks", "p99 ≤ 25 ms", alone.String(), "slowest: " + slowest, ""},
		{fmt.Sprintf("the same among %d,000 of others", foreignTasks/1000), "flat", among.String(), "", fmt.Sprintf("%.2f", float64(among.at(50))/float64(alone.at(50)))},
	}, nil
}

// step is a statement and its arguments.
type step struct {
	statement string
	args      []any
}

func do(ctx context.Context, db *sqlx.DB, steps ...step) error {
	for _, s := range steps {
		if _, err := db.ExecContext(ctx, s.statement, s.args...); err != nil {
			return fmt.Errorf("fill: %w", err)
		}
	}
	return nil
}

// queries are what people ask their lists.
var queries = []string{"", "status=pending", "sort=priority", "sort=updated&status=completed", "sort=title", "due=week", "due=overdue&sort=priority",
	"tag=tag7", "priority=critical&status=pending", "q=task+a1b", "q=notes", "q=zzz"}

// ask times every query, and tells which was the slowest.
func ask(ctx context.Context, p *person.Person) (took *times, slowest string, err error) {
	took = &times{}
	var worst time.Duration
	for _, query := range queries {
		var of times
		for range 30 {
			began := time.Now()
			if _, err := p.Call(ctx, "GET", "tasks?limit=50&"+query, nil, "", nil); err != nil {
				return nil, "", fmt.Errorf("%s: %w", query, err)
			}
			of.add(time.Since(began))
			took.add(time.Since(began))
		}
		if p99 := of.at(99); p99 > worst {
			slowest, worst = query, p99
		}
	}
	return took, slowest + " " + milli(worst), nil
}
