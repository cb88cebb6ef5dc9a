package quick

import (
	"github.com/tickler-app/tickler/pkg/recurrence"
)

// recurrence takes the rule out of the text. Only pkg/recurrence knows its words.
func (r *reader) recurrence() {
	text := make([]rune, len(r.runes))
	copy(text, r.runes)
	for _, t := range r.tokens {
		for i := t.start; i < t.end && (t.held || t.cut); i++ {
			text[i] = '·' // a sign, so that no rule goes across
		}
	}
	found, ok := recurrence.FindWords(string(text), r.now.Date())
	if !ok {
		return
	}
	r.rule = found.Rule
	for _, span := range found.Spans {
		if from, to := r.within(span.RuneStart, span.RuneEnd); from < to {
			r.cut(from, to, "recurrence_rule", found.Rule.String())
		}
	}
}

// within returns the tokens between two code points.
func (r *reader) within(start, end int) (from, to int) {
	from = len(r.tokens)
	for i, t := range r.tokens {
		if t.start >= start && t.end <= end {
			from, to = min(from, i), i+1
		}
	}
	return from, to
}

// firstDate gives the task its due date: as it was said, or of a rule its first date from
// there on. A time that has passed today means tomorrow.
func (r *reader) firstDate() {
	due := r.when
	if due.none() && r.rule.IsZero() {
		return
	}
	day := due.date
	if day.IsZero() {
		day = r.now.Date()
		if due.timed && due.on(day).Compare(r.now) <= 0 {
			day = day.AddDays(1)
		}
	}
	r.task.Due = due.on(day)
	if due.fades && r.task.Due.Compare(r.now) <= 0 {
		r.task.Due = day // tonight, when it has become late: still today
	}
	if r.rule.IsZero() {
		return
	}
	rule, err := r.rule.From(r.task.Due, r.zone)
	if err != nil { // it ends before it begins, say
		r.unrule()
		return
	}
	dates := rule.Occurrences(r.task.Due, 1)
	if len(dates) == 0 {
		r.unrule()
		return
	}
	r.task.Due, r.task.Rule = dates[0], rule
}

// unrule takes a rule back that has no dates.
func (r *reader) unrule() {
	r.release("recurrence_rule")
	r.rule = recurrence.Rule{}
	if r.when.none() {
		r.task.Due = recurrence.Civil{}
	}
}
