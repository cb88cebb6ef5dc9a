package rules

import (
	"regexp"
	"slices"
)

// maxTasks is how many tasks a tool takes at once.
const maxTasks = 200

var setEnd = regexp.MustCompile(` +(?:from|off|in|on) +(?:my|the) +(?:list|tasks|todo +list|to-do +list)$`)

// set finds all tasks of a kind: all completed, everything tagged work.
func (s *script) set(ref text, c command) (target, error) {
	f := ref.withoutEnd(setEnd).filter()
	input := f.input
	if f.words != "" {
		input["q"] = query(f.words)
	}
	if err := s.dates(f, input); err != nil {
		return target{}, err
	}
	if input["status"] == nil && c.want == wantRemove && (ref.has(allOf)) && !f.asked {
		input["status"] = "all"
	} else if input["status"] == nil {
		input["status"] = "pending"
	}
	if input["status"] == "deleted" {
		s.say("The trash empties itself after 30 days. I cannot do that sooner.")
		return target{}, errAsked
	}
	page, err := s.page(listInput(input, maxTasks))
	if err != nil {
		return target{}, err
	}
	if c.want == wantComplete {
		page = slices.DeleteFunc(page, func(t task) bool { return t.Completed })
	}
	if len(page) == 0 {
		s.say("There are no such tasks, so nothing was changed.")
		return target{}, errAsked
	}
	found := target{all: true}
	for _, t := range page {
		found.tasks = append(found.tasks, t.named())
	}
	return found, nil
}

// each takes words with "and" between them apart, if every piece names a task and the whole none.
func (s *script) each(ref text, pieces []text, c command) (target, bool, error) {
	quoted := true
	for _, piece := range pieces {
		_, is := piece.quoted()
		quoted = quoted && is
	}
	if !quoted {
		found, err := s.look(ref, c)
		if err != nil {
			return target{}, false, err
		}
		if len(found) == 1 && share(contents(ref.name()), contents(found[0].Title)) > 0.99 {
			return target{tasks: []named{found[0].named()}}, true, nil
		}
	}
	var tasks []named
	for _, piece := range pieces {
		one, ok, err := s.piece(piece, quoted, c)
		if !ok || err != nil {
			return target{}, false, err
		}
		if !slices.Contains(tasks, one) {
			tasks = append(tasks, one)
		}
	}
	return target{tasks: tasks}, true, nil
}

// piece finds one of several. Where it stands in quotes it is surely meant, and missed aloud.
func (s *script) piece(piece text, quoted bool, c command) (named, bool, error) {
	if picked, ok := s.chosen[key(piece.trim().String())]; ok {
		return picked, true, nil
	}
	found, err := s.look(piece, c)
	if err != nil {
		return named{}, false, err
	}
	if len(found) == 0 && quoted {
		if found, err = s.lookWide(piece, c); err != nil {
			return named{}, false, err
		}
	}
	if len(found) == 0 {
		return named{}, false, nil
	}
	one, err := s.pick(piece.trim(), found, c)
	if err != nil {
		return named{}, false, err
	}
	return one[0], true, nil
}

// listInput is what list_tasks is asked, of a filter: where there is one of something it stands alone.
func listInput(input map[string]any, limit int) map[string]any {
	call := map[string]any{"limit": limit}
	for name, value := range input {
		if list, ok := value.([]string); ok && len(list) == 1 {
			value = list[0]
		}
		call[name] = value
	}
	return call
}
