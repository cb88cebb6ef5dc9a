package main

import (
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/pkg/testkit"
)

func TestMain(m *testing.M) { os.Exit(testkit.Main(m)) }

// kit is a folder of secrets as compose.yaml asks for them.
type kit struct {
	*testing.T
	dir, admin string
}

func newKit(t *testing.T) kit { t.Parallel(); return kit{T: t, dir: t.TempDir()} }

func (k kit) run(args ...string) (string, error) {
	var out strings.Builder
	err := run(k.Context(), args, func(name string) (string, bool) { return k.admin, name == "DATABASE_URL" && k.admin != "" }, &out)
	return out.String(), err
}

func (k kit) must(args ...string) string {
	k.Helper()
	out, err := k.run(args...)
	if err != nil {
		k.Fatalf("%v: %v", args, err)
	}
	return out
}

func (k kit) file(name string) string {
	k.Helper()
	content, err := os.ReadFile(filepath.Join(k.dir, name))
	if err != nil {
		k.Fatal(err)
	}
	return strings.TrimSpace(string(content))
}

func (k kit) files() map[string]string {
	k.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(k.dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			name, _ := filepath.Rel(k.dir, path)
			all[name] = k.file(name)
		}
		return err
	})
	if err != nil {
		k.Fatal(err)
	}
	return all
}

func TestRolesCanConnectByTheFilesThatWereMade(t *testing.T) {
	k := newKit(t)
	k.admin = testkit.Database(t)
	u, err := url.Parse(k.admin)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		k.must("secrets", "-dir", k.dir, "-database", u.Host+u.Path, "provisioned:database")
		k.must("database", "-dir", k.dir, "provisioned")
		for file, role := range map[string]string{"provisioned/database-url": "app", "provisioned/work-database-url": "work", "owners/provisioned": "owner"} {
			db, err := postgres.Open(k.file(file))
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			var who, where string
			if err := db.QueryRowContext(t.Context(), "SELECT current_user, current_schema()").Scan(&who, &where); err != nil {
				t.Errorf("%s: %v", file, err)
			} else if who != "provisioned_"+role || where != "provisioned" {
				t.Errorf("%s is %s in schema %s", file, who, where)
			}
		}
	}
}

func TestSecretsAreMadeOnceAndToldToWhomTheyConcern(t *testing.T) {
	k := newKit(t)
	ask := []string{"secrets", "-dir", k.dir, "identity:database,secret-key,auth-secret,client-secrets", "web:client-secret", "chat:client-secret", "api:database"}
	if out := k.must(ask...); out != "13 secrets made\n" {
		t.Errorf("the first time it said %q", out)
	}
	first := k.files()
	if out := k.must(ask...); out != "0 secrets made\n" {
		t.Errorf("the second time it said %q", out)
	}
	seen := map[string]string{}
	for name, content := range k.files() {
		if first[name] != content {
			t.Errorf("%s was changed", name)
		}
		if other := seen[content]; other != "" {
			t.Errorf("%s and %s are the same", name, other)
		}
		seen[content] = name
		if len(content) < 32 {
			t.Errorf("%s has %d characters", name, len(content))
		}
	}
	if want := "web:" + first["web/client-secret"] + ",chat:" + first["chat/client-secret"]; first["identity/client-secrets"] != want {
		t.Errorf("identity is told %q, want %q", first["identity/client-secrets"], want)
	}
	if !strings.Contains(first["owners/postgres"], ":"+first["postgres/password"]+"@postgres:5432/tickler?") {
		t.Error("the superuser's address has another password than PostgreSQL")
	}
	if k.must(append(ask, "mcp:client-secret")...); !strings.HasSuffix(k.file("identity/client-secrets"), ",mcp:"+k.file("mcp/client-secret")) {
		t.Error("identity is not told of a client that comes later")
	}
}

func TestWhatIsAskedForWronglyIsSaidWithoutASecret(t *testing.T) {
	k := newKit(t)
	k.must("secrets", "-dir", k.dir, "api:database")
	k.admin = "postgres://postgres:topsecret@127.0.0.1:1/x?sslmode=disable"
	if err := os.Remove(filepath.Join(k.dir, "api/database-url")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(k.dir, "api/database-url"), []byte("postgres://api_work:topsecret@postgres/x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for want, args := range map[string][]string{
		"no command":                {},
		`no command "schemas"`:      {"schemas"},
		"not of the form NAME:KIND": {"secrets", "-dir", k.dir, "api"},
		"api:money is no kind":      {"secrets", "-dir", k.dir, "api:money"},
		"no service named":          {"database", "-dir", k.dir},
		"for the role api_app":      {"database", "-dir", k.dir, "api"},
		"audit":                     {"database", "-dir", k.dir, "audit"},
	} {
		if _, err := k.run(args...); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "topsecret") {
			t.Errorf("%v: %v, want %q", args, err, want)
		}
	}
	k.admin = ""
	if _, err := k.run("database", "api"); err == nil || !strings.Contains(err.Error(), "DATABASE_URL") {
		t.Errorf("without a superuser: %v", err)
	}
}
