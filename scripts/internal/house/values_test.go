package house

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tickler-app/tickler/pkg/kafka"
	"github.com/tickler-app/tickler/pkg/postgres"
)

// settingsOf returns what a service gets, without what every process gets.
func settingsOf(h *House, s Service, takes ...string) []string {
	takesAll := map[string]bool{}
	for _, name := range takes {
		takesAll[name] = true
	}
	return slices.DeleteFunc(h.environment(s, takesAll, nil), func(pair string) bool { return slices.Contains(ground(), pair) })
}

func TestAServiceGetsTheSettingsThatItTakes(t *testing.T) {
	t.Parallel()
	h := &House{
		options:   Options{Offset: 100, State: "/state"},
		kafka:     kafka.Settings{Brokers: []string{"a:1", "b:2"}},
		databases: map[string]postgres.Settings{"api": {URL: "app", WorkURL: "work", MigrateURL: "owner"}},
		secrets:   secrets{"client web": "w", "client mcp": "m", "client chat": "c", cookieSecret: "cookie"},
	}
	all := []string{"ADDR", "ADMIN_ADDR", "DATABASE_URL", "WORK_DATABASE_URL", "KAFKA_BROKERS", "IDENTITY_URL", "AUTH_JWKS_URL",
		"AUTH_CLIENT_SECRET", "AUTH_CLIENT_SECRET_FILE", "AUTH_SECRET", "AUTH_SECRET_FILE", "SECRET_KEY", "SECRET_KEY_FILE",
		"TRUSTED_PROXIES", "LOG_LEVEL", "SMTP_URL"}
	for name, test := range map[string]struct {
		service Service
		takes   []string
		given   []string
		more    map[string]string
		want    []string
	}{
		"nothing": {service: Service{Name: "api", Port: 8000}},
		"a database": {service: Service{Name: "api", Port: 8000}, takes: []string{"ADDR", "DATABASE_URL", "WORK_DATABASE_URL", "MIGRATE_DATABASE_URL"},
			given: []string{"ADDR=0.0.0.0:1", "DATABASE_URL=admin"},
			want:  []string{"ADDR=127.0.0.1:8100", "DATABASE_URL=app", "WORK_DATABASE_URL=work"}},
		"what it was called with": {service: Service{Name: "audit", Port: 8002}, takes: []string{"LOG_LEVEL", "SMTP_URL", "KAFKA_BROKERS", "IDENTITY_URL"},
			given: []string{"LOG_LEVEL=debug", "SMTP_URL=smtp://mail", "KAFKA_USERNAME=x", "OTHER=1", "IDENTITY_URL="},
			want:  []string{"IDENTITY_URL=http://127.0.0.1:8107", "KAFKA_BROKERS=a:1,b:2", "LOG_LEVEL=debug", "SMTP_URL=smtp://mail"}},
		"a secret in a file": {service: table()[0], takes: all, given: []string{"AUTH_SECRET_FILE=/f", "AUTH_CLIENT_SECRET_FILE=/g"},
			want: []string{"ADDR=127.0.0.1:8107", "AUTH_CLIENT_SECRET=web:w,chat:c,mcp:m", "AUTH_JWKS_URL=http://127.0.0.1:8107/api/auth/jwks",
				"AUTH_SECRET_FILE=/f", "IDENTITY_URL=http://127.0.0.1:8107", "KAFKA_BROKERS=a:1,b:2", "SECRET_KEY_FILE=/state/secret-key",
				"SMTP_URL=smtp://127.0.0.1:1125", "TRUSTED_PROXIES=127.0.0.1"}},
		"web": {service: table()[len(table())-1], takes: []string{"ADDR", "ADMIN_ADDR", "TRUSTED_PROXIES", "AUTH_CLIENT_SECRET", "LOG_LEVEL"},
			given: []string{"LOG_LEVEL=debug"}, more: map[string]string{"LOG_LEVEL": "error"},
			want: []string{"ADDR=127.0.0.1:3100", "ADMIN_ADDR=127.0.0.1:3180", "AUTH_CLIENT_SECRET=w", "LOG_LEVEL=error"}},
	} {
		h.options.Environment, h.options.Settings = test.given, map[string]map[string]string{test.service.Name: test.more}
		if got := settingsOf(h, test.service, test.takes...); !slices.Equal(got, test.want) {
			t.Errorf("%s:\ngot  %q\nwant %q", name, got, test.want)
		}
	}
}

func TestAServiceIsAskedWhatItTakes(t *testing.T) {
	t.Parallel()
	program := filepath.Join(t.TempDir(), "demo")
	script := "#!/bin/sh\nprintf 'NAME  DEFAULT  MEANING\\nADDR  :1  where\\nSECRET[_FILE]  (required)  of it\\n'\n"
	if err := os.WriteFile(program, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	takes, err := taken(t.Context(), program)
	if err != nil || len(takes) != 3 || !takes["ADDR"] || !takes["SECRET"] || !takes["SECRET_FILE"] {
		t.Errorf("%v, %v", takes, err)
	}
	if _, err := taken(t.Context(), program+"-gone"); err == nil {
		t.Error("a program that is not there has settings")
	}
}

func TestSecretsAreMadeOnceAndForUsAlone(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "secrets.json")
	if err := os.WriteFile(path, []byte(`{"postgres":"kept"}`), 0o644); err != nil {
		t.Fatal(err)
	}
	first, err1 := keepSecrets(path)
	second, err2 := keepSecrets(path)
	if err1 != nil || err2 != nil || first["postgres"] != "kept" || len(first["AUTH_SECRET"]) < 32 || first["api_app"] == first["api_work"] {
		t.Fatalf("%v %v %v", first, err1, err2)
	}
	for name := range first {
		if first[name] != second[name] {
			t.Errorf("%s is another one", name)
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	key := filepath.Join(t.TempDir(), "secret-key")
	if err := keepSealingKey(key); err != nil {
		t.Fatal(err)
	}
	before, _ := os.ReadFile(key)
	if err := keepSealingKey(key); err != nil {
		t.Fatal(err)
	}
	if after, _ := os.ReadFile(key); string(after) != string(before) || !strings.HasPrefix(string(after), "1:") {
		t.Errorf("the key %q became %q", before, after)
	}
	if err := os.WriteFile(path, []byte("no json"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := keepSecrets(path); err == nil {
		t.Error("secrets that nobody can read were replaced")
	}
	if content, err := json.Marshal(first); err != nil || strings.Contains(string(content), `""`) {
		t.Errorf("an empty secret: %s", content)
	}
}
