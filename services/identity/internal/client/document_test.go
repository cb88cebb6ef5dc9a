package client

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/tickler-app/tickler/pkg/fault"
)

func TestWhatIsPublic(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"8.8.8.8": true, "2606:4700::1111": true,
		"127.0.0.1": false, "10.1.2.3": false, "172.16.0.1": false, "192.168.1.1": false, "169.254.169.254": false, "100.64.1.1": false, "0.0.0.0": false, "0.1.2.3": false,
		"224.0.0.1": false, "255.255.255.255": false, "198.18.0.1": false, "192.0.2.1": false, "::1": false, "::": false, "fe80::1": false, "fc00::1": false, "ff02::1": false,
		"::ffff:127.0.0.1": false, "::ffff:8.8.8.8": true, "64:ff9b::7f00:1": false, "2002:7f00:1::": false, "2001:db8::1": false,
	} {
		if public(netip.MustParseAddr(address)) != want {
			t.Errorf("%s: %v", address, !want)
		}
	}
}

func TestNothingPrivateIsReached(t *testing.T) {
	t.Parallel()
	reached := false
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	defer server.Close()
	for _, address := range []string{server.URL, strings.Replace(server.URL, "127.0.0.1", "localhost", 1), strings.Replace(server.URL, "127.0.0.1", "[::ffff:127.0.0.1]", 1)} {
		if _, _, err := New(prometheus.NewRegistry()).Fetch(t.Context(), address+"/client.json"); fault.KindOf(err) != fault.Invalid || reached {
			t.Errorf("%s: %v, reached: %v", address, err, reached)
		}
	}
	if err := publicOnly("tcp", "8.8.8.8:80", nil); err == nil {
		t.Error("a public address on another port than 443 was allowed")
	}
}

func TestADocumentSpeaksForItsOwnAddress(t *testing.T) {
	t.Parallel()
	asked := 0
	var server *httptest.Server
	server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		switch r.URL.Path {
		case "/good":
			_, _ = w.Write([]byte(`{"client_id":"` + server.URL + `/good","client_name":"Agent","redirect_uris":["https://agent.example/back"],"more":1}`))
		case "/other":
			_, _ = w.Write([]byte(`{"client_id":"` + server.URL + `/good","redirect_uris":["https://agent.example/back"]}`))
		case "/secret":
			_, _ = w.Write([]byte(`{"client_id":"` + server.URL + `/secret","redirect_uris":["https://a.example"],"token_endpoint_auth_method":"private_key_jwt"}`))
		case "/elsewhere":
			http.Redirect(w, r, "/good", http.StatusFound)
		case "/long":
			_, _ = w.Write([]byte(`{"client_id":"` + strings.Repeat("x", mostBytes) + `"}`))
		default:
			http.NotFound(w, r)
		}
	}))
	defer server.Close()
	now := time.Now()
	d := newDocuments(server.Client().Transport, prometheus.NewRegistry())
	d.now = func() time.Time { return now }
	for range 2 {
		if name, redirects, err := d.Fetch(t.Context(), server.URL+"/good"); err != nil || name != "Agent" || !slices.Equal(redirects, []string{"https://agent.example/back"}) || asked != 1 {
			t.Errorf("%q %q %v, asked %d times", name, redirects, err, asked)
		}
	}
	now = now.Add(keepFor)
	if _, _, err := d.Fetch(t.Context(), server.URL+"/good"); err != nil || asked != 2 {
		t.Errorf("after a while: %v, asked %d times", err, asked)
	}
	for _, path := range []string{"/other", "/secret", "/elsewhere", "/long", "/none"} {
		var refused *fault.Error
		if _, _, err := d.Fetch(t.Context(), server.URL+path); !errors.As(err, &refused) || refused.Kind != fault.Invalid {
			t.Errorf("%s: %v", path, err)
		}
	}
}
