package rules

import (
	"regexp"
	"strings"
)

// change does something to tasks that are there.
func (s *script) change(c command) error {
	if c.asked || c.said.has(negation) {
		return s.untouched(c)
	}
	if !c.ref.empty() && c.ref.has(condition) {
		s.say("I cannot do things on a condition, so nothing was changed. Say what to do once it is so.")
		return nil
	}
	found, err := s.find(c.ref, c)
	if err != nil {
		return err
	}
	switch c.want {
	case wantComplete, wantRemove:
		return s.batch(c, found)
	}
	if len(found.tasks) > 1 || found.all {
		s.several, s.careful = true, found.all
	}
	for _, one := range found.tasks {
		if err := s.changeOne(c, one); err != nil {
			return err
		}
	}
	return nil
}

// untouched answers a question or a negation.
func (s *script) untouched(c command) error {
	if c.said.has(negation) {
		s.say("All right, nothing was changed.")
		return nil
	}
	words := strings.TrimRight(c.said.String(), "?! ")
	if at := question.FindStringIndex(c.said.flat); at != nil {
		s.say("I take that as a question and changed nothing. Say it as an order, such as “delete 'buy milk'”, and I do it.")
		return nil
	}
	s.say("Nothing was changed, since you asked. Say “" + safe(words) + "” to have it done.")
	return nil
}

// batch completes or deletes, one at once, several after a yes.
func (s *script) batch(c command, found target) error {
	ch := change{Tool: "complete_task", Verb: "complete", Tasks: found.tasks}
	if c.want == wantRemove {
		ch.Tool, ch.Verb = "delete_task", "delete"
	}
	if len(found.tasks) > 1 {
		cut := found.tasks[:min(len(found.tasks), maxTasks)]
		ids := make([]string, len(cut))
		for i, one := range cut {
			ids[i] = one.ID
		}
		ch.Tasks, ch.Input = cut, map[string]any{"task_ids": ids}
		return s.doing(ch)
	}
	one := found.tasks[0]
	ch.Input = map[string]any{"task_id": one.ID}
	if t, ok := s.seen[one.ID]; ok {
		switch {
		case c.want == wantComplete && t.Completed:
			s.mem.Last = &one
			s.say(quote(one.Title) + " is already done. Say “reopen it” if it is not.")
			return nil
		case c.want == wantRemove && t.Rule != nil && !t.Completed: // one that is done has no say in what follows
			ch.More = " It will not repeat any more."
		}
	}
	if found.all && !s.several {
		return s.askSure([]change{ch})
	}
	return s.doing(ch)
}

// changeOne does what a command wants to one task.
func (s *script) changeOne(c command, one named) error {
	s.mem.Last = &one
	simple := map[intent][2]string{wantReopen: {"reopen_task", "reopen"}, wantRestore: {"restore_task", "restore"}, wantSkip: {"skip_occurrence", "skip"}}
	if call, ok := simple[c.want]; ok {
		if t, ok := s.seen[one.ID]; ok && c.want == wantReopen && !t.Completed {
			s.say(quote(one.Title) + " is still open, so there is nothing to reopen.")
			return nil
		}
		return s.doing(change{Tool: call[0], Verb: call[1], Input: map[string]any{"task_id": one.ID}, Tasks: []named{one}})
	}
	if c.want == wantRename && c.value.empty() {
		return s.ask("What should "+quote(one.Title)+" be called?", wait{For: fill, Before: "rename it to "})
	}
	if c.want == wantRename {
		if noName.MatchString(c.value.flat) {
			return s.ask("What should "+quote(one.Title)+" be called?", wait{For: fill, Before: "rename it to "})
		}
		return s.update(one, map[string]any{"title": c.value.withoutEnd(politeEnd).plainText()})
	}
	t, err := s.detail(one)
	if err != nil {
		return err
	}
	switch c.want {
	case wantDue:
		return s.setDue(c, t)
	case wantPriority:
		return s.setPriority(c, t)
	case wantTag:
		return s.setTags(c, t)
	case wantUntag:
		return s.dropTags(c, t)
	case wantDescribe:
		return s.update(one, map[string]any{"description": c.value.plainText()})
	case wantClear:
		return s.clear(c, t)
	case wantRepeat:
		return s.setRule(c, t)
	case wantRemind:
		return s.setReminder(c, t)
	}
	return s.setField(c, t)
}

func (s *script) update(one named, fields map[string]any) error {
	tool := "update_task"
	if _, only := fields["reminders"]; only && len(fields) == 1 {
		tool = "set_reminder"
	}
	fields["task_id"] = one.ID
	return s.doing(change{Tool: tool, Verb: "update", Input: fields, Tasks: []named{one}})
}

// detail is the whole task.
func (s *script) detail(one named) (task, error) {
	t, ok := s.seen[one.ID]
	if !ok {
		out, err := s.call("get_task", map[string]any{"task_id": one.ID})
		if err != nil {
			return task{}, err
		}
		if out.Status != "success" || !decoded(out.Data, &t) {
			s.sayProblem(out.Error, one.Title)
			return task{}, errAsked
		}
		s.seen[one.ID] = t
	}
	if t.Deleted != nil {
		s.say(quote(t.Title) + " is in the trash. Say “restore it” first.")
		return task{}, errAsked
	}
	return t, nil
}

func (s *script) setDue(c command, t task) error {
	if c.value.empty() {
		return s.ask("When should "+quote(t.Title)+" be due?", wait{For: fill, Before: "change the due date of it to "})
	}
	fields, left, err := s.fields(c.value, t, "due ")
	if err != nil {
		return err
	}
	if fields["due_date"] == nil || left != "" {
		return s.unclear(c.value, "when that is", "“Friday at 3pm” or “in 2 days”")
	}
	return s.update(t.named(), fields)
}

// unclear says what was not understood of a value.
func (s *script) unclear(value text, what, example string) error {
	s.say("I am not sure " + what + ": " + quote(short(value.String())) + ". Nothing was changed; say it as in " + example + ".")
	return errAsked
}

func (s *script) clear(c command, t task) error {
	fields := map[string]any{}
	switch field := c.field; {
	case strings.Contains(field, "reminder"), strings.Contains(field, "alarm"), field == "stop reminding":
		fields["reminders"] = []reminder{}
	case strings.Contains(field, "date"), field == "deadline":
		fields["due_date"] = nil
		if t.Rule != nil {
			fields["recurrence_rule"] = nil
		}
	case strings.HasPrefix(field, "description"), strings.HasPrefix(field, "note"):
		fields["description"] = ""
	case field == "priority":
		fields["priority"] = "normal"
	case field == "tags":
		fields["tags"] = []string{}
	default:
		if t.Rule == nil {
			s.say(quote(t.Title) + " does not repeat, so there is nothing to stop.")
			return nil
		}
		fields["recurrence_rule"] = nil
	}
	return s.update(t.named(), fields)
}

func (s *script) setRule(c command, t task) error {
	fields, left, err := s.fields(c.value, t, "")
	if err != nil {
		return err
	}
	if fields["recurrence_rule"] == nil || left != "" {
		return s.unclear(c.value, "how often that is", "“every Monday” or “every 2 weeks”")
	}
	return s.update(t.named(), fields)
}

func (s *script) setReminder(c command, t task) error {
	if t.Due == nil {
		s.say(quote(t.Title) + " has no due date that a reminder could count from. Say when it is due first, such as “move it to Friday at 3pm”.")
		return errAsked
	}
	if c.value.empty() {
		return s.ask("When should I remind you of "+quote(t.Title)+"?", wait{For: fill, Before: "remind me ", After: " of it"})
	}
	value, err := s.halved(c.value, t)
	if err != nil {
		return err
	}
	r, err := s.parse(stand + ", " + civil(*t.Due) + ", remind me " + value)
	if err != nil {
		return err
	}
	if len(r.Task.Reminders) == 0 || r.left() != "" {
		return s.unclear(c.value, "when to remind you", "“1 hour before” or “the day before at 6pm”")
	}
	var old []reminder
	for _, ring := range t.Reminders {
		if ring.Status == "" || ring.Status == "scheduled" {
			old = append(old, ring)
		}
	}
	return s.update(t.named(), map[string]any{"reminders": rung(old, r.Task.Reminders)})
}

// setField changes whatever a value names: a date, a priority, a new title.
func (s *script) setField(c command, t task) error {
	if c.value.empty() {
		return s.ask("What should change about "+quote(t.Title)+"? Say a date, a priority, tags, or a new title.", wait{For: fill, Before: "update it: "})
	}
	fields, left, err := s.fields(c.value, t, "")
	if err != nil {
		return err
	}
	if left != "" && renaming.MatchString(c.said.flat) {
		fields["title"] = textOf(left).plainText()
		left = ""
	}
	if left != "" || len(fields) == 0 {
		return s.unclear(c.value, "what to change", "“make it Friday”, “priority high” or “rename it to …”")
	}
	return s.update(t.named(), fields)
}

// noName is quotes with nothing in between.
var noName = regexp.MustCompile(`^["' ]+$`)

var renaming = regexp.MustCompile(`^(?:update|change|edit|modify)\b`)
