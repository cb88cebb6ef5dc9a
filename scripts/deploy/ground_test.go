package deploy

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	sasl "github.com/twmb/franz-go/pkg/sasl/plain"

	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/pkg/testkit"
	events "github.com/tickler-app/tickler/proto-events"
	"github.com/tickler-app/tickler/scripts/internal/journal"
)

// ground is what one service stands on, with nothing wrong: a broker that lets each do what it
// must and no more, a database where it has one, and all settings. Where it is not raised, only
// the settings are as they would be.
type ground struct {
	*testing.T
	bin, service string
	environment  map[string]string
	admin        *kadm.Client
	database     string // as who may do everything; empty: it has none
	address      string // where the service answers
	said         *journal.Journal
}

func newGround(t *testing.T, bin, service string, raised bool) *ground {
	t.Helper()
	key := base64.StdEncoding.EncodeToString(make([]byte, 32))
	g := &ground{T: t, bin: bin, service: service, said: &journal.Journal{}, environment: map[string]string{
		"PUBLIC_URL": "https://todo.example", "AUTH_ISSUER": "https://todo.example", "AUTH_AUDIENCE": "https://todo.example",
		"AUTH_JWKS_URL": "http://127.0.0.1:1/api/auth/jwks", "AUTH_SECRET": strings.Repeat("s", 32), "AUTH_CLIENT_SECRET": "web:" + strings.Repeat("c", 32),
		"SECRET_KEY": "k1:" + key, "ADMIN_ADDR": "127.0.0.1:0",
		"API_URL": "http://127.0.0.1:1", "AUDIT_URL": "http://127.0.0.1:1", "IDENTITY_URL": "http://127.0.0.1:1", "REALTIME_URL": "http://127.0.0.1:1",
	}}
	if !raised {
		for _, name := range []string{"", "WORK_"} {
			g.environment[name+"DATABASE_URL"] = "postgres://somebody:x@127.0.0.1:1/tickler"
		}
		g.environment["KAFKA_BROKERS"] = "127.0.0.1:1"
		return g
	}
	needs := takes(t.Context(), t, filepath.Join(bin, service))
	if needs["KAFKA_BROKERS"] != "" {
		g.raiseBroker()
	}
	if needs["DATABASE_URL"] != "" {
		g.raiseDatabase()
	}
	return g
}

func (g *ground) raiseBroker() {
	g.Helper()
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.EnableSASL(), kfake.EnableACLs(), kfake.Superuser("PLAIN", "admin", "root"))
	if err != nil {
		g.Fatal(err)
	}
	g.Cleanup(cluster.Close)
	secrets := g.TempDir()
	for _, name := range events.Services() {
		if err := os.WriteFile(filepath.Join(secrets, name), []byte(name), 0o600); err != nil {
			g.Fatal(err)
		}
	}
	at := cluster.ListenAddrs()[0]
	for _, args := range [][]string{{"apply"}, {"access", "-secrets", secrets}} {
		g.tool("topics", args, "KAFKA_BROKERS="+at, "KAFKA_SASL_MECHANISM=PLAIN", "KAFKA_SASL_USERNAME=admin", "KAFKA_SASL_PASSWORD=root")
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(at), kgo.SASL(sasl.Auth{User: "admin", Pass: "root"}.AsMechanism()))
	if err != nil {
		g.Fatal(err)
	}
	g.Cleanup(client.Close)
	g.admin = kadm.NewClient(client)
	for name, value := range map[string]string{"BROKERS": at, "SASL_MECHANISM": "SCRAM-SHA-256", "SASL_USERNAME": g.service, "SASL_PASSWORD": g.service} {
		g.environment["KAFKA_"+name] = value
	}
}

func (g *ground) raiseDatabase() {
	g.Helper()
	g.database = testkit.Database(g)
	ways := testkit.Provision(g, g.database, g.service)
	g.environment["DATABASE_URL"], g.environment["WORK_DATABASE_URL"] = ways.URL, ways.WorkURL
	environment := []string{"MIGRATE_DATABASE_URL=" + ways.MigrateURL}
	for name, value := range g.environment {
		environment = append(environment, name+"="+value)
	}
	g.tool(g.service, []string{"migrate"}, environment...)
}

// tool runs a built program to its end.
func (g *ground) tool(program string, args []string, environment ...string) {
	g.Helper()
	cmd := exec.CommandContext(g.Context(), filepath.Join(g.bin, program), args...)
	cmd.Env = environment
	if out, err := cmd.CombinedOutput(); err != nil {
		g.Fatalf("%s %s: %v: %s", program, strings.Join(args, " "), err, out)
	}
}

func (g *ground) must(err error) {
	g.Helper()
	if err != nil {
		g.Fatal(err)
	}
}

func (g *ground) remove(topic string) {
	g.Helper()
	_, err := g.admin.DeleteTopic(g.Context(), topic)
	g.must(err)
}

func (g *ground) create(topic string, partitions int32) {
	g.Helper()
	settings := map[string]*string{}
	known, _ := events.Find(topic)
	for key, value := range known.Settings() {
		settings[key] = &value
	}
	_, err := g.admin.CreateTopic(g.Context(), partitions, 1, settings, topic)
	g.must(err)
}

func (g *ground) alter(topic, key, value string) {
	g.Helper()
	_, err := g.admin.AlterTopicConfigs(g.Context(), []kadm.AlterConfig{{Name: key, Value: &value}}, topic)
	g.must(err)
}

// withdraw takes a user's rights on something.
func (g *ground) withdraw(user string, what *kadm.ACLBuilder) {
	g.Helper()
	gone, err := g.admin.DeleteACLs(g.Context(), what.Allow("User:"+user).AllowHosts("*").Operations(kadm.OpAny))
	g.must(err)
	n := 0
	for _, filter := range gone {
		g.must(filter.Err)
		n += len(filter.Deleted)
	}
	if n == 0 {
		g.Fatalf("%s had no such rights", user)
	}
}

// execute runs a statement in the service's database as who may do everything.
func (g *ground) execute(statement string) {
	g.Helper()
	db, err := postgres.Open(g.database)
	g.must(err)
	defer db.Close()
	_, err = db.ExecContext(context.WithoutCancel(g.Context()), statement)
	g.must(err)
}

// pretend puts a function before PostgreSQL's own, for the service's roles.
func (g *ground) pretend(function, result, is string) {
	g.Helper()
	at, err := url.Parse(g.database)
	g.must(err)
	g.execute(`CREATE FUNCTION ` + g.service + `.` + function + ` RETURNS ` + result + ` LANGUAGE sql AS $$ SELECT (` + is + `)::` + result + ` $$`)
	for _, role := range []string{postgres.App, postgres.Work} {
		g.execute(`ALTER ROLE ` + g.service + `_` + role + ` IN DATABASE ` + strings.TrimPrefix(at.Path, "/") + ` SET search_path = ` + g.service + `, pg_catalog, public`)
	}
}

// certificate gives the service one that is valid from and to so many hours from now.
func (g *ground) certificate(from, to int) {
	g.Helper()
	hours := func(n int) time.Time { return time.Now().Add(time.Duration(n) * time.Hour) }
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	g.must(err)
	made := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{g.service}, NotBefore: hours(from), NotAfter: hours(to), IsCA: true, BasicConstraintsValid: true}
	cert, err := x509.CreateCertificate(rand.Reader, made, made, &key.PublicKey, key)
	g.must(err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	g.must(err)
	dir := g.TempDir()
	for name, block := range map[string]*pem.Block{"CERT": {Type: "CERTIFICATE", Bytes: cert}, "CA": {Type: "CERTIFICATE", Bytes: cert}, "KEY": {Type: "PRIVATE KEY", Bytes: private}} {
		path := filepath.Join(dir, name)
		g.must(os.WriteFile(path, pem.EncodeToMemory(block), 0o600))
		g.environment["TLS_"+name+"_FILE"] = path
	}
}
