package contract

import (
	"encoding/json"
	"slices"
	"strings"
)

// Pool is what a person knows of ids: their own, which answers told, and another's, which
// nobody should be able to use.
type Pool struct {
	UserID string            // the person's
	Theirs map[string]string // another person's ids, by what they are of
	known  map[string][]string
}

const mostKnown = 40

// learn takes ids and cursors out of an answer; noun is what its path is about.
func (p *Pool) learn(noun string, answer []byte) {
	var tree any
	if json.Unmarshal(answer, &tree) == nil {
		p.walk(noun, tree)
	}
}

func (p *Pool) walk(noun string, node any) {
	switch node := node.(type) {
	case []any:
		for _, item := range node {
			p.walk(noun, item)
		}
	case map[string]any:
		for name, value := range node {
			switch text, ok := value.(string); {
			case !ok && name == "reminders":
				p.walk("reminders", value)
			case !ok:
				p.walk(noun, value)
			case name == "id":
				p.add(noun, text)
			case strings.HasSuffix(name, "_id"), name == "sync_token":
				p.add(name, text)
			case name == "next_cursor":
				p.add("cursor", text)
			}
		}
	}
}

func (p *Pool) add(name, text string) {
	if p.known == nil {
		p.known = map[string][]string{}
	}
	have := p.known[name]
	if slices.Contains(have, text) || name == "user_id" {
		return
	}
	if len(have) >= mostKnown {
		have = have[1:]
	}
	p.known[name] = append(have, text)
}

// of returns something known by that name, "" if nothing is.
func (p *Pool) of(g *Generator, name string) string {
	if theirs := p.Theirs[name]; theirs != "" && g.chance(0.2) {
		return theirs
	}
	if have := p.known[name]; len(have) > 0 {
		return pick(g, have)
	}
	return ""
}

// id is any id: a known one of a task, another person's of anything, or none.
func (p *Pool) id(g *Generator) string {
	names := make([]string, 0, len(p.Theirs))
	for name := range p.Theirs {
		names = append(names, name)
	}
	slices.Sort(names)
	switch {
	case len(names) > 0 && g.chance(0.4):
		return p.Theirs[pick(g, names)]
	case len(p.known["tasks"]) > 0 && g.chance(0.7):
		return pick(g, p.known["tasks"])
	}
	return pick(g, hostile)
}
