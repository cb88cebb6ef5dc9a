package rules

// before is when to remind: 1 hour before, half an hour before, the day before at 18:00.
const before = `(?P<v>(?:\d+ ?|(?:an?|one|two|three|four|five|ten|fifteen|twenty|thirty|half|the (?:day|night|evening)) )(?:[a-z0-9 ,]* )?(?:before|earlier|ahead|prior|beforehand)(?: at \d[\d:.]*(?: ?[ap]m)?)?)`

const (
	level = `(?P<v>(?:an? |the )?(?:lowest|low|normal|medium|high|highest|top|critical|urgent|important)(?:[ -]?(?:priority|prio))?(?: priority)?)`
	state = `(?:complete|completed|done|finished|compelte|complet|finised|dnoe)`
	open  = `(?:not (?:yet )?(?:complete|completed|done|finished)|incomplete|undone|unfinished|open|pending|to ?do|uncompleted|active)`
	often = `(?P<v>(?:every|each|daily|weekly|biweekly|fortnightly|monthly|yearly|annually|on the |on |first |last ).*)`
	self  = `(?:it|that|this)`
)

// patterns are tried in order; the first that fits says what is meant.
var patterns = rules(
	// taken back and done again
	wantRedo, `redo(?: {x})?|undo the undo`,
	wantUndo, `undo(?: (?:it|that|this|all|all of (?:it|that)|everything|(?:the|my|your) last (?:change|one|action|turn|thing|step|command)|the last|last|my change|these changes|those changes|what you (?:just )?did))?`,
	wantUndo, `(?:take|roll|turn|put) (?:it|that|this|everything) back|(?:revert|reverse)(?: (?:it|that|this|the last change|everything))?|take back (?:that|it|the last change)`,
	wantReopen, `(?:reopen|re-open|uncomplete|un-complete|uncheck|untick|unmark|unfinish|undo|mark|reactivate)(?: the completion of)? {x} (?:as|to) `+open,
	wantReopen, `(?:reopen|re-open|uncomplete|un-complete|uncheck|untick|unmark|unfinish|undo|reactivate)(?: the completion of)? {x}`,
	wantReopen, `(?:set|change) {x} (?:as|to|back to) `+open,
	wantRestore, `(?:restore|undelete|recover|bring back|untrash) {x}(?: from (?:the )?(?:trash|bin))?|bring {x} back`,
	wantSkip, `skip (?:(?:the |this )?next |this |the )?(?:occurrence of |one of )?{x}(?: (?:this|the next|next) (?:time|week|one|once|month|occurrence)| once)?`,

	// reminders
	wantClear, `(?:stop|cancel|remove|delete|clear|drop|turn off|switch off|disable) (?:all |the |my |its |any |all the )*(?P<f>reminders?|alarms?)(?: (?:for|of|on|from|about|to) {x})?`,
	wantClear, `(?P<f>stop reminding) me (?:of|about) {x}`,
	wantRemind, `(?:remind|alert|notify|ping) me `+before+`(?: (?:for|of|about|on) {x}| {x})?`,
	wantRemind, `(?:remind|alert|notify|ping) me (?:about |of |for |to do )?{x},? `+before,
	wantRemind, `(?:set|add|create|put|make|give) (?:me )?(?:an? |another |the )?(?:reminders?|alarms?) (?:for |of )?`+before+`(?: (?:for|of|about|on|to) {x}| {x})?`,
	wantRemind, `(?:set|add|create|put|make) (?:an? |another |the )?(?:reminders?|alarms?) (?:for|to|on|of) {x}(?:,? (?:to|for))? `+before,
	wantRemind, `(?:set|add|create|put|make) (?:an? |another |the )?(?:reminders?|alarms?) (?:for|to|on|of) {x} (?P<v>at \d.*|at noon.*)`,
	wantRemind, `(?:set|add|create|put|make) (?:an? |another |the )?(?:reminders?|alarms?) (?P<v>at \d[\d:.]*(?: ?[ap]m)?)(?: (?:for|of|about|on|to) {x})?`,
	wantRemind, `remind me (?P<v>(?:at|on the day at) \d[\d:.]*(?: ?[ap]m)?)(?: (?:of|about|for) {x})?`,
	wantRemind, `remind me (?:about|of) (?P<x>it|that|this|#\d+)(?: (?P<v>at .+|on .+))?`,

	wantReopen, `mark {x} (?:as )?`+open,
	wantComplete, `(?:mark|set|flag|tick|check|make|move) {x} (?:as |to |off as )?`+state,

	// fields of a task
	wantDescribe, `(?:add|set|change|update|edit|write|put|give)(?: {x})? (?:an?|the|its|this)?(?: new)? ?(?:description|notes?|details)(?: of| as| to|:|,)? {q}(?: (?:to|for|on) {x})?`,
	wantDescribe, `(?:add|set|change|update|edit|write|put) (?:an? |the |its )?(?:description|notes?|details) (?:to|of|for|on) {x}(?: to| as|:|,)? {q}`,
	wantDescribe, `(?:add|set|write|put) (?:an? |the )?(?:description|notes?|details) (?:to|of|for|on) {x}: {v}`,
	wantDescribe, `(?:set|change|update|edit) (?:the )?(?:description|notes?|details) of {x} (?:to|as) {v}`,
	wantDescribe, `(?:set|change|update|edit) {x}(?:'s)? (?:description|notes?) (?:to|as) {v}`,
	wantDescribe, `describe {x} as {v}|(?:note|description) (?:for|of|on) {x}: {v}`,
	wantDescribe, `(?:add|set) (?:an? |the )?(?:description|note)(?: to (?P<x>it|that|this))?:? {v}`,
	wantClear, `(?:remove|delete|clear|drop|unset|take|get rid of) (?:off )?(?:the |its |my |all |any )*(?P<f>due date|deadline|date|description|notes?|priority|tags|repetition|recurrence|repeat)(?: (?:of|for|from|on|off|to) {x})?`,
	wantUntag, `(?:remove|delete|drop|take|clear) (?:off )?(?:the )?(?:tags?|labels?) {v} (?:from|of|off|on) {x}`,
	wantUntag, `(?:remove|delete|drop|take|clear) (?:off )?(?:the )?{v} (?:tags?|labels?) (?:from|of|off|on) {x}`,
	wantUntag, `(?:remove|delete|drop|clear) (?:the )?(?:tags?|labels?) {v}`,
	wantUntag, `untag {x} (?:from|as|of|with) {v}`,
	wantUntag, `untag {x}`,
	wantTag, `(?:tag|label) {x} (?:with|as|to|:) {v}`,
	wantTag, `(?:tag|label) {x} (?P<v>#.+)`,
	wantTag, `(?:tag|label) (?P<x>it|that|this|#\d+) {v}`,
	wantTag, `(?:add|put|set|attach) (?:the |an? )?(?:tags?|labels?) {v} (?:to|on|for) {x}`,
	wantTag, `(?:add|put|set|attach) (?:the )?(?P<v>#[a-z0-9_ ,#-]+) (?:to|on|for) {x}`,
	wantTag, `(?:add|put|set|attach) (?:the |an? )?(?:tags?|labels?):? {v}`,
	wantClear, `(?P<f>stop) (?:repeating|recurring) {x}|(?:stop|cancel|end) {x}(?:'s)? (?P<f>repetition|recurrence)|make {x} (?P<f>not repeat|stop repeating|not recurring|non-recurring|non-repeating)|(?P<f>stop) {x} from repeating`,
	wantRepeat, `(?:make|set|have|let) {x} (?:to )?(?:repeat|repeating|recur|recurring|happen)(?: on)? {v}`,
	wantRepeat, `(?:make|set) {x} (?:to )?(?P<v>(?:every|daily|weekly|biweekly|fortnightly|monthly|yearly)\b.*)`,
	wantRepeat, `repeat {x} `+often,
	wantRepeat, `(?:change|set|update) (?:the )?(?:recurrence|repetition|repeat|schedule|rule)(?: (?:of|for|on) {x})? (?:to|as|:) {v}`,
	wantRepeat, `{x} (?:repeats|should repeat|should recur|recurs) {v}`,
	wantRename, `(?:rename|retitle) {x} (?:to|as|into|:) {v}`,
	wantRename, `(?:change|set|update|edit) (?:the )?(?:title|name)(?: (?:of|for) {x})? (?:to|into|as|:) {v}`,
	wantRename, `call (?P<x>it|that|this) {v}`,
	wantDue, `(?:change|set|update|move|make|push|edit|reschedule|postpone) (?:the |its )?(?:due date|due time|due|deadline|date|time)(?: (?:of|for|on|from) {x})? (?:to|as|:|at|on|until|till|for) {v}`,
	wantDue, `(?:change|set|update|edit|move) {x}(?:'s)? (?:due date|due time|deadline) (?:to|as|:|at|on) {v}`,
	wantDue, `add (?:an? |the )?(?:due date|deadline) (?:of )?{v} (?:to|for|on) {x}`,
	wantDue, `(?:set|make|mark) {x} (?:to be )?(?:due|for) {v}`,
	wantDue, `{x} (?:is|are) (?:now )?due {v}`,
	wantDue, `(?:move|reschedule|shift|change|push) {x} from [a-z0-9: ]+ to {v}`,
	wantDue, `(?:move|reschedule|postpone|push|delay|defer|shift|bring|put|snooze|bump) {x} (?:back |forward |out |up |off |ahead )?(?:to|until|till|for|by|on) {v}`,
	wantDue, `(?:push|move|put|shift|bring) {x} (?:back|forward|out|ahead) (?P<v>(?:\d+|an?|one|two|three|half an) [a-z]+)`,
	wantDue, `(?:move|push|shift|postpone|delay|reschedule) {x} (?P<v>(?:\d+|an?|one|two|three|half an) (?:minutes?|mins?|hours?|days?|weeks?|months?)(?: later)?)`,
	wantDue, `extend {x} (?:until|till|to|by) {v}`,
	wantDue, `(?:postpone|put off|push back|push out|delay|defer|bring forward|move) {x} (?:to|until|till|for|by|on) {v}`,
	wantDue, `(?:move|reschedule|postpone|push|delay|defer) {x} (?P<v>(?:today|tonight|tomorrow|next|this) ?.*|(?:mon|tues|wednes|thurs|fri|satur|sun)day.*)`,
	wantPriority, `(?:set|change|make|raise|lower|update|increase|decrease) (?:the |its )?(?:priority|prio)(?: (?:of|for|on) {x})? (?:to|as|:|at) {v}`,
	wantPriority, `(?:set|change|make|update|give) {x}(?:'s)? (?:the )?(?:priority|prio)(?: to| as|:)? {v}`,
	wantPriority, `(?:set|make|mark|flag|give|change) {x} (?:as |to |a |an )?`+level,
	wantPriority, `(?P<v>(?:de)?prioriti[sz]e) {x}`,

	// done
	wantComplete, `(?:mark|set|flag) (?:as )?`+state+`:? {x}`,
	wantComplete, `(?:tick|check|cross|strike) (?:off|out) {x}|(?:tick|check|cross) {x} off(?: (?:my|the) list)?`,
	wantComplete, `(?:complete|finish|accomplish|tick) {x}`,
	wantComplete, `(?:i |i've |i have |i'm |i am |we |we've |just |already |now |all |finally )*(?:finished|completed|done|did)(?: with|:)? {x}`,

	// gone
	wantRemove, `(?:delete|remove|erase|trash|bin|drop|discard|get rid of|throw away|throw out|cancel|scrap|ditch) {x}|take {x} off(?: (?:my|the) list)?`,
	wantRemove, `(?:clear|empty|wipe|purge) (?:out )?{x}`,

	wantRename, `(?:update|change|edit|modify|set) {x} (?:to|into) {q}`,
	wantField, `(?:update|change|edit|modify|set|make) {x}(?:,| to:?|:| with| so that it is) {v}`,
	wantField, `(?:make|set|change) (?P<x>it|that|this) {v}`,
	wantField, `(?:update|edit|modify|change) {x}`,
	wantDue, `(?:move|reschedule|postpone|defer|snooze) {x}`,
	wantDue, `(?:set|change|update|add) (?:an? |the )?(?:due date|deadline|date) (?:of|for|to|on) {x}`,
	wantPriority, `(?:set|change|update|raise|lower|increase|decrease) (?:the )?(?:priority|prio) (?:of|for|on) {x}`,
	wantRename, `(?:rename|retitle) {x}`,
	wantTag, `(?:tag|label) {x}`,
	wantField, `(?P<v>(?:add )?priority[: ]+(?:to )?(?:low|normal|medium|high|critical|urgent))`,
	wantRemove, `delete|remove|erase|trash`,
	wantComplete, `complete|done|finished|mark (?:as )?`+state+`|complete task|complete a task|mark a task(?: as `+state+`)?`,
	wantRemove, `(?:delete|remove) an? task`,
	wantField, `(?:update|edit|change)(?: an? task)?`,
	wantRemind, `(?:set|add|create) (?:an? |another )?reminder`,
	wantHistory, `(?:what happened to|history of|show (?:me )?(?:the )?history of|what changed (?:on|in|about)|who changed) {x}`,
	wantComplete, `{x} (?:is|are|was|has been|is all|got) (?:now |all |already |finally )?`+state,
	wantComplete, `{x} `+state,
)

// rules pairs intents with the patterns that follow them.
func rules(pairs ...any) []rule {
	var list []rule
	for i := 0; i < len(pairs); i += 2 {
		want, _ := pairs[i].(intent)
		pattern, _ := pairs[i+1].(string)
		compiled := compile(pattern)
		list = append(list, rule{want, compiled, firstsOf(compiled)})
	}
	return list
}

// changing reports whether an intent changes a task that is there.
func (i intent) changing() bool {
	switch i {
	case wantComplete, wantReopen, wantRestore, wantRemove, wantSkip, wantRename, wantDue, wantPriority, wantTag, wantUntag, wantDescribe, wantClear, wantRepeat, wantRemind, wantField:
		return true
	}
	return false
}
