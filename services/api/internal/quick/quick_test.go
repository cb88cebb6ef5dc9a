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

// phrase is a line of testdata/phrases.txt.
type phrase struct{ locale, text, title, slots string }

func phrases(t testing.TB) []phrase {
	t.Helper()
	content, err := os.ReadFile("testdata/phrases.txt")
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
	var right, read, meant, whole int
	list := phrases(t)
	for _, p := range list {
		task := quick.Parse(p.text, quick.Here{Now: tuesday(t), Locale: p.locale})
		got, want := slots(task), strings.Split(p.slots, " | ")
		if p.slots == "" {
			want = nil
		}
		for _, slot := range got {
			if slices.Contains(want, slot) {
				right++
			}
		}
		read, meant = read+len(got), meant+len(want)
		if slices.Equal(got, want) && task.Title == p.title {
			whole++
		} else {
			t.Errorf("[%s] %q\n got %q %q\nwant %q %q", p.locale, p.text, task.Title, got, p.title, want)
		}
	}
	t.Logf("%d phrases, %d read whole: precision %.4f, recall %.4f", len(list), whole, float64(right)/float64(read), float64(right)/float64(meant))
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
	list, now := phrases(t), tuesday(t)
	start := time.Now()
	for _, p := range list {
		quick.Parse(p.text, quick.Here{Now: now, Locale: p.locale})
	}
	if each := time.Since(start) / time.Duration(len(list)); each > time.Millisecond {
		t.Errorf("%s each", each)
	}
}

func BenchmarkParse(b *testing.B) {
	now := tuesday(b)
	for b.Loop() {
		quick.Parse("pay rent every last workday 9am !high #home remind 1h before", quick.Here{Now: now, Locale: "en-GB"})
	}
}

func FuzzSpansLieWithinTheText(f *testing.F) {
	for _, p := range phrases(f) {
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
