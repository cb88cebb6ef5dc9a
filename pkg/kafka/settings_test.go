package kafka

import (
	"context"
	"crypto/tls"
	"encoding/pem"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/tickler-app/tickler/pkg/env"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// guarded is a broker that wants a sign-in over TLS, and the file with its authority.
func guarded(t *testing.T) (broker, authority string) {
	t.Helper()
	server := httptest.NewUnstartedServer(nil) // only for its certificate, of 127.0.0.1
	server.StartTLS()
	t.Cleanup(server.Close)
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.EnableSASL(), kfake.TLS(&tls.Config{Certificates: server.TLS.Certificates}),
		kfake.Superuser("SCRAM-SHA-256", "api", "secret"), kfake.Superuser("SCRAM-SHA-512", "api", "secret"), kfake.Superuser("PLAIN", "api", "secret"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	authority = filepath.Join(t.TempDir(), "ca.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(authority, block, 0o600); err != nil {
		t.Fatal(err)
	}
	return cluster.ListenAddrs()[0], authority
}

// ping loads the settings as a service does and asks the broker once.
func ping(t *testing.T, vars map[string]string) error {
	t.Helper()
	var settings Settings
	if err := env.Load(&settings, func(name string) (string, bool) { v, ok := vars[name]; return v, ok }); err != nil {
		t.Fatal(err)
	}
	client, err := kgo.NewClient(append(settings.Opts(quiet, nil), kgo.RequestRetries(0))...)
	if err != nil {
		return err
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	return client.Ping(ctx)
}

func TestEverySignInWorksOverTLS(t *testing.T) {
	t.Parallel()
	broker, authority := guarded(t)
	for _, mechanism := range []string{"SCRAM-SHA-256", "SCRAM-SHA-512", "PLAIN"} {
		vars := map[string]string{"KAFKA_BROKERS": broker, "KAFKA_TLS": authority, "KAFKA_SASL_MECHANISM": mechanism,
			"KAFKA_SASL_USERNAME": "api", "KAFKA_SASL_PASSWORD": "secret"}
		if err := ping(t, vars); err != nil {
			t.Errorf("%s: %v", mechanism, err)
		}
		vars["KAFKA_SASL_PASSWORD"] = "wrong"
		if err := ping(t, vars); err == nil {
			t.Errorf("%s let a wrong password in", mechanism)
		}
	}
}

func TestWhatCannotConnectSaysWhichSettingIsWrong(t *testing.T) {
	t.Parallel()
	broker, _ := guarded(t)
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ tls, mechanism, want string }{
		{"/nowhere.pem", "PLAIN", "KAFKA_TLS: open /nowhere.pem"},
		{empty, "PLAIN", "KAFKA_TLS: no certificate in " + empty},
		{"on", "PLAIN", "certificate"}, // not one that the system trusts
	} {
		err := ping(t, map[string]string{"KAFKA_BROKERS": broker, "KAFKA_TLS": c.tls, "KAFKA_SASL_MECHANISM": c.mechanism})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("KAFKA_TLS=%s %s: %v, want %s", c.tls, c.mechanism, err, c.want)
		}
	}
}

func TestClientsOfOneProcessShareTheirMetrics(t *testing.T) {
	t.Parallel()
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, "t"))
	if err != nil {
		t.Fatal(err)
	}
	defer cluster.Close()
	reg := prometheus.NewRegistry()
	settings := Settings{Brokers: cluster.ListenAddrs()}
	for range 2 { // as a relay does after an error
		client, err := kgo.NewClient(settings.Opts(quiet, reg)...)
		if err != nil {
			t.Fatal(err)
		}
		if err := client.ProduceSync(t.Context(), &kgo.Record{Topic: "t", Value: []byte("x")}).FirstErr(); err != nil {
			t.Fatal(err)
		}
		if got := value(t, reg, "tickler_kafka_clients"); got != 1 {
			t.Errorf("%v clients are open, want 1", got)
		}
		client.Close()
	}
	if got := value(t, reg, "tickler_kafka_produce_records_total"); got != 2 {
		t.Errorf("%v records were sent, want 2", got)
	}
	if got := value(t, reg, "tickler_kafka_clients"); got != 0 {
		t.Errorf("%v clients are open, want none", got)
	}
}

// value adds up the series of a metric that have these labels, given as name, value, ….
func value(t *testing.T, reg *prometheus.Registry, name string, labels ...string) (sum float64) {
	t.Helper()
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		if family.GetName() != name {
			continue
		}
	series:
		for _, metric := range family.GetMetric() {
			for i := 0; i < len(labels); i += 2 {
				found := false
				for _, pair := range metric.GetLabel() {
					found = found || pair.GetName() == labels[i] && pair.GetValue() == labels[i+1]
				}
				if !found {
					continue series
				}
			}
			sum += metric.GetCounter().GetValue() + metric.GetGauge().GetValue() + float64(metric.GetHistogram().GetSampleCount())
		}
	}
	return sum
}
