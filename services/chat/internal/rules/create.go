package rules

import (
	"regexp"
	"strconv"
	"strings"
)

var (
	connector = regexp.MustCompile(`^(?:(?:to|called|named|titled|that|for|:|which)(?: |$)|with +(?:the +)?(?:title|name)\b)`)
	ringTail  = regexp.MustCompile(`[, ]+(?:and +)?(?:with +(?:a +)?)?(?:remind(?:er)?(?: +me)?(?: +set)?) +(?:\d|an? |half|one|two|the )[^,]*(?:before|earlier|ahead)[^,]*$`)
	aheadTail = regexp.MustCompile(` +(?:\d+|an?|half an?|one|two|the) +[a-z]+ +(?:before|earlier|ahead)$`)
	dateless  = regexp.MustCompile(`\b(?:due|deadline|yesterday)\b|\bat +\d`)
	hourTail  = regexp.MustCompile(`\bat +(\d{1,2})(?: *o'?clock)?$`)
	hourIn    = regexp.MustCompile(`\bat +(\d{1,2})(?: *o'?clock)?(?:$|[ ,.;])`)
	notTask   = regexp.MustCompile(`^(?:i|i'm|i've|i'll|we|he|she|they|you|it|it's|there|this|that|that's|yes|no|ok|because|maybe|if|when|why|nothing|hello|hi|thanks|sorry|well|so|just|good|nice|great|lol|haha|what|how|delete|remove|snooze|extend|rename|untag|reopen|restore|undo|postpone|reschedule|defer|mark)\b`)
)

// add makes a new task of what is said of it.
func (s *script) add(c command) error {
	if c.said.has(negation) && !c.said.has(todoLead) {
		return s.untouched(c)
	}
	if c.asked && !c.said.has(todoLead) && !c.said.has(remindLead) {
		return s.untouched(c)
	}
	value := c.value
	if _, ok := value.match(remindWhat); ok {
		return s.ask("What should I remind you of, and when?", wait{For: fill, Before: "remind me to "})
	}
	if value.empty() || value.has(regexpOnly) {
		return s.ask("What should the task be called?", wait{For: fill, Before: "create a task: "})
	}
	if names := value.names(); len(names) > 1 {
		for _, name := range names {
			if err := s.add(command{want: wantCreate, said: c.said, value: name}); err != nil {
				return err
			}
		}
		return nil
	}
	if name, quoted := value.quoted(); quoted {
		var r reading
		r.Task.Title = name
		return s.addRead(value, r)
	}
	words := value.String()
	if value.has(connector) {
		words = "create a task " + words
	}
	r, err := s.parse(words)
	if err != nil {
		return err
	}
	return s.addRead(value, r)
}

var remindWhat = compile(`remind me(?: to| about| of)?(?: something| it)?`)

var regexpOnly = regexp.MustCompile(`^(?:to|called|named|titled|that|for|:|please|it|something|one|for me|["' ]+)$`)

// someWord is in every title.
var someWord = regexp.MustCompile(`\p{L}{2}`)

var plural = regexp.MustCompile(`^(?:(?:the|these|following|two|three|four|five|\d+|new|some|my|more|few) +)*(?:tasks|todos|to-dos|items)(?: +(?:to|called|named))?(?: *: *| +)`)

// names are the new tasks that are named at once: tasks: a, b and c; 'a' and 'b'.
func (t text) names() []text {
	if at := plural.FindStringIndex(t.flat); at != nil {
		return refs(t.part(at[1], len(t.flat)))
	}
	names := refs(t)
	for _, name := range names {
		if _, quoted := name.quoted(); !quoted {
			return nil
		}
	}
	return names
}

// addRead adds a task once its line is read, if nothing in it is open.
func (s *script) addRead(value text, r reading) error {
	title := textOf(r.Task.Title)
	if at := ringTail.FindStringIndex(title.flat); at != nil && r.Task.Due == nil && at[0] > 0 {
		tail := title.part(at[0], len(title.flat)).trim()
		name := title.part(0, at[0]).trim()
		return s.ask("When is "+quote(name.String())+" due? A reminder counts from that.", wait{For: fill, Before: "add " + name.String() + " due ", After: ", " + tail.String()})
	}
	if at := aheadTail.FindStringIndex(title.flat); at != nil && r.Task.Due == nil && value.has(remindLead) && at[0] > 0 {
		name := title.part(0, at[0]).trim().String()
		return s.ask("When is "+quote(name)+" due? A reminder counts from that.", wait{For: fill, Before: "add " + name + " due ", After: ", remind me " + title.part(at[0], len(title.flat)).String()})
	}
	if at := hourTail.FindStringSubmatch(title.flat); at != nil && !strings.Contains(civil(dueOf(r)), "T") {
		if hour, _ := strconv.Atoi(at[1]); hour >= 1 && hour <= 12 {
			if places := hourIn.FindAllStringSubmatchIndex(value.flat, -1); places != nil {
				end := places[len(places)-1][3]
				return s.ask("Do you mean "+at[1]+" in the morning or in the afternoon?", wait{For: half, Before: "add " + string(value.runes[:end]), After: string(value.runes[end:])})
			}
		}
	}
	input := map[string]any{"title": title.String()}
	for name, set := range map[string]bool{"description": r.has("description"), "priority": r.has("priority"), "tags": len(r.Task.Tags) > 0,
		"due_date": r.Task.Due != nil, "time_zone": r.Task.Zone != nil, "recurrence_rule": r.Task.Rule != nil, "reminders": len(r.Task.Reminders) > 0} {
		if set {
			input[name] = r.value(name)
		}
	}
	added := change{Tool: "add_task", Verb: "add", Input: input, Tasks: []named{{Title: title.String()}}}
	if r.Task.Due == nil && value.has(remindLead) {
		added.More = " It has no date, so there is no reminder yet: say when, such as “make it tomorrow at 9am”."
	}
	if _, quoted := value.quoted(); r.Task.Due == nil && !quoted && added.More == "" && title.has(dateless) {
		added.More = " I read no date in that; if there is one, say it in another way, such as “make it Friday at 3pm”."
	}
	return s.doing(added)
}

func dueOf(r reading) string {
	if r.Task.Due == nil {
		return ""
	}
	return *r.Task.Due
}

// value is a field of what was read, in the form that add_task takes.
func (r reading) value(field string) any {
	switch field {
	case "description":
		return r.Task.Description
	case "priority":
		return r.Task.Priority
	case "tags":
		return r.Task.Tags
	case "due_date":
		return *r.Task.Due
	case "time_zone":
		return *r.Task.Zone
	case "recurrence_rule":
		return r.Task.Rule
	}
	return rung(nil, r.Task.Reminders)
}

// bare makes a task of words with a date, "water plants every Monday"; other words are not understood.
func (s *script) bare(c command) error {
	switch {
	case c.said.has(negation):
		s.say("All right, nothing was changed.")
		return nil
	case c.asked || c.said.has(notTask) || len(c.said.runes) < 3:
		s.unsure()
		return nil
	}
	r, err := s.parse(c.said.String())
	if err != nil {
		return err
	}
	marked := r.has("tags") && strings.Contains(c.said.flat, "#") || r.has("priority") && strings.Contains(c.said.flat, "!")
	if r.Task.Due == nil && r.Task.Title == c.said.String() && c.said.has(hourTail) {
		return s.addRead(c.said, r)
	}
	if !someWord.MatchString(r.Task.Title) || r.Task.Due == nil && !marked || r.Task.Title == "" || r.Task.Title == c.said.String() {
		s.unsure()
		return nil
	}
	return s.addRead(c.said, r)
}
