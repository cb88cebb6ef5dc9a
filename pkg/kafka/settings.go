package kafka

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"
)

// Settings say where the broker is and who we are to it. A service embeds them in its own.
type Settings struct {
	Brokers   []string `env:"KAFKA_BROKERS" form:"hosts" about:"addresses of some brokers, host:port, with commas"`
	Mechanism string   `env:"KAFKA_SASL_MECHANISM" default:"" form:"one of SCRAM-SHA-256, SCRAM-SHA-512, PLAIN" about:"SCRAM-SHA-256, SCRAM-SHA-512 or PLAIN; empty: no sign-in"`
	Username  string   `env:"KAFKA_SASL_USERNAME" default:"" about:"who the service is to the broker; its rights hang on this"`
	Password  string   `env:"KAFKA_SASL_PASSWORD" default:"" secret:"true" about:"of KAFKA_SASL_USERNAME"`

	// TLS is off, on (the broker's certificate is checked against the system's
	// authorities), or the path of a file with the authorities to trust instead.
	TLS string `env:"KAFKA_TLS" default:"off" about:"off, on, or the path of a CA file (PEM)"`

	// Replication is for whoever creates topics; -1 leaves it to the broker.
	Replication int `env:"KAFKA_REPLICATION" default:"1" about:"copies of each partition, for those who create topics"`
}

// dialTimeout is how long a broker may take to accept a connection, TLS included.
const dialTimeout = 5 * time.Second

// Opts are the options of every client: brokers, security, log and metrics. Append those
// of the client's work: GroupOpts, TransactionOpts. They may make any number of clients,
// which share the metrics on reg; a nil reg leaves metrics out.
//
// A certificate file that cannot work makes every connection fail with an error that names
// the setting, so that readiness says it and a file that comes later helps.
func (s Settings) Opts(log *slog.Logger, reg prometheus.Registerer) []kgo.Opt {
	opts := []kgo.Opt{
		kgo.SeedBrokers(s.Brokers...),
		kgo.ClientID(cmp.Or(s.Username, "tickler")),
		kgo.WithLogger(logger{log}),
	}
	if s.TLS == "" || s.TLS == "off" {
		opts = append(opts, kgo.DialTimeout(dialTimeout))
	} else {
		opts = append(opts, kgo.Dialer(s.dialTLS))
	}
	if s.Mechanism != "" {
		opts = append(opts, kgo.SASL(s.signIn()))
	}
	if reg != nil {
		opts = append(opts, kgo.WithHooks(clientsOn(reg)))
	}
	return opts
}

func (s Settings) signIn() sasl.Mechanism {
	switch s.Mechanism {
	case "SCRAM-SHA-256":
		return scram.Auth{User: s.Username, Pass: s.Password}.AsSha256Mechanism()
	case "SCRAM-SHA-512":
		return scram.Auth{User: s.Username, Pass: s.Password}.AsSha512Mechanism()
	}
	return plain.Auth{User: s.Username, Pass: s.Password}.AsMechanism()
}

// dialTLS reads the authorities anew for each connection: files are replaced while we run.
func (s Settings) dialTLS(ctx context.Context, network, address string) (net.Conn, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if s.TLS != "on" {
		authorities, err := os.ReadFile(s.TLS)
		if err != nil {
			return nil, fmt.Errorf("KAFKA_TLS: %w", err)
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(authorities) {
			return nil, fmt.Errorf("KAFKA_TLS: no certificate in %s", s.TLS)
		}
	}
	dialer := tls.Dialer{NetDialer: &net.Dialer{Timeout: dialTimeout}, Config: config}
	return dialer.DialContext(ctx, network, address)
}

// A logger passes on what kgo has to say from warnings up; its own debugging is not ours.
type logger struct{ log *slog.Logger }

func (logger) Level() kgo.LogLevel { return kgo.LogLevelWarn }

func (l logger) Log(level kgo.LogLevel, message string, attrs ...any) {
	severity := slog.LevelWarn
	if level == kgo.LogLevelError {
		severity = slog.LevelError
	}
	for i, attr := range attrs {
		if err, ok := attr.(error); ok && errors.Is(err, context.Canceled) {
			return // a client that is being closed; nothing is wrong
		} else if ok {
			attrs[i] = err.Error()
		}
	}
	l.log.Log(context.Background(), severity, "kafka client", append([]any{"detail", message}, attrs...)...)
}
