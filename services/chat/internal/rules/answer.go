package rules

import (
	"regexp"
	"strings"
)

var (
	yes    = compile(`(?:(?:yes|y|yep|yeah|yup|ya|sure|ok|okay|k|confirm|confirmed|confirm it|do it|do so|do that|go ahead|go on|go for it|proceed|please do|of course|absolutely|definitely|certainly|correct|right|that's right|exactly|approve|approved|i am sure|i'm sure|fine)[,.! ]*)+(?:please|thanks)?`)
	agreed = compile(`(?:(?:yes|yeah|ok|okay|sure)[,.! ]*)?(?:delete|remove|complete|do|change|finish|clear)(?: (?:them|it|all|both|that|this|so))+(?: please)?`)
	no     = compile(`(?:(?:no|n|nope|nah|no way|cancel|cancel (?:it|that)|stop|stop it|never ?mind|forget it|forget about it|don't|do not|dont|don't do (?:it|that)|no thanks|no thank you|leave it|leave them|leave it (?:be|as it is)|abort|deny|denied|no don't|keep (?:them|it)|no keep (?:them|it)(?: all)?|not now|rather not|better not|i changed my mind|no wait|wait)[,.! ]*)+(?:please|thanks)?`)

	correcting = regexp.MustCompile(`^(?:no|nope|nah|actually|sorry|wait|oops|ups|whoops|rather|hmm+|i +meant?(?: +to +say)?|i +said|correction|or +rather|not +that|on +second +thought|better|instead|and|but|oh)\b[,.:! -]*`)
	insteadEnd = regexp.MustCompile(` +(?:instead|rather)$`)
	making     = regexp.MustCompile(`^(?:(?:make|change|set|move|push|put) +(?:it|that|this)(?: +(?:to|on|at|for|a|an))?|make +that|it +(?:should|must|has +to) +be|it's|it +is|let's +(?:do|say|make +it)) +`)
	mornings   = compile(`(?:in )?(?:the )?(?:morning|am|a\.m\.?|early|first)(?: one)?|1|\d{1,2} ?am`)
	evenings   = compile(`(?:in )?(?:the )?(?:afternoon|evening|pm|p\.m\.?|late|second|night)(?: one)?|2|\d{1,2} ?pm`)
)

// message answers what the person said.
func (s *script) message(said text) error {
	core := said.trim()
	w := s.mem.Wait
	if s.turn.Approved && len(s.turn.Results) > 0 && !s.asked(w) {
		s.mem.Wait = nil
		return s.tell()
	}
	if w != nil {
		s.mem.Wait = nil
		if done, err := s.answer(*w, core); done || err != nil {
			return err
		}
	} else if done, err := s.alone(core); done || err != nil {
		return err
	}
	if c, ok := s.corrected(core, strings.HasSuffix(strings.TrimSpace(said.flat), "?")); ok {
		if s.mem.Rang && timeOnly.MatchString(c.value.flat) && !core.without(correcting).has(making) {
			at := strings.TrimPrefix(c.value.String(), "at ")
			s.say("Do you mean when it is due or when to remind you? Say “move it to " + at + "” or “remind me at " + at + "”.")
			return nil
		}
		return s.obey(c)
	}
	var parts []string
	for _, part := range said.commands() {
		parts = append(parts, part.String())
	}
	return s.all(parts)
}

// alone answers yes and no where nothing was asked.
func (s *script) alone(core text) (bool, error) {
	if _, ok := core.match(no); ok || s.turn.Denied {
		s.say("All right. Nothing is waiting, and nothing was changed.")
		return true, nil
	}
	_, ok := core.match(yes)
	if _, nice := core.match(talks[1].pattern); ok && !nice {
		s.say("Nothing is waiting for a yes. Tell me what you would like to do.")
		return true, nil
	}
	return false, nil
}

// asked reports whether what the turn has made first is what this planner asked about.
func (s *script) asked(w *wait) bool {
	if w == nil || w.For != sure || len(w.Changes) > len(s.turn.Results) {
		return false
	}
	for i, c := range w.Changes {
		if s.turn.Results[i].Call.Tool != c.Tool {
			return false
		}
	}
	return true
}

// tell says what became of changes that the turn, or another planner, asked about.
func (s *script) tell() error {
	s.before = len(s.turn.Results)
	for _, made := range s.turn.Results {
		if err := s.perform(change{Tool: made.Call.Tool, Verb: verbOf[made.Call.Tool], Input: map[string]any{}}); err != nil {
			return err
		}
	}
	return nil
}

// verbOf are the verbs of changes that the turn made by itself.
var verbOf = map[string]string{"add_task": "add", "complete_task": "complete", "reopen_task": "reopen", "delete_task": "delete", "restore_task": "restore", "skip_occurrence": "skip"}

// answer takes the message as the answer to a question. False: it is none.
func (s *script) answer(w wait, core text) (bool, error) {
	s.rest, s.chosen = w.Rest, w.Chosen
	_, isYes := core.match(yes)
	if _, ok := core.match(agreed); ok {
		isYes = true
	}
	_, isNo := core.match(no)
	switch {
	case w.For == sure && s.turn.Approved:
		return true, s.confirmed(w)
	case w.For == sure && isYes: // it came too late, or the turn does not take it for one
		return true, s.askSure(w.Changes)
	case isNo || s.turn.Denied:
		s.say("All right, nothing was changed.")
		return true, nil
	case w.For == sure:
		s.rest, s.chosen = nil, nil
		return false, nil
	case w.For == whichTask:
		return s.picked(w, core)
	case w.For == half:
		return s.halfChosen(w, core)
	}
	return s.filled(w, core)
}

// confirmed tells what became of what was agreed to, which the turn has done, and does what else
// was wanted.
func (s *script) confirmed(w wait) error {
	s.before = len(w.Changes)
	for i, c := range w.Changes {
		if err := s.perform(c); err != nil {
			if s.mem.Wait != nil { // it asks again: the others wait with it
				s.mem.Wait.Changes = append(s.mem.Wait.Changes, w.Changes[i+1:]...)
			}
			return err
		}
	}
	s.rest = nil
	return s.all(w.Rest)
}

// picked goes on with the task that was chosen.
func (s *script) picked(w wait, core text) (bool, error) {
	core = core.without(polite)
	n, ok := number(core)
	if n < 0 {
		n = len(w.Tasks)
	}
	if !ok {
		n = 0
		var options []task
		for _, one := range w.Tasks {
			options = append(options, task{ID: one.ID, Title: one.Title})
		}
		if hits := ranked(core.name(), options, command{}); len(hits) == 1 {
			for i, one := range w.Tasks {
				if one.ID == hits[0].ID {
					n = i + 1
				}
			}
		}
	}
	if _, isYes := core.match(yes); isYes && len(w.Tasks) == 1 {
		n = 1
	}
	_, plural := core.match(pronouns)
	switch {
	case plural || core.flat == "all":
		s.say("Then I would change several at once; name them, such as “delete #1 and #2”.")
		return true, nil
	case n >= 1 && n <= len(w.Tasks):
		if s.chosen == nil {
			s.chosen = map[string]named{}
		}
		s.chosen[w.Ref] = w.Tasks[n-1]
		s.plan = w.Changes
		s.several = len(s.plan) > 0
		return true, s.all(append([]string{w.Text}, w.Rest...))
	case ok:
		s.say("There is no #" + core.flat + " among those. Say a number of the list, or “cancel”.")
		s.mem.Wait = &w
		return true, nil
	}
	s.rest, s.chosen = nil, nil
	return false, nil
}

// halfChosen completes an hour.
func (s *script) halfChosen(w wait, core text) (bool, error) {
	mark := ""
	if _, ok := core.match(mornings); ok {
		mark = "am"
	} else if _, ok := core.match(evenings); ok {
		mark = "pm"
	}
	if mark == "" {
		s.rest, s.chosen = nil, nil
		return false, nil
	}
	return true, s.all(append([]string{w.Before + mark + w.After}, w.Rest...))
}

// filled puts an answer where it was missing, unless it is a command of its own.
func (s *script) filled(w wait, core text) (bool, error) {
	switch c := core.command(false); c.want {
	case wantUnknown:
	case wantList, wantCount:
		if c.value.filter().noun || core.has(reads) {
			return s.forget()
		}
	case wantComplete, wantCreate, wantRemind, wantField, wantDue, wantShow:
		if core.has(newLead) || core.has(addLead) || core.has(acts) || c.want == wantShow {
			return s.forget()
		}
	default:
		return s.forget()
	}
	answer := core.String()
	if _, quoted := core.quoted(); w.Quote && !quoted && !strings.Contains(answer, `"`) {
		if _, isNumber := number(core); !isNumber {
			answer = `"` + answer + `"`
		}
	}
	return true, s.all(append([]string{w.Before + answer + w.After}, w.Rest...))
}

func (s *script) forget() (bool, error) {
	s.rest, s.chosen = nil, nil
	return false, nil
}

// corrected reads "no, make it Thursday" and "actually at 5": a value for the task that was last
// spoken of.
func (s *script) corrected(core text, asked bool) (command, bool) {
	rest := core.without(correcting)
	again := len(rest.flat) < len(core.flat) || core.has(insteadEnd)
	value := rest.without(making)
	made := len(value.flat) < len(rest.flat)
	if s.mem.Last == nil || asked || !again && !made || again && strings.HasPrefix(core.flat, "and ") && rankOf(rest) == "" {
		return command{}, false
	}
	if parts := rest.commands(); len(parts) > 1 {
		return command{}, false
	}
	if rankOf(rest) != "" {
		return command{want: wantField, said: rest, value: rest}, true
	}
	if c := rest.command(false); !made && c.want != wantUnknown && c.want != wantList && c.want != wantCount {
		return command{}, false
	} else if made && c.want != wantField && c.want != wantUnknown && c.want != wantDue {
		return command{}, false
	}
	return command{want: wantField, said: value, value: value}, true
}
