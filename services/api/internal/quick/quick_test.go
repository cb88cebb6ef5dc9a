package quick_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/tickler-app/tickler/services/api/internal/quick"
)

// tuesday is the now of the phrases.
func tuesday(t testing.TB) time.Time {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return time.Date(2026, 11, 24, 10, 15, 20, 0, zone)
}

// phrase is a line of a file in testdata.
type phrase struct{ locale, text, title, slots string }

func phrases(t testing.TB, file string) []phrase {
	t.Helper()
	content, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	var list []phrase
	for line := range strings.Lines(string(content)) {
		line = strings.TrimSuffix(line, "\n")
		if line == "" || strings.HasPrefix(line, "# ") {
			continue
		}
		p := phrase{locale: "en-GB"}
		if rest, ok := strings.CutPrefix(line, "["); ok {
			p.locale, line, _ = strings.Cut(rest, "] ")
			p.locale = strings.Trim(p.locale, "-")
		}
		text, want, read := strings.Cut(line, " => ")
		p.text, p.title = text, text
		if read {
			p.title, p.slots, _ = strings.Cut(want, " | ")
		}
		list = append(list, p)
	}
	return list
}

// slots writes what was read as the phrases do.
func slots(task quick.Task) []string {
	var list []string
	add := func(mark, value string) {
		if value != "" {
			list = append(list, mark+value)
		}
	}
	if !task.Due.IsZero() {
		add("@", task.Due.String())
	}
	add("*", task.Rule.String())
	for _, reminder := range task.Reminders {
		add("^", reminder.Words())
	}
	add("!", task.Priority)
	add("#", strings.Join(task.Tags, ", "))
	add(`"`, task.Description)
	return list
}

func TestPhrasesAreReadAsAPersonMeansThem(t *testing.T) {
	t.Parallel()
	if m := measured(t, "phrases.txt"); m.whole < m.phrases {
		t.Errorf("%d of %d phrases are not read so", m.phrases-m.whole, m.phrases)
	}
}

// measure is how well phrases were read. A slot is right where it is meant, to the letter.
type measure struct{ phrases, whole, right, read, meant int }

func measured(t *testing.T, file string) measure {
	var m measure
	for _, p := range phrases(t, file) {
		task := quick.Parse(p.text, quick.Here{Now: tuesday(t), Locale: p.locale})
		got, want := slots(task), strings.Split(p.slots, " | ")
		if p.slots == "" {
			want = nil
		}
		for _, slot := range got {
			if slices.Contains(want, slot) {
				m.right++
			}
		}
		m.phrases, m.read, m.meant = m.phrases+1, m.read+len(got), m.meant+len(want)
		if slices.Equal(got, want) && task.Title == p.title {
			m.whole++
		} else {
			t.Logf("[%s] %q\n got %q %q\nwant %q %q", p.locale, p.text, task.Title, got, p.title, want)
		}
	}
	t.Logf("%s: %d phrases, %d read whole; precision %.4f, recall %.4f", file, m.phrases, m.whole, m.precision(), m.recall())
	return m
}

func (m measure) precision() float64 { return float64(m.right) / float64(m.read) }
func (m measure) recall() float64    { return float64(m.right) / float64(m.meant) }

func TestPhrasesWrittenBeforehandAreNearlyAllReadRight(t *testing.T) {
	t.Parallel()
	if m := measured(t, "unseen.txt"); m.precision() < 0.99 || m.recall() < 0.97 {
		t.Errorf("precision or recall has become worse")
	}
}

func TestSpansSayWhatBecameWhat(t *testing.T) {
	t.Parallel()
	task := quick.Parse("pay rent 🏠 every last workday 9am !high #home remind 1h before", quick.Here{Now: tuesday(t)})
	var got []string
	for _, s := range task.Spans {
		got = append(got, fmt.Sprintf("%d-%d %s %s=%s", s.Start, s.End, s.Text, s.Field, s.Value))
	}
	want := []string{
		"11-29 every last workday recurrence_rule=FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "30-33 9am due_date=2026-11-30T09:00",
		"34-39 !high priority=high", "40-45 #home tags=home", "46-62 remind 1h before reminders=1 hour before",
	}
	if task.Title != "pay rent 🏠" || !slices.Equal(got, want) {
		t.Errorf("%q %q", task.Title, got)
	}
}

func TestWhatIsIgnoredBelongsToTheTitle(t *testing.T) {
	t.Parallel()
	text := "call Bob tomorrow 5pm #home"
	for ignored, want := range map[quick.Range]string{
		{}:       "call Bob [@2026-11-25T17:00 #home]",
		{9, 17}:  "call Bob tomorrow [@2026-11-24T17:00 #home]",
		{9, 21}:  "call Bob tomorrow 5pm [#home]",
		{22, 27}: "call Bob #home [@2026-11-25T17:00]",
		{0, 99}:  text + " []",
	} {
		task := quick.Parse(text, quick.Here{Now: tuesday(t)}, ignored)
		if got := fmt.Sprint(task.Title, " ", slots(task)); got != want {
			t.Errorf("%v: %s, want %s", ignored, got, want)
		}
	}
}

func TestAPhraseTakesLessThanAMillisecond(t *testing.T) {
	t.Parallel()
	list, now := phrases(t, "phrases.txt"), tuesday(t)
	each := quickest(func() {
		for _, p := range list {
			quick.Parse(p.text, quick.Here{Now: now, Locale: p.locale})
		}
	}) / time.Duration(len(list))
	if each > time.Millisecond {
		t.Errorf("%s each", each)
	}
}

// quickest is the best of several runs: the machine has other work too.
func quickest(do func()) time.Duration {
	best := time.Hour
	for range 5 {
		start := time.Now()
		do()
		best = min(best, time.Since(start))
	}
	return best
}

func BenchmarkParse(b *testing.B) {
	now := tuesday(b)
	for b.Loop() {
		quick.Parse("pay rent every last workday 9am !high #home remind 1h before", quick.Here{Now: now, Locale: "en-GB"})
	}
}

func FuzzSpansLieWithinTheText(f *testing.F) {
	for _, p := range phrases(f, "phrases.txt") {
		f.Add(p.text, 0, 5)
	}
	now := tuesday(f)
	f.Fuzz(func(t *testing.T, text string, from, to int) {
		task := quick.Parse(text, quick.Here{Now: now, Locale: "en-US"}, quick.Range{Start: from, End: to})
		runes := []rune(strings.ToValidUTF8(text, "\uFFFD"))
		last := 0
		for _, s := range task.Spans {
			if s.Start < last || s.End <= s.Start || s.End > len(runes) || string(runes[s.Start:s.End]) != s.Text {
				t.Fatalf("%q: %+v", text, s)
			}
			last = s.End
		}
		if len(task.Reminders) > 0 && task.Due.IsZero() || !task.Rule.IsZero() && task.Due.IsZero() {
			t.Fatalf("%q: %v", text, task)
		}
	})
}

func TestALongHostileTextIsReadSoon(t *testing.T) {
	t.Parallel()
	for _, piece := range []string{"' a", "every ", "every Monday and ", "1h and ", "remind 1h and ", "in 3 days ", "due ", "tag a, ", "tomorrow ", "(5:", "12/", "# ", "the ", "!", "on the 1st of ",
		"remind me at ", "description ", "5 pm ", "every day until ", "“", "not every Friday, "} {
		text := strings.Repeat(piece, quick.MaxText/len([]rune(piece)))
		if took := quickest(func() { quick.Parse(text, quick.Here{Now: tuesday(t), Locale: "en-US"}) }); took > 200*time.Millisecond {
			t.Errorf("%q: %s", piece, took)
		}
	}
}
