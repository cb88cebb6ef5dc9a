package main

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/scripts/internal/person"
)

// bound is what product.md asks of the slowest of a hundred lists.
const bound = 25 * time.Millisecond

// kinds are what people ask their lists, by what it takes to answer.
var kinds = []struct {
	name    string
	queries []string
}{
	{"list", []string{"", "status=pending", "status=all&order=desc"}},
	{"filter", []string{"due=week", "due=overdue&sort=priority", "tag=tag7", "tag=tag7&tag=tag8&status=pending", "priority=critical&status=pending"}},
	{"sort", []string{"sort=priority", "sort=updated&status=completed", "sort=title", "sort=created&order=asc"}},
	{"search", []string{"q=water+plants", "q=plants", "q=notes", "q=zzz", "q=w4c", "q=%22water+plants%22+-7"}},
	{"search, words of one or two letters", []string{"q=a", "q=nt", "q=zq", "q=7+plants", "q=%C3%BC"}},
	{"search by relevance", []string{"q=plants&sort=relevance", "q=notes&sort=relevance", "q=wat&sort=relevance", "q=a&sort=relevance", "q=zq&sort=relevance"}},
}

// rounds is how often each query is asked.
const rounds = 30

// lists measures reading, filtering, sorting and searching for somebody with 100,000 tasks among
// few of other people's, and among as many as are asked for; there also for somebody whose tasks
// lie scattered among them. What takes longer than it may is shown with its plan.
func lists(ctx context.Context, b *bench) ([]Row, error) {
	admin, err := postgres.Open(b.house.AdminURL())
	if err != nil {
		return nil, err
	}
	defer admin.Close()
	t, err := b.settle(ctx, admin)
	if err != nil {
		return nil, err
	}
	var rows []Row
	var before *asked
	for _, others := range t.sizes(b.others) {
		if err := t.grow(ctx, others); err != nil {
			return nil, err
		}
		for i, p := range t.people[:t.own] {
			seen, err := b.ask(ctx, admin, p)
			if err != nil {
				return nil, err
			}
			where := fmt.Sprintf("%s own among %s of others", thousands(ownTasks), thousands(t.others))
			if i > 0 {
				where += ", scattered"
			}
			rows = append(rows, seen.rows(where, before)...)
			if i == 0 {
				before = seen
			}
			b.notes = append(b.notes, seen.plans...)
		}
	}
	return rows, nil
}

// asked is what one person saw.
type asked struct {
	reference times // the same page of the first list, read by its SQL alone
	kinds     []times
	cold      []time.Duration // the slowest of each query's first time, when its rows may lie on the disk alone
	slowest   []string
	plans     []string
}

// ask times every query, and apart from the others its first time.
func (b *bench) ask(ctx context.Context, admin *sqlx.DB, p *person.Person) (*asked, error) {
	a := &asked{kinds: make([]times, len(kinds)), cold: make([]time.Duration, len(kinds)), slowest: make([]string, len(kinds))}
	if err := a.refer(ctx, admin, p.ID); err != nil {
		return nil, err
	}
	var missed []string
	for i, kind := range kinds {
		var worst time.Duration
		for _, query := range kind.queries {
			var of times
			for round := range rounds + 1 {
				began := time.Now()
				if _, err := p.Call(ctx, "GET", "tasks?limit=50&"+query, nil, "", nil); err != nil {
					return nil, fmt.Errorf("%s: %w", query, err)
				}
				took := time.Since(began)
				if round == 0 {
					a.cold[i] = max(a.cold[i], took)
					continue
				}
				of.add(took)
				a.kinds[i].add(took)
			}
			p99 := of.at(99)
			if p99 > worst {
				a.slowest[i], worst = fmt.Sprintf("slowest: %s, p50 %s, p99 %s", query, milli(of.at(50)), milli(p99)), p99
			}
			if p99 > bound {
				missed = append(missed, query)
				a.plans = append(a.plans, fmt.Sprintf("tasks?%s took p50 %s, p99 %s:\n", query, milli(of.at(50)), milli(p99)))
			}
		}
	}
	plans, err := b.explain(ctx, admin, p, missed)
	for i, plan := range plans {
		a.plans[i] += plan
	}
	return a, err
}

// refer times what the machine itself does: fifty rows along the index of the due date.
func (a *asked) refer(ctx context.Context, admin *sqlx.DB, userID string) error {
	for range 10 * rounds {
		began := time.Now()
		rows, err := admin.QueryxContext(ctx, `SELECT * FROM api.tasks WHERE user_id = `+pq.QuoteLiteral(userID)+`
			AND deleted_at IS NULL ORDER BY due_at, id LIMIT 50`)
		if err != nil {
			return fmt.Errorf("the reference: %w", err)
		}
		for rows.Next() {
			if _, err := rows.SliceScan(); err != nil {
				return fmt.Errorf("the reference: %w", err)
			}
		}
		if err := rows.Close(); err != nil {
			return fmt.Errorf("the reference: %w", err)
		}
		a.reference.add(time.Since(began))
	}
	return nil
}

// rows are those of the table; the ratio is to what was seen before others had so many.
func (a *asked) rows(where string, before *asked) []Row {
	all := make([]Row, len(kinds))
	for i, kind := range kinds {
		all[i] = Row{kind.name + ", " + where, "p99 ≤ 25 ms", a.kinds[i].String() + ", the first " + milli(a.cold[i]), a.slowest[i], ""}
		if before != nil {
			all[i].Ratio = fmt.Sprintf("%.2f of before", float64(a.kinds[i].at(50))/float64(before.kinds[i].at(50)))
		}
	}
	all[0].Reference += "; the same rows by SQL alone: " + a.reference.String()
	return all
}
