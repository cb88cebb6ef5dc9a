package rules

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var (
	refHead    = regexp.MustCompile(`^(?:the +|my +|that +|this +)*(?:task|todo|to-do|item|entry)s?\b(?: +(?:called|named|titled|about|to))?(?: *:)? *`)
	refEnd     = regexp.MustCompile(` +(?:tasks?|todos?|to-do|items?|one|entry|please|too|as +well|again|now|instead|(?:from|off|on|in|of) +(?:my|the) +(?:list|tasks|todos|to-do +list|todo +list|task +list))$`)
	pronoun    = compile(`it|that|this|that one|this one|(?:the|that|this) (?:task|one|item|todo)|the (?:new|same|last added) (?:task|one)|the task i just (?:added|created|made)`)
	pronouns   = compile(`them|these|those|both|all of (?:them|these|those)|them all|these tasks|those tasks|all (?:these|those)|both of them|all (?:the )?listed|everything (?:on|in) the list|the (?:tasks|ones) (?:above|listed)`)
	numbered   = compile(`(?:(?:tasks?|items?|todos?|numbers?|no|nr|no\.|the)? ?#? ?)?(?P<v>\d{1,3})(?:st|nd|rd|th)?(?: one| task)?`)
	ordered    = compile(`(?:the |my |number |no )*(?P<v>first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|last|top|one|two|three|four|five)(?: (?:one|task|item|todo|option|entry))?(?: (?:on|of|in|from) (?:the|my|that) list)?`)
	countedOut = regexp.MustCompile(`#|^(?:tasks?|items?|todos?|numbers?|no|nr)\b|^(?:the +)?(?:first|second|third|fourth|fifth|last|top)\b`)
	allOf      = regexp.MustCompile(`^(?:all|every|everything|each|any)\b|^(?:my |the )*(?:completed|done|finished|overdue|pending|open|low +priority|old|late)(?: +(?:ones|tasks|todos|items|stuff|things))?$|^(?:my |the |all )*(?:tasks|todos|list|to-do +list|todo +list|trash)$|^(?:the +)?tasks? +(?:that|which|tagged|with|due)\b|^(?:my |the )*[a-z-]+ (?:[a-z-]+ )?(?:tasks|todos)$`)
	ordinals   = map[string]int{"first": 1, "top": 1, "one": 1, "second": 2, "two": 2, "third": 3, "three": 3, "fourth": 4, "four": 4, "fifth": 5, "five": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10, "last": -1}
	wordParts  = regexp.MustCompile(`[^\p{L}\p{N}\p{M}]+`)
)

// target is what a reference means.
type target struct {
	tasks []named
	all   bool // the person meant a set, not one task
}

// find tells which tasks words mean, or asks.
func (s *script) find(ref text, c command) (target, error) {
	ref = ref.trim()
	if picked, ok := s.chosen[key(ref.String())]; ok {
		return target{tasks: []named{picked}}, nil
	}
	if len(contents(ref.String())) == 0 {
		ref = text{}
	}
	if found, ok, err := s.pointed(ref, c); ok || err != nil {
		return found, err
	}
	if _, quoted := ref.quoted(); !quoted && ref.has(allOf) && (c.want == wantRemove || c.want == wantComplete || c.want.changing() && strings.HasPrefix(ref.flat, "all")) {
		return s.set(ref, c)
	}
	pieces := refs(ref)
	if len(pieces) > 1 {
		if found, ok, err := s.each(ref, pieces, c); ok || err != nil {
			return found, err
		}
	}
	one, err := s.one(ref, c)
	return target{tasks: one}, err
}

// pointed follows what points: it, them, #2, the second one.
func (s *script) pointed(ref text, c command) (target, bool, error) {
	_, isIt := ref.match(pronoun)
	switch {
	case ref.empty() || isIt:
		if s.mem.Last == nil || ref.empty() && c.bareVerb() {
			return target{}, false, s.askWhich(ref, c)
		}
		return target{tasks: []named{*s.mem.Last}}, true, nil
	}
	if _, ok := ref.match(pronouns); ok {
		if len(s.mem.List) == 0 {
			return target{}, false, s.askWhich(ref, c)
		}
		return target{tasks: s.mem.List, all: true}, true, nil
	}
	pieces := refs(ref)
	var tasks []named
	for _, piece := range pieces {
		n, ok := number(piece)
		if n < 0 && len(s.mem.List) == 0 && s.mem.Last != nil {
			return target{tasks: []named{*s.mem.Last}}, true, nil
		}
		if !ok || len(s.mem.List) == 0 && !piece.has(countedOut) {
			return target{}, false, nil
		}
		if n < 0 {
			n = len(s.mem.List)
		}
		if n < 1 || n > len(s.mem.List) {
			return target{}, false, s.noNumber(n)
		}
		if one := s.mem.List[n-1]; !slices.Contains(tasks, one) {
			tasks = append(tasks, one)
		}
	}
	return target{tasks: tasks}, true, nil
}

func (s *script) noNumber(n int) error {
	if len(s.mem.List) == 0 {
		s.say("There is no list to count in yet. Say “show my tasks” first, or name the task.")
	} else {
		s.say("There is no #" + strconv.Itoa(n) + ": the last list has " + counted(len(s.mem.List), "task") + ".")
	}
	return errAsked
}

// number reads #2, 2, the second one, the last one (-1).
func number(t text) (int, bool) {
	if found, ok := t.match(numbered); ok {
		n, err := strconv.Atoi(found["v"].flat)
		return n, err == nil
	}
	if found, ok := t.match(ordered); ok {
		return ordinals[found["v"].flat], true
	}
	return 0, false
}

var joined = regexp.MustCompile(` *, *(?:and +)?| +(?:and|&) +`)

// refs splits a and b, where the signs stand outside of quotes.
func refs(ref text) []text {
	var list []text
	from := 0
	for _, at := range append(joined.FindAllStringIndex(ref.flat, -1), []int{len(ref.flat), len(ref.flat)}) {
		if piece := ref.part(from, at[0]); !piece.empty() {
			list = append(list, piece)
		}
		from = at[1]
	}
	return list
}

// askWhich asks for the task that a command is about.
func (s *script) askWhich(ref text, c command) error {
	whole := c.said.String()
	w := wait{For: fill, Quote: true, Before: whole + " for "}
	at := strings.LastIndex(whole, ref.String())
	switch {
	case !ref.empty() && at >= 0:
		w.Before, w.After = whole[:at], whole[at+len(ref.String()):]
	case c.want == wantComplete || c.want == wantRemove || c.want == wantReopen || c.want == wantRename:
		w.Before = whole + " "
	case c.want == wantField:
		w.Before, w.After = "update ", ""
	case c.want == wantTag || c.want == wantUntag || c.want == wantDescribe:
		w.Before = whole + " to "
	}
	return s.ask("Which task do you mean? Say its title, or a number of the last list.", w)
}

// one finds the task that words name, or asks which of several.
func (s *script) one(ref text, c command) ([]named, error) {
	found, err := s.look(ref, c)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		if found, err = s.lookWide(ref, c); err != nil {
			return nil, err
		}
	}
	return s.pick(ref, found, c)
}

// pick is the one task, or a question.
func (s *script) pick(ref text, found []task, c command) ([]named, error) {
	if len(found) == 1 {
		if c.want.changing() && share(contents(ref.name()), contents(found[0].Title)) < 0.99 { // some of the words it has not
			one := found[0].named()
			return nil, s.ask("Do you mean "+quote(one.Title)+"? Say yes or no.", wait{For: whichTask, Text: c.said.String(), Ref: key(ref.String()), Tasks: []named{one}})
		}
		return []named{found[0].named()}, nil
	}
	options := make([]named, min(len(found), 9))
	var b strings.Builder
	for i := range options {
		options[i] = found[i].named()
		b.WriteString("\n" + strconv.Itoa(i+1) + ". " + s.line(found[i]))
	}
	s.mem.List, s.mem.More = options, nil
	return nil, s.ask("Which one do you mean? Say its number."+b.String(), wait{For: whichTask, Text: c.said.String(), Ref: key(ref.String()), Tasks: options})
}

// words is what a reference names, without what only says that it is a task.
func (t text) name() string {
	if inner, ok := t.quoted(); ok {
		return inner
	}
	if at := refHead.FindStringIndex(t.flat); at != nil && at[1] < len(t.flat) {
		t = t.part(at[1], len(t.flat))
	}
	if inner, ok := t.quoted(); ok {
		return inner
	}
	t = t.withoutEnd(refEnd).withoutEnd(refEnd).trim()
	if inner, ok := t.quoted(); ok {
		return inner
	}
	return t.String()
}

// look searches for the words of a reference.
func (s *script) look(ref text, c command) ([]task, error) {
	name := ref.name()
	q := query(name)
	if q == "" {
		return nil, nil
	}
	page, err := s.page(map[string]any{"q": q, "status": c.among(), "sort": "updated", "limit": 50})
	return ranked(name, page, c), err
}

// among is where a command's task is to be found.
func (c command) among() string {
	if c.want == wantRestore {
		return "deleted"
	}
	return "all"
}

// lookWide goes through the tasks that were changed last, for words that are nearly right.
func (s *script) lookWide(ref text, c command) ([]task, error) {
	page, err := s.page(map[string]any{"status": c.among(), "sort": "updated", "limit": 100})
	if err != nil {
		return nil, err
	}
	found := ranked(ref.name(), page, c)
	if len(found) == 0 {
		return nil, s.notFound(ref, page, c)
	}
	return found, nil
}

// alsoTodo begins what may as well be a task: finish the report, cancel the booking.
var alsoTodo = regexp.MustCompile(`^(?:finish|cancel|complete|move|check|clear|drop|change|update|set|make|push|bin|empty|repeat|mark|tag|label|put)\b`)

func (s *script) notFound(ref text, page []task, c command) error {
	words := "I found no task like " + quote(ref.name()) + ", and changed nothing."
	if c.said.has(alsoTodo) {
		words += " If it is something to do, say “add " + safe(c.said.String()) + "”."
	}
	if near := nearest(ref.name(), page); len(near) > 0 {
		words += " Did you mean " + strings.Join(near, " or ") + "?"
	} else {
		words += " Say “show my tasks” to see what is there."
	}
	s.say(words)
	return errAsked
}

func (s *script) page(input map[string]any) ([]task, error) {
	var data struct {
		Tasks []task `json:"tasks"`
	}
	err := s.read("list_tasks", input, &data)
	for _, t := range data.Tasks {
		s.seen[t.ID] = t
	}
	return data.Tasks, err
}
