package file_test

import (
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/tickler-app/tickler/services/api/internal/file"
)

func TestFilesInOtherEncodingsAreReadAlike(t *testing.T) {
	t.Parallel()
	const plain = "TYPE,CONTENT,PRIORITY,DATE\ntask,Brötchen – für 5 €,1,2026-12-31\n"
	sixteen := func(big, mark bool) string {
		var b strings.Builder
		text := plain
		if mark {
			text = "\ufeff" + plain
		}
		for _, unit := range utf16.Encode([]rune(text)) {
			low, high := byte(unit), byte(unit>>8)
			if big {
				low, high = high, low
			}
			b.WriteByte(low)
			b.WriteByte(high)
		}
		return b.String()
	}
	for name, content := range map[string]string{
		"UTF-8": plain, "with a mark": "\ufeff" + plain, "UTF-16LE": sixteen(false, true), "UTF-16BE": sixteen(true, true),
		"UTF-16LE without a mark": sixteen(false, false), "UTF-16BE without a mark": sixteen(true, false),
		"CP-1252":     strings.NewReplacer("ö", "\xf6", "ü", "\xfc", "–", "\x96", "€", "\x80").Replace(plain),
		"semicolons":  strings.ReplaceAll(plain, ",", ";"),
		"from a Mac":  strings.ReplaceAll(plain, "\n", "\r\n"),
		"blank lines": "\n\n" + plain + "\n,,,\n",
	} {
		r := read(t, file.Todoist, content)
		if len(r.Entries) != 1 || *r.Entries[0].Fields.Title != "Brötchen – für 5 €" || *r.Entries[0].Fields.Due != "2026-12-31" || len(r.Problems) > 0 {
			t.Errorf("%s: %s %s", name, said(r), problems(r))
		}
	}
}

func TestAQuoteThatIsNotClosedCostsOnlyWhatItSwallows(t *testing.T) {
	t.Parallel()
	r := read(t, file.Todoist, "TYPE,CONTENT\ntask,first\ntask,se\"cond\ntask,third\ntask,\"fourth\ntask,fifth\n")
	compare(t, said(r), "2 first\n4 third")
	compare(t, problems(r), "3  \n5")
}

// What nobody writes by chance ends soon and is told, whatever the parser behind would do with it.
func TestHostileCalendarsAreReadSoonAndTold(t *testing.T) {
	t.Parallel()
	wrap := func(inner string) string {
		return "BEGIN:VCALENDAR\r\nBEGIN:VTODO\r\nUID:a\r\nSUMMARY:kept\r\n" + inner + "\r\nEND:VTODO\r\nEND:VCALENDAR\r\n"
	}
	for name, inner := range map[string]string{
		"endlessly folded":     "DESCRIPTION:x" + strings.Repeat("\r\n y", 500_000),
		"one endless line":     "DESCRIPTION:" + strings.Repeat("z", 5<<20),
		"an endless parameter": "DESCRIPTION;X=" + strings.Repeat("p", 1<<20) + ":x",
		"parameter without a value, which the parser panics at": "DUE;TZID=Europe/Berlin",
		"a quote in a parameter":                                "DUE;TZID=\"Europe/Berlin:20261231T090000",
		"a time zone that names itself":                         "DUE;TZID=/../../etc/passwd:20261231T090000",
		"the end of what did not begin":                         "END:VALARM",
		"a year that never comes":                               "DUE:99990101T000000Z\r\nDTSTART:00010101",
		"an alarm in a thousand years":                          "DUE:20261231\r\nBEGIN:VALARM\r\nTRIGGER:-P999999999999999999W\r\nEND:VALARM",
		"a task in a task":                                      "BEGIN:VTODO\r\nSUMMARY:inner\r\nEND:VTODO",
	} {
		r := read(t, file.ICS, wrap(inner))
		if len(r.Entries) != 1 || *r.Entries[0].Fields.Title != "kept" || len(r.Problems) == 0 {
			t.Errorf("%s: %q %s", name, said(r), problems(r))
		}
	}
	deep := read(t, file.ICS, "BEGIN:VCALENDAR\r\n"+strings.Repeat("BEGIN:VTODO\r\n", 300_000))
	if len(deep.Entries) != 0 || len(deep.Problems) > maxDepth {
		t.Errorf("deep: %d entries, %s", len(deep.Entries), problems(deep))
	}
}

const maxDepth = 8

func FuzzFilesAreReadOrRefused(f *testing.F) {
	for _, format := range []file.Format{file.Todoist, file.TickTick, file.ICS, file.JSON} {
		for _, content := range []string{todoist, tickTick, calendar, jsonTasks} {
			f.Add(string(format), []byte(content))
		}
	}
	f.Fuzz(func(t *testing.T, format string, content []byte) {
		r, err := file.Read(file.Format(format), content, here(t))
		if err != nil && len(r.Entries) > 0 && format != string(file.Todoist) {
			t.Errorf("%d entries beside %v", len(r.Entries), err)
		}
		lines := strings.Count(string(content), "\n") + 1
		for _, p := range r.Problems {
			if p.Line < 1 || p.Line > lines && len(content) < 2 {
				t.Errorf("line %d of %d", p.Line, lines)
			}
		}
		for _, e := range r.Entries {
			if e.ID.Version() != 7 || e.Line < 1 {
				t.Errorf("entry %s on line %d", e.ID, e.Line)
			}
		}
	})
}
