package rules

import (
	"encoding/json"
	"strconv"
	"strings"
)

// change is a call that changes something, and what to say once it is done.
type change struct {
	Tool  string         `json:"tool"`
	Input map[string]any `json:"input"`
	Verb  string         `json:"verb"` // what is to be done: delete, move …
	Tasks []named        `json:"tasks,omitempty"`
	More  string         `json:"more,omitempty"` // said behind what was done
}

// back is how to take a change back.
const back = " Say “undo” to take it back."

// doing makes a change now, or plans it where several tasks are to be changed.
func (s *script) doing(c change) error {
	if len(c.Tasks) == 1 {
		s.mem.Last = &c.Tasks[0]
	}
	s.mem.Rang = c.Tool == "set_reminder"
	if s.several {
		s.plan = append(s.plan, c)
		return nil
	}
	return s.perform(c)
}

// perform makes a change. The tool may want a yes first.
func (s *script) perform(c change) error {
	out, err := s.call(c.Tool, c.Input)
	if err != nil {
		return err
	}
	switch out.Status {
	case "success":
		if !out.Idempotent {
			s.changes++
		}
		s.report(c, out)
		return nil
	case "confirm":
		if len(out.Tasks) > 0 {
			c.Tasks = nil
			for _, t := range out.Tasks {
				c.Tasks = append(c.Tasks, t.named())
			}
		}
		return s.askSure([]change{c})
	}
	title := ""
	if len(c.Tasks) == 1 {
		title = c.Tasks[0].Title
	}
	s.sayProblem(out.Error, title)
	return nil
}

// report says what was done.
func (s *script) report(c change, out output) {
	var one task
	var many struct {
		Tasks []task `json:"tasks"`
	}
	_ = json.Unmarshal(out.Data, &one) // what was deleted may answer nothing
	_ = json.Unmarshal(out.Data, &many)
	if len(many.Tasks) == 1 && one.ID == "" {
		one = many.Tasks[0]
	}
	n := max(len(many.Tasks), len(c.Tasks))
	if one.ID == "" && len(c.Tasks) == 1 {
		one.ID, one.Title = c.Tasks[0].ID, c.Tasks[0].Title
	}
	if one.ID != "" && n <= 1 {
		last := one.named()
		s.mem.Last = &last
		s.say(s.reportOne(c, one, out.Idempotent) + s.hint(out.Idempotent))
		return
	}
	s.mem.List, s.mem.More = nil, nil
	said := "Changed " + counted(n, "task") + "."
	switch c.Verb {
	case "delete":
		said = "Moved " + counted(n, "task") + " to the trash."
	case "complete":
		said = "Done: " + counted(n, "task") + " completed."
	}
	s.say(said + s.hint(out.Idempotent))
}

// hint says how to take a change back, once in a turn.
func (s *script) hint(again bool) string {
	if again || s.changes > 1 {
		return ""
	}
	return back
}

func (s *script) reportOne(c change, t task, again bool) string {
	title := quote(t.Title)
	switch {
	case again && c.Verb == "add":
		return "I added " + title + " a moment ago, so I did not add it twice."
	case again:
		return "That was done a moment ago: " + title + s.details(t) + "."
	}
	switch c.Verb {
	case "add":
		return "Added " + title + s.details(t) + "." + c.More
	case "complete":
		return "Done: " + title + " is completed."
	case "reopen":
		return "Reopened " + title + s.details(t) + "."
	case "delete":
		if c.More != "" {
			return "Moved " + title + " to the trash." + c.More
		}
		return "Moved " + title + " to the trash."
	case "restore":
		return "Restored " + title + s.details(t) + "."
	case "skip":
		return "Skipped this one of " + title + "; the next date stays."
	}
	if c.Input["title"] != nil && len(c.Tasks) == 1 {
		return "Renamed " + quote(c.Tasks[0].Title) + " to " + title + s.and(c.effects(s)[1:]) + "." + c.More
	}
	if rings := s.rings(ringsOf(c.Input["reminders"])); c.Tool == "set_reminder" && rings != "" {
		return title + " now has " + strings.TrimPrefix(rings, "with ") + "."
	}
	if len(c.effects(s)) == 0 {
		return "Changed " + title + "."
	}
	return title + " is now " + both(c.effects(s)) + "." + c.More
}

// and goes on with what else was changed.
func (s *script) and(effects []string) string {
	if len(effects) == 0 {
		return ""
	}
	return ", now " + both(effects)
}

// effects says what an update makes of a task, behind "is now".
func (c change) effects(s *script) []string {
	var list []string
	if title, ok := c.Input["title"].(string); ok {
		list = append(list, "called "+quote(title))
	}
	if due, ok := c.Input["due_date"]; ok {
		if at, ok := due.(string); ok {
			list = append(list, "due "+s.when(at))
		} else {
			list = append(list, "without a due date")
		}
	}
	if rule, ok := c.Input["recurrence_rule"]; ok {
		if words := wordsOf(rule); words != "" {
			list = append(list, "repeating "+words)
		} else {
			list = append(list, "no longer repeating")
		}
	}
	if rings, ok := c.Input["reminders"]; ok {
		if words := s.rings(ringsOf(rings)); words != "" {
			list = append(list, words)
		} else {
			list = append(list, "without reminders")
		}
	}
	if priority, ok := c.Input["priority"].(string); ok {
		list = append(list, "of "+priority+" priority")
	}
	if tags, ok := c.Input["tags"]; ok {
		if names := namesOf(tags); len(names) > 0 {
			list = append(list, "tagged "+safe(both(names)))
		} else {
			list = append(list, "without tags")
		}
	}
	if words, ok := c.Input["description"].(string); ok {
		if words == "" {
			list = append(list, "without a description")
		} else {
			list = append(list, "described as "+quote(short(words)))
		}
	}
	return list
}

// ringsOf, wordsOf and namesOf read values that may have been kept as JSON in between.
func ringsOf(value any) []reminder {
	var list []reminder
	convert(value, &list)
	return list
}

func wordsOf(value any) string {
	var rule ruleWords
	convert(value, &rule)
	return rule.Text
}

func namesOf(value any) []string {
	var list []string
	convert(value, &list)
	return list
}

func convert(value, into any) {
	encoded, err := json.Marshal(value)
	if err == nil {
		_ = json.Unmarshal(encoded, into) // what does not fit says nothing
	}
}

// askSure asks before more than one task is changed.
func (s *script) askSure(changes []change) error {
	var lines []string
	verb, n := "", 0
	for _, c := range changes {
		for _, t := range c.Tasks {
			n++
			lines = append(lines, strconv.Itoa(n)+". "+c.doing()+quote(t.Title)+c.what(s))
		}
		verb = c.doing()
	}
	if len(changes) > 1 {
		verb = "Change "
	} else {
		for i := range lines {
			lines[i] = strings.Replace(lines[i], verb, "", 1)
		}
	}
	return s.ask(verb+counted(n, "task")+"? Say yes or no.\n"+strings.Join(lines, "\n"), wait{For: sure, Changes: changes})
}

// doing is the verb at the begin of a question.
func (c change) doing() string {
	switch c.Verb {
	case "delete", "complete", "reopen", "restore", "skip", "add":
		return strings.ToUpper(c.Verb[:1]) + c.Verb[1:] + " "
	}
	return "Change "
}

// what says what a change would make of a task.
func (c change) what(s *script) string {
	if c.doing() == "Change " {
		return ": " + both(c.effects(s))
	}
	return ""
}

// askPlan asks for all that was planned.
func (s *script) askPlan(rest []string) error {
	plan := s.plan
	s.plan, s.rest = nil, rest
	if len(plan) == 1 && len(plan[0].Tasks) < 2 && !s.careful {
		s.several = false
		return s.perform(plan[0])
	}
	return s.askSure(plan)
}
