package quick

import (
	"slices"
	"strings"
)

// lead takes away what only asks for a task: please, can you, add a task to, I need to.
func (r *reader) lead() {
	i := 0
	for {
		next := r.asked(i)
		if next == i {
			break
		}
		i = next
	}
	if i > 0 && i < len(r.tokens) {
		r.drop(0, i)
	}
}

var asks = [][]string{
	{"please"}, {"hey"}, {"hey", ","}, {"ok"}, {"can", "you"}, {"could", "you"}, {"i", "need", "to"}, {"i", "have", "to"}, {"i", "must"}, {"i", "should"},
	{"don't", "forget", "to"}, {"do", "not", "forget", "to"}, {"remember", "to"}, {"todo", ":"}, {"task", ":"}, {"to", "-", "do", ":"}, {"don't", "let", "me", "forget", "to"},
}

func (r *reader) asked(i int) int {
	for _, words := range asks {
		if r.all(i, words...) {
			return i + len(words)
		}
	}
	at := r.skip(i, "create", "add", "make", "new")
	if at == i {
		return i
	}
	at = r.skip(r.skip(r.skip(at, "me"), "a", "another", "the"), "new")
	next := r.skip(at, "task", "todo", "item")
	if next == at {
		return i
	}
	if at := r.skip(r.skip(next, "with"), "the"); at > next && r.is(at, "title", "name") {
		return r.skip(at+1, ":")
	}
	named := r.skip(next, "to", "called", "named", "titled", ":", "that", "for")
	if named == next && r.held(next) == "" || r.is(named, "the", "my", "our", "do") && r.is(next, "to") && r.is(named, "do") {
		return i
	}
	return r.skip(named, ":")
}

// description takes "with description '…'" and "description: …" out of the text, the latter
// up to the end or the next part.
func (r *reader) description() {
	for i := range r.tokens {
		at := r.skip(r.skip(i, "with", "and"), "a", "the")
		if !r.is(at, "description", "desc", "note", "notes") {
			continue
		}
		word := at
		next := r.skip(at+1, ":", "=")
		quoted := r.held(next)
		if quoted != "" && (next > word+1 || at > i || r.opens(word)) && r.closes(next+1) {
			r.task.Description = strings.TrimSpace(quoted)
			r.cut(i, next+1, "description", r.task.Description)
			return
		}
		if !r.is(word+1, ":") || quoted != "" || r.is(word, "note", "notes") && !r.opens(word) {
			continue
		}
		to := next
		for to < len(r.tokens) && !r.tokens[to].cut {
			to++
		}
		if text := strings.TrimRight(r.text(next, to), " ,;"); text != "" {
			r.task.Description = text
			r.cut(i, to, "description", text)
			return
		}
	}
}

// text is the text from a token up to another.
func (r *reader) text(from, to int) string {
	if from >= to {
		return ""
	}
	return string(r.runes[r.tokens[from].start:r.tokens[to-1].end])
}

// title is what remains. Untouched it is the whole text.
func (r *reader) title() string {
	if r.bare && len(r.task.Spans) == 0 {
		return strings.TrimSpace(string(r.runes))
	}
	var kept []int
	for i, t := range r.tokens {
		if !t.cut {
			kept = append(kept, i)
		}
	}
	kept = r.trim(kept)
	if len(kept) == 1 && r.tokens[kept[0]].quoted != "" {
		return strings.TrimSpace(r.tokens[kept[0]].quoted)
	}
	var b strings.Builder
	for n, i := range kept {
		t := r.tokens[i]
		if n > 0 {
			gap := kept[n-1] != i-1
			space := gap || !t.glued
			if sign := strings.Contains(",;:.", t.text) && t.text != "" || t.glued && (t.text == "!" || t.text == "?"); sign && gap {
				space = false
			}
			if space {
				b.WriteByte(' ')
			}
		}
		b.WriteString(string(r.runes[t.start:t.end]))
	}
	return strings.TrimSpace(b.String())
}

// trim takes away signs and little words that led to what was cut.
func (r *reader) trim(kept []int) []int {
	kept = slices.DeleteFunc(slices.Clone(kept), func(i int) bool { // signs between two cuts
		lone := i > 0 && r.tokens[i-1].cut && (i+1 == len(r.tokens) || r.tokens[i+1].cut)
		return lone && !r.tokens[i].held && (strings.Contains(",;:.-–—|()", r.tokens[i].text) || r.tokens[i].text == "and")
	})
	for n := 0; n+1 < len(kept); n++ { // brackets around what was cut
		if a, b := kept[n], kept[n+1]; a+1 < b && r.tokens[a].text == "(" && r.tokens[b].text == ")" {
			kept = slices.Delete(kept, n, n+2)
		}
	}
	for len(kept) > 0 {
		first := r.tokens[kept[0]]
		atCut := kept[0] > 0
		if first.held || !(atCut && slices.Contains([]string{",", ";", ":", ".", "-", "–", "—", "|", "to", "called", "named", "and"}, first.text)) {
			break
		}
		kept = kept[1:]
	}
	for len(kept) > 0 {
		i := kept[len(kept)-1]
		last := r.tokens[i]
		atCut := i+1 < len(r.tokens)
		abbreviation := last.text == "." && !atCut && i > 0 && last.glued && !r.tokens[i-1].cut
		if last.held || abbreviation || !slices.Contains([]string{",", ";", ":", ".", "-", "–", "—", "|"}, last.text) && !(atCut && slices.Contains([]string{"and", "("}, last.text)) {
			break
		}
		kept = kept[:len(kept)-1]
	}
	return kept
}
