package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tickler-app/tickler/pkg/kafka"
	"github.com/tickler-app/tickler/pkg/testkit/apache"
	events "github.com/tickler-app/tickler/proto-events"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// certificate writes a certificate for 127.0.0.1, which is its own authority, and its key.
func certificate(t *testing.T) (authority, both string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "broker"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	made, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	public := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: made})
	dir := t.TempDir()
	authority, both = filepath.Join(dir, "ca.pem"), filepath.Join(dir, "broker.pem")
	err = errors.Join(os.WriteFile(authority, public, 0o600),
		os.WriteFile(both, slices.Concat(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), public), 0o600))
	if err != nil {
		t.Fatal(err)
	}
	return authority, both
}

// newSecured is newGuarded on Apache Kafka over TLS.
func newSecured(t *testing.T) (settings func(user string) kafka.Settings) {
	t.Parallel()
	authority, both := certificate(t)
	broker := &apache.Broker{Dir: t.TempDir(), Secure: &apache.Secure{Certificate: both}}
	if err := broker.Start(t.Context()); errors.Is(err, apache.ErrAbsent) {
		t.Skip(err)
	} else if err != nil {
		log, _ := os.ReadFile(filepath.Join(broker.Dir, "kafka.log"))
		t.Fatalf("%v\n%s", err, log[max(0, len(log)-4000):])
	}
	t.Cleanup(func() { _ = broker.Kill() })
	inside, err := kgo.NewClient(kgo.SeedBrokers(broker.Secure.Inside()))
	if err != nil {
		t.Fatal(err)
	}
	defer inside.Close()
	made, err := kadm.NewClient(inside).AlterUserSCRAMs(t.Context(), nil, []kadm.UpsertSCRAM{{User: "admin", Mechanism: kadm.ScramSha512, Iterations: 4096, Password: "admin-secret"}})
	if err = errors.Join(err, made.Error()); err != nil {
		t.Fatal(err)
	}
	secrets := t.TempDir()
	for _, name := range users() {
		if err := os.WriteFile(filepath.Join(secrets, name), []byte(name+"-secret\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	admin := map[string]string{"KAFKA_BROKERS": broker.Address(), "KAFKA_TLS": authority, "KAFKA_SASL_MECHANISM": "SCRAM-SHA-512",
		"KAFKA_SASL_USERNAME": "admin", "KAFKA_SASL_PASSWORD": "admin-secret"}
	for _, args := range [][]string{{"apply", "-partitions", "1"}, {"access", "-secrets", secrets}, {"access", "-secrets", secrets}} {
		var out strings.Builder
		if err := run(t.Context(), args, func(name string) (string, bool) { v, ok := admin[name]; return v, ok }, &out); err != nil {
			t.Fatalf("%v: %v", args, err)
		}
	}
	return func(user string) kafka.Settings {
		return kafka.Settings{Brokers: []string{broker.Address()}, TLS: authority, Mechanism: "SCRAM-SHA-512", Username: user, Password: user + "-secret"}
	}
}

// Each service does what the catalog says of it and nothing else, on the broker that nobody
// here wrote: it checks, writes and reads its topics, and every other one refuses it.
func TestOnApacheKafkaAServiceMayDoItsWorkAndNothingElse(t *testing.T) {
	settings := newSecured(t)
	client := func(user string, opts ...kgo.Opt) *kgo.Client {
		c, err := kgo.NewClient(slices.Concat(settings(user).Opts(slog.New(slog.DiscardHandler), nil), opts)...)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.CloseAllowingRebalance)
		return c
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	admin := client("admin")
	var names []string
	for _, topic := range events.Topics() {
		names = append(names, topic.Name)
	}
	for topic, err := range putAll(ctx, admin, names) {
		if err != nil {
			t.Fatalf("%s: %v", topic, err)
		}
	}
	for _, service := range events.Services() {
		access, all := events.AccessOf(service), client(service)
		written := putAll(ctx, all, names)
		read := readAll(ctx, client(service, kgo.ConsumeTopics(names...), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart())))
		if err := kafka.CheckTopics(ctx, all, kafka.Want(events.Needs(service))); err != nil {
			t.Errorf("%s may not check its topics: %v", service, err)
		}
		for _, topic := range events.Topics() {
			err := written[topic.Name]
			if may := slices.Contains(access.Write, topic.Name); may != (err == nil) || !may && !refused(err) {
				t.Errorf("%s writes %s: %v, want %v", service, topic.Name, err, may)
			}
			own := strings.HasSuffix(topic.Name, "."+service+".dlq")
			err = read[topic.Name]
			if may := own || slices.Contains(access.Read, topic.Name); may != (err == nil) || !may && !refused(err) {
				t.Errorf("%s reads %s: %v, want %v", service, topic.Name, err, may)
			}
		}
		for _, other := range events.Services() {
			_, _, err := client(service, kafka.TransactionOpts("outbox-"+other+"-0")...).ProducerID(ctx)
			if may := other == service && access.Transactions != ""; may != (err == nil) || !may && !refused(err) {
				t.Errorf("%s takes the transactions of %s: %v, want %v", service, other, err, may)
			}
		}
	}
	ownGroup(ctx, t, settings)
	watchesOnly(ctx, t, client)
}

// putAll writes to each topic a record with a key, which what is compacted asks for.
func putAll(ctx context.Context, client *kgo.Client, topics []string) map[string]error {
	var records []*kgo.Record
	for _, topic := range topics {
		records = append(records, &kgo.Record{Topic: topic, Key: []byte("k"), Value: []byte("x")})
	}
	written := map[string]error{}
	for _, result := range client.ProduceSync(ctx, records...) {
		written[result.Record.Topic] = result.Err
	}
	return written
}

func refused(err error) bool {
	return errors.Is(err, kerr.TopicAuthorizationFailed) || errors.Is(err, kerr.ClusterAuthorizationFailed) ||
		errors.Is(err, kerr.TransactionalIDAuthorizationFailed) || errors.Is(err, kerr.GroupAuthorizationFailed)
}

// readAll reads until each topic had a record, which is nil, or a reason why it has none.
func readAll(ctx context.Context, client *kgo.Client) map[string]error {
	defer client.CloseAllowingRebalance()
	read := map[string]error{}
	for len(read) < len(events.Topics()) && ctx.Err() == nil {
		client.PollFetches(ctx).EachTopic(func(topic kgo.FetchTopic) {
			topic.EachPartition(func(p kgo.FetchPartition) {
				if p.Err != nil || len(p.Records) > 0 {
					read[topic.Topic] = p.Err
				}
			})
		})
	}
	return read
}

// ownGroup tries that a group is read by its own service alone.
func ownGroup(ctx context.Context, t *testing.T, settings func(user string) kafka.Settings) {
	t.Helper()
	join := func(service, group, topic string) error {
		client, err := kgo.NewClient(slices.Concat(settings(service).Opts(slog.New(slog.DiscardHandler), nil), kafka.GroupOpts(group, topic))...)
		if err != nil {
			return err
		}
		defer client.CloseAllowingRebalance()
		fetches := client.PollFetches(ctx)
		return errors.Join(fetches.Err(), client.CommitRecords(ctx, fetches.Records()...))
	}
	if err := join("audit", "audit", events.UserEvents); err != nil {
		t.Errorf("audit in its own group: %v", err)
	}
	if err := join("chat", "audit", events.UserEvents); !errors.Is(err, kerr.GroupAuthorizationFailed) {
		t.Errorf("chat in the group of audit: %v", err)
	}
}
