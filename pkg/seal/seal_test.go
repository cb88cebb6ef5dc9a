package seal

import (
	"strings"
	"testing"
)

const (
	raw   = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
	inHex = "3031323334353637383961626364656630313233343536373839616263646566"
)

func parse(t *testing.T, text string) *Keys {
	t.Helper()
	keys, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func TestWhatIsSealedOpensInItsPlaceAlone(t *testing.T) {
	t.Parallel()
	keys := parse(t, "# the new one\nb:"+raw+"\n\na:"+strings.Replace(inHex, "30", "31", 1)+"\n")
	sealed := keys.Seal([]byte("secret"), "jwks/1")
	if !strings.HasPrefix(sealed, "b:") || strings.Contains(sealed, "secret") || keys.Outdated(sealed) {
		t.Errorf("sealed as %q", sealed)
	}
	if plain, err := keys.Open(sealed, "jwks/1"); err != nil || string(plain) != "secret" {
		t.Errorf("opened %q, %v", plain, err)
	}
	for name, test := range map[string]struct{ sealed, place string }{
		"another place": {sealed, "jwks/2"}, "another key": {"a" + sealed[1:], "jwks/1"}, "no such key": {"c" + sealed[1:], "jwks/1"},
		"cut short": {"b:AAAA", "jwks/1"}, "changed": {swapped(sealed), "jwks/1"}, "nothing": {"", ""},
	} {
		if plain, err := keys.Open(test.sealed, test.place); err == nil && test.sealed != sealed {
			t.Errorf("%s: opened %q", name, plain)
		} else if err == nil {
			t.Errorf("%s opened", name)
		}
	}
}

func TestKeysMayBeWrittenInSeveralWays(t *testing.T) {
	t.Parallel()
	sealed := parse(t, raw).Seal([]byte("x"), "")
	for _, text := range []string{inHex, strings.TrimRight(raw, "="), " " + raw + " \n"} {
		if _, err := parse(t, text).Open(sealed, ""); err != nil {
			t.Errorf("%.10q…: %v", text, err)
		}
	}
	for _, text := range []string{"", "# none", "short", "a:b", "a:" + raw + "\na:" + raw, "ä:" + raw, ":" + raw} {
		if _, err := Parse(text); err == nil || strings.Contains(err.Error(), raw) {
			t.Errorf("%.10q…: %v", text, err)
		}
	}
}

// swapped is text with another last letter.
func swapped(text string) string {
	if strings.HasSuffix(text, "A") {
		return text[:len(text)-1] + "Q"
	}
	return text[:len(text)-1] + "A"
}
