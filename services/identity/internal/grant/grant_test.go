package grant

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

func TestWhereCodesMayBeSent(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"https://a.example/back": true, "http://127.0.0.1:1/back": true, "http://localhost/": true, "http://[::1]:8/x": true, "com.example.app:/back": true,
		"": false, "http://a.example/": false, "https://": false, "https://a.example/#x": false, "https://u:p@a.example/": false, "javascript:alert(1)": false,
		"data:text/html,x": false, "/back": false, "http://127.0.0.1.a.example/": false, "https://a.example/" + strings.Repeat("x", 2000): false,
	} {
		if fit(address) != want {
			t.Errorf("%.40q: %v", address, !want)
		}
	}
}

func TestACodeGoesOnlyWhereTheClientLives(t *testing.T) {
	t.Parallel()
	c, err := NewClient("", " A\n name\x00 ", []string{"https://a.example/back?x=1", "http://127.0.0.1/cb"}, time.Time{})
	if err != nil || c.Name != "A name" || len(c.ID) != 32 {
		t.Fatalf("%+v, %v", c, err)
	}
	for address, want := range map[string]bool{
		"https://a.example/back?x=1": true, "http://127.0.0.1/cb": true, "http://127.0.0.1:4711/cb": true,
		"https://a.example/back": false, "https://a.example:444/back?x=1": false, "https://A.example/back?x=1": false, "http://localhost:4711/cb": false,
		"http://127.0.0.1:4711/cb2": false, "http://u@127.0.0.1:4711/cb": false, "": false,
	} {
		if c.leads(address) != want {
			t.Errorf("%q: %v", address, !want)
		}
	}
	if _, err := NewClient("", "x", nil, time.Time{}); !errors.Is(err, ErrRedirects) {
		t.Errorf("without a redirect: %v", err)
	}
}

// said is a Documents in which every document says the same.
type said struct{ name string }

func (s said) Fetch(context.Context, string) (string, []string, error) {
	return s.name, []string{"https://a.example/back"}, nil
}

func TestWhereADocumentLiesIsShownWhateverNameItGives(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Agent":                  "Agent (evil.example)",
		strings.Repeat("x", 300): strings.Repeat("x", 100) + " (evil.example)",
		"Tickler\u202e\u2066 (good.example)\u200b\x1b": "Tickler (good.example) (evil.example)",
	} {
		s := Service{Documents: said{name}, Now: time.Now}
		c, err := s.client(t.Context(), "https://evil.example/client.json")
		if err != nil || c.Name != want {
			t.Errorf("%q: %q, %v; want %q", name, c.Name, err, want)
		}
	}
}

// The example of RFC 7636, appendix B.
func TestAVerifierProvesItsChallenge(t *testing.T) {
	t.Parallel()
	const verifier, challenge = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
	if !proves(verifier, challenge) || proves(verifier+"x", challenge) || proves("short", "") {
		t.Error("a proof is judged wrongly")
	}
}

func TestWhichIdsAreDocuments(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]bool{
		"https://a.example/client.json": true, "https://a.example": false, "https://a.example/": false, "http://a.example/c": false, "https://u@a.example/c": false, "https://a.example/c#x": false, "abc": false,
	} {
		if IsDocument(id) != want {
			t.Errorf("%q: %v", id, !want)
		}
	}
}
