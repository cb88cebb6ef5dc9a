package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/tickler-app/tickler/pkg/outbox"
	"github.com/tickler-app/tickler/pkg/postgres"
)

// provision gives each service its schema, and its roles the passwords in their files.
func provision(ctx context.Context, admin, dir string, services []string, out io.Writer) error {
	if len(services) == 0 {
		return errors.New("no service named")
	}
	for _, service := range services {
		passwords := map[string]string{}
		for file, kind := range roleFiles(service) {
			role := service + "_" + kind
			password, err := passwordIn(filepath.Join(dir, file), role)
			if err != nil {
				return err
			}
			passwords[role] = password
		}
		if _, err := postgres.Provision(ctx, admin, service, func(role string) string { return passwords[role] }); err != nil {
			return err
		}
		fmt.Fprintf(out, "%s has its schema and roles\n", service)
	}
	return nil
}

// restored makes outboxes fit the server that their rows were read into.
func restored(ctx context.Context, admin string, services []string, out io.Writer) error {
	if len(services) == 0 {
		return errors.New("no service named")
	}
	db, err := postgres.Open(admin)
	if err != nil {
		return err
	}
	defer db.Close()
	if err := outbox.Restored(ctx, db, services...); err != nil {
		return err
	}
	fmt.Fprintf(out, "the outboxes of %s fit this server; now: topics reset-cursor for each\n", strings.Join(services, ", "))
	return nil
}

// passwordIn reads the password of a role from a file with its address. What is wrong with
// it is told without a word of what is in it.
func passwordIn(path, role string) (string, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	address, err := url.Parse(strings.TrimSpace(string(content)))
	if err != nil || address.User.Username() != role {
		return "", fmt.Errorf("%s is not the address of a database for the role %s", path, role)
	}
	password, set := address.User.Password()
	if !set || password == "" {
		return "", fmt.Errorf("%s has no password", path)
	}
	return password, nil
}
