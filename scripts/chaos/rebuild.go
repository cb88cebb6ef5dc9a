package main

import (
	"context"
	"fmt"
	"net/url"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/jmoiron/sqlx"

	"github.com/tickler-app/tickler/pkg/postgres"
)

// rebuild makes the trail anew from the log, in a database of its own, by the service's own
// command, and returns its rows.
func (t *town) rebuild(ctx context.Context, admin *sqlx.DB) (map[string]string, error) {
	if _, err := admin.ExecContext(ctx, `CREATE DATABASE rebuilt`); err != nil {
		return nil, err
	}
	address, err := url.Parse(t.house.AdminURL())
	if err != nil {
		return nil, err
	}
	address.Path = "/rebuilt"
	// The roles are those of the whole server, so they keep the passwords that the house uses.
	passwords, err := passwordsOf(t.house.Database("audit"))
	if err != nil {
		return nil, err
	}
	at, err := postgres.Provision(ctx, address.String(), "audit", func(role string) string { return passwords[role] })
	if err != nil {
		return nil, err
	}
	for _, command := range []string{"migrate", "rebuild"} {
		cmd := exec.CommandContext(ctx, filepath.Join(t.state, t.Broker, "bin", "audit"), command)
		cmd.Env = []string{
			"DATABASE_URL=" + at.URL, "WORK_DATABASE_URL=" + at.WorkURL, "MIGRATE_DATABASE_URL=" + at.MigrateURL,
			"KAFKA_BROKERS=" + strings.Join(t.house.Kafka().Brokers, ","), "LOG_LEVEL=warn",
			"AUTH_ISSUER=" + t.house.Public(), "AUTH_AUDIENCE=" + t.house.Public(), "AUTH_JWKS_URL=" + t.house.URL("identity"),
		}
		if said, err := cmd.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("audit %s: %w: %s", command, err, said)
		}
	}
	db, err := postgres.Open(address.String())
	if err != nil {
		return nil, err
	}
	defer db.Close()
	return rows(ctx, db)
}

// passwordsOf are the passwords of a service's roles.
func passwordsOf(at postgres.Settings) (map[string]string, error) {
	passwords := map[string]string{}
	for _, address := range []string{at.URL, at.WorkURL, at.MigrateURL} {
		u, err := url.Parse(address)
		if err != nil {
			return nil, err
		}
		passwords[u.User.Username()], _ = u.User.Password()
	}
	return passwords, nil
}

// rows are those of a trail: a print of each, by the event's id.
func rows(ctx context.Context, db *sqlx.DB) (map[string]string, error) {
	var found []struct{ ID, Print string }
	if err := db.SelectContext(ctx, &found, `
		SELECT event_id::text AS id, md5(row(at, user_id, task_id, event_type, content)::text) AS print FROM audit.audit_log`); err != nil {
		return nil, fmt.Errorf("read the rows of a trail: %w", err)
	}
	prints := map[string]string{}
	for _, row := range found {
		prints[row.ID] = row.Print
	}
	return prints, nil
}
