package testkit

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/tickler-app/tickler/pkg/postgres"
)

// Database returns the address, as superuser, of a new and empty database for this test
// alone.
func Database(t testing.TB) string {
	t.Helper()
	return create(t, "")
}

// Service returns the ways into a new database, for this test alone, in which the service
// has its roles and its schema, migrated. It is a copy of one that was migrated once.
func Service(t testing.TB, service string, sets ...postgres.Set) postgres.Settings {
	t.Helper()
	template, err := templates.of(service, sets)
	if err != nil {
		t.Fatal(err)
	}
	return settings(create(t, template), service)
}

// provisioning goes one by one: roles are of the whole server, and Provision's lock is of one
// database.
var provisioning sync.Mutex

// Provision returns the ways into the database at address, one of Database, in which the
// service then has its roles and an empty schema. Tests may call it side by side.
func Provision(t testing.TB, address, service string) postgres.Settings {
	t.Helper()
	ways, err := provision(t.Context(), address, service)
	if err != nil {
		t.Fatal(err)
	}
	return ways
}

func provision(ctx context.Context, address, service string) (postgres.Settings, error) {
	provisioning.Lock()
	defer provisioning.Unlock()
	return postgres.Provision(ctx, address, service, password)
}

// templates are the migrated databases of this process.
var templates = templateStore{made: map[string]string{}}

type templateStore struct {
	mu   sync.Mutex
	made map[string]string // name of the database, by service and its sets
}

func (s *templateStore) of(service string, sets []postgres.Set) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := service
	for _, set := range sets {
		key += "/" + set.Name
	}
	if name, ok := s.made[key]; ok {
		return name, nil
	}
	server, err := server()
	if err != nil {
		return "", err
	}
	ctx := context.Background()
	name := "template_" + strings.ToLower(rand.Text())
	if err := execute(ctx, server.url, "CREATE DATABASE "+name); err != nil {
		return "", err
	}
	address := inDatabase(server.url, name)
	if _, err := provision(ctx, address, service); err != nil {
		return "", err
	}
	if err := postgres.Migrate(ctx, settings(address, service).MigrateURL, sets...); err != nil {
		return "", err
	}
	s.made[key] = name
	return name, nil
}

// password is of no worth: the server listens on loopback and ends with the tests.
func password(role string) string { return role }

func settings(address, service string) postgres.Settings {
	as := func(role string) string {
		return strings.Replace(address, "postgres:postgres@", role+":"+password(role)+"@", 1)
	}
	return postgres.Settings{URL: as(service + "_app"), WorkURL: as(service + "_work"), MigrateURL: as(service + "_owner")}
}

func create(t testing.TB, template string) string {
	t.Helper()
	server, err := server()
	if err != nil {
		t.Fatal(err)
	}
	name := "test_" + strings.ToLower(rand.Text())
	statement := "CREATE DATABASE " + name
	if template != "" {
		statement += " TEMPLATE " + template + " STRATEGY FILE_COPY"
	}
	if err := execute(t.Context(), server.url, statement); err != nil {
		t.Fatal(err)
	}
	return inDatabase(server.url, name)
}

func inDatabase(address, name string) string {
	return strings.Replace(address, "/postgres?", "/"+name+"?", 1)
}

func execute(ctx context.Context, address, statement string) error {
	db, err := sql.Open("postgres", address)
	if err != nil {
		return err
	}
	defer db.Close()
	if _, err := db.ExecContext(ctx, statement); err != nil {
		return fmt.Errorf("%s: %w", statement, err)
	}
	return nil
}
