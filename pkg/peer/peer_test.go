package peer_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tickler-app/tickler/pkg/httpd"
	"github.com/tickler-app/tickler/pkg/peer"
	"github.com/tickler-app/tickler/pkg/reach"
)

// authority signs certificates of services.
type authority struct {
	*testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pem  []byte
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{T: t, cert: &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority"}, IsCA: true,
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}}
	a.key, a.pem = a.sign(a.cert, nil)
	return a
}

func (a *authority) sign(cert *x509.Certificate, parent *authority) (*ecdsa.PrivateKey, []byte) {
	a.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.Fatal(err)
	}
	by, with := cert, key
	if parent != nil {
		by, with = parent.cert, parent.key
	}
	made, err := x509.CreateCertificate(rand.Reader, cert, by, &key.PublicKey, with)
	if err != nil {
		a.Fatal(err)
	}
	return key, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: made})
}

// issue writes a certificate for 127.0.0.1 that ends then, over what is in the folder.
func (a *authority) issue(dir string, serial int64, ends time.Time) peer.Settings {
	a.Helper()
	key, cert := a.sign(&x509.Certificate{SerialNumber: big.NewInt(serial), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: ends,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}, a)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		a.Fatal(err)
	}
	s := peer.Settings{Cert: filepath.Join(dir, "tls.crt"), Key: filepath.Join(dir, "tls.key"), CA: filepath.Join(dir, "ca.crt")}
	for path, content := range map[string][]byte{s.Cert: cert, s.CA: a.pem,
		s.Key: pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			a.Fatal(err)
		}
		// Another time than before, however coarse the file system's clock is.
		if err := os.Chtimes(path, time.Time{}, time.Now().Add(time.Duration(serial)*time.Minute)); err != nil {
			a.Fatal(err)
		}
	}
	return s
}

func somebody(t *testing.T, s peer.Settings) *peer.Identity {
	t.Helper()
	i, err := peer.New(s)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// serve runs a service that is somebody, and returns its address.
func serve(t *testing.T, who *peer.Identity) string {
	t.Helper()
	ln, err := httpd.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	router, err := httpd.New(httpd.Config{Quiet: true})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/", router)
	mux.HandleFunc("/serial", func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte(r.TLS.PeerCertificates[0].SerialNumber.String()))
	})
	ctx, cancel := context.WithCancel(peer.With(t.Context(), who))
	var wait sync.WaitGroup
	wait.Go(func() { _ = httpd.Serve(ln, mux)(ctx) })
	t.Cleanup(func() { cancel(); wait.Wait() })
	return "https://" + ln.Addr().String()
}

// ask calls as somebody, on a connection of its own, and returns the answer's status.
func ask(t *testing.T, who *peer.Identity, address string) (status int, serial string, err error) {
	t.Helper()
	req, err := http.NewRequestWithContext(peer.With(t.Context(), who), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := reach.New(reach.Config{Target: "test"}).Do(req)
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	return res.StatusCode, res.TLS.PeerCertificates[0].SerialNumber.String(), nil
}

// withoutCertificate trusts as somebody does, and shows nothing.
func withoutCertificate(t *testing.T, who *peer.Identity) *tls.Config {
	t.Helper()
	config, err := who.Client("127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	config.Certificates = nil
	return config
}

func TestServicesKnowEachOtherAndNobodyElse(t *testing.T) {
	t.Parallel()
	ours, theirs := newAuthority(t), newAuthority(t)
	later := time.Now().Add(time.Hour)
	address := serve(t, somebody(t, ours.issue(t.TempDir(), 1, later)))
	friend, stranger := somebody(t, ours.issue(t.TempDir(), 2, later)), somebody(t, theirs.issue(t.TempDir(), 3, later))
	if status, _, err := ask(t, friend, address+"/serial"); err != nil || status != http.StatusOK {
		t.Errorf("a friend: %d, %v", status, err)
	}
	if status, _, err := ask(t, stranger, address+"/serial"); err == nil {
		t.Errorf("a stranger was answered %d", status)
	}
	// A platform shows nothing; it knows the authority, or asks no questions.
	nobody := &http.Client{Transport: &http.Transport{TLSClientConfig: withoutCertificate(t, friend)}}
	for path, want := range map[string]int{"/serial": 403, "/livez": 200, "/readyz": 200} {
		res, err := nobody.Get(address + path)
		if err != nil {
			t.Fatal(err)
		}
		if res.Body.Close(); res.StatusCode != want {
			t.Errorf("nobody at %s: %d", path, res.StatusCode)
		}
	}
}

func TestACertificateThatIsChangedIsShownFromThenOn(t *testing.T) {
	t.Parallel()
	a := newAuthority(t)
	dir, later := t.TempDir(), time.Now().Add(time.Hour)
	server := somebody(t, a.issue(dir, 1, later))
	address, friend := serve(t, server), somebody(t, a.issue(t.TempDir(), 9, later))
	if _, serial, err := ask(t, friend, address+"/serial"); err != nil || serial != "1" {
		t.Fatalf("%s, %v", serial, err)
	}
	a.issue(dir, 2, later)
	if _, serial, err := ask(t, friend, address+"/serial"); err != nil || serial != "2" {
		t.Errorf("after the change: %s, %v", serial, err)
	}
	a.issue(dir, 3, time.Now().Add(-time.Hour))
	if err := server.Ready(); err == nil || !strings.Contains(err.Error(), "TLS_CERT_FILE: the certificate expired") {
		t.Errorf("expired: %v", err)
	}
}

func TestFilesThatAreNotThereAreNamed(t *testing.T) {
	t.Parallel()
	if i, err := peer.New(peer.Settings{}); i != nil || err != nil || i.Ready() != nil {
		t.Errorf("nobody: %v, %v", i, err)
	}
	if _, err := peer.New(peer.Settings{Cert: "a", Key: "b"}); err == nil || !strings.Contains(err.Error(), "TLS_CA_FILE is not set") {
		t.Errorf("got %v", err)
	}
	s := newAuthority(t).issue(t.TempDir(), 1, time.Now().Add(time.Hour))
	for setting, path := range map[string]string{"TLS_CA_FILE": s.CA, "TLS_KEY_FILE": s.Key} {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if _, err := peer.New(s); err == nil || !strings.Contains(err.Error(), setting) {
			t.Errorf("without %s: %v", setting, err)
		}
	}
}
