package quick

import (
	"slices"
	"strings"
)

var levels = map[string]string{
	"low": "low", "lowest": "low", "normal": "normal", "medium": "normal", "med": "normal", "high": "high", "important": "high",
	"critical": "critical", "urgent": "critical", "highest": "critical", "asap": "critical", "p1": "critical", "p2": "high", "p3": "normal", "p4": "low",
}

// priority takes the first word for a priority out of the text.
func (r *reader) priority() {
	for i := range r.tokens {
		from, to, level := r.level(i)
		if level != "" {
			r.cut(from, to, "priority", level)
			r.task.Priority = level
			return
		}
	}
}

// level reads !high, !!!, priority high, high priority, p1, urgent, asap.
func (r *reader) level(i int) (from, to int, level string) {
	t, next := r.at(i), r.at(i+1)
	with := r.skip(i, "with", "as")
	switch {
	case t.text == "!" && !(t.glued && !r.cutBefore(i)):
		return r.exclaimed(i)
	case r.is(i, "priority", "prio"):
		at := r.skip(i+1, ":", "=", "is", "to", "as", "of")
		if level := levels[r.at(at).text]; level != "" && r.closes(at+1) {
			return i - btoi(r.is(i-1, "with")), at + 1, level
		}
		if n := r.at(at).number; n >= 1 && n <= 4 && at > i+1 && r.ends(at+1) {
			return i, at + 1, []string{"critical", "high", "normal", "low"}[n-1]
		}
	case levels[r.at(with).text] != "" && r.is(with+1, "priority", "prio") && (with > i || r.opens(i) && r.closes(with+2) || r.ends(with+2)):
		return i, with + 2, levels[r.at(with).text]
	case r.is(i, "p1", "p2", "p3", "p4") && r.closes(i+1) && !t.glued && !r.is(i-1, "the", "a", "nintendo", "huawei"):
		return i, i + 1, levels[t.text]
	case r.is(i, "asap", "urgent", "urgently") && (r.closes(i+1) || r.is(i, "asap")) && !r.is(i-1, "the", "is", "not", "an", "a", "less", "of", "as"),
		r.is(i, "urgent", "important") && i == 0 && next.text == ":" && next.glued,
		r.is(i, "important") && r.closes(i+1) && (r.is(i-1, ",", ";") || r.cutBefore(i)):
		level := levels["urgent"]
		if t.text == "important" {
			level = "high"
		}
		return i, i + 1, level
	}
	return i, i, ""
}

// exclaimed reads what begins with an exclamation mark that stands alone.
func (r *reader) exclaimed(i int) (from, to int, level string) {
	marks := 1
	for marks < 4 && r.is(i+marks, "!") && r.at(i+marks).glued {
		marks++
	}
	word := r.at(i + marks)
	switch {
	case marks == 1 && word.glued && levels[word.text] != "" && !r.at(i+2).glued:
		return i, i + 2, levels[word.text]
	case marks == 1 && word.glued && word.number >= 1 && word.number <= 4 && r.closes(i+2):
		return i, i + 2, []string{"critical", "high", "normal", "low"}[word.number-1]
	case marks == 3 && !word.glued:
		return i, i + 3, "critical"
	case marks == 2 && !word.glued:
		return i, i + 2, "high"
	}
	return i, i, ""
}

func (r *reader) cutBefore(i int) bool { return i > 0 && r.tokens[i-1].cut }

// opens reports whether a part may begin at a token.
func (r *reader) opens(i int) bool {
	return i == 0 || r.cutBefore(i) || r.is(i-1, ",", ";", ":", "(", "-", "–", "and") || r.tokens[i-1].quoted != ""
}

// closes is ends, or another part's word.
func (r *reader) closes(i int) bool {
	if r.is(i, "and") && i+1 < len(r.tokens) && r.tokens[i+1].cut {
		return true
	}
	if r.is(i, "and") && r.is(i+1, "tag", "tags", "tagged", "priority", "description") {
		return true
	}
	return r.ends(i) || r.is(i, "tag", "tags", "tagged", "priority", "with", "due", "description", "please", "p1", "p2", "p3", "p4")
}

// maxTag is how long a tag may be.
const maxTag = 50

// tags takes #tags and lists such as "tags a, b and c" out of the text.
func (r *reader) tags() {
	for i := range r.tokens {
		switch {
		case r.is(i, "#") && !(r.at(i).glued && i > 0 && wordRune(r.runes[r.at(i).start-1])):
			r.hash(i)
		case r.is(i, "tag", "tags", "tagged", "label", "labels"):
			r.tagList(i)
		case r.is(i, "with") && r.is(i+1, "tag", "tags", "the", "label"):
			r.tagList(r.skip(i+1, "the"))
		}
	}
}

// hash reads #home and #deep-work, but no #42.
func (r *reader) hash(i int) {
	to := i + 1
	for r.at(to).glued && (wordToken(r.at(to)) || r.is(to, "-", "_", "/", "&") && r.at(to+1).glued && wordToken(r.at(to+1))) {
		to++
	}
	if to == i+1 {
		return
	}
	tag := string(r.runes[r.tokens[i+1].start:r.tokens[to-1].end])
	if strings.Trim(tag, "0123456789") == "" || len([]rune(tag)) > maxTag {
		return
	}
	r.tag(tag)
	r.cut(i, to, "tags", tag)
}

func wordToken(t token) bool { return t.text != "" && !t.sign() }

func (r *reader) tag(tag string) {
	if !slices.ContainsFunc(r.task.Tags, func(t string) bool { return strings.EqualFold(t, tag) }) {
		r.task.Tags = append(r.task.Tags, tag)
	}
}

// tagList reads "tags a, b and c", where it cannot be a part of the title.
func (r *reader) tagList(i int) {
	from, at := i, i+1
	led := r.opens(i) && i > 0 && (!r.is(i-1, "and") || r.cutBefore(i-1))
	if r.is(i-1, "with") || r.is(i-1, "the") && r.is(i-2, "with") {
		led = true
		from = i - 1 - btoi(r.is(i-1, "the"))
	}
	if next := r.skip(at, ":", "="); next > at {
		led, at = true, next
	}
	if !led && !r.is(i, "tagged") || r.at(at).glued && at == i+1 {
		return
	}
	at = r.skip(at, "as", "with")
	names, to := r.names(at)
	if len(names) == 0 || !r.closes(to) {
		return
	}
	for _, name := range names {
		r.tag(name)
	}
	r.cut(from, to, "tags", strings.Join(names, ", "))
}

// names reads words or quoted texts with commas or "and" between them.
func (r *reader) names(at int) (names []string, to int) {
	for to = at; to < len(r.tokens); {
		next := r.skip(to, "#")
		t := r.tokens[min(next, len(r.tokens)-1)]
		name := string(r.runes[t.start:t.end])
		switch {
		case next >= len(r.tokens) || t.cut:
			return names, to
		case t.quoted != "":
			name = strings.TrimSpace(t.quoted)
		case !wordToken(r.at(next)) || r.is(next, "description", "desc", "note", "priority", "due") && r.is(next+1, ":"):
			return names, to
		}
		end := next + 1
		for t.quoted == "" && r.is(end, "-", "_") && r.at(end).glued && r.at(end+1).glued && wordToken(r.at(end+1)) {
			end += 2
			name = string(r.runes[t.start:r.tokens[end-1].end])
		}
		if name == "" || len([]rune(name)) > maxTag {
			return names, to
		}
		names, to = append(names, name), end
		more := r.skip(r.skip(to, ","), "and", "&")
		if more == to {
			return names, to
		}
		after := more + 1
		if word := r.at(more); !r.is(more, "#") && r.at(after).text != "" && !r.is(after, ",", "and", "&", "-", "_") && !r.closes(after) || word.text == "" && r.held(more) == "" {
			return names, to
		}
		to = more
	}
	return names, to
}

func (r *reader) held(i int) string {
	if i < len(r.tokens) && !r.tokens[i].cut {
		return r.tokens[i].quoted
	}
	return ""
}
