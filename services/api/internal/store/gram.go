package store

import (
	"strconv"
	"strings"

	"github.com/lib/pq"

	"github.com/tickler-app/tickler/services/api/internal/task"
)

// indexed is search for who looks through all of a person's tasks: by the index task_search_by_gram,
// as far as what is looked for has grams. They say whose the text is; else that is asked for, which
// would only have PostgreSQL read a second index beside.
func (c *conditions) indexed(userID string, q *task.Query) string {
	terms := []string{c.search(q)}
	found := false
	var every []string
	for _, word := range q.Search.Words {
		all, one := grams(spelled(word))
		every = append(every, all...)
		if found = found || all != nil || one != nil; one != nil {
			terms = append(terms, "task_grams(s.user_id, s.text) && "+c.arg(pq.Array(of(userID, one)))+"::text[]")
		}
	}
	if every != nil {
		terms = append(terms, "task_grams(s.user_id, s.text) @> "+c.arg(pq.Array(of(userID, every)))+"::text[]")
	}
	if !found {
		terms = append(terms, "s.user_id = $1")
	}
	return strings.Join(terms, " AND ")
}

// of makes grams those of a person's texts, as task_grams does.
func of(userID string, grams []string) []string {
	theirs := make([]string, len(grams))
	for i, gram := range grams {
		theirs[i] = userID + gram
	}
	return theirs
}

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
