package recurrence

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Read reads a rule from a text that is either an RRULE or words: RRULEs have a FREQ.
func Read(text string, today Civil) (Rule, error) {
	if strings.Contains(strings.ToUpper(text), "FREQ=") {
		return Parse(strings.TrimSpace(text))
	}
	return FromWords(text, today)
}

// FromWords reads a rule from words that are a rule from end to end, such as "every other Friday
// until 31 December". Today is the person's date: it tells the year of a date without one. The rule
// leaves to From what only its start says. The error is an *Error and names the position.
func FromWords(text string, today Civil) (Rule, error) {
	if len(text) > maxText {
		return Rule{}, wrong("", Malformed, "the rule is longer than %d bytes", maxText)
	}
	p := newPhrase(text, today)
	if len(p.tokens) == 0 {
		return Rule{}, wrong("", Required, "there are no words")
	}
	if !p.rule() {
		if p.subDaily {
			return Rule{}, wrong("", SubDaily, "a rule recurs at most once a day")
		}
		return Rule{}, wrong("", Unknown, "position 1: %s does not say when, as “every Monday” does", quote(text))
	}
	p.accept(".")
	if p.next < len(p.tokens) {
		left := text[p.tokens[p.next].start:]
		at := utf8.RuneCountInString(text) - utf8.RuneCountInString(left) + 1
		return Rule{}, wrong("", Unknown, "position %d: %s is no part of a rule", at, quote(left))
	}
	return p.finish()
}

// token is a word, a number or a sign of a text.
type token struct {
	text       string // in lower case, with curly apostrophes straightened
	start, end int    // in bytes
	number     int    // of 3 and 3rd, else -1
	ordinal    bool   // 3rd
	capital    bool   // begins with an upper-case letter
	glued      bool   // no space before it
}

// split cuts a text into at most max tokens.
func split(text string, max int) []token {
	var tokens []token
	for i := 0; i < len(text) && len(tokens) < max; {
		r, size := utf8.DecodeRuneInString(text[i:])
		if unicode.IsSpace(r) {
			i += size
			continue
		}
		end := i + size
		for in := wordRune(r); in && end < len(text); {
			r, size := utf8.DecodeRuneInString(text[end:])
			if in = wordRune(r) || apostrophe(r) && letterAt(text, end+size); in {
				end += size
			}
		}
		t := token{text: strings.ToLower(text[i:end]), start: i, end: end, number: -1, capital: unicode.IsUpper(r)}
		t.text = strings.ReplaceAll(t.text, "’", "'")
		t.glued = len(tokens) > 0 && tokens[len(tokens)-1].end == i
		t.number, t.ordinal = numeral(t.text)
		tokens = append(tokens, t)
		i = end
	}
	return tokens
}

func wordRune(r rune) bool   { return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) }
func apostrophe(r rune) bool { return r == '\'' || r == '’' }

func letterAt(text string, i int) bool {
	r, _ := utf8.DecodeRuneInString(text[i:])
	return unicode.IsLetter(r)
}

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

// phrase reads a rule from tokens, one alternative after the other: a method that returns false has
// read nothing. It is a value, so that going back is a copy.
type phrase struct {
	text     string
	tokens   []token
	next     int
	today    Civil
	r        Rule
	skip     bool // months without the day are left out
	strict   bool // in running text: only what can hardly mean anything else
	marked   bool // "repeat" or the like stood before it
	weak     bool // running text must end here, or go on with the next part of a task
	yearDay  bool // the days are days of the year
	subDaily bool // an hour or a minute was read where a day should be
	ordinals []int
}

// maxTokens bounds the work on a running text: a rule further on is not found.
const maxTokens = 1000

func newPhrase(text string, today Civil) phrase {
	return phrase{text: text, tokens: split(text, maxTokens), today: today, r: Rule{interval: 1}}
}

// finish makes the rule of what was read.
func (p *phrase) finish() (Rule, error) {
	r, err := p.r, (*Error)(nil)
	if p.skip {
		r, err = r.checked()
	} else {
		r, err = r.clampedAndChecked()
	}
	if err != nil {
		return Rule{}, err
	}
	return r, nil
}

// try reads one alternative or nothing.
func (p *phrase) try(read func(*phrase) bool) bool {
	q := *p
	if !read(&q) {
		p.subDaily = p.subDaily || q.subDaily
		return false
	}
	*p = q
	return true
}

// accept reads one token if it is one of these.
func (p *phrase) accept(words ...string) bool {
	if p.next < len(p.tokens) && slices.Contains(words, p.tokens[p.next].text) {
		p.next++
		return true
	}
	return false
}

// all reads these tokens in a row, or nothing.
func (p *phrase) all(words ...string) bool {
	for i, word := range words {
		if !p.is(i, word) {
			return false
		}
	}
	p.next += len(words)
	return true
}

// is reports whether the token so far ahead is one of these.
func (p *phrase) is(ahead int, words ...string) bool {
	return slices.Contains(words, p.peek(ahead).text)
}

// peek returns the token so far ahead, or behind, or an empty one beyond the ends.
func (p *phrase) peek(ahead int) token {
	if i := p.next + ahead; i >= 0 && i < len(p.tokens) {
		return p.tokens[i]
	}
	return token{number: -1}
}

// separator reads what stands between the items of a list, if an item follows.
func (p *phrase) separator(item func(*phrase) bool) bool {
	return p.try(func(p *phrase) bool {
		comma := p.accept(",")
		word := p.accept("and", "or", "&", "+", "/")
		return (comma || word) && item(p)
	})
}
