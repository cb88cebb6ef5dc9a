package store

import (
	"strconv"
	"strings"

	"github.com/lib/pq"

	"github.com/tickler-app/tickler/services/api/internal/task"
)

// indexed narrows a list to what is looked for, in task_search as t, by its index of keys, as far as
// that has any; else through all rows of the person. The keys say whose the text is; that is asked of
// each row once more, in a form for which PostgreSQL does not read the index of all that is theirs.
func (c *conditions) indexed(q *task.Query) {
	const keys = "search_keys(t.user_id, t.text, t.tags) "
	terms := []string{c.search("t", q)}
	if len(q.Tags) > 0 {
		labels := make([]string, len(q.Tags))
		for i, tag := range q.Tags {
			labels[i] = label(tag)
		}
		terms = append(terms, keys+"&& "+c.keys(labels))
	}
	var every []string
	for _, word := range q.Search.Words {
		all, one := grams(spelled(word))
		if every = append(every, all...); one != nil {
			terms = append(terms, keys+"&& "+c.keys(one))
		}
	}
	if every != nil {
		terms = append(terms, keys+"@> "+c.keys(every))
	}
	if len(terms) > 1 {
		c.terms[0] = "(" + own + ") IS TRUE"
	}
	c.terms = append(c.terms, terms...)
}

// keys are those that search_keys makes of such parts of the person's texts, who is $1.
func (c *conditions) keys(parts []string) string {
	return "keys_of($1, " + c.arg(pq.Array(parts)) + "::text[])"
}

// label is a folded tag as search_keys takes it.
func label(tag string) string { return "#" + tag }

const letters = "0123456789abcdefghijklmnopqrstuvwxyz"

// grams are the trigrams that a text has which the word is a part of: all of the first list. Those
// are the ones of pg_trgm's show_trgm, for which a text is words of letters and digits with two
// spaces before them and one behind. Two letters alone have none of their own, but one of those that
// end in them. One letter alone has nothing; nearly every text has it.
func grams(word string) (all, one []string) {
	word = strings.ToLower(word)
	for at := 0; at < len(word); {
		from := at + strings.IndexFunc(word[at:], isLetter)
		if from < at {
			break
		}
		to := from
		for to < len(word) && isLetter(rune(word[to])) {
			to++
		}
		run := word[from:to]
		if len(word) == 2 && len(run) == 2 {
			one = append(one, " "+run)
			for _, before := range letters {
				one = append(one, string(before)+run)
			}
			return nil, one
		}
		if from > 0 {
			run = "  " + run
		}
		if to < len(word) {
			run += " "
		}
		for i := 0; i+3 <= len(run); i++ {
			all = append(all, run[i:i+3])
		}
		at = to
	}
	return all, nil
}

func isLetter(r rune) bool { return strings.ContainsRune(letters, r) }

// escape makes a word stand for itself in LIKE.
var escape = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// pattern is a word as it stands in task_search, for LIKE.
func pattern(word string) string { return escape.Replace(spelled(word)) }

// spelled is a text as it lies in task_search: a character that is none of ASCII is a Z, which a
// folded text has not, and its number in four digits to the base of 36. So one character of Chinese
// has trigrams of its own, whatever the database's locale takes for letters, and the same texts are
// parts of each other as before.
func spelled(text string) string {
	const digits = 4
	plain := true
	for i := range len(text) {
		plain = plain && text[i] < 0x80
	}
	if plain {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if r < 0x80 {
			b.WriteByte(byte(r))
			continue
		}
		number := strconv.FormatInt(int64(r), 36)
		b.WriteString("Z" + strings.Repeat("0", digits-len(number)) + number)
	}
	return b.String()
}
