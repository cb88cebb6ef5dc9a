package postgres

import (
	"context"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"github.com/lib/pq"
)

// The roles of a service. None of them sees a row of another service's schema.
const (
	Owner = "owner" // owns the schema and migrates it; nothing else
	App   = "app"   // answers requests; row-level policies narrow it to one person
	Work  = "work"  // consumers, relay and timers: all rows
)

var serviceName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,30}$`)

// Provision gives a service its schema and its three roles in the database at address,
// which must be a superuser's, and returns how they connect. It may be run again at any
// time, also with other passwords; password is asked for each role by its full name.
//
// Every role ends transactions after 5 s, idle ones too: the oldest transaction of the
// whole cluster holds back every relay, also if it is in another database.
func Provision(ctx context.Context, address, service string, password func(role string) string) (Settings, error) {
	if !serviceName.MatchString(service) {
		return Settings{}, fmt.Errorf("%q cannot name a schema", service)
	}
	db, err := Open(address)
	if err != nil {
		return Settings{}, err
	}
	defer db.Close()
	var statements strings.Builder
	// One provisioning at a time: concurrent changes of a role's row would fail.
	statements.WriteString("BEGIN; SELECT pg_advisory_xact_lock(hashtextextended('provision', 0));\n")
	for _, kind := range []string{Owner, App, Work} {
		role := service + "_" + kind
		fmt.Fprintf(&statements, createRole, pq.QuoteLiteral(role), role, pq.QuoteLiteral(password(role)), service)
	}
	fmt.Fprintf(&statements, createSchema, service)
	statements.WriteString("COMMIT")
	if _, err := db.ExecContext(ctx, statements.String()); err != nil {
		return Settings{}, Fault(fmt.Errorf("provision %s: %w", service, err))
	}
	as := func(kind string) string {
		u, _ := url.Parse(address) // Open has read it already
		u.User = url.UserPassword(service+"_"+kind, password(service+"_"+kind))
		return u.String()
	}
	return Settings{URL: as(App), WorkURL: as(Work), MigrateURL: as(Owner)}, nil
}

const createRole = `
DO $$ BEGIN
	IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = %[1]s) THEN
		CREATE ROLE %[2]s LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
	END IF;
END $$;
ALTER ROLE %[2]s PASSWORD %[3]s;
ALTER ROLE %[2]s SET search_path = %[4]s, public;
ALTER ROLE %[2]s SET transaction_timeout = '5s';
ALTER ROLE %[2]s SET max_parallel_workers_per_gather = 0; -- one request has one core, others wait for theirs
ALTER ROLE %[2]s SET idle_in_transaction_session_timeout = '5s';
`

// createSchema also puts the extensions that search needs where every service finds them.
const createSchema = `
CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA public;
CREATE EXTENSION IF NOT EXISTS unaccent SCHEMA public;
CREATE EXTENSION IF NOT EXISTS btree_gin SCHEMA public;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
CREATE SCHEMA IF NOT EXISTS %[1]s AUTHORIZATION %[1]s_owner;
GRANT USAGE ON SCHEMA %[1]s TO %[1]s_app, %[1]s_work;
ALTER DEFAULT PRIVILEGES FOR ROLE %[1]s_owner IN SCHEMA %[1]s
	GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO %[1]s_app, %[1]s_work;
ALTER DEFAULT PRIVILEGES FOR ROLE %[1]s_owner IN SCHEMA %[1]s
	GRANT USAGE, SELECT ON SEQUENCES TO %[1]s_app, %[1]s_work;
`
