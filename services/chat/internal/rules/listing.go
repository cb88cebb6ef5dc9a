package rules

import (
	"regexp"
	"slices"
	"strings"
)

// filter is which tasks are to be listed, and how.
type filter struct {
	input map[string]any  // of list_tasks
	date  string          // words for a date, to be read by the grammar
	span  string          // of what the date is the first day: week, month, weekend, year; until, for all before it
	words string          // that are left over: what to search for
	noun  bool            // tasks, or a word for them, were named
	dated func(task) bool // which of them, where list_tasks has no word for it
	all   bool            // "all" was said
	about bool            // "about" and the like led to the words
	asked bool            // it says something of when, how urgent, or which
}

var (
	listLead  = regexp.MustCompile(`^(?:show|list|display|view|see|print|read|give|get|tell|fetch|(?:make|write|prepare)(?: +me)? +an? +list +of)(?: +me)?\b`)
	countLead = regexp.MustCompile(`^(?:(?:tell|show) +me +)?(?:how +many|count|the number of|number of)\b`)
	askLead   = regexp.MustCompile(`^(?:what(?:'s| +is| +are|s| +do| +did| +have|)|which|any|anything|do +i +have|have +i|are +there|is +there|did +i)\b`)
	bareLead  = regexp.MustCompile(`^(?:my|all|open|pending|completed|done|finished|overdue|tasks?|todos?|to-do|agenda|today|today's|upcoming|everything|deleted|trash|due|high|low|critical|urgent)\b`)

	sortWords = regexp.MustCompile(`,? *\b(?:(?:sorted|sort|ordered|order|arranged|arrange|ranked)(?: +(?:them|it))?(?: +by)?|by)(?: +the)? +(due +dates?|due|deadlines?|dates?|priority|priorities|importance|urgency|titles?|names?|alphabet|alphabetically|created|creation +date|creation|age|newest|latest|most +recent|oldest|updated|last +changed?)(?: +(?:first|order))?(?:,? *(?:in +)?\b(ascending|descending|asc|desc|newest +first|latest +first|oldest +first|reversed?)(?: +order)?)?\b`)
	tagWords  = regexp.MustCompile(`\b(?:with +|having +|that +have +|under +)?(?:the +|an? +)?(?:tags?|labels?|tagged|labell?ed)(?: +with| +as|:)? +((?:\x01+|#?[a-z0-9][a-z0-9_-]*)(?:(?: *, *(?:and +)?| +(?:and|or|&) +)(?:\x01+|#?[a-z0-9][a-z0-9_-]*))*)`)
	hashWords = regexp.MustCompile(`#([a-z][a-z0-9_-]*)`)
	rankWords = regexp.MustCompile(`\b(?:with +(?:an? +)?)?(?:priority +(?:is +|of +|= *|: *)?(lowest|low|normal|medium|high|highest|critical|urgent)\b|(urgent|important|critical) *(?:$|\b(?:today|tomorrow|this|next|due|right|now))|(low|normal|medium|high|highest|top|critical|urgent|important)(?:(?: +(?:and|or) +)(low|normal|medium|high|critical|urgent|important))?(?:(?:[ -]+priority(?: +level)?)|(?: +(?:tasks?|todos?|things|stuff|ones|items)))(?:\b))`)
	openWords = regexp.MustCompile(`\b(?:not +(?:yet +)?(?:done|complete|completed|finished)(?: +yet)?|haven't +(?:done|completed|finished)(?: +yet)?|pending|open|incomplete|unfinished|uncompleted|outstanding|remaining|undone|active|still +to +do|left(?: +to +do)?|to +do|todo)\b`)
	doneWords = regexp.MustCompile(`\b(?:completed?|done|finished|finish|accomplished)\b`)
	goneWords = regexp.MustCompile(`\b(?:(?:in +)?(?:the +)?(?:trash|bin)|deleted|trashed|removed)\b`)
	lateWords = regexp.MustCompile(`\b(?:(?:that +are +)?overdue|late|past +due|missed|(?:over|past) +(?:the(?:ir)? +)?deadline)\b`)
	dayWords  = regexp.MustCompile(`\b(?:due +|for +|on +|by +)?(?:today's|today|tonight|this +(?:morning|afternoon|evening))(?:\b)`)
	weekWords = regexp.MustCompile(`\b(?:due +|for +|in +|on +|within +)*(?:this +week(?:'s)?|(?:the +)?next +(?:7|seven) +days|the +week|the +coming +week)\b`)
	undated   = regexp.MustCompile(`\b(?:(?:that +have +|with +)?no|without|with +no|lacking|missing)(?: +(?:an?|any))?(?: +due)? +(?:dates?|deadlines?)\b|\bundated\b`)
	pastWords = regexp.MustCompile(`\b(?:due +|for +|on +)*yesterday(?:'s)?\b`)
	dateWords = regexp.MustCompile(`\b(?:due +)?(?:(by|before|until|till|on|for|in|at|during) +)?(the +day +after +tomorrow|tomorrow(?:'s)?|tmrw|(?:this|next|coming) +(?:week|weekend|month|year|(?:mon|tues|wednes|thurs|fri|satur|sun)day)|(?:the +)?end +of +(?:the +|this +|next +)?(?:week|month|year|day)|(?:mon|tues|wednes|thurs|fri|satur|sun)day|\d{4}-\d\d-\d\d|\d{1,2}[./]\d{1,2}(?:[./]\d{2,4})?|(?:the +)?\d{1,2}(?:st|nd|rd|th)?(?: +of)? +(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*(?: +\d{4})?|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]* +\d{1,2}(?:st|nd|rd|th)?(?:,? +\d{4})?)\b`)
	textWords = regexp.MustCompile(`\b(?:about|containing|contains?|mentioning|matching|related +to|relating +to|regarding|concerning|with +the +words?|that +(?:mention|contain)s?|called|named|to +do +with) +(.+)$`)
	nounWords = regexp.MustCompile(`\b(?:tasks?|to-?dos?|to-? ?do +list|todo +list|lists?|items?|things|stuff|everything|anything|agenda|reminders|work +items|plate|ones|schedule|deadlines)\b`)
	allWords  = regexp.MustCompile(`\b(?:all|everything|every|each)\b`)
	fillWords = regexp.MustCompile(`\b(?:me|my|all|the|an?|of|i've|i|have|has|had|do|does|did|to|is|are|be|being|on|for|with|that|which|what's|whats|what|still|there|left|got|get|need|please|any|in|currently|now|right|up|due|and|should|must|coming|upcoming|next|set|you|your|can|see|marked|as|tasks|so|far|much|many|how|list|show|been|was|were|each|every|just|only|full|whole|complete|status|priority|first|date|dates|out|from|at|this|our|we|plan|plans|program|agenda|done|it|today|most|again|a|tell|them|those)\b`)
)

// ranks are the words for priorities.
var ranks = map[string]string{"lowest": "low", "low": "low", "normal": "normal", "medium": "normal", "high": "high", "important": "high", "highest": "critical",
	"top": "high", "critical": "critical", "urgent": "critical"}

// filter reads which tasks are meant. It cuts what it understands from the text; what is left is
// what to search for.
func (t text) filter() filter {
	f := filter{input: map[string]any{}}
	flat, runes := []byte(t.flat), t.runes
	cut := func(pattern *regexp.Regexp, of func(piece func(int) string)) {
		at := pattern.FindSubmatchIndex(flat)
		if at == nil {
			return
		}
		of(func(n int) string {
			if at[2*n] < 0 {
				return ""
			}
			return textOf(string(runes[at[2*n]:at[2*n+1]])).plainText()
		})
		for i := at[0]; i < at[1]; i++ {
			flat[i] = ' '
		}
	}
	cut(sortWords, func(piece func(int) string) { f.sort(strings.ToLower(piece(1)), strings.ToLower(piece(2))) })
	cut(textWords, func(piece func(int) string) { f.words, f.asked, f.about = piece(1), true, true })
	cut(undated, func(func(int) string) { f.dated, f.asked = func(t task) bool { return t.Due == nil }, true })
	cut(tagWords, func(piece func(int) string) { f.tags(piece(1)) })
	for hashWords.Match(flat) {
		cut(hashWords, func(piece func(int) string) { f.tags(piece(1)) })
	}
	cut(rankWords, func(piece func(int) string) {
		f.noun = f.noun || nounWords.MatchString(strings.ToLower(piece(0)))
		f.rank(piece(1), piece(2), piece(3), piece(4))
	})
	f.all = allWords.Match(flat)
	for _, status := range []struct {
		pattern *regexp.Regexp
		word    string
	}{{goneWords, "deleted"}, {openWords, "pending"}, {doneWords, "completed"}} {
		if f.input["status"] == nil {
			cut(status.pattern, func(func(int) string) { f.input["status"], f.asked = status.word, true })
		}
	}
	f.when(cut)
	for nounWords.Match(flat) {
		cut(nounWords, func(func(int) string) { f.noun = true })
	}
	left := strings.TrimSpace(fillWords.ReplaceAllStringFunc(string(flat), func(w string) string { return strings.Repeat(" ", len(w)) }))
	if f.words == "" && strings.Trim(left, " ,.?!;:-'&") != "" {
		from := strings.Index(string(fillWords.ReplaceAllFunc(flat, func(w []byte) []byte { return []byte(strings.Repeat(" ", len(w))) })), left)
		f.words = string(runes[from : from+len(left)])
	}
	return f
}

// when reads the part about dates.
func (f *filter) when(cut func(*regexp.Regexp, func(func(int) string))) {
	for _, near := range []struct {
		pattern *regexp.Regexp
		due     string
	}{{lateWords, "overdue"}, {dayWords, "today"}, {weekWords, "week"}} {
		if f.input["due"] == nil {
			cut(near.pattern, func(func(int) string) { f.input["due"], f.asked = near.due, true })
		}
	}
	if f.input["due"] != nil {
		return
	}
	cut(pastWords, func(func(int) string) { f.date, f.asked = "yesterday", true })
	cut(dateWords, func(piece func(int) string) {
		f.date, f.asked = strings.TrimSuffix(piece(2), "'s"), true
		f.span = strings.ToLower(piece(2))
		if slices.Contains([]string{"by", "before", "until", "till"}, strings.ToLower(piece(1))) {
			f.span = "until"
		}
	})
}

func (f *filter) sort(by, order string) {
	key := map[string]string{"pr": "priority", "im": "priority", "ur": "priority", "ti": "title", "na": "title", "al": "title", "cr": "created", "ag": "created", "ne": "created", "mo": "created", "ol": "created", "up": "updated", "la": "updated"}[by[:2]]
	if key == "" {
		key = "due"
	}
	if strings.HasPrefix(by, "latest") {
		key = "created"
	}
	if key == "created" && by[:1] != "c" && by[:1] != "a" {
		order = by
	}
	f.input["sort"], f.asked = key, true
	switch {
	case strings.HasPrefix(order, "desc"), strings.HasPrefix(order, "newest"), strings.HasPrefix(order, "latest"), strings.HasPrefix(order, "most"), strings.HasPrefix(order, "rev"):
		f.input["order"] = "desc"
	case order != "":
		f.input["order"] = "asc"
	}
}

// tags adds names such as: work, 'home' and garden.
func (f *filter) tags(list string) {
	tags, _ := f.input["tag"].([]string)
	for _, name := range tagNames(textOf(list)) {
		if len(tags) < 10 && !slices.Contains(tags, name) {
			tags = append(tags, name)
		}
	}
	f.input["tag"], f.asked = tags, true
}

func (f *filter) rank(words ...string) {
	var list []string
	for _, word := range words {
		if rank := ranks[strings.ToLower(word)]; rank != "" && !slices.Contains(list, rank) {
			list = append(list, rank)
		}
	}
	f.input["priority"], f.asked = list, true
}

var between = regexp.MustCompile(` *, *(?:and +)?| +(?:and|or|&) +`)

// tagNames splits names of tags.
func tagNames(list text) []string {
	var names []string
	from := 0
	for _, at := range append(between.FindAllStringIndex(list.flat, -1), []int{len(list.flat), len(list.flat)}) {
		name := strings.TrimPrefix(list.part(from, at[0]).plainText(), "#")
		if name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
		from = at[1]
	}
	return names
}
