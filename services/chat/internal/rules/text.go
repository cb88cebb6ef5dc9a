package rules

import (
	"regexp"
	"strings"
	"unicode"
)

// text is a piece of what a person said, as it came and as it is read.
type text struct {
	runes []rune
	flat  string // a byte for each rune: lower case, straight quotes, what is quoted hidden
}

// hidden stands for each rune of a quoted text, its quotes included, so that nothing in it is read.
const hidden = '\x01'

func textOf(said string) text {
	t := text{runes: []rune(strings.ToValidUTF8(said, "\uFFFD"))}
	flat := make([]byte, len(t.runes))
	for i, r := range t.runes {
		flat[i] = plain(r)
	}
	for i := 0; i < len(flat); i++ {
		if end := quoteEnd(flat, i); end > 0 {
			for ; i < end; i++ {
				flat[i] = hidden
			}
			i--
		}
	}
	t.flat = string(flat)
	return t
}

// plain is the one byte that patterns see of a rune. A letter that is not English is some letter.
func plain(r rune) byte {
	if r >= 0xFF01 && r <= 0xFF5E { // full width
		r -= 0xFEE0
	}
	switch {
	case r == '\n':
		return '\n'
	case unicode.IsSpace(r):
		return ' '
	case strings.ContainsRune("‘’‚‛′`´", r):
		return '\''
	case strings.ContainsRune("“”„‟«»″", r):
		return '"'
	case strings.ContainsRune("–—−‐‑", r):
		return '-'
	case r > ' ' && r < unicode.MaxASCII:
		return byte(unicode.ToLower(r))
	case unicode.IsLetter(r), unicode.IsDigit(r), unicode.IsMark(r):
		return 'w'
	}
	return '~'
}

// quoteEnd returns where a quoted text that begins at a byte ends, or 0. An apostrophe within a
// word is none.
func quoteEnd(flat []byte, i int) int {
	mark := flat[i]
	if mark != '\'' && mark != '"' || i > 0 && wordByte(flat[i-1]) {
		return 0
	}
	for j := i + 2; j < len(flat) && j < i+maxQuote; j++ {
		if flat[j] == mark && (j+1 == len(flat) || !wordByte(flat[j+1])) {
			return j + 1
		}
	}
	return 0
}

// maxQuote is how far the other quote may be, so that a text of nothing but quotes is soon read.
const maxQuote = 2000

func wordByte(b byte) bool { return b >= 'a' && b <= 'z' || b >= '0' && b <= '9' }

func (t text) String() string { return string(t.runes) }

// long reports whether a text is longer than any command that is not the making of a task: what
// stands in quotes aside, nobody says so much.
func (t text) long() bool { return len(t.flat)-strings.Count(t.flat, string(hidden)) > maxCommand }

const maxCommand = 600

func (t text) empty() bool { return len(t.runes) == 0 }

// part is a piece of a text without the spaces around it.
func (t text) part(from, to int) text {
	for from < to && (t.flat[from] == ' ' || t.flat[from] == '\n') {
		from++
	}
	for from < to && (t.flat[to-1] == ' ' || t.flat[to-1] == '\n') {
		to--
	}
	return text{t.runes[from:to], t.flat[from:to]}
}

// trim takes away signs that stand at the end and, but for # and !, at the begin.
func (t text) trim() text {
	from, to := 0, len(t.flat)
	for from < to && strings.IndexByte(" \n,;:.-~", t.flat[from]) >= 0 {
		from++
	}
	for from < to && strings.IndexByte(" \n,;:.!?-", t.flat[to-1]) >= 0 {
		to--
	}
	return t.part(from, to)
}

// quoted is the inner text where the whole is one quoted text.
func (t text) quoted() (string, bool) {
	if len(t.flat) < 3 || strings.Trim(t.flat, string(hidden)) != "" {
		return "", false
	}
	return strings.TrimSpace(string(t.runes[1 : len(t.runes)-1])), true
}

// plainText is the text without quotes around it.
func (t text) plainText() string {
	if inner, ok := t.quoted(); ok {
		return inner
	}
	return strings.TrimSpace(t.String())
}

// compile makes a pattern of one in which a space may be several, {x} names a task, {v} a value
// and {q} a quoted text.
func compile(pattern string) *regexp.Regexp {
	pattern = strings.NewReplacer(" ?", " *", " ", " +", "{x}", "(?P<x>.+?)", "{v}", "(?P<v>.+)", "{q}", "(?P<v>\x01+)").Replace(pattern)
	return regexp.MustCompile("^(?:" + pattern + ")$")
}

// groups are the named pieces that a pattern found; those that it did not find are empty.
type groups map[string]text

// match holds the whole text against a pattern.
func (t text) match(pattern *regexp.Regexp) (groups, bool) {
	at := pattern.FindStringSubmatchIndex(t.flat)
	if at == nil {
		return nil, false
	}
	found := groups{}
	for i, name := range pattern.SubexpNames() {
		if name != "" && at[2*i] >= 0 && found[name].empty() {
			found[name] = t.part(at[2*i], at[2*i+1])
		}
	}
	return found, true
}

// has reports whether a pattern finds something.
func (t text) has(pattern *regexp.Regexp) bool { return pattern.MatchString(t.flat) }

// without cuts what a pattern finds at the begin, as often as it does.
func (t text) without(begin *regexp.Regexp) text {
	for range maxStrip {
		at := begin.FindStringIndex(t.flat)
		if at == nil || at[0] != 0 || at[1] == 0 || at[1] == len(t.flat) {
			return t
		}
		t = t.part(at[1], len(t.flat))
	}
	return t
}

// maxStrip is how many polite words in a row are taken away.
const maxStrip = 10

// head is the begin of a text, which says what kind of command it is.
func (t text) head() text { return t.part(0, min(len(t.flat), 120)) }

// withoutEnd cuts what a pattern finds at the end.
func (t text) withoutEnd(end *regexp.Regexp) text {
	if at := end.FindStringIndex(t.flat); at != nil && at[0] > 0 {
		return t.part(0, at[0])
	}
	return t
}
