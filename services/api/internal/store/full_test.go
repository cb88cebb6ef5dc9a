package store_test

import (
	"strings"
	"testing"
)

// A token from before what was forgotten is answered in full: pages that ended there would be
// the first one for ever.
func TestAFullAnswerEndsBehindWhatWasForgotten(t *testing.T) {
	b := setup(t)
	for _, title := range []string{"a", "b", "c", "d", "e"} {
		b.add("ada", title)
	}
	if _, err := b.open(b.ways.WorkURL).ExecContext(t.Context(), `UPDATE people SET forgotten_seq = 3`); err != nil {
		t.Fatal(err)
	}
	var told []string
	var token *int64
	for more := true; more; {
		delta, err := b.Since(t.Context(), of("ada"), token, 1)
		if b.must(err); len(told) > 0 && delta.Full {
			t.Fatalf("after %v everything comes again", told)
		}
		for _, one := range delta.Tasks {
			told = append(told, one.Title)
		}
		token, more = &delta.Token, delta.HasMore
	}
	if got := strings.Join(told, ""); got != "abcde" || *token != 5 {
		t.Errorf("told %s up to %d", got, *token)
	}
}
