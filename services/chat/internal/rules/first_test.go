package rules

import (
	"os"
	"slices"
	"strings"
	"testing"
)

func TestALookAtTheFirstLetterLosesNoMatch(t *testing.T) {
	t.Parallel()
	said, err := os.ReadFile("testdata/said.txt")
	if err != nil {
		t.Fatal(err)
	}
	tried, matched := 0, 0
	for line := range strings.Lines(string(said)) { // what is to come of it, too
		for _, part := range append(textOf(line).commands(), textOf(strings.TrimSpace(line))) {
			for _, r := range slices.Concat(patterns, talks, oneTask) {
				_, want := part.match(r.pattern)
				if _, got := r.match(part); got != want {
					t.Errorf("%q: %v with the look, %v without, by %s", part, got, want, r.pattern)
				}
				if tried++; want {
					matched++
				}
			}
		}
	}
	if matched == 0 || matched == tried {
		t.Errorf("%d of %d matched", matched, tried)
	}
}
