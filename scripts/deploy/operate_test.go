package deploy

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/tickler-app/tickler/pkg/seal"
	"github.com/tickler-app/tickler/pkg/testkit"
	events "github.com/tickler-app/tickler/proto-events"
)

// standing is the house of the chart with a real broker and a database in it. PostgreSQL's own
// tools stand for themselves: they are in its pod.
func standing(t *testing.T, c cluster) *cluster {
	t.Helper()
	g := &ground{T: t, bin: programs(t), service: "api", environment: map[string]string{}}
	g.raiseBroker()
	g.database = testkit.Database(t)
	for _, service := range []string{"identity", "api", "notification"} {
		ways := testkit.Provision(t, g.database, service)
		g.tool(service, []string{"migrate"}, append(g.unraised(service), "MIGRATE_DATABASE_URL="+ways.MigrateURL)...)
	}
	c.Bin = g.bin
	c.Given = map[string]string{
		"KAFKA_BROKERS": g.environment["KAFKA_BROKERS"], "KAFKA_SASL_MECHANISM": "PLAIN", "KAFKA_SASL_PASSWORD_FILE": filepath.Join(g.TempDir(), "password"),
		"DATABASE_URL_FILE": filepath.Join(g.TempDir(), "url"),
	}
	g.must(os.WriteFile(c.Given["KAFKA_SASL_PASSWORD_FILE"], []byte("root"), 0o600))
	g.must(os.WriteFile(c.Given["DATABASE_URL_FILE"], []byte(g.database), 0o600))
	return newCluster(t, render(t, variant{}), c)
}

// unraised is an environment with which a service gets past its settings.
func (g *ground) unraised(service string) (environment []string) {
	for name, value := range newGround(g.T, g.bin, service, false).environment {
		environment = append(environment, name+"="+value)
	}
	return environment
}

func TestABackupOfTheClusterHasThePointOnTheLog(t *testing.T) {
	t.Parallel()
	c := standing(t, cluster{Answers: map[string]string{"statefulset.apps/tickler-postgres -- pg_dump -Fc -U postgres -d tickler": "what pg_dump wrote"}})
	folder := filepath.Join(t.TempDir(), "backup")
	if out, err := c.script(t, "backup", folder, "--kubernetes", "tickler"); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var point struct{ Ends map[string]map[int]int64 }
	text, err := os.ReadFile(filepath.Join(folder, "log.json"))
	if err != nil || json.Unmarshal(text, &point) != nil || len(point.Ends) != len(events.Topics()) {
		t.Errorf("the point on the log: %v: %s", err, text)
	}
	if dump, err := os.ReadFile(filepath.Join(folder, "database.dump")); err != nil || string(dump) != "what pg_dump wrote" {
		t.Errorf("the dump: %v: %s", err, dump)
	}
	if jobs, _ := filepath.Glob(c.file("job-tickler-tools", "*")); len(jobs) > 0 {
		t.Errorf("jobs stay: %v", jobs)
	}
	if out, err := c.script(t, "backup", folder, "--kubernetes", "tickler"); err == nil || !strings.Contains(out, "is there already") {
		t.Errorf("a second one into the same folder: %v: %s", err, out)
	}
}

// Without the point, or where the dump breaks off, there is no folder that looks like a backup.
func TestABackupThatFailsLeavesNothing(t *testing.T) {
	t.Parallel()
	for _, breaks := range []string{"create -f", "logs job/", "-- pg_dump"} {
		c := standing(t, cluster{Breaks: breaks, Answers: map[string]string{"pg_dump": "what pg_dump wrote"}})
		at := t.TempDir()
		out, err := c.script(t, "backup", filepath.Join(at, "backup"), "--kubernetes", "tickler")
		if left, _ := os.ReadDir(at); err == nil || len(left) > 0 {
			t.Errorf("it breaks at %s: %v, leaves %v: %s", breaks, err, left, out)
		}
	}
}

func TestARestoreInTheClusterMakesTheOutboxesFit(t *testing.T) {
	t.Parallel()
	c := standing(t, cluster{Answers: map[string]string{"psql -U postgres -d tickler -Atc SELECT count(*)": "0\n", "psql -U postgres -d tickler -Atc SELECT string_agg": "\n", "pg_restore": ""}})
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "database.dump"), []byte("what pg_dump wrote"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := c.script(t, "restore", folder, "--kubernetes", "tickler")
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, says := range []string{"outboxes of identity, api, notification fit", "0 timers are forgotten", "cursors of identity are forgotten", "cursors of api are forgotten", "cursors of notification are forgotten"} {
		if !strings.Contains(out, says) {
			t.Errorf("it does not say %q: %s", says, out)
		}
	}
	busy := standing(t, cluster{Answers: map[string]string{"SELECT string_agg": "api_app, api_work\n"}})
	if out, err := busy.script(t, "restore", folder, "--kubernetes", "tickler"); err == nil || !strings.Contains(out, "api_app, api_work are connected: stop the services first") {
		t.Errorf("beside services that run: %v: %s", err, out)
	}
}

// Wherever a rotation breaks off, it is finished by running it again, with one new key; and no
// pod ever meets what it cannot open.
func TestKeysAreRotatedOnceWhereverItBreaksOff(t *testing.T) {
	t.Parallel()
	for _, breaks := range []string{"", "patch secret tickler-identity", `"behind"`, "rollout restart deployment/tickler-identity", "rollout status", `"first"`, "rotate-keys", "annotate --overwrite", "patch secret tickler-notification", "reseal", "annotate secret tickler-identity", "annotate secret tickler-notification"} {
		t.Run(breaks, func(t *testing.T) {
			t.Parallel()
			c := newCluster(t, nil, cluster{Breaks: breaks, Answers: map[string]string{"deployment/tickler-identity -- /tickler rotate-keys": "", "deployment/tickler-notification -- /tickler reseal": ""}})
			old := "1:" + base64.StdEncoding.EncodeToString(make([]byte, 32))
			for _, service := range []string{"identity", "notification"} {
				if err := c.write("secret", "tickler-"+service, map[string]any{
					"metadata": map[string]any{"name": "tickler-" + service, "resourceVersion": "7"}, "data": map[string]any{"secret-key": base64.StdEncoding.EncodeToString([]byte(old))},
				}); err != nil {
					t.Fatal(err)
				}
			}
			out, err := c.script(t, "rotate-keys", "--kubernetes", "tickler")
			if (err == nil) != (breaks == "") {
				t.Fatalf("%v: %s", err, out)
			}
			if err != nil {
				if out, err := c.script(t, "rotate-keys", "--kubernetes", "tickler"); err != nil {
					t.Fatalf("again: %v: %s", err, out)
				}
			}
			c.rotated(t, old)
		})
	}
}

// rotated looks at what pods began with, one after another, and at how the Secrets are left.
func (c *cluster) rotated(t *testing.T, old string) {
	t.Helper()
	calls, err := os.ReadFile(c.file("calls"))
	if err != nil {
		t.Fatal(err)
	}
	for service, command := range map[string]string{"identity": "rotate-keys", "notification": "reseal"} {
		running, before := parse(t, old), old
		for _, begun := range regexp.MustCompile(`pods of tickler-`+service+` begin with (\S+)`).FindAllStringSubmatch(string(calls), -1) {
			text, err := base64.StdEncoding.DecodeString(begun[1])
			if err != nil {
				t.Fatal(err)
			}
			next := parse(t, string(text))
			for _, pair := range [][2]*seal.Keys{{running, next}, {next, running}} {
				if _, err := pair[1].Open(pair[0].Seal([]byte("x"), "here"), "here"); err != nil {
					t.Errorf("%s: pods with %s and with %s side by side: %v", service, before, text, err)
				}
			}
			running, before = next, string(text)
		}
		lines := strings.Fields(before)
		if len(lines) != 2 || !strings.HasPrefix(lines[0], "2:") || lines[1] != old {
			t.Errorf("%s ends with %q", service, before)
		}
		if last := strings.LastIndex(string(calls), "exec deployment/tickler-"+service+" -- /tickler "+command); last < strings.LastIndex(string(calls), "pods of tickler-"+service) {
			t.Errorf("%s sealed nothing anew after its last pods began:\n%s", service, calls)
		}
		left, err := c.read("secret", "tickler-"+service)
		if marks := fmt.Sprint(left["metadata"].(map[string]any)["annotations"]); err != nil || marks != "map[]" {
			t.Errorf("%s is left marked %s, %v", service, marks, err)
		}
	}
}

func parse(t *testing.T, text string) *seal.Keys {
	t.Helper()
	keys, err := seal.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}
