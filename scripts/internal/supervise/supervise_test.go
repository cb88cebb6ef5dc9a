package supervise

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestDelaysGrowUntilAProcessHasLivedForAMinute(t *testing.T) {
	t.Parallel()
	var d delays
	var got []time.Duration
	for _, lived := range []time.Duration{0, time.Second, 0, 0, 0, 59 * time.Second, 0, time.Minute, 0} {
		got = append(got, d.after(lived))
	}
	want := []time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second,
		10 * time.Second, 10 * time.Second, 500 * time.Millisecond, time.Second}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestTheLogMergesWholeLines(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log := &Log{Out: &out, Name: "stack", Width: 5}
	api, web := log.Writer("api"), log.Writer("web")
	write := func(w *Writer, text string) {
		if n, err := w.Write([]byte(text)); n != len(text) || err != nil {
			t.Errorf("%d, %v", n, err)
		}
	}
	write(api, "half a ")
	write(web, "one\ntwo\nth")
	write(api, "line\n")
	log.Printf("a note\nof two lines")
	web.Flush()
	api.Flush() // has nothing to say
	want := "web   | one\nweb   | two\napi   | half a line\nstack | a note\nstack | of two lines\nweb   | th\n"
	if got := out.String(); got != want {
		t.Errorf("got\n%s", got)
	}
	write(api, strings.Repeat("x", maxLine+1))
	if len(api.part) != 0 {
		t.Error("a line without an end is kept for ever")
	}
}

func TestEachNameHasItsColour(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log := &Log{Out: &out, Name: "stack", Colour: true}
	log.Printf("a")
	write := log.Writer("api")
	_, _ = write.Write([]byte("b\n"))
	log.Printf("c")
	want := "\x1b[36mstack |\x1b[0m a\n\x1b[33mapi |\x1b[0m b\n\x1b[36mstack |\x1b[0m c\n"
	if got := out.String(); got != want {
		t.Errorf("got %q", got)
	}
}

func TestJSONIsMadeReadableForPeople(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		`{"time":"2026-01-02T03:04:05.6789Z","level":"ERROR","msg":"request","service":"api","status":500,"error":"a b","ids":["x"]}`: "03:04:05.678 \x1b[31mERROR\x1b[0m request\x1b[2m status=500 error=\"a b\" ids=[\"x\"]\x1b[0m",
		`{"level":"INFO","msg":"up","on":true}`: " INFO  up\x1b[2m on=true\x1b[0m",
		`{"no":"message"}`:                      `{"no":"message"}`,
		`{"level":"INFO","msg":"cut`:            `{"level":"INFO","msg":"cut`,
		`plain {words}`:                         `plain {words}`,
		``:                                      ``,
	} {
		got := string(readable([]byte(line + "\n")))
		if at := time.Date(2026, 1, 2, 3, 4, 5, 678900000, time.UTC).Local().Format("15:04:05.000"); strings.HasPrefix(want, "03:") {
			want = at + want[len("03:04:05.678"):]
		}
		if got != want+"\n" {
			t.Errorf("%s\ngot  %q\nwant %q", line, got, want)
		}
	}
}
