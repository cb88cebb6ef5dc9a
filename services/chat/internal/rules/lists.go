package rules

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// pageSize is how many tasks a list shows at once.
const pageSize = 50

func decoded(data json.RawMessage, into any) bool { return json.Unmarshal(data, into) == nil }

var (
	created = regexp.MustCompile(`\b(?:i|that +were|tasks?|was) +(?:just +|last +)?(?:created|added|made)\b|\b(?:newest|latest|recent(?:ly +added)?) +tasks?\b`)
	dueWord = regexp.MustCompile(`\bdue\b`)
)

// show lists tasks.
func (s *script) list(c command) error {
	f := c.value.filter()
	input := f.input
	if f.words != "" {
		input["q"] = query(textOf(f.words).plainText())
	}
	if made := c.said.has(created); made || input["status"] == "completed" && !dueWord.MatchString(c.said.flat) && (f.date != "" || input["due"] != nil) {
		delete(input, "due") // when it was done or made is no filter: the latest come first
		f.date, input["sort"], input["order"] = "", "updated", "desc"
		if made {
			input["sort"] = "created"
			delete(input, "q")
		}
	}
	if err := s.dates(f, input); err != nil {
		return err
	}
	if input["status"] == nil && input["due"] != "overdue" {
		input["status"] = "pending"
		if f.all || c.want == wantSearch || f.about || f.words != "" && c.said.has(askLead) {
			input["status"] = "all"
		}
	}
	if c.want == wantCount {
		return s.count(input)
	}
	if f.dated != nil {
		return s.showFew(input, f.dated)
	}
	return s.showPage(listInput(input, pageSize), 0)
}

// showFew lists those of the first tasks that are meant.
func (s *script) showFew(input map[string]any, meant func(task) bool) error {
	page, err := s.page(listInput(input, maxTasks))
	if err != nil {
		return err
	}
	page = slices.DeleteFunc(page, func(t task) bool { return !meant(t) })
	if len(page) == 0 {
		s.say("There are no such tasks.")
		return nil
	}
	s.mem.List, s.mem.More = nil, nil
	said := counted(len(page), label(input)) + ":"
	for i, t := range page {
		said += "\n" + strconv.Itoa(i+1) + ". " + s.line(t)
		s.mem.List = append(s.mem.List, t.named())
	}
	s.say(said)
	return nil
}

// search finds tasks by their words.
func (s *script) search(c command) error {
	words := c.value.withoutEnd(politeEnd).plainText()
	if q := query(words); q != "" {
		return s.showPage(map[string]any{"q": q, "status": "all", "limit": pageSize}, 0)
	}
	s.unsure()
	return nil
}

// dates gives a filter its first and last day.
func (s *script) dates(f filter, input map[string]any) error {
	if f.date == "" {
		return nil
	}
	if f.date == "yesterday" {
		day := s.turn.Now.AddDate(0, 0, -1).Format(time.DateOnly)
		input["due_from"], input["due_to"] = day, day
		return nil
	}
	r, err := s.parse(stand + " due " + f.date)
	if err != nil {
		return err
	}
	if r.Task.Due == nil && strings.HasPrefix(f.span, "this ") {
		return s.thisSpan(f, input)
	}
	if r.Task.Due == nil {
		s.say("I am not sure when " + quote(f.date) + " is. Say it as in “due on Friday” or “due 24 December”.")
		return errAsked
	}
	from, err := time.Parse(time.DateOnly, civil(*r.Task.Due)[:len(time.DateOnly)])
	if err != nil {
		return err
	}
	to := from
	switch {
	case f.span == "until":
		input["due_to"] = to.Format(time.DateOnly)
		return nil
	case strings.HasSuffix(f.span, " week") && strings.HasPrefix(f.span, "next"):
		to = from.AddDate(0, 0, 6)
	case strings.HasSuffix(f.span, " weekend"):
		to = from.AddDate(0, 0, 1)
	case strings.HasSuffix(f.span, "next month"):
		to = from.AddDate(0, 1, -1)
	case strings.HasSuffix(f.span, "next year"):
		to = from.AddDate(1, 0, -1)
	}
	input["due_from"], input["due_to"] = from.Format(time.DateOnly), to.Format(time.DateOnly)
	return nil
}

// thisSpan is this month or this year, from today on.
func (s *script) thisSpan(f filter, input map[string]any) error {
	now := s.turn.Now
	first := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1)
	if strings.HasSuffix(f.span, "year") {
		last = time.Date(now.Year(), 12, 31, 0, 0, 0, 0, time.UTC)
	}
	input["due_from"], input["due_to"] = now.Format(time.DateOnly), last.Format(time.DateOnly)
	return nil
}

// showPage shows a page of a list.
func (s *script) showPage(input map[string]any, before int) error {
	var data struct {
		Tasks []task  `json:"tasks"`
		Next  *string `json:"next_cursor"`
	}
	if err := s.read("list_tasks", input, &data); err != nil {
		return err
	}
	if len(data.Tasks) == 0 && before == 0 {
		s.say(nothing(input))
		return nil
	}
	shown := data.Tasks[:min(len(data.Tasks), pageSize)]
	if before == 0 {
		s.mem.List = nil
	}
	var b strings.Builder
	for i, t := range shown {
		b.WriteString("\n" + strconv.Itoa(before+i+1) + ". " + s.line(t))
		s.mem.List = append(s.mem.List, t.named())
	}
	s.mem.More = nil
	if len(shown) == 1 && before == 0 {
		last := shown[0].named()
		s.mem.Last = &last
	}
	head := counted(len(shown), label(input)) + ":"
	if before > 0 {
		head = "Then:"
	}
	if data.Next != nil {
		if head != "Then:" {
			head = "The first " + head
		}
		b.WriteString("\nThere are more: say “more” to see them.")
		if len(s.mem.List) < 4*pageSize {
			next := map[string]any{"cursor": *data.Next}
			for name, value := range input {
				if name != "cursor" {
					next[name] = value
				}
			}
			s.mem.More = &more{Input: next, Shown: before + len(shown)}
		}
	}
	s.say(head + b.String())
	return nil
}

// nothing says that a list is empty.
func nothing(input map[string]any) string {
	switch {
	case input["q"] != nil:
		return "I found no " + label(input) + "s with " + quote(input["q"].(string)) + "."
	case input["due"] == "overdue":
		return "Nothing is overdue."
	case input["due"] == "today":
		return "Nothing is due today."
	case input["due"] == "week":
		return "Nothing is due in the next 7 days."
	case input["due_from"] != nil || input["due_to"] != nil:
		return "Nothing is due then."
	case len(input) > 2:
		return "There are no such tasks."
	}
	return "There are no " + label(input) + "s. Say “add call Ana tomorrow at 3pm” to have one."
}

// label names what a list holds.
func label(input map[string]any) string {
	switch {
	case input["due"] == "overdue":
		return "overdue task"
	case input["status"] == "pending":
		return "open task"
	case input["status"] == "completed":
		return "completed task"
	case input["status"] == "deleted":
		return "deleted task"
	}
	return "task"
}

// count says how many there are.
func (s *script) count(input map[string]any) error {
	var data struct {
		Tasks []task  `json:"tasks"`
		Next  *string `json:"next_cursor"`
	}
	if err := s.read("list_tasks", listInput(input, maxTasks), &data); err != nil {
		return err
	}
	n := counted(len(data.Tasks), label(input))
	if data.Next != nil {
		n = "more than " + n
	}
	s.say("You have " + n + ".")
	return nil
}

// showMore goes on with the last list.
func (s *script) showMore() error {
	if s.mem.More == nil {
		s.say("There is no more to show. Say “show my tasks” for all of them.")
		return nil
	}
	m := *s.mem.More
	return s.showPage(m.Input, m.Shown)
}

// showOne says all about a task.
func (s *script) showOne(c command) error {
	found, err := s.find(c.ref, c)
	if err != nil {
		return err
	}
	if len(found.tasks) > 1 {
		found.tasks = found.tasks[:1]
	}
	t, err := s.detail(found.tasks[0])
	if err != nil {
		return err
	}
	last := t.named()
	s.mem.Last = &last
	switch state := s.details(t); {
	case t.Completed:
		s.say(quote(t.Title) + " is done" + state + ".")
	case t.Due == nil:
		s.say(quote(t.Title) + " is open and has no due date" + state + ".")
	default:
		s.say(quote(t.Title) + " is open" + state + ".")
	}
	return nil
}
