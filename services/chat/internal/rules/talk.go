package rules

import (
	"regexp"
	"strings"
)

var talks = rules(
	wantGreet, `(?:hi+|hello|hey+|hiya|howdy|yo|good (?:morning|afternoon|evening|day)|greetings|moin|servus)(?: (?:there|all|tickler|again|you))?|(?:how are you|what's up|whats up|sup|how's it going)(?: today| doing)?`,
	wantThank, `(?:ok(?:ay)? |great |perfect |cool |nice |awesome |many )*(?:thanks|thank you|thx|ty|cheers|much appreciated|appreciate it)(?: (?:a lot|so much|very much|a bunch|again|you|for (?:that|your help|the help|everything)|tickler))*|(?:great|perfect|cool|nice|awesome|good|good job|well done|nice one|excellent|wonderful|lovely|sweet|got it|i see|ok|okay|alright|all right|fine)`,
	wantHelp, `(?:help|help me|\?+|h|commands|what (?:can|could) (?:you|i) (?:do|say|ask)(?: for me| here| with you)?|what (?:are you able to|do you) do|(?:tell me |show me )?what you (?:can|are able to) do|how (?:do|can|does|should) (?:i|this|it|you|one) (?:use|work|start|help)(?: (?:this|you|me|it|tickler))*|(?:i need|get|show me|give me)(?: some)? help|how to use (?:this|it|tickler)|who are you|what are you|usage|instructions|examples)`,
	wantBye, `(?:bye|goodbye|good bye|bye bye|see you(?: later)?|cya|good night|that's all|that is all|that's it)`,
)

// talk reads what is no command, and undo.
func talk(t text) (command, bool) {
	for _, r := range talks {
		if _, ok := r.match(t); ok {
			return command{want: r.want}, true
		}
	}
	for _, r := range patterns {
		if r.want != wantUndo && r.want != wantRedo {
			break
		}
		if _, ok := r.match(t); ok {
			return command{want: r.want}, true
		}
	}
	return command{}, false
}

var (
	nextPage  = compile(`(?:(?:show|list|see|give)(?: me)? )?(?:more|next|next page|the next page|the rest|go on|continue|further|more tasks|the next ones)`)
	whichTags = compile(`(?:(?:show|list|what are|what|which|give)(?: me)? )?(?:all )?(?:my |the |of my )?tags(?: (?:do i have|are there|i have|have i))?`)
	oneTask   = rules(
		wantShow, `(?:show|view|see|display|open|describe|tell)(?: me)?(?: more)?(?: about)?(?: the)?(?: details (?:of|for|about|on))?(?: the)?(?: task)? (?P<x>#\d+|\d+|number \d+|it|the [a-z]+ one)`,
		wantShow, `(?:what is|what's|whats|what about|open|show me) (?P<x>#\d+|number \d+|it|that)`,
		wantShow, `tell me (?:more )?about {x}`,
		wantShow, `(?P<x>#?\d{1,2}|(?:the )?(?:first|second|third|fourth|fifth|last) one)`,
		wantShow, `(?:(?:show|give|tell)(?: me)? )?(?:the )?(?:details|info|information|more) (?:of|for|about|on) {x}`,
		wantShow, `(?:show|view|open|describe)(?: me)?(?: the)?(?: task)? (?P<x>\x01+)`,
		wantShow, `(?:tell me )?when(?: is| are| was|'s) {x}(?: due| scheduled| happening| on| supposed to be done)?`,
		wantShow, `(?:tell me )?when (?:do|must|should) i (?:have to |need to )?{x}`,
		wantShow, `(?:what's|what is|whats|tell me|show me|show) the (?:due date|deadline|date|time|priority|description|status|tags?|reminders?|notes?) (?:of|for|on) {x}`,
		wantShow, `(?:is|are|was) {x} (?:already |yet )?(?:done|complete|completed|finished|overdue|due)(?: yet| already| today| tomorrow)?`,
		wantShow, `(?:did|have) i (?:already )?(?:finish|complete|do|done|finished|completed) {x}(?: yet| already)?`,
		wantShow, `what (?:priority|tags) (?:is|has|does) {x}(?: have)?`,
	)
	asksToDo    = regexp.MustCompile(`\b(?:do|due|next|left|have|planned|todo|coming|on)\b`)
	showing     = regexp.MustCompile(`^(?:show|list|display|view)\b`)
	filterLeads = []*regexp.Regexp{countLead, listLead, askLead, bareLead}
)

// listing reads what only looks at tasks.
func listing(t text) (command, bool) {
	if t.long() {
		return command{}, false
	}
	if _, ok := t.match(nextPage); ok {
		return command{want: wantMore}, true
	}
	if _, ok := t.match(whichTags); ok {
		return command{want: wantTags}, true
	}
	for _, r := range oneTask {
		if found, ok := r.match(t); ok && !strings.HasPrefix(found["x"].flat, "there ") && !nounOnly.MatchString(found["x"].flat) {
			return command{want: r.want, ref: found["x"]}, true
		}
	}
	for i, lead := range filterLeads {
		at := lead.FindStringIndex(t.flat)
		if at == nil {
			continue
		}
		rest := t
		if i < 3 {
			rest = t.part(at[1], len(t.flat))
		}
		f := rest.filter()
		if i == 2 && textOf(f.words).has(aboutDoing) || strings.HasPrefix(t.flat, "get rid") || loneDone.MatchString(t.flat) {
			return command{}, false
		}
		known := f.words == "" && (f.noun || f.asked || f.all && i == 1)
		switch {
		case i == 0 && (f.noun || f.asked):
			return command{want: wantCount, value: rest}, true
		case known, f.noun && i < 3 && i > 0, f.noun && f.about, i == 1 && rest.empty() && t.has(showing):
			return command{want: wantList, value: rest}, true
		case i == 2 && f.words == "" && t.has(asksToDo):
			return command{want: wantList, value: rest}, true
		case i == 1 && t.has(showing) && f.words != "":
			return command{want: wantList, value: rest}, true
		}
		return command{}, false
	}
	return command{}, false
}

var (
	aboutDoing = regexp.MustCompile(`(?i)\b(?:delete|remove|update|change|way|create|add|rename|move|mark|undo)\b`)
	loneDone   = regexp.MustCompile(`^(?:done|finished|complete)$`)
)

var nounOnly = regexp.MustCompile(`^(?:my |the |any |all )*(?:tasks?|todos?|things?|anything|everything|what|next|first)$`)

const examples = "“add call the dentist tomorrow at 3pm, remind me 1 hour before”, “what's due this week?” or “mark 'buy milk' as done”"

// chat answers small talk.
func (s *script) chat(want intent) {
	switch want {
	case wantGreet:
		s.say("Hello. I can add, find, change and complete your tasks. Try " + examples + ".")
	case wantThank:
		s.say("You are welcome.")
	case wantBye:
		s.say("See you. Your tasks are safe here.")
	case wantHelp:
		s.say("I look after your tasks. Say what you want in your own words, for example:\n" +
			"- “add call the dentist tomorrow at 3pm, remind me 1 hour before”\n" +
			"- “show my tasks”, “what's due this week?”, “find milk”\n" +
			"- “mark 'buy milk' as done”, “move #2 to Friday”, “set priority of 'pay rent' to high”\n" +
			"- “delete 'buy milk'”, and “undo” to take the last change back.")
	}
}

// unsure answers what was not understood.
func (s *script) unsure() {
	s.say("I did not understand that, and changed nothing. Try " + examples + ". Say “help” for more.")
}
