package file

import (
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
)

// table reads CSV (RFC 4180) whose first line, or one of the first, names the columns.
type table struct {
	csv     *csv.Reader
	columns map[string]int
	names   []string // as the file spells them
	line    int      // that the row begins on
	row     []string
	bad     func(line int, detail string)
}

// preamble is how many lines may stand before the one that names the columns.
const preamble = 20

// open finds the line that names all of the wanted columns. Between the fields stand commas,
// or what spreadsheets put there in some countries.
func open(text string, bad func(int, string), want ...string) (*table, bool) {
	for _, comma := range []rune{',', ';', '\t'} {
		t := &table{csv: csv.NewReader(strings.NewReader(text)), bad: func(int, string) {}}
		t.csv.Comma, t.csv.FieldsPerRecord = comma, -1
		for range preamble {
			if !t.next() {
				break
			}
			t.columns, t.names = map[string]int{}, slices.Clone(t.row)
			for i, name := range t.row {
				if name = key(name); name != "" {
					t.columns[name] = i
				}
			}
			if !slices.ContainsFunc(want, func(name string) bool { _, there := t.columns[key(name)]; return !there }) {
				t.bad = bad
				return t, true
			}
		}
	}
	return nil, false
}

func key(name string) string { return strings.ToLower(strings.TrimSpace(name)) }

// next reads a row. One that is no CSV is told and passed over.
func (t *table) next() bool {
	for {
		row, err := t.csv.Read()
		if errors.Is(err, io.EOF) {
			return false
		}
		if wrong, ok := errors.AsType[*csv.ParseError](err); ok {
			detail := "is no CSV: a quote stands where none may"
			if errors.Is(wrong.Err, csv.ErrQuote) && wrong.Line > wrong.StartLine {
				detail = "is no CSV: a quote that opens on this line is not closed as it should"
			}
			t.bad(wrong.StartLine, detail)
			continue
		} else if err != nil {
			t.bad(t.line, "cannot be read")
			return false
		}
		t.row = row
		t.line, _ = t.csv.FieldPos(0)
		return true
	}
}

// get returns a column of the row, "" where there is none.
func (t *table) get(column string) string {
	i, ok := t.columns[key(column)]
	if !ok || i >= len(t.row) {
		return ""
	}
	return strings.TrimSpace(t.row[i])
}

// oneLine is a title, in which a table may have line ends.
func oneLine(text string) string { return strings.NewReplacer("\r\n", " ", "\n", " ").Replace(text) }

// blank reports whether the row has nothing in it.
func (t *table) blank() bool {
	return !slices.ContainsFunc(t.row, func(field string) bool { return strings.TrimSpace(field) != "" })
}

// strangers calls f for each column of the row that has something in it and is none of known.
func (t *table) strangers(known []string, f func(column, value string)) {
	for i, value := range t.row {
		if i < len(t.names) && strings.TrimSpace(value) != "" && !slices.Contains(known, key(t.names[i])) {
			f(strings.TrimSpace(t.names[i]), value)
		}
	}
}
