package store_test

import (
	"strings"
	"testing"

	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/services/api/internal/task"
)

// read reads on from a token until there is no more, a task at a time, and returns what it was told;
// meanwhile runs before each page but the first.
func (b *bench) read(token *task.Token, meanwhile func(page int)) (told string, full []int, last task.Token) {
	b.Helper()
	var titles []string
	for page := 0; ; page++ {
		if page > 20 {
			b.Fatalf("it never ends: %v", titles)
		} else if page > 0 {
			meanwhile(page)
		}
		delta, err := b.Since(b.Context(), of("ada"), token, 1)
		b.must(err)
		if len(delta.Tasks) > 1 {
			b.Errorf("%d tasks on a page of one", len(delta.Tasks))
		}
		if delta.Full {
			full = append(full, page)
		}
		for _, one := range delta.Tasks {
			titles = append(titles, one.Title)
		}
		read, ok := task.ParseToken(delta.Token.String()) // as a client has it
		if !ok || read != delta.Token {
			b.Fatalf("the token %s is read as %+v", delta.Token, read)
		}
		if token = &read; !delta.HasMore {
			return strings.Join(titles, ""), full, read
		}
	}
}

// A token from before what was forgotten is answered in full: a full answer whose pages end there
// goes on all the same, and begins anew only where more is forgotten.
func TestAFullAnswerGoesOnBeforeWhatWasForgotten(t *testing.T) {
	b := setup(t)
	for _, title := range []string{"a", "b", "c", "d", "e"} {
		b.add("ada", title)
	}
	work := b.open(b.ways.WorkURL)
	forget := func(seq int) {
		if _, err := work.ExecContext(b.Context(), `UPDATE people SET forgotten_seq = $1`, seq); err != nil {
			t.Fatal(err)
		}
	}
	forget(3)
	for _, token := range []*task.Token{nil, {Seq: 2}} {
		if told, full, last := b.read(token, func(int) {}); told != "abcde" || len(full) != 1 || (last != task.Token{Seq: 5}) {
			t.Errorf("from %v told %s up to %s, in full at %v", token, told, last, full)
		}
	}
	told, full, last := b.read(nil, func(page int) {
		if page == 2 {
			forget(4)
		}
	})
	if told != "ababcde" || len(full) != 2 || (last != task.Token{Seq: 5}) {
		t.Errorf("with more forgotten in between: told %s up to %s, in full at %v", told, last, full)
	}
	for _, token := range []task.Token{{Seq: 6}, {Seq: 2, Forgotten: 5}} {
		if _, err := b.Since(t.Context(), of("ada"), &token, 1); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", token, err)
		}
	}
	for _, text := range []string{"", "-", "-1", "1-", "1-0", "+1", "01", "1-2-3", "x"} {
		if read, ok := task.ParseToken(text); ok {
			t.Errorf("%q is read as %+v", text, read)
		}
	}
}
