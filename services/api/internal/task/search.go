package task

import (
	"slices"
	"strings"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Search is what a person looks for, folded: every one of Words must be a part of the title, the
// description or a tag, and none of Not may. A phrase is one of them, with single spaces in it.
type Search struct{ Words, Not []string }

// quotes are what programs and countries put around a phrase.
var quotes = strings.NewReplacer("“", `"`, "”", `"`, "„", `"`, "«", `"`, "»", `"`)

// ParseSearch reads words, "phrases", and either with a - before it. A quote that is not closed
// lasts to the end; a - that stands alone is a word.
func ParseSearch(text string) (s Search) {
	rest := strings.TrimSpace(quotes.Replace(text))
	for rest != "" {
		list := &s.Words
		if rest[0] == '-' && len(rest) > 1 && rest[1] != ' ' && rest[1] != '-' {
			list, rest = &s.Not, rest[1:]
		}
		var part string
		if rest[0] == '"' {
			part, rest, _ = strings.Cut(rest[1:], `"`)
		} else if i := strings.IndexFunc(rest, func(c rune) bool { return c == '"' || strings.ContainsRune(" \t\r\n\u00a0\u3000", c) }); i >= 0 {
			part, rest = rest[:i], rest[i:]
		} else {
			part, rest = rest, ""
		}
		if part = flat(Fold(part)); part != "" && !slices.Contains(*list, part) {
			*list = append(*list, part)
		}
		rest = strings.TrimLeft(rest, " \t\r\n\u00a0\u3000")
	}
	return s
}

// None reports whether nothing is looked for.
func (s Search) None() bool { return len(s.Words) == 0 && len(s.Not) == 0 }

// finds reports whether t is what is looked for.
func (s Search) finds(t *Task) bool {
	text := t.SearchText()
	part := func(word string) bool { return strings.Contains(text, word) }
	return !slices.ContainsFunc(s.Words, func(word string) bool { return !part(word) }) && !slices.ContainsFunc(s.Not, part)
}

// The weights of where a word is found.
const (
	BeginsTitle   = 4 // of the title, at its beginning
	BeginsWord    = 3
	WithinTitle   = 2
	ElsewhereOnly = 1
)

// Relevance is how well t is what is looked for: the sum of the best place of each word. The
// store computes the same of the title's key.
func (s Search) Relevance(t *Task) (sum int) {
	title := t.TitleKey()
	for _, word := range s.Words {
		switch i := strings.Index(title, word); {
		case i == 0:
			sum += BeginsTitle
		case i < 0:
			sum += ElsewhereOnly
		case strings.Contains(title, " "+word):
			sum += BeginsWord
		default:
			sum += WithinTitle
		}
	}
	return sum
}

// SearchText is what words are looked for in. Its parts are kept apart, so that no word is
// found across two of them; within one, all space is a single one.
func (t *Task) SearchText() string {
	parts := make([]string, 2, 2+len(t.Tags))
	parts[0], parts[1] = flat(Fold(t.Title)), flat(Fold(t.Description))
	for _, tag := range t.Tags {
		parts = append(parts, flat(Fold(tag)))
	}
	return strings.Join(parts, "\n")
}

// flat makes all space a single one.
func flat(text string) string { return strings.Join(strings.Fields(text), " ") }

// Fold takes case and accents away: NFKD without its marks (Unicode Standard Annex 15),
// case-folded, and the letters that do not decompose as they are written without.
func Fold(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	for _, r := range norm.NFKD.String(cases.Fold().String(text)) {
		if r >= 0x300 && r < 0x370 { // combining diacritical marks
			continue
		}
		if plain, ok := undecomposed[r]; ok {
			b.WriteString(plain)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

var undecomposed = map[rune]string{'ø': "o", 'đ': "d", 'ł': "l", 'æ': "ae", 'œ': "oe", 'þ': "th", 'ð': "d", 'ı': "i", 'ħ': "h"}
