package rules

import "strings"

// all does several commands in their order. Where more than one task that is there would be
// changed, all of it is asked about first.
func (s *script) all(parts []string) error {
	if len(parts) > maxCommands {
		s.say("That is more than I do at once, so I did nothing. Send at most 10 things in one message.")
		return nil
	}
	commands := make([]command, len(parts))
	refs := map[string]bool{}
	for i, part := range parts {
		commands[i] = s.understood(part)
		c := commands[i]
		if c.want.changing() && !c.asked {
			if _, isIt := c.ref.match(pronoun); !isIt && !c.ref.empty() {
				refs[c.ref.name()] = true
			}
		}
		if i > 0 && c.want == wantUnknown && commands[i-1].want == wantCreate && !c.asked {
			commands[i] = command{want: wantCreate, said: textOf("add " + part), value: c.said}
		}
	}
	s.several = s.several || len(refs) > 1
	for i, c := range commands {
		s.rest = parts[i+1:]
		if len(s.plan) > 0 && !c.want.changing() && c.want != wantCreate {
			if err := s.askPlan(parts[i:]); err != nil {
				return err
			}
		}
		if err := s.obey(c); err != nil {
			return err
		}
	}
	s.rest = nil
	return nil
}

// understood reads a command, with a typing error in its verb mended if nothing is understood.
func (s *script) understood(part string) command {
	t := textOf(part)
	c := t.command(false)
	if c.want != wantUnknown && !c.loose || c.said.has(negation) {
		return c
	}
	if mended, ok := c.said.mended(); ok {
		if again := mended.command(c.asked); again.want != wantUnknown {
			return again
		}
	}
	return c
}

// obey does one command.
func (s *script) obey(c command) error {
	switch {
	case c.want.changing():
		return s.change(c)
	}
	switch c.want {
	case wantCreate:
		return s.add(c)
	case wantList, wantCount:
		return s.list(c)
	case wantSearch:
		return s.search(c)
	case wantShow:
		return s.showOne(c)
	case wantMore:
		return s.showMore()
	case wantUndo:
		return s.undo(c)
	case wantRedo:
		s.say("I cannot do again what was taken back. The activity page can.")
		return nil
	case wantTags:
		return s.tags()
	case wantHistory:
		return s.history(c)
	case wantGreet, wantThank, wantHelp, wantBye:
		s.chat(c.want)
		return nil
	}
	return s.bare(c)
}

// undo takes the last turn that changed something back, or without one the person's last change.
func (s *script) undo(c command) error {
	if c.asked || c.said.has(negation) {
		return s.untouched(c)
	}
	last := done{Changes: 1}
	if n := len(s.mem.Done); n > 0 {
		last = s.mem.Done[n-1]
	}
	input, times := map[string]any{}, last.Changes
	if last.Request != "" {
		input, times = map[string]any{"request_id": last.Request}, 1
	}
	var titles []string
	for range times {
		out, err := s.call("undo", input)
		if err != nil {
			return err
		}
		var data struct {
			Tasks []task `json:"tasks"`
		}
		if out.Status == "confirm" {
			return s.ask("Take that whole turn back? Say yes or no.", wait{For: sure, Changes: []change{{Tool: "undo", Input: input}}})
		}
		if out.Status != "success" || !decoded(out.Data, &data) {
			s.sayUndone(out.Error)
			return nil
		}
		for _, t := range data.Tasks {
			titles = append(titles, quote(t.Title))
		}
		if len(data.Tasks) == 1 {
			one := data.Tasks[0].named()
			s.mem.Last = &one
		}
	}
	s.mem.Done = s.mem.Done[:max(0, len(s.mem.Done)-1)]
	if len(titles) > 5 {
		titles = append(titles[:5], counted(len(titles)-5, "other"))
	}
	if len(titles) == 0 {
		s.say("Taken back.")
		return nil
	}
	are := " is as it was."
	if len(titles) > 1 {
		are = " are as they were."
	}
	s.say("Taken back: " + both(titles) + are)
	return nil
}

func (s *script) sayUndone(p problem) {
	switch p.Code {
	case "not_found":
		s.say("There is nothing to take back.")
	case "conflict":
		s.say("That was changed again since, so I left it as it is. Take the later change back first; the activity page shows it.")
	default:
		s.sayProblem(p, "")
	}
}

// tags says which there are.
func (s *script) tags() error {
	var data struct {
		Tags []struct {
			Tag  string `json:"tag"`
			Open int    `json:"open"`
		} `json:"tags"`
	}
	if err := s.read("list_tags", map[string]any{}, &data); err != nil {
		return err
	}
	if len(data.Tags) == 0 {
		s.say("There are no tags yet. Say “tag 'buy milk' with home” to have one.")
		return nil
	}
	said := counted(len(data.Tags), "tag") + ":"
	for _, t := range data.Tags {
		said += "\n- #" + safe(t.Tag) + ", " + counted(t.Open, "open task")
	}
	s.say(said)
	return nil
}

// history says what happened to a task.
func (s *script) history(c command) error {
	found, err := s.find(c.ref, c)
	if err != nil {
		return err
	}
	var data struct {
		Logs []struct {
			Type  string `json:"event_type"`
			Actor struct {
				Type string `json:"type"`
			} `json:"actor"`
			At string `json:"timestamp"`
		} `json:"audit_logs"`
	}
	one := found.tasks[0]
	if err := s.read("get_history", map[string]any{"task_id": one.ID, "limit": 10}, &data); err != nil {
		return err
	}
	s.mem.Last = &one
	said := "What happened to " + quote(one.Title) + ", newest first:"
	for _, log := range data.Logs {
		_, what, _ := strings.Cut(log.Type, ".")
		said += "\n- " + what + " by " + map[string]string{"user": "you", "agent": "an agent", "system": "Tickler"}[log.Actor.Type] + ", " + s.when(log.At)
	}
	s.say(said)
	return nil
}
