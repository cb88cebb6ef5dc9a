package rest

import (
	"bufio"
	"encoding/json"
	"os"
	"testing"
	"time"
)

// TestLinesOfTextAreReadForAnotherService answers what tasks/parse does, a line of JSON for each
// that comes in, to the tests of a service that may not import the grammar: the chat's build
// this test and keep it running. By itself it holds one line against what the wire says.
func TestLinesOfTextAreReadForAnotherService(t *testing.T) {
	read := func(line []byte) []byte {
		var text TaskText
		if err := json.Unmarshal(line, &text); err != nil {
			t.Fatal(err)
		}
		place, err := placeOf(text)
		if err != nil || place.zone == nil || place.now == nil {
			t.Fatalf("%s: %v", line, err)
		}
		parsed := place.read(text.Text, nil, place.zone, time.Time{})
		answer, err := json.Marshal(ParsedText{Task: parsed.draft(), Spans: parsed.spans()})
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
	if os.Getenv("PARSE_LINES") != "" {
		lines := bufio.NewScanner(os.Stdin)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			if _, err := os.Stdout.Write(append(read(lines.Bytes()), '\n')); err != nil {
				t.Fatal(err)
			}
		}
		return
	}
	got := read([]byte(`{"text":"call Bob tomorrow 5pm #home","now":"2026-11-24T10:15:00+01:00","time_zone":"Europe/Berlin"}`))
	want := `{"spans":[{"end":21,"field":"due_date","start":9,"text":"tomorrow 5pm","value":"2026-11-25T17:00"},{"end":27,"field":"tags","start":22,"text":"#home","value":"home"}],` +
		`"task":{"title":"call Bob","description":"","priority":"normal","tags":["home"],"due_date":"2026-11-25T17:00:00+01:00","time_zone":null,"recurrence_rule":null,"reminders":[]}}`
	if string(got) != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}
