package rules

import (
	"regexp"
	"strings"
)

var (
	polite = regexp.MustCompile(`^(?:please|pls|plz|thanks|thank +you|yes|yeah|yep|sure|perfect|actually|no[,.!]|oops[,.!]|sorry[,.!]|wait[,.!]|hey(?: +(?:there|you|tickler))?|hi(?: +there)?|hello(?: +there)?|ok|okay|so|well|um+|uh|and|also|now|then|just|kindly|quickly|first|finally|next|after +that|tickler|alright|all +right|great|cool|` +
		`(?:can|could|would|will) +you(?: +(?:please|kindly|maybe|just|also))?|i +(?:want|would +like|'d +like)(?: +you)? +to|i'd +like(?: +you)? +to|i +wanna|let's|lets|let +me|go +ahead +and|help +me(?: +to)?|you +can|you +should|would +you +mind|be +so +kind +(?:as +to|and)|` +
		`(?:can|could|may) +(?:i|we) +(?:please +)?(?:see|have|get|view|look +at)|i +(?:want|would +like|'d +like) +to +(?:see|view)|i +(?:want|need) +(?:an? +|the +)?list +of|i'd +like +to +see)[,!.:]* +`)
	politeEnd = regexp.MustCompile(`(?:[ ,]+(?:please|pls|plz|thanks|thank +you|thx|ty|for +me|if +you +can|will +you|would +you|could +you|ok|okay|thanks +a +lot|a +sap)|[ ,;:.!?-])+$`)

	// what is to be done, not what is to be done with it
	todoLead = regexp.MustCompile(`^(?:i +(?:still +|also +|really +)?(?:need|have|ought|got) +to|i've +got +to|i +gotta|gotta|need +to|have +to|i +must|i +should|i'll +have +to|we +(?:need|have) +to|must|` +
		`remember(?: +(?:me +)?to)?|don't +(?:let +me +)?forget(?: +to| +about)?|do +not +(?:let +me +)?forget(?: +to| +about)?|note(?: +to +self)?:|remember:|to-?do:?|task:?|reminder:?)[:,]* +`)
	remindLead = regexp.MustCompile(`^remind +me\b`)
	newLead    = regexp.MustCompile(`^(?:(?:create|add|make|new|set +up|set|start|open|put|enter|insert|append|record|give +me|schedule)(?: +me)? +(?:(?:an?|another|one|the|this|my)(?: +more)? +)?(?:new +)?(?:(?:[a-z]+[ -]+priority|urgent|important|critical) +)?(?:task|to-?do|item|entry|todo +item)\b(?: +for +me)?|new +(?:task|to-?do|item)\b|(?:set|create|add) +(?:an? +)?reminder +to\b|create\b *:|add\b *:)[ ]*(?:-|:|,)? *`)
	addLead    = regexp.MustCompile(`^(?:add|create|jot +down|note +down|write +down|put +down|put|new|insert|append)\b(?: +(?:another(?: +one)?|one +more) *:)?[: ]*`)
	listEnd    = regexp.MustCompile(` +(?:to|on|onto|in|into|from) +(?:my|the|our)(?: +[a-z]+)?(?: +to-?do)?(?: +task)? +(?:list|lists|tasks|todos|to-dos)$|,? +(?:to|on) +(?:my|the) +(?:todos|tasks)$|^ +as +(?:an? +)?(?:new +)?(?:task|to-?do)$`)
	asTask     = regexp.MustCompile(` +as +an? +(?:new +)?(?:task|to-?do|item)$`)

	requests  = regexp.MustCompile(`^(?:[a-z]+[, ]+){0,2}(?:can|could|would|will) +you\b`)
	negation  = regexp.MustCompile(`^(?:(?:i|you|we|please|just|actually|and|but|so|no|really|now|let's|lets|would|do|did|should|must|will|can|could|am|rather|wish|think|that|it|to|is|are|was|have|has|had|he|she|they|want)[, ]+)*(?:don't|dont|do +not|didn't|did +not|never|not|won't|wouldn't|shouldn't|mustn't|haven't|hasn't|hadn't|isn't|aren't|can't|cannot|no +need +to|there's +no +need|refrain|avoid|stop +(?:deleting|removing|completing|adding|changing))\b`)
	question  = regexp.MustCompile(`^(?:what|what's|whats|when|when's|where|which|who|whom|whose|why|how|how's|is|are|am|was|were|do|does|did|should|shall|has|have|had|may|might|can|could|would|will|if)\b`)
	condition = regexp.MustCompile(`\b(?:if|unless|in +case|as +soon +as|once +i)\b`)
)

// command reads one thing that a person wants.
func (t text) command(asked bool) command {
	whole := t
	t = t.without(polite)
	requested := whole.has(requests)
	c := command{said: t}
	ends := strings.TrimRight(t.flat, " .!?")
	asked = asked || strings.HasSuffix(t.flat, "?") && !requested
	t = t.part(0, len(ends))
	if bare := t.withoutEnd(politeEnd); !bare.empty() {
		t = bare
	}
	c.said = t
	if found, ok := talk(whole.trim()); ok {
		return found
	}
	for _, read := range []func(text) (command, bool){talk, newTask, listing, changing, addition, wished} {
		if found, ok := read(t); ok {
			found.said = t
			found.asked = asked || question.MatchString(t.flat)
			return found
		}
	}
	c.asked = asked || question.MatchString(t.flat)
	return c
}

// newTask reads what asks for a new task and names it so: create a task to, remind me to, I need to.
func newTask(t text) (command, bool) {
	if at := newLead.FindStringIndex(t.flat); at != nil {
		rest := t.part(at[1], len(t.flat))
		if c, ok := changing(t); ok && c.want == wantRemind && c.value.has(ahead) {
			return c, true
		}
		if at[1] == len(t.flat) || !rest.has(tagOrSlot) {
			return command{want: wantCreate, value: rest.urged(t.flat[:at[1]])}, true
		}
	}
	if at, ok := t.match(scheduled); ok {
		return command{want: wantCreate, value: textOf(at["x"].String() + " on " + at["v"].String())}, true
	}
	if put, ok := t.match(putOn); ok {
		return command{want: wantCreate, value: put["v"]}, true
	}
	if remindLead.MatchString(t.flat) {
		if c, ok := changing(t); ok {
			return c, true
		}
		return command{want: wantCreate, value: t}, true
	}
	if at := todoLead.FindStringIndex(t.flat); at != nil && !strings.HasPrefix(t.flat[at[1]:], "have ") {
		rest := t.part(at[1], len(t.flat))
		for _, read := range []func(text) (command, bool){listing, changing} {
			if c, ok := read(rest); ok && (c.want == wantList || c.want == wantCount || c.sureRef()) {
				return c, true
			}
		}
		return command{want: wantCreate, value: rest}, true
	}
	return command{}, false
}

var (
	scheduled = compile(`schedule {x} for {v}`)
	putOn     = compile(`(?:put|stick|get) {v} (?:on|onto|in|into) (?:my|the|our)(?: [a-z]+)?(?: [a-z]+)? (?:list|lists|todos|tasks|to-dos|plate)`)
	urging    = regexp.MustCompile(`\b(?:([a-z]+)[ -]+priority|urgent|important|critical) +[a-z-]+$`)
)

// urged adds what was said before "task": an urgent task, a reminder.
func (t text) urged(lead string) text {
	lead = strings.TrimRight(lead, " :,-")
	if strings.HasSuffix(lead, "reminder to") {
		return textOf("remind me to " + t.String())
	}
	at := urging.FindStringSubmatch(lead)
	if at == nil || t.empty() {
		return t
	}
	words := textOf(at[0])
	end := strings.LastIndexByte(words.flat, ' ')
	if rank := rankOf(words.part(0, end)); rank != "" {
		return textOf(t.String() + ", priority " + rank)
	}
	return t
}

// tagOrSlot begins what is a change of a task: "add task tags", "make the task urgent".
var tagOrSlot = regexp.MustCompile(`^(?:is\b|as +(?:done|complete)|done\b|#\d+\b|\d+ *$|\d+ +(?:as|to|due|high|low|repeat)|high +priority$|low +priority$|urgent$)`)

var reallyTask = regexp.MustCompile(`\x01|#\d|\b(?:task|todo|reminder)s?\b|^(?:it|that|this|them)$`)

// sureRef reports whether a command cannot but speak of a task that is there.
func (c command) sureRef() bool { return c.want.changing() && reallyTask.MatchString(c.ref.flat) }

// changing reads changes of tasks that are there.
func changing(t text) (command, bool) {
	if t.long() {
		return command{}, false
	}
	t = t.withoutEnd(asWell)
	for i, r := range patterns {
		found, ok := r.match(t)
		if !ok {
			continue
		}
		if found["x"].has(anyTask) {
			found["x"] = text{}
		}
		c := command{want: r.want, said: t, ref: found["x"], value: found["v"], field: found["f"].flat, loose: i >= len(patterns)-2}
		if c.fits() {
			return c, true
		}
	}
	return command{}, false
}

var (
	asWell    = regexp.MustCompile(` +(?:too|as well|also|now)$`)
	slotWords = regexp.MustCompile(`, *(?:due|priority|tag|tags|remind|reminder|description|by|at|on)\b`)
)

// ahead is how reminders before the due date end.
var ahead = regexp.MustCompile(`\b(?:before|earlier|ahead|prior|beforehand)\b`)

// anyTask names none.
var anyTask = regexp.MustCompile(`^(?:an?|any|some|one)(?: +(?:of +my +)?(?:task|todo|item)s?)?$`)

var notRef = regexp.MustCompile(`^(?:as|i|you|we|he|she|they|who|what|when|why|how|if|not|never|to|be|the|a|an|and|or|done|well|nothing|almost|nearly|half|me)$|(?:^| )(?:not|never|n't|haven't|hasn't|isn't|almost|nearly)(?: |$)|^(?:i|you|we|to|be|not|get|is|are|was|if|when|should|would|have|has) `)

// fits takes back what only looks so.
func (c command) fits() bool {
	switch {
	case c.loose && (c.ref.has(addLead) || c.ref.has(todoLead)):
		return false
	case c.want.changing() && !c.ref.empty() && notRef.MatchString(c.ref.flat):
		return false
	case strings.Contains(c.ref.flat, ", ") && c.want != wantRemove && c.want != wantComplete && c.want != wantDue && c.want != wantTag && c.want != wantPriority,
		strings.Contains(c.ref.flat, ", ") && (c.want == wantDue || c.want == wantPriority) && c.ref.has(slotWords):
		return false
	case c.want == wantDue && strings.HasPrefix(c.value.flat, "it "):
		return false
	}
	return true
}

// addition reads add X, jot down X, put X on my list.
func addition(t text) (command, bool) {
	at := addLead.FindStringIndex(t.flat)
	if at == nil || at[1] < 3 {
		return command{}, false
	}
	rest := t.part(at[1], len(t.flat)).withoutEnd(asWell)
	put := strings.HasPrefix(t.flat, "put")
	short := rest.withoutEnd(listEnd).withoutEnd(asTask)
	if put && len(short.flat) == len(rest.flat) {
		return command{}, false
	}
	return command{want: wantCreate, value: short}, true
}

// wished reads searches.
func wished(t text) (command, bool) {
	found, ok := t.match(searching)
	if !ok {
		return command{}, false
	}
	return command{want: wantSearch, value: found["v"]}, true
}

var searching = compile(`(?:find|search|look|look up|look for|search for|search through|locate|where is|where's)(?: (?:me|for|up))?(?: (?:my |all |the |any )*(?:tasks?|todos?|things|everything|anything|something|stuff)(?: (?:about|with|for|containing|called|named|on|that mentions?|regarding|matching))?)?(?: (?:about|for|with|containing))? {v}`)

// commands splits a message into what it asks for.
func (t text) commands() []text {
	var parts []text
	from := 0
	for _, at := range joints.FindAllStringIndex(t.flat, maxJoints) {
		if at[0] <= from {
			continue
		}
		left, right := t.part(from, at[0]), t.part(at[1], len(t.flat))
		if !left.empty() && !right.empty() && left.parts(t.flat[at[0]:at[1]], right) {
			parts = append(parts, left)
			from = at[1]
		}
	}
	return append(parts, t.part(from, len(t.flat)))
}

// maxJoints is at how many places a message may fall apart.
const maxJoints = 40

var (
	joints  = regexp.MustCompile(`[ ,]*[;|][ ;|]*|[ ,.]*\b(?:and +)?then\b[ ,]*|[.!?] +|,? +and +(?:also +)?|, *(?:also +)?| *\n *`)
	reads   = regexp.MustCompile(`^(?:(?:please|also|then|can +you|could +you) +)*(?:show +(?:me\b|my\b|all\b|the\b|what|pending|completed|overdue|open|tasks|today)|(?:list|show)$|list +(?:my|all|the|tasks|what|pending|completed|overdue|open|today)|what'?s\b|what +(?:is|are|do)|tell +me +what|how +many|display +(?:my|all|the)|give +me +(?:my|all|the|a +list))`)
	acts    = regexp.MustCompile(`^(?:(?:please|also|then|can +you|could +you) +)*(?:delete|remove|complete|mark|rename|move|reschedule|postpone|reopen|restore|undo|cancel|update|change|set|tag|untag|add|create|finish|tick|check|skip|make|remind +me|find|search)\b`)
	nothers = regexp.MustCompile(`^(?:(?:please|also|then) +)*(?:delete|remove|complete|mark|rename|move|reschedule|postpone|reopen|restore|cancel|update|tick|tag|untag)(?: +off)? +(?:the +)?(?:\x01|#\d|it\b|that\b|task\b|todo\b)|^(?:also +)?(?:add|create) +(?:a|another) +(?:task|todo)\b|^(?:also +)?(?:undo|help)$`)
	free    = regexp.MustCompile(`^(?:(?:please|can +you|could +you) +)*(?:rename|retitle|add +(?:a +)?description|call +(?:it|that))\b`)
)

// parts reports whether two pieces are commands of their own.
func (left text) parts(joint string, right text) bool {
	right = right.head()
	first := left.head().without(polite)
	making := first.has(newLead) || first.has(addLead) || first.has(todoLead) || first.has(remindLead)
	act := right.has(reads) || right.has(acts)
	switch trimmed := strings.TrimSpace(joint); {
	case strings.ContainsAny(joint, ";|\n"):
		return true
	case strings.Contains(joint, "then"):
		return act
	case trimmed == "." || trimmed == "!" || trimmed == "?":
		return act && len(first.flat) > 0
	case first.has(free):
		return right.has(reads)
	case first.has(reads):
		return right.has(reads) || right.has(nothers)
	case making || !first.has(acts) && !first.has(reads):
		return right.has(reads) || right.has(nothers)
	}
	return act && !right.has(slotLike)
}

// slotLike is what goes on with the command before: "move it to Friday, set priority high".
var slotLike = regexp.MustCompile(`^(?:remind +me +(?:\d|an? |half|the ))`)
