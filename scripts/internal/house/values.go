package house

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// taken asks a service which settings it takes: the first column of `settings`, in which
// NAME[_FILE] is both.
func taken(ctx context.Context, program string) (map[string]bool, error) {
	cmd := exec.CommandContext(ctx, program, "settings")
	cmd.Env = ground()
	said, err := cmd.CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("%s settings: %w: %s", filepath.Base(program), err, said)
	}
	takes := map[string]bool{}
	for line := range bytes.Lines(said) {
		field := bytes.Fields(line)
		if len(field) == 0 || string(field[0]) == "NAME" {
			continue
		}
		name, secret := strings.CutSuffix(string(field[0]), "[_FILE]")
		takes[name] = true
		if secret {
			takes[name+"_FILE"] = true
		}
	}
	return takes, nil
}

// ground is what every process gets of our environment: nothing that could be a setting.
func ground() (environment []string) {
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "LANG", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR",
		"GOTRACEBACK", "GOGC", "GOMEMLIMIT", "GOMAXPROCS", "GODEBUG"} {
		if value, ok := os.LookupEnv(name); ok {
			environment = append(environment, name+"="+value)
		}
	}
	return environment
}

// ours are settings that the house gives each service its own value for, so that one value
// from outside would be wrong for all but one.
var ours = []string{"ADDR", "ADMIN_ADDR", "DEBUG_ADDR", "AUTH_CLIENT_SECRET",
	"DATABASE_URL", "WORK_DATABASE_URL", "MIGRATE_DATABASE_URL"}

// environment is what a service runs with: those settings that it takes, of the house, then
// of whoever called it, then of Options.Settings. A later one replaces an earlier one, also
// where one is in a file.
func (h *House) environment(s Service, takes map[string]bool, extra map[string]string) []string {
	values := map[string]string{}
	set := func(name, value string) {
		delete(values, strings.TrimSuffix(name, "_FILE"))
		delete(values, strings.TrimSuffix(name, "_FILE")+"_FILE")
		if value != "" {
			values[name] = value
		}
	}
	for name, value := range h.values(s) {
		set(name, value)
	}
	_, replaced := h.lookup("KAFKA_BROKERS")
	for _, pair := range h.options.Environment {
		name, value, _ := strings.Cut(pair, "=")
		of := strings.TrimSuffix(name, "_FILE")
		if takes[name] && value != "" && !slices.Contains(ours, of) && (replaced || !strings.HasPrefix(name, "KAFKA_")) {
			set(name, value)
		}
	}
	for name, value := range extra {
		set(name, value)
	}
	for name, value := range h.options.Settings[s.Name] {
		set(name, value)
	}
	environment := ground()
	for name, value := range values {
		if takes[name] {
			environment = append(environment, name+"="+value)
		}
	}
	slices.Sort(environment)
	return environment
}

// values are the settings that the house has for a service.
func (h *House) values(s Service) map[string]string {
	values := map[string]string{
		"ADDR":               h.Address(s.Name),
		"PUBLIC_URL":         h.Public(),
		"TRUSTED_PROXIES":    "127.0.0.1", // web
		"AUTH_ISSUER":        h.Public(),
		"AUTH_AUDIENCE":      h.Public(),
		"AUTH_JWKS_URL":      h.URL("identity") + "/api/auth/jwks",
		"SECRET_KEY_FILE":    h.file("secret-key"),
		"KAFKA_BROKERS":      strings.Join(h.kafka.Brokers, ","),
		"SMTP_URL":           "smtp://" + h.Address("smtp"),
		"AUTH_SECRET":        h.secrets[cookieSecret],
		"AUTH_CLIENT_SECRET": h.secrets[clientSecret(s.Name)],
		// Everybody comes from one address here.
		"RATE_LIMITS": "account",
	}
	for _, other := range table() {
		values[strings.ToUpper(other.Name)+"_URL"] = h.URL(other.Name)
	}
	if at, ok := h.databases[s.Name]; ok {
		values["DATABASE_URL"], values["WORK_DATABASE_URL"] = at.URL, at.WorkURL
	}
	if s.Extra != nil {
		for name, value := range s.Extra(h) {
			values[name] = value
		}
	}
	return values
}

// clientSecrets is how identity is told the secrets of its clients.
func (h *House) clientSecrets() string {
	var pairs []string
	for _, client := range clients {
		pairs = append(pairs, client+":"+h.secrets[clientSecret(client)])
	}
	return strings.Join(pairs, ",")
}
