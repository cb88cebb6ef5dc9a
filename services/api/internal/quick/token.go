package quick

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"

	"github.com/tickler-app/tickler/pkg/recurrence"
)

// token is a word, a number, a sign, or a quoted text of a line.
type token struct {
	text       string // in lower case and NFKC
	start, end int    // in code points
	number     int    // of 3 and 3rd, else -1
	ordinal    bool
	capital    bool
	glued      bool   // no space before it
	quoted     string // what stands between quotes
	held       bool   // quoted or to be ignored: part of the title
	cut        bool
}

// order is which comes first in 1/2.
type order int

const (
	unknownOrder order = iota
	dayFirst
	monthFirst
)

func newReader(text string, here Here, ignore []Range) *reader {
	runes := []rune(strings.ToValidUTF8(text, "\uFFFD"))
	if len(runes) > MaxText {
		runes = runes[:MaxText]
	}
	r := &reader{runes: runes, now: recurrence.CivilOf(here.Now), zone: here.Now.Location(), instant: here.Now.Truncate(time.Second), order: orderOf(here.Locale), bare: true}
	r.now.Sec, r.now.Nanos = 0, 0
	r.split()
	for i, t := range r.tokens {
		for _, range_ := range ignore {
			if t.start < range_.End && t.end > range_.Start {
				r.tokens[i].held = true
			}
		}
	}
	if text == strings.ToUpper(text) { // shouting: capitals say nothing
		for i := range r.tokens {
			r.tokens[i].capital = false
		}
	}
	return r
}

// orderOf tells the order of a locale. "en" alone may be either.
func orderOf(locale string) order {
	tag, err := language.Parse(locale)
	if err != nil || locale == "" {
		return unknownOrder
	}
	base, _ := tag.Base()
	region, sure := tag.Region()
	switch {
	case base.String() == "en" && sure != language.Exact:
		return unknownOrder
	case region.String() == "US" && base.String() == "en", slices.Contains([]string{"zh", "ja", "ko", "hu", "mn"}, base.String()):
		return monthFirst
	}
	return dayFirst
}

func (r *reader) split() {
	for i := 0; i < len(r.runes); {
		if unicode.IsSpace(r.runes[i]) {
			i++
			continue
		}
		t := r.token(i)
		t.glued = len(r.tokens) > 0 && r.tokens[len(r.tokens)-1].end == i
		r.tokens = append(r.tokens, t)
		i = t.end
	}
}

var closing = map[rune]rune{'"': '"', '“': '”', '„': '“', '«': '»', '\'': '\'', '‘': '’', '`': '`'}

// token reads the one that begins at a code point.
func (r *reader) token(i int) token {
	first := r.runes[i]
	if end := r.quote(i); end > 0 {
		return token{start: i, end: end, number: -1, quoted: string(r.runes[i+1 : end-1]), held: true}
	}
	end := i + 1
	for wordRune(first) && end < len(r.runes) {
		apostrophe := (r.runes[end] == '\'' || r.runes[end] == '’') && end+1 < len(r.runes) && unicode.IsLetter(r.runes[end+1])
		if !wordRune(r.runes[end]) && !apostrophe {
			break
		}
		end++
	}
	text := strings.ReplaceAll(strings.ToLower(norm.NFKC.String(string(r.runes[i:end]))), "’", "'")
	t := token{text: text, start: i, end: end, number: -1, capital: unicode.IsUpper(first)}
	t.number, t.ordinal = numeral(text)
	return t
}

// quote returns the end of a quoted text that begins at a code point, or 0. An apostrophe
// within a word is none.
func (r *reader) quote(i int) int {
	end, ok := closing[r.runes[i]]
	if !ok || i > 0 && wordRune(r.runes[i-1]) || r.unclosed == end {
		return 0
	}
	for j := i + 2; j < len(r.runes); j++ {
		if r.runes[j] == end && (j+1 == len(r.runes) || !wordRune(r.runes[j+1])) {
			return j + 1
		}
	}
	r.unclosed = end // nor is there one further on
	return 0
}

func wordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) }

// numeral reads 3 and 3rd, of at most nine digits; -1 is no number.
func numeral(text string) (n int, ordinal bool) {
	digits := strings.TrimRight(text, "stndrh")
	if len(digits) > 9 || strings.Trim(digits, "0123456789") != "" {
		return -1, false
	}
	n, err := strconv.Atoi(digits)
	if err != nil || digits != text && !slices.Contains([]string{"st", "nd", "rd", "th"}, text[len(digits):]) {
		return -1, false
	}
	return n, digits != text
}

// at returns a token, or an empty one beyond the ends and where it is no longer to be read.
func (r *reader) at(i int) token {
	if i < 0 || i >= len(r.tokens) || r.tokens[i].cut || r.tokens[i].held {
		return token{number: -1}
	}
	return r.tokens[i]
}

func (r *reader) is(i int, words ...string) bool {
	return slices.Contains(words, r.at(i).text) && r.at(i).text != ""
}

// all reports whether these tokens stand in a row.
func (r *reader) all(i int, words ...string) bool {
	for n, word := range words {
		if !r.is(i+n, word) {
			return false
		}
	}
	return true
}

// skip steps over one of these words.
func (r *reader) skip(i int, words ...string) int {
	if r.is(i, words...) {
		return i + 1
	}
	return i
}

func (t token) sign() bool {
	return t.text != "" && t.number < 0 && !wordRune([]rune(t.text)[0])
}

// ends reports whether a part of the task may end before a token: at the end, before another
// part or a quoted text, and at most signs.
func (r *reader) ends(i int) bool {
	t := r.at(i)
	if t.text == "" {
		return i >= len(r.tokens) || r.tokens[i].cut || r.tokens[i].quoted != ""
	}
	if !t.sign() {
		return false
	}
	next := r.at(i + 1)
	joined := t.glued && next.glued && next.text != ""
	switch t.text {
	case "#", "!", "@":
		return true
	case "-", "–", "/", "&", "+", "%", "°", "'", "’", "$", "€", "*", "×", "=", "~", "_":
		return (t.text == "-" || t.text == "–") && !t.glued && !next.glued
	}
	return !joined
}
