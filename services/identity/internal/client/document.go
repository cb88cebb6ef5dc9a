// Package client fetches what an agent's program says of itself, from wherever it says it lives.
package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/reach"
	"github.com/tickler-app/tickler/services/identity/internal/grant"
)

// Documents implements grant.Documents: client id metadata documents
// (draft-ietf-oauth-client-id-metadata-document). Anybody can name an address here, so only
// public ones are reached, nothing is followed, and little is read.
type Documents struct {
	client *reach.Client
	now    func() time.Time

	mu    sync.Mutex
	known map[string]document // what was fetched within keepFor
}

type document struct {
	ID        string   `json:"client_id"`
	Name      string   `json:"client_name"`
	Redirects []string `json:"redirect_uris"`
	Method    string   `json:"token_endpoint_auth_method"`

	fetched time.Time
}

const (
	mostBytes = 64 << 10
	keepFor   = 10 * time.Minute
	mostKept  = 1000
)

// New returns Documents that reach public addresses alone.
func New(metrics prometheus.Registerer) *Documents {
	dialer := &net.Dialer{Timeout: 3 * time.Second, Control: publicOnly}
	return newDocuments(&http.Transport{
		DialContext: dialer.DialContext, TLSHandshakeTimeout: 3 * time.Second, DisableKeepAlives: true, MaxResponseHeaderBytes: 16 << 10,
	}, metrics)
}

func newDocuments(transport http.RoundTripper, metrics prometheus.Registerer) *Documents {
	return &Documents{
		client: reach.New(reach.Config{Target: "client_metadata", Timeout: 5 * time.Second, Metrics: metrics, Transport: transport}),
		now:    time.Now, known: map[string]document{},
	}
}

// publicOnly is asked with the address that was resolved, just before it is connected to: a
// name that resolves to another one the second time does not help.
func publicOnly(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	if !public(at.Addr()) || at.Port() != 443 {
		return errors.New("not a public address")
	}
	return nil
}

// notPublic are the blocks of IANA's special-purpose registries that netip does not know.
var notPublic = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"), netip.MustParsePrefix("192.0.2.0/24"),
	netip.MustParsePrefix("192.88.99.0/24"), netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("203.0.113.0/24"),
	netip.MustParsePrefix("240.0.0.0/4"), netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("100::/64"),
	netip.MustParsePrefix("2001::/23"), netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("5f00::/16"), netip.MustParsePrefix("fec0::/10"),
}

func public(ip netip.Addr) bool {
	ip = ip.Unmap().WithZone("")
	if !ip.IsGlobalUnicast() || ip.IsPrivate() {
		return false
	}
	for _, block := range notPublic {
		if block.Contains(ip) {
			return false
		}
	}
	return true
}

// Fetch implements grant.Documents.
func (d *Documents) Fetch(ctx context.Context, address string) (name string, redirects []string, err error) {
	now := d.now()
	d.mu.Lock()
	doc, ok := d.known[address]
	d.mu.Unlock()
	if !ok || now.Sub(doc.fetched) >= keepFor {
		if doc, err = d.fetch(ctx, address); err != nil {
			return "", nil, err
		}
		doc.fetched = now
		d.mu.Lock()
		if len(d.known) >= mostKept {
			clear(d.known)
		}
		d.known[address] = doc
		d.mu.Unlock()
	}
	return doc.Name, doc.Redirects, nil
}

func (d *Documents) fetch(ctx context.Context, address string) (doc document, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return doc, grant.ErrClient
	}
	req.Header.Set("Accept", "application/json")
	res, err := d.client.Do(req)
	if err != nil {
		return doc, fault.Wrap(fault.Invalid, err, grant.ErrMetadata.Error())
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, mostBytes))
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("answered %s", res.Status)
	}
	if err == nil {
		err = json.Unmarshal(body, &doc)
	}
	if err != nil {
		return doc, fault.Wrap(fault.Invalid, err, grant.ErrMetadata.Error())
	}
	if doc.ID != address || doc.Method != "" && doc.Method != "none" {
		return doc, grant.ErrMetadata
	}
	return doc, nil
}
