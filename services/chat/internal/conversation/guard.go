package conversation

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// What a turn may do, whatever its planner wants. See docs/decisions/0080.
const (
	maxCalls    = 16        // of a step
	maxAllCalls = 48        // of a turn
	maxInput    = 32 << 10  // bytes of a call's arguments
	maxAnswer   = 64 << 10  // bytes of an answer's words
	maxOutput   = 128 << 10 // bytes of a result that are kept
	maxRepeats  = 2         // of the same question
	maxAdded    = 10        // tasks that are added without asking
)

// verdict is what a guard says of a call.
type verdict int

const (
	allowed verdict = iota
	refused         // it is answered by an error
	held            // the person is asked first
	known           // it was made before: the answer is the same
)

// judged is a call, and what is said of it.
type judged struct {
	Call
	verdict verdict
	answer  json.RawMessage // where it is not called
	ids     []string        // tasks that it changes
}

// guard keeps account of a turn.
type guard struct {
	offers  map[string]Offer
	said    string                     // the person's words
	calls   int                        // so far
	asked   map[string]int             // how often the same call came
	answers map[string]json.RawMessage // of changes that were made, by call
	mine    map[string]bool            // tasks that the turn itself has added
	changed map[string]bool            // other tasks that it has changed
	added   int
	away    bool // the tools cannot be reached
	waits   bool // the person is asked something
}

// maker is the tool whose tasks are new.
const maker = "add_task"

// judge looks at the calls of a step together: if they would change more than one task that was
// there before the turn, none of them does before the person has said yes.
func (g *guard) judge(calls []Call) []judged {
	all := make([]judged, len(calls))
	would := map[string]bool{}
	for i, c := range calls {
		all[i] = g.look(c, i)
		for _, id := range all[i].ids {
			would[id] = true
		}
	}
	for id := range g.changed {
		would[id] = true
	}
	for i := range all {
		c := &all[i]
		if c.verdict != allowed {
			continue
		}
		others := slices.ContainsFunc(c.ids, func(id string) bool { return !g.changed[id] })
		if others && len(would) > 1 {
			c.verdict = held
		}
		if c.Tool == maker && !dry(c.Input) {
			if g.added++; g.added > maxAdded {
				c.verdict = held
			}
		}
	}
	return all
}

// look judges one call by itself; n is its place in the step.
func (g *guard) look(c Call, n int) judged {
	g.calls++
	offer, there := g.offers[c.Tool]
	j := judged{Call: c}
	no := func(code, format string, args ...any) judged {
		j.verdict, j.answer = refused, failure(code, fmt.Sprintf(format, args...))
		return j
	}
	print := printOf(c)
	g.asked[print]++
	switch {
	case g.away:
		return no("unavailable", "the tasks cannot be reached now")
	case !there:
		return no("unknown_tool", "there is no tool %q", cut(c.Tool, 64))
	case n >= maxCalls:
		return no("too_many", "at most %d calls in a step", maxCalls)
	case g.calls > maxAllCalls:
		return no("too_many", "at most %d calls in a turn", maxAllCalls)
	case len(c.Input) > maxInput:
		return no("too_large", "the arguments are larger than %d bytes", maxInput)
	case !isObject(c.Input):
		return no("malformed", "the arguments are not a JSON object")
	case g.waits && !offer.ReadOnly:
		return no("waits", "the person is asked first: end the turn with a question")
	}
	if answer, made := g.answers[print]; made {
		j.verdict, j.answer = known, answer
		return j
	}
	if g.asked[print] > 1+maxRepeats {
		return no("repeated", "the same call was made %d times already", 1+maxRepeats)
	}
	if !offer.ReadOnly && !dry(c.Input) && c.Tool != maker {
		j.ids = g.changes(c)
	}
	return j
}

// changes are the tasks that a call would change, without those that the turn has added. A call
// that does not say which counts as one of its own.
func (g *guard) changes(c Call) (ids []string) {
	var input struct {
		Task    string   `json:"task_id"`
		Tasks   []string `json:"task_ids"`
		Request string   `json:"request_id"`
	}
	if json.Unmarshal(c.Input, &input) != nil {
		return []string{"?" + printOf(c)}
	}
	named := append(input.Tasks, input.Task)
	for _, id := range named {
		if id = strings.ToLower(id); id != "" && !g.mine[id] && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	if len(input.Tasks) == 0 && input.Task == "" {
		ids = []string{"?" + printOf(c)}
		if input.Request != "" && !asksBack.MatchString(g.said) {
			ids = append(ids, ids[0]+"…") // a whole turn
		}
	}
	return ids
}

// asksBack is what a person says who wants a turn back. That may be more than one task; the
// person has said so themselves.
var asksBack = regexp.MustCompile(`(?i)\b(undo|revert|restore|take (it|that|this|them|all|everything)( all)? back|bring (it|that|them|all|everything)( all)? back|put (it|that|them) back)\b`)

// made notes a call that was answered.
func (g *guard) made(j judged, output json.RawMessage) {
	var r struct {
		Status     string `json:"status"`
		Idempotent bool   `json:"idempotent"`
		Data       struct {
			ID string `json:"id"`
		} `json:"data"`
		Error struct {
			Code string `json:"code"`
		} `json:"error"`
	}
	if json.Unmarshal(output, &r) != nil || g.offers[j.Tool].ReadOnly || dry(j.Input) {
		return
	}
	doubtful := r.Error.Code == "timeout" || r.Error.Code == "unavailable" || r.Error.Code == "internal" // it may have been done
	if r.Status == "confirm" || r.Status == "error" && !doubtful {
		return
	}
	for _, id := range j.ids {
		g.changed[id] = true
	}
	if r.Status == "error" {
		return
	}
	g.answers[printOf(j.Call)] = output
	if j.Tool == maker && r.Status == "success" && !r.Idempotent && r.Data.ID != "" {
		g.mine[strings.ToLower(r.Data.ID)] = true
	}
}

// cleaned is a call without a confirmation: only the person gives one.
func cleaned(c Call) Call {
	c.Input = bytes.TrimSpace(c.Input)
	if len(c.Input) == 0 {
		c.Input = json.RawMessage(`{}`)
	}
	if !isObject(c.Input) {
		return c
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(c.Input, &fields) != nil {
		return c
	}
	had := len(fields)
	maps.DeleteFunc(fields, func(name string, _ json.RawMessage) bool { return strings.EqualFold(name, "confirmation") })
	if len(fields) < had {
		c.Input, _ = json.Marshal(fields) // it came from JSON
	}
	return c
}

// isObject reports whether text is a JSON object without NUL, which nothing here takes.
func isObject(text json.RawMessage) bool {
	return len(text) > 0 && text[0] == '{' && json.Valid(text) && !bytes.Contains(bytes.ToLower(text), []byte(`\u0000`))
}

// printOf tells calls apart: the same arguments in another order are the same.
func printOf(c Call) string {
	var fields map[string]any
	if json.Unmarshal(c.Input, &fields) != nil {
		return c.Tool + " " + string(c.Input)
	}
	delete(fields, "confirmation")
	text, _ := json.Marshal(fields) // sorted, and it came from JSON
	return c.Tool + " " + string(text)
}

func dry(input json.RawMessage) bool {
	var asked struct {
		Dry bool `json:"dry_run"`
	}
	return json.Unmarshal(input, &asked) == nil && asked.Dry
}
