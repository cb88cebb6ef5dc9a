package main

import (
	"context"
	"fmt"
	"net/url"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/scripts/internal/person"
)

// people is how many write at the same time: each one's writes are one after another.
const people = 16

// create measures the 201 of a new task: how long at a steady rate, and how many at most,
// beside the same SQL driven by pgbench into the same database.
func create(ctx context.Context, b *bench) ([]Row, error) {
	crowdOf, err := b.crowd(ctx, people)
	if err != nil {
		return nil, err
	}
	add := func(i int) error {
		_, err := crowdOf[i%people].Add(ctx, "", map[string]any{"title": "Pay rent", "priority": "high", "tags": []string{"home"}, "due_date": "2030-12-31T09:00"})
		return err
	}
	if _, err := crowd(ctx, people, 2*time.Second, add); err != nil { // warm
		return nil, err
	}
	var took times
	pace(ctx, b.rate, b.seconds, func(i int) {
		began := time.Now()
		if err := add(i); err == nil {
			took.add(time.Since(began))
		}
	})
	n, err := crowd(ctx, people, time.Duration(b.seconds)*time.Second, add)
	if err != nil {
		return nil, err
	}
	ours := float64(n) / float64(b.seconds)
	theirs, err := b.pgbench(ctx)
	if err != nil {
		return nil, err
	}
	return []Row{
		{fmt.Sprintf("201 for a new task, durable, %d/s", b.rate), "p50 ≤ 3 ms, p99 ≤ 15 ms", took.String(),
			"pgbench, same SQL: " + theirs.took.String(), fmt.Sprintf("%.1f", float64(took.at(50))/float64(theirs.took.at(50)))},
		{fmt.Sprintf("201 for a new task, %d people, at most", people), "≥ 60 % of pgbench", fmt.Sprintf("%.0f/s", ours),
			fmt.Sprintf("pgbench, same SQL: %.0f/s", theirs.most), fmt.Sprintf("%.0f %%", 100*ours/theirs.most)},
	}, nil
}

// crowd signs people up whose calls go to the services themselves.
func (b *bench) crowd(ctx context.Context, n int) (all []*person.Person, err error) {
	for range n {
		p, err := person.SignUp(ctx, b.house.Public(), "Europe/Berlin")
		if err != nil {
			return nil, err
		}
		p.API, p.Trail = b.house.URL("api"), b.house.URL("audit")
		all = append(all, p)
	}
	return all, nil
}

// empty makes an empty database beside api's own, on the same server, with api's schema and
// roles: what pgbench writes is for no relay to send.
func (b *bench) empty(ctx context.Context) (*url.URL, error) {
	ways := b.house.Database("api")
	beside := func(address string) (*url.URL, error) {
		u, err := url.Parse(address)
		if err == nil {
			u.Path = "/pgbench"
		}
		return u, err
	}
	admin, err := postgres.Open(b.house.AdminURL())
	if err != nil {
		return nil, err
	}
	defer admin.Close()
	if _, err := admin.ExecContext(ctx, `CREATE DATABASE pgbench`); err != nil {
		return nil, err
	}
	passwords := map[string]string{}
	for _, address := range []string{ways.URL, ways.WorkURL, ways.MigrateURL} {
		u, err := url.Parse(address)
		if err != nil {
			return nil, err
		}
		passwords[u.User.Username()], _ = u.User.Password()
	}
	at, err := beside(b.house.AdminURL())
	if err != nil {
		return nil, err
	}
	made, err := postgres.Provision(ctx, at.String(), "api", func(role string) string { return passwords[role] })
	if err != nil {
		return nil, err
	}
	migrate := exec.CommandContext(ctx, filepath.Join(b.house.State(), "bin", "api"), "migrate")
	migrate.Env = []string{"MIGRATE_DATABASE_URL=" + made.MigrateURL, "DATABASE_URL=" + made.URL, "WORK_DATABASE_URL=" + made.WorkURL,
		"KAFKA_BROKERS=localhost:9092", "AUTH_ISSUER=http://localhost", "AUTH_AUDIENCE=http://localhost", "AUTH_JWKS_URL=http://localhost/jwks"}
	if said, err := migrate.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("api migrate: %w: %s", err, said)
	}
	return url.Parse(made.URL)
}
