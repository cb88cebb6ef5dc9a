package deploy

import (
	"strings"

	"github.com/twmb/franz-go/pkg/kadm"

	events "github.com/tickler-app/tickler/proto-events"
)

// mishaps are what has gone wrong for somebody once, or will.
var mishaps = []mishap{
	// Settings.
	{name: "a setting is malformed", service: "audit", set: map[string]string{"AUDIT_RETENTION": "soon"}, says: "AUDIT_RETENTION: soon is not a duration", exits: true},
	{name: "a setting is misspelt", service: "audit", set: map[string]string{"AUDIT_RETENTON": "1h"}, says: "AUDIT_RETENTON is no setting: was AUDIT_RETENTION meant?", exits: true},
	{name: "a secret cannot be read", service: "audit", set: map[string]string{"DATABASE_URL": "", "DATABASE_URL_FILE": "/nowhere/url"}, says: "DATABASE_URL_FILE: open /nowhere/url", exits: true},
	{name: "an address of a database is none", service: "audit", set: map[string]string{"DATABASE_URL": "localhost:5432"}, says: "DATABASE_URL", exits: true},
	{name: "an address of the keys is none", service: "realtime", set: map[string]string{"AUTH_JWKS_URL": "identity:8007"}, says: "AUTH_JWKS_URL: identity:8007 is not of the form http://host", exits: true},
	{name: "an address of another service is none", service: "mcp", set: map[string]string{"API_URL": "api"}, says: "API_URL: api is not of the form http://host", exits: true},
	{name: "the public address is none", service: "web", set: map[string]string{"PUBLIC_URL": "todo.example"}, says: "PUBLIC_URL: todo.example is not of the form http://host", exits: true},
	{name: "an address of a broker is none", service: "recurring", set: map[string]string{"KAFKA_BROKERS": "broker:port"}, says: "KAFKA_BROKERS: broker:port is not of the form host:port", exits: true},
	{name: "the way to sign in to a broker is none", service: "recurring", set: map[string]string{"KAFKA_SASL_MECHANISM": "SCRAM-SHA-1"}, says: "KAFKA_SASL_MECHANISM: SCRAM-SHA-1 is not one of SCRAM-SHA-256, SCRAM-SHA-512, PLAIN", exits: true},
	{name: "a level of the log is none", service: "scheduler", set: map[string]string{"LOG_LEVEL": "loud"}, says: "LOG_LEVEL: loud is not debug, info, warn or error", exits: true},
	{name: "profiles would be for everybody", service: "scheduler", set: map[string]string{"DEBUG_ADDR": "0.0.0.0:0"}, says: "DEBUG_ADDR: 0.0.0.0:0 is not an address on loopback", exits: true},
	{name: "a sealing key is none", service: "identity", set: map[string]string{"SECRET_KEY": "k1:short"}, says: "SECRET_KEY", exits: true},
	{name: "a secret is too short", service: "identity", set: map[string]string{"AUTH_SECRET": "short"}, says: "AUTH_SECRET is shorter than 32 characters", exits: true},
	{name: "hosts that webhooks may reach are none", service: "notification", set: map[string]string{"WEBHOOK_ALLOW_PRIVATE": "10.0.0.0/99"}, says: "WEBHOOK_ALLOW_PRIVATE", exits: true},
	{name: "a certificate is not there", service: "recurring", set: map[string]string{"TLS_CERT_FILE": "/nowhere", "TLS_KEY_FILE": "/nowhere", "TLS_CA_FILE": "/nowhere"}, says: "TLS_CERT_FILE", exits: true},
	{name: "a certificate has no key", service: "recurring", set: map[string]string{"TLS_CERT_FILE": "/nowhere"}, says: "go together", exits: true},

	// The broker.
	{name: "no broker is there", service: "recurring", set: map[string]string{"KAFKA_BROKERS": "127.0.0.1:1"}, says: "KAFKA_BROKERS: "},
	{name: "the broker does not know the password", service: "recurring", set: map[string]string{"KAFKA_SASL_PASSWORD": "wrong"}, says: "KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD: the broker "},
	{name: "the broker's authority cannot be read", service: "recurring", set: map[string]string{"KAFKA_TLS": "/nowhere/ca.pem"}, says: "KAFKA_TLS: open /nowhere/ca.pem"},
	{name: "a topic is missing", service: "recurring", happens: func(g *ground) { g.remove(events.TaskCommands) },
		says: "topic task-commands is missing: run `topics apply`"},
	{name: "a topic is missing to the outbox", service: "identity", happens: func(g *ground) { g.remove(events.UserEvents) },
		says: "topic user-events is missing: run `topics apply`"},
	{name: "a topic has other settings", service: "audit", happens: func(g *ground) { g.alter(events.TaskEvents, "retention.ms", "1000") },
		says: "topic task-events has retention.ms=1000, not 2592000000: run `topics apply`"},
	{name: "the state of timers has other partitions", service: "scheduler", happens: func(g *ground) { g.remove(events.TimerState); g.create(events.TimerState, 3) },
		says: "timer-commands has 8 partitions and timer-state has 3"},
	{name: "another service's user signs in", service: "audit", set: map[string]string{"KAFKA_SASL_USERNAME": "recurring", "KAFKA_SASL_PASSWORD": "recurring"},
		says: "read notification-events"},
	{name: "a topic may not be written", service: "recurring", happens: func(g *ground) { g.withdraw("recurring", kadm.NewACLs().Topics(events.TaskCommands)) },
		says: "it may not write task-commands: run `topics access`, which gives recurring its rights"},
	{name: "the group may not be joined", service: "audit", happens: func(g *ground) { g.withdraw("audit", kadm.NewACLs().Groups("audit")) },
		says: "it may not be in the group audit: run `topics access`"},
	{name: "transactions may not be made", service: "scheduler", happens: func(g *ground) {
		g.withdraw("scheduler", kadm.NewACLs().TransactionalIDs("scheduler").ResourcePatternType(kadm.ACLPatternPrefixed))
	}, says: "it may not write in transactions named scheduler-…: run `topics access`"},

	// The database.
	{name: "no database is there", service: "audit", set: map[string]string{"DATABASE_URL": "postgres://audit_app:x@127.0.0.1:1/tickler"}, says: "DATABASE_URL: "},
	{name: "the database does not know who answers", service: "audit", happens: func(g *ground) { g.forgets("DATABASE_URL") }, says: "DATABASE_URL: pq: password authentication failed"},
	{name: "the database does not know who consumes", service: "audit", happens: func(g *ground) { g.forgets("WORK_DATABASE_URL") }, says: "WORK_DATABASE_URL: pq: password authentication failed"},
	{name: "the schema is older", service: "audit", happens: func(g *ground) { g.execute(`DELETE FROM audit.migrations WHERE file_name LIKE '0001%'`) },
		says: "the schema is older than this program, it lacks audit/0001_"},
	{name: "there is no schema yet", service: "identity", happens: func(g *ground) { g.execute(`DROP TABLE identity.migrations`) }, says: "run the command migrate of this release"},
	{name: "the database is too old", service: "audit", happens: func(g *ground) { g.pretend("current_setting(text)", "text", `'160004'`) },
		says: "PostgreSQL 16 is too old: 17 or newer is needed"},

	// Time.
	{name: "the clock is behind", service: "audit", happens: func(g *ground) {
		g.pretend("clock_timestamp()", "timestamptz", `pg_catalog.clock_timestamp() + interval '1 hour'`)
	},
		says: "this machine's clock is 1h0m"},
	{name: "the clock is ahead", service: "audit", happens: func(g *ground) {
		g.pretend("clock_timestamp()", "timestamptz", `pg_catalog.clock_timestamp() - interval '1 hour'`)
	},
		says: "ahead of the database's: set both by NTP"},
	{name: "a certificate expired", service: "recurring", happens: func(g *ground) { g.certificate(-48, -24) }, says: "TLS_CERT_FILE: the certificate expired at "},
	{name: "a certificate is not valid yet", service: "recurring", happens: func(g *ground) { g.certificate(24, 48) }, says: "is this machine's clock right?"},
}

// forgets gives the service a password that the database does not know.
func (g *ground) forgets(setting string) {
	g.environment[setting] = strings.Replace(g.environment[setting], "@", "-forgotten@", 1)
}
