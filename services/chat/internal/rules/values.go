package rules

import (
	"regexp"
	"strings"
	"time"
)

// reading is what parse_task answers.
type reading struct {
	Task struct {
		task
		Rule map[string]any `json:"recurrence_rule"`
	} `json:"task"`
	Spans []struct {
		Text  string `json:"text"`
		Field string `json:"field"`
	} `json:"spans"`
}

// has reports whether some words say a field.
func (r reading) has(field string) bool {
	for _, s := range r.Spans {
		if s.Field == field {
			return true
		}
	}
	return false
}

// parse has the api's grammar read words.
func (s *script) parse(words string) (reading, error) {
	input := map[string]any{"text": words, "now": s.turn.Now.Format(time.RFC3339)}
	if zone := s.turn.Now.Location().String(); zone != "Local" && zone != "" {
		input["time_zone"] = zone
	}
	if s.turn.Locale != "" {
		input["locale"] = s.turn.Locale
	}
	var r reading
	err := s.read("parse_task", input, &r)
	return r, err
}

// stand is a title that stands for a task, so that a line with values is one of a task.
const stand = `"x"`

// left is what the grammar made nothing of, beside the title that stands for the task.
func (r reading) left() string {
	title := strings.TrimSpace(r.Task.Title)
	if title == "x" {
		return ""
	}
	return strings.Trim(strings.TrimPrefix(title, stand), " ,;.")
}

var (
	timeOnly  = regexp.MustCompile(`^(?:due|at|by|before|around|until|@|in|the|noon|midday|midnight|\d{1,2}(?::\d\d)?|:|\.|,|am|pm|a|p|m|\d{1,2}(?::\d\d|\.\d\d)?(?:am|pm)|o'clock|morning|afternoon|evening| )+$`)
	lonePrio  = compile(`(?:an? |the |with |of )?(?P<v>lowest|low|normal|medium|high|highest|top|critical|urgent|important|default)(?:est)?(?:[ -]?(?:priority|prio))?|(?:priority|prio):? (?:is |to |of )?(?P<v>lowest|low|normal|medium|high|highest|critical|urgent|important)|p(?P<p>[1-4])`)
	bareHour  = regexp.MustCompile(`(?:^|\bat +|\bto +)(\d{1,2})(?: *o'?clock)? *$`)
	valueLead = regexp.MustCompile(`^(?:to|for|it|is|as|be|so|that|instead|rather|the|from|with|into|set)\b[ :,]*|^[=:,] *`)
	valueEnd  = regexp.MustCompile(`[ ,]+(?:instead|rather|please|then|too|as well)$`)
	shiftBy   = regexp.MustCompile(`^(?:by +)?((?:\d+|an?|one|two|three|four|five|six|seven|ten|half +an?) +(?:minutes?|mins?|hours?|hrs?|days?|weeks?|months?|years?))(?: +(later|earlier|more|back))?$`)
)

// rankOf reads words that are a priority and nothing else.
func rankOf(value text) string {
	found, ok := value.match(lonePrio)
	if !ok {
		return ""
	}
	if p := found["p"].flat; p != "" {
		return map[string]string{"1": "critical", "2": "high", "3": "normal", "4": "low"}[p]
	}
	if found["v"].flat == "default" {
		return "normal"
	}
	if found["v"].flat == "highest" || found["v"].flat == "top" {
		return "critical"
	}
	return ranks[found["v"].flat]
}

// fields reads what a task is to become. What it does not understand is in left.
func (s *script) fields(value text, t task, lead string) (fields map[string]any, left string, err error) {
	value = value.withoutEnd(valueEnd).without(valueLead).trim()
	if rank := rankOf(value); rank != "" && lead != "due " {
		return map[string]any{"priority": rank}, "", nil
	}
	if by, ok := s.shifted(value, t); ok {
		return s.shift(by, t)
	}
	words, err := s.halved(value, t)
	if err != nil {
		return nil, "", err
	}
	r, err := s.parse(stand + ", " + lead + words)
	if err != nil {
		return nil, "", err
	}
	if left := textOf(r.left()); t.Due != nil && left.has(ringWords) && !r.has("due_date") {
		if r, err = s.parse(stand + ", " + civil(*t.Due) + ", " + words); err != nil {
			return nil, "", err
		}
		r.undated()
	}
	return s.taken(r, t), r.left(), nil
}

var ringWords = regexp.MustCompile(`\b(?:remind|reminder|reminders|alert|alarm|notify|before)\b`)

// undated forgets the due date that was put in, so that reminders have one to count from.
func (r *reading) undated() {
	kept := r.Spans[:0]
	for _, s := range r.Spans {
		if s.Field != "due_date" {
			kept = append(kept, s)
		}
	}
	r.Spans = kept
}

// civil is a due date of the wire without its offset.
func civil(due string) string {
	return due[:min(len(due), len("2006-01-02T15:04"))]
}

// taken makes the fields of an update from what was read. A date keeps the time that the task
// has, a time its date.
func (s *script) taken(r reading, t task) map[string]any {
	fields := map[string]any{}
	if r.has("recurrence_rule") {
		fields["recurrence_rule"] = r.Task.Rule
	}
	if r.Task.Due != nil && (r.has("due_date") || r.has("recurrence_rule") && t.Due == nil) {
		fields["due_date"] = r.merged(t)
	}
	if r.has("priority") {
		fields["priority"] = r.Task.Priority
	}
	if r.has("tags") {
		fields["tags"] = united(t.Tags, r.Task.Tags)
	}
	if r.has("description") {
		fields["description"] = r.Task.Description
	}
	if r.has("reminders") || len(r.Task.Reminders) > 0 {
		fields["reminders"] = rung(nil, r.Task.Reminders)
	}
	return fields
}

// merged is the due date that was said, with what it leaves open from the one there is.
func (r reading) merged(t task) string {
	said := *r.Task.Due
	if t.Due == nil {
		return said
	}
	clock := true
	for _, s := range r.Spans {
		clock = clock && (s.Field != "due_date" || timeOnly.MatchString(textOf(s.Text).flat))
	}
	old := civil(*t.Due)
	switch timed := strings.Contains(said, "T"); {
	case timed && clock:
		return old[:len(time.DateOnly)] + civil(said)[len(time.DateOnly):]
	case !timed && t.timed():
		return said + old[len(time.DateOnly):]
	}
	return said
}

// halved completes a bare hour, "at 5": it is in the half of the day that the task is in, or
// there are two, and the person is asked.
func (s *script) halved(value text, t task) (string, error) {
	at := bareHour.FindStringSubmatchIndex(value.flat)
	if at == nil {
		return value.String(), nil
	}
	hour := 0
	for _, digit := range value.flat[at[2]:at[3]] {
		hour = 10*hour + int(digit-'0')
	}
	begin := string(value.runes[:at[2]])
	if !strings.Contains(value.flat[:at[2]], "at") {
		begin += "at "
	}
	if hour < 1 || hour > 12 || !t.timed() && hour >= 9 {
		return begin + string(value.runes[at[2]:]), nil
	}
	number := string(value.runes[at[2]:at[3]])
	if t.timed() {
		half := "am"
		if civil(*t.Due)[len("2006-01-02T"):] >= "12" {
			half = "pm"
		}
		return begin + number + half, nil
	}
	return value.String(), nil
}

// shifted reads "2 days", "by a week", "an hour later".
func (s *script) shifted(value text, t task) (string, bool) {
	at := shiftBy.FindStringSubmatchIndex(value.flat)
	if at == nil || t.Due == nil || at[4] >= 0 && value.flat[at[4]:at[5]] == "earlier" {
		return "", false
	}
	return string(value.runes[at[2]:at[3]]), true
}

// shift counts from the due date there is.
func (s *script) shift(by string, t task) (map[string]any, string, error) {
	from, err := time.ParseInLocation("2006-01-02T15:04", (civil(*t.Due) + "T12:00")[:len("2006-01-02T15:04")], s.turn.Now.Location())
	if err != nil {
		return nil, by, nil
	}
	now := s.turn.Now
	s.turn.Now = from
	r, err := s.parse(stand + ", in " + by)
	s.turn.Now = now
	if err != nil || r.Task.Due == nil {
		return nil, by, err
	}
	due := *r.Task.Due
	if !t.timed() {
		due = due[:len(time.DateOnly)]
	} else if len(due) == len(time.DateOnly) {
		due += civil(*t.Due)[len(time.DateOnly):]
	}
	return map[string]any{"due_date": due}, "", nil
}

// united are tags with those that were there first.
func united(old, added []string) []string {
	all := append([]string{}, old...)
	for _, tag := range added {
		if !containsFold(all, tag) {
			all = append(all, tag)
		}
	}
	return all
}

func containsFold(list []string, word string) bool {
	for _, one := range list {
		if strings.EqualFold(one, word) {
			return true
		}
	}
	return false
}

// rung are reminders in the form that tools take, those that are there first.
func rung(old, added []reminder) []reminder {
	var list []reminder
	for _, r := range append(append([]reminder{}, old...), added...) {
		r.Status = ""
		seen := false
		for _, one := range list {
			seen = seen || one.At == r.At && one.Time == r.Time && same(one.Minutes, r.Minutes) && same(one.Days, r.Days)
		}
		if !seen && (r.At != "" || r.Minutes != nil || r.Days != nil) {
			list = append(list, r)
		}
	}
	return list
}

func same(a, b *int) bool { return a == b || a != nil && b != nil && *a == *b }
