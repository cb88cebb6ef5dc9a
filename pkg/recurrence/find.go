package recurrence

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Found is a rule in a running text.
type Found struct {
	Rule Rule
	// Spans are the pieces that say it, from the first word on: the rule itself, and maybe its end,
	// which may stand apart from it as in "every Monday at 9:00 until 31 December".
	Spans []Span
}

// Span is a piece of a text, its end not included.
type Span struct {
	Start, End         int // in bytes
	RuneStart, RuneEnd int // in Unicode code points, as wire-api.md counts
}

// FindWords finds the first rule in a running text, such as the title of a task with a date in it.
// It would rather find none than a wrong one: "Every Breath You Take" and "daily standup notes" have
// none. Quoted text is for the caller to leave out, and so are times and the first date. Of "every
// morning" the span is "every", so that the morning is still there to be read as a time.
func FindWords(text string, today Civil) (Found, bool) {
	base := newPhrase(text, today)
	base.strict = true
	if strings.ToUpper(text) == text { // shouting: capitals say nothing
		for i := range base.tokens {
			base.tokens[i].capital = false
		}
	}
	for i := range base.tokens {
		p := base
		p.next = i
		if !p.opens() || !p.rule() || !p.stands(i) {
			continue
		}
		end := p.next
		tail := p.tail()
		r, err := p.finish()
		if err != nil { // said, but impossible
			return Found{}, false
		}
		found := Found{Rule: r, Spans: []Span{p.span(i, end)}}
		if tail > 0 {
			found.Spans = append(found.Spans, p.span(tail, p.next))
		}
		return found, true
	}
	return Found{}, false
}

// span covers the tokens from one up to, not including, another.
func (p *phrase) span(from, to int) Span {
	s := Span{Start: p.tokens[from].start, End: p.tokens[to-1].end}
	s.RuneStart = utf8.RuneCountInString(p.text[:s.Start])
	s.RuneEnd = s.RuneStart + utf8.RuneCountInString(p.text[s.Start:s.End])
	return s
}

// tail looks for an end of the rule a little further on, and returns the token it starts at, or 0.
func (p *phrase) tail() int {
	if p.r.count > 0 || !p.r.until.IsZero() {
		return 0
	}
	for ahead := 0; ahead < 12 && p.next+ahead < len(p.tokens); ahead++ {
		q := *p
		q.next += ahead
		start := q.next
		if !q.is(0, "until", "till", "for") || q.is(-1, "not") {
			continue
		}
		if q.try((*phrase).until) || q.try((*phrase).times) {
			*p = q
			return start
		}
	}
	return 0
}

// opens reports whether a rule may begin at the next token: not in the middle of a name in
// capitals, nor where the words before turn it into something else.
func (p *phrase) opens() bool {
	t, before := p.peek(0), p.peek(-1)
	if p.next == 0 || sign(before) {
		return true
	}
	if _, day := dayWords[p.peek(1).text]; t.capital && day && (t.text == "every" || t.text == "each") {
		p.weak = true // Water Plants Every Monday
		return true
	}
	if t.capital || t.glued {
		return false
	}
	back := -1
	if p.is(back, "the") {
		back--
	}
	return !p.is(back, "not", "almost", "nearly", "of", "like", "than", "by", "before", "until", "till", "due", "this", "next", "last", "since")
}

// stands reports whether what was read from a token on is a rule and not part of something else.
func (p *phrase) stands(from int) bool {
	after, second := p.peek(0), p.peek(1)
	whole := from == 0 && p.next == len(p.tokens)
	if whole {
		return true
	}
	if after.glued && (after.text == "-" || after.text == "/") && second.glued {
		return false
	}
	if p.weak && !p.ends() {
		return false
	}
	if p.is(0, "is", "are", "was", "were", "has", "have", "had", "will", "since", "counts", "matters") {
		return false
	}
	if from > 0 && name(after) && name(second) { // every Friday Night Lights rerun
		return false
	}
	// Every Day I Write the Book: but days and months always have their capital
	first, next := p.tokens[from], p.tokens[from+1:p.next]
	return !(first.capital && len(next) > 0 && name(next[0]))
}

// name reports whether a token begins with a capital that ordinary words have not.
func name(t token) bool {
	_, day := dayWords[t.text]
	_, month := monthWords[t.text]
	return t.capital && !day && !month && t.text != "i"
}

func sign(t token) bool {
	r, _ := utf8.DecodeRuneInString(t.text)
	return t.text != "" && t.number < 0 && !unicode.IsLetter(r)
}

// adverbial reports whether "weekly" at the next token tells how often and is no adjective or
// name: something is done, and nothing follows that it could describe.
func (p *phrase) adverbial() bool {
	if p.marked || p.next == 0 && len(p.tokens) == 1 {
		return true
	}
	before := p.peek(-1)
	if p.next == 0 || sign(before) && before.text != "," {
		return false
	}
	if _, adverb := adverbs[p.peek(-2).text]; adverb { // daily, weekly and monthly reports
		return false
	}
	return !p.is(-1, "the", "a", "an", "my", "our", "your", "his", "her", "their", "that", "these", "those", "no", "new", "per", "and", "or",
		"in", "on", "for", "with", "from", "twice", "thrice", "times", "once", "more", "less", "read", "buy", "plan")
}

// ends reports whether the next token begins another part of the task, or there is none.
func (p *phrase) ends() bool {
	t := p.peek(0)
	if t.text == "" || sign(t) && t.text != "-" && t.text != "&" && t.text != "+" && t.text != "/" {
		_, adverb := adverbs[p.peek(1).text]
		return !(adverb && t.text == ",")
	}
	if p.is(0, "at", "by", "due", "on", "from", "until", "till", "before", "after", "starting", "beginning", "for", "in", "to", "with",
		"remind", "reminder", "tag", "tags", "tagged", "priority", "urgent", "asap", "important", "p1", "p2", "p3", "p4",
		"noon", "midnight", "today", "tomorrow", "tonight", "then") {
		return true
	}
	clock := strings.TrimLeft(t.text, "0123456789")
	return clock != t.text && (clock == "am" || clock == "pm" || clock == "" && p.is(1, ":", "am", "pm"))
}
