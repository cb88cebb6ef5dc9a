package rules

import (
	"slices"
	"strings"
)

func (s *script) setPriority(c command, t task) error {
	value := c.value.withoutEnd(politeEnd).trim()
	rank := rankOf(value)
	switch {
	case strings.HasPrefix(value.flat, "deprior"):
		rank = "low"
	case strings.HasPrefix(value.flat, "prior") && rank == "":
		rank = "high"
	}
	if c.value.empty() {
		return s.ask("Which priority should "+quote(t.Title)+" have: low, normal, high or critical?", wait{For: fill, Before: "set the priority of it to "})
	}
	if rank == "" {
		return s.unclear(value, "which priority that is", "“low”, “normal”, “high” or “critical”")
	}
	return s.update(t.named(), map[string]any{"priority": rank})
}

func (s *script) setTags(c command, t task) error {
	names := tagNames(c.value.withoutEnd(politeEnd))
	if len(names) == 0 {
		return s.ask("Which tag should "+quote(t.Title)+" have?", wait{For: fill, Before: "tag it with "})
	}
	return s.update(t.named(), map[string]any{"tags": united(t.Tags, names)})
}

func (s *script) dropTags(c command, t task) error {
	names := tagNames(c.value)
	left := slices.DeleteFunc(slices.Clone(t.Tags), func(tag string) bool { return len(names) == 0 || containsFold(names, tag) })
	if len(left) == len(t.Tags) {
		s.say(quote(t.Title) + " has no such tag, so nothing was changed.")
		return nil
	}
	return s.update(t.named(), map[string]any{"tags": append([]string{}, left...)})
}
