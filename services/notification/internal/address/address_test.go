package address_test

import (
	"testing"

	"github.com/tickler-app/tickler/services/notification/internal/address"
)

func TestAddressesInsideAreRefusedUnlessTheyAreAllowed(t *testing.T) {
	t.Parallel()
	open, err := address.New([]string{"hooks.internal", "10.1.0.0/16", "127.0.0.1", ""})
	if err != nil {
		t.Fatal(err)
	}
	closed, err := address.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string][2]bool{ // with nothing allowed, and with the list above
		"https://example.com/hook": {true, true}, "https://example.com:8443/": {true, true}, "https://8.8.8.8/": {true, true},
		"http://example.com/": {false, false}, "https://user@example.com/": {false, false}, "ftp://example.com/": {false, false}, "example.com": {false, false}, "": {false, false},
		"http://localhost:80/": {false, true}, "https://example.com:0/": {false, false}, "https://example.com:65536/": {false, false}, "https://postgres/": {false, false}, "https://a.internal/": {false, false}, "http://hooks.internal/": {false, true},
		"http://127.0.0.1:8080/": {false, true}, "https://127.0.0.2/": {false, false}, "http://10.1.2.3/": {false, true}, "https://10.2.2.3/": {false, false},
		"https://169.254.169.254/": {false, false}, "https://[::1]/": {false, false}, "https://[::ffff:127.0.0.1]/": {false, true}, "https://[fd00::1]/": {false, false},
		"https://[64:ff9b::7f00:1]/": {false, false}, "https://[2001:4860:4860::8888]/": {true, true}, "https://0.0.0.0/": {false, false},
		"https://127.1/": {false, false}, "https://0x7f.1/": {false, false}, "https://example.local.1/": {false, false}, "https://db.internal./": {false, false},
		"https://localhost./": {false, true}, "https://example.com./": {true, true},
	} {
		if got := [2]bool{closed.Check(text) == nil, open.Check(text) == nil}; got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
	// Where a name leads is looked at once more, with each call.
	for dialled, want := range map[string][2]bool{
		"93.184.215.14:443": {true, true}, "127.0.0.1:443": {false, true}, "10.1.0.9:443": {false, true}, "10.0.0.9:443": {false, false},
		"[fe80::1%eth0]:443": {false, false}, "100.64.0.1:80": {false, false}, "nonsense": {false, false},
	} {
		if got := [2]bool{closed.Control("tcp", dialled, nil) == nil, open.Control("tcp", dialled, nil) == nil}; got != want {
			t.Errorf("%s: %v, want %v", dialled, got, want)
		}
	}
	if _, err := address.New([]string{"https://example.com"}); err == nil {
		t.Error("took an address for a host")
	}
}
