package rules

import (
	"regexp"
	"regexp/syntax"
)

// firsts are the bytes with which a text may begin that a pattern matches. A command is held
// against a hundred patterns three times in a turn, and most cannot match for their first letter:
// to look at that is far cheaper than to let the pattern find out.
type firsts [256]bool

// firstsOf reads them from a pattern's own program.
func firstsOf(pattern *regexp.Regexp) (first firsts) {
	parsed, err := syntax.Parse(pattern.String(), syntax.Perl)
	if err != nil {
		panic(err) // it was compiled
	}
	program, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		panic(err)
	}
	seen := make([]bool, len(program.Inst))
	var from func(at uint32)
	from = func(at uint32) {
		if seen[at] {
			return
		}
		seen[at] = true
		switch i := &program.Inst[at]; i.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			from(i.Out)
			from(i.Arg)
		case syntax.InstCapture, syntax.InstNop, syntax.InstEmptyWidth:
			from(i.Out)
		case syntax.InstMatch: // the empty text, or what ends anywhere
			for b := range first {
				first[b] = true
			}
		case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
			for b := range first {
				first[b] = first[b] || i.MatchRune(rune(b))
			}
		}
	}
	from(uint32(program.Start))
	return first
}

// match is text.match with the rule's pattern.
func (r rule) match(t text) (groups, bool) {
	if t.flat != "" && !r.first[t.flat[0]] {
		return nil, false
	}
	return t.match(r.pattern)
}
