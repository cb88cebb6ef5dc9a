// Package peer lets services know each other by certificates: a server asks a caller for one
// of its own authority, and a caller shows its own. The files are read again when they change.
package peer

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"
)

// Settings name the files, PEM; all three or none. The certificate is for the names under
// which others reach the service, and for the service's own, by which its healthcheck does.
type Settings struct {
	Cert string `env:"TLS_CERT_FILE" default:"" about:"certificate by which other services know this one (PEM), read again when it changes; empty: plain HTTP"`
	Key  string `env:"TLS_KEY_FILE" default:"" about:"its key"`
	CA   string `env:"TLS_CA_FILE" default:"" about:"authorities whose certificates other services must have"`
}

// Identity is who a service is to others. The nil one is nobody: plain HTTP.
type Identity struct {
	settings Settings

	mu      sync.Mutex
	changed time.Time // of the newest file that was read
	held    *held
}

// held is what the files said last.
type held struct {
	cert        tls.Certificate
	authorities *x509.CertPool // for servers: ours alone
	trusted     *x509.CertPool // for callers: the system's as well
}

// New returns the identity that the files make, nil if none is named. The error names the
// setting that is wrong.
func New(settings Settings) (*Identity, error) {
	if settings == (Settings{}) {
		return nil, nil
	}
	for name, path := range map[string]string{"TLS_CERT_FILE": settings.Cert, "TLS_KEY_FILE": settings.Key, "TLS_CA_FILE": settings.CA} {
		if path == "" {
			return nil, fmt.Errorf("%s is not set: TLS_CERT_FILE, TLS_KEY_FILE and TLS_CA_FILE go together", name)
		}
	}
	i := &Identity{settings: settings}
	_, err := i.now()
	return i, err
}

// now is what the files say, read again if one has changed. While they cannot be read, as in
// the middle of a change, what they said last counts.
func (i *Identity) now() (*held, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	var newest time.Time
	for _, path := range []string{i.settings.Cert, i.settings.Key, i.settings.CA} {
		if info, err := os.Stat(path); err == nil && info.ModTime().After(newest) {
			newest = info.ModTime()
		}
	}
	if i.held != nil && newest.Equal(i.changed) {
		return i.held, nil
	}
	read, err := i.read()
	if err == nil {
		i.held, i.changed = read, newest
	} else if i.held == nil {
		return nil, err
	}
	return i.held, nil
}

func (i *Identity) read() (*held, error) {
	cert, err := tls.LoadX509KeyPair(i.settings.Cert, i.settings.Key)
	if err != nil {
		return nil, fmt.Errorf("TLS_CERT_FILE, TLS_KEY_FILE: %w", err)
	}
	authorities, err := os.ReadFile(i.settings.CA)
	if err != nil {
		return nil, fmt.Errorf("TLS_CA_FILE: %w", err)
	}
	h := &held{cert: cert, authorities: x509.NewCertPool()}
	if h.trusted, err = x509.SystemCertPool(); err != nil {
		h.trusted = x509.NewCertPool()
	}
	if !h.authorities.AppendCertsFromPEM(authorities) {
		return nil, fmt.Errorf("TLS_CA_FILE: no certificate in %s", i.settings.CA)
	}
	h.trusted.AppendCertsFromPEM(authorities)
	return h, nil
}

// Ready is a readiness check: the certificate is valid now.
func (i *Identity) Ready() error {
	if i == nil {
		return nil
	}
	h, err := i.now()
	if err != nil {
		return err
	}
	leaf := h.cert.Leaf
	if now := time.Now(); now.After(leaf.NotAfter) {
		return fmt.Errorf("TLS_CERT_FILE: the certificate expired at %s: put a new one there, it is read again", leaf.NotAfter.UTC().Format(time.RFC3339))
	} else if now.Before(leaf.NotBefore) {
		return fmt.Errorf("TLS_CERT_FILE: the certificate is valid from %s on: is this machine's clock right?", leaf.NotBefore.UTC().Format(time.RFC3339))
	}
	return nil
}

// Server is how a server shows itself and looks at who calls: a certificate that is given
// must be of our authorities. That one is given, Known tells.
func (i *Identity) Server() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS13,
		GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
			h, err := i.now()
			if err != nil {
				return nil, err
			}
			return &tls.Config{
				MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{h.cert}, NextProtos: []string{"http/1.1"},
				ClientAuth: tls.VerifyClientCertIfGiven, ClientCAs: h.authorities,
			}, nil
		},
	}
}

// Known reports whether a connection's other side is one of us.
func Known(state *tls.ConnectionState) bool { return state != nil && len(state.VerifiedChains) > 0 }

// Client is how a caller of a host shows itself, to those who ask.
func (i *Identity) Client(host string) (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: host, NextProtos: []string{"http/1.1"}}
	if i == nil {
		return config, nil
	}
	h, err := i.now()
	if err != nil {
		return nil, err
	}
	config.RootCAs, config.Certificates = h.trusted, []tls.Certificate{h.cert}
	return config, nil
}

// ErrUnknown is told to a caller without a certificate.
var ErrUnknown = errors.New("this port is for services that show a certificate")

type key struct{}

// With returns a context in which the service is somebody: what serves and what calls below
// it finds that there.
func With(ctx context.Context, i *Identity) context.Context { return context.WithValue(ctx, key{}, i) }

// From is who the service is in a context, nil for nobody.
func From(ctx context.Context) *Identity {
	i, _ := ctx.Value(key{}).(*Identity)
	return i
}
