package main

import (
	"fmt"
	"maps"
	"slices"
)

// A verdict is what came of one check.
type verdict struct {
	Name       string
	Looked     int // at how many things
	Violations int
	Examples   []string // the first few
}

const maxExamples = 5

func (v *verdict) violated(format string, args ...any) {
	if v.Violations++; len(v.Examples) < maxExamples {
		v.Examples = append(v.Examples, fmt.Sprintf(format, args...))
	}
}

// check holds a history to all that was promised.
func check(h *history) []verdict {
	checks := []struct {
		name string
		run  func(*history, *verdict)
	}{
		{"every acknowledged change is on the log once", (*history).askedOnLog},
		{"every acknowledged change is on the trail once", (*history).askedOnTrail},
		{"nothing is on the log that nobody asked for", (*history).nothingUnasked},
		{"each task's versions are 1…n in order", (*history).versions},
		{"each person's sequence is 1…n in order", (*history).sequences},
		{"the trail has what the log has", (*history).trailIsLog},
		{"every feed saw each change once and in order", (*history).feeds},
		{"nobody saw another's", (*history).walls},
		{"the trail rebuilt from the log is the one that stands", (*history).rebuilt},
		{"every reminder rang once, and not early", (*history).rings},
		{"every reminder had its letter, repeated only by a crash", (*history).letters},
		{"every occurrence that was done has one next", (*history).series},
		{"no record is a dead letter", (*history).deadLetters},
		{"every call was answered, and all came to its end", (*history).fit},
	}
	verdicts := make([]verdict, len(checks))
	for i, c := range checks {
		verdicts[i].Name = c.name
		c.run(h, &verdicts[i])
	}
	return verdicts
}

// An effect is what a request did.
type effect struct {
	task, kind string
	version    int
}

// String is how a violation tells an effect.
func (e effect) String() string {
	if e == (effect{}) {
		return "nothing"
	}
	return fmt.Sprintf("%s of %s as version %d", e.kind, e.task, e.version)
}

func (h *history) askedOnLog(v *verdict) {
	effects := map[string][]effect{}
	for _, r := range h.Events {
		effects[r.Request] = append(effects[r.Request], effect{r.Task, r.Type, r.Version})
	}
	for _, w := range h.People {
		w.asked(v, effects)
	}
}

func (h *history) askedOnTrail(v *verdict) {
	for _, w := range h.People {
		effects := map[string][]effect{}
		for _, e := range w.Trail {
			effects[e.RequestID] = append(effects[e.RequestID], effect{e.TaskID, e.Type, e.Version})
		}
		w.asked(v, effects)
	}
}

// asked compares what a person's clients were told with what their requests did.
func (w *witness) asked(v *verdict, effects map[string][]effect) {
	for _, c := range w.Changes {
		v.Looked++
		did := effects[c.Request]
		switch {
		case c.Fate == acknowledged && !slices.Equal(did, []effect{{c.Task, c.Type, c.Version}}):
			v.violated("acknowledged %s of task %s as version %d, request %s: %v", c.Type, c.Task, c.Version, c.Request, did)
		case c.Fate == refused && len(did) > 0:
			v.violated("refused %s of task %s, request %s: %v", c.Type, c.Task, c.Request, did)
		case c.Fate == doubtful && len(did) > 1:
			v.violated("%s of task %s, request %s, more than once: %v", c.Type, c.Task, c.Request, did)
		}
	}
}

func (h *history) nothingUnasked(v *verdict) {
	asked := map[string]bool{}
	for _, w := range h.People {
		for _, c := range w.Changes {
			asked[w.ID+" "+c.Request] = true
		}
	}
	for _, r := range h.Events {
		if v.Looked++; !asked[r.Person+" "+r.Request] {
			v.violated("%s of %s: %s of task %s, request %q", r.Event, r.Person, r.Type, r.Task, r.Request)
		}
	}
}

func (h *history) versions(v *verdict) {
	for _, topic := range [][]record{h.Events, h.Updates} {
		last := map[string]int{}
		for _, r := range topic {
			if v.Looked++; r.Version != last[r.Task]+1 {
				v.violated("task %s: version %d after %d (event %s)", r.Task, r.Version, last[r.Task], r.Event)
			}
			last[r.Task] = r.Version
		}
		stored := map[string]int{}
		for _, w := range h.People {
			maps.Copy(stored, w.Versions)
		}
		differ(v, "versions of task %s: %d in the database, %d on the log", stored, last)
	}
}

func (h *history) sequences(v *verdict) {
	stored := map[string]int{}
	for _, w := range h.People {
		stored[w.ID] = w.Seq
	}
	for _, topic := range [][]record{h.Events, h.Updates} {
		last := map[string]int{}
		for _, r := range topic {
			if v.Looked++; r.Seq != last[r.Person]+1 {
				v.violated("%s: %d after %d (event %s)", r.Person, r.Seq, last[r.Person], r.Event)
			}
			last[r.Person] = r.Seq
		}
		differ(v, "changes of %s: %d in the database, %d on the log", stored, last)
	}
}

// differ calls each difference between two tables a violation.
func differ[T comparable](v *verdict, format string, one, other map[string]T) {
	for key, value := range one {
		if other[key] != value {
			v.violated(format, key, value, other[key])
		}
	}
	for key, value := range other {
		if _, ok := one[key]; !ok {
			v.violated(format, key, *new(T), value)
		}
	}
}

func (h *history) trailIsLog(v *verdict) {
	for _, w := range h.People {
		log := map[string]effect{}
		for _, r := range h.Events {
			if r.Person == w.ID {
				log[r.Event] = effect{r.Task, r.Type, r.Version}
			}
		}
		trail := map[string]effect{}
		for _, e := range w.Trail {
			v.Looked++
			if _, twice := trail[e.EventID]; twice {
				v.violated("event %s twice", e.EventID)
			}
			trail[e.EventID] = effect{e.TaskID, e.Type, e.Version}
		}
		differ(v, "event %s: %v on the log, %v on the trail", log, trail)
	}
}

func (h *history) walls(v *verdict) {
	owner := map[string]string{}
	for _, r := range slices.Concat(h.Events, h.Updates) {
		if v.Looked++; r.Key != r.Person {
			v.violated("event %s of %s has the key %s", r.Event, r.Person, r.Key)
		}
		owner[r.Event] = r.Person
	}
	for _, w := range h.People {
		for _, e := range w.Trail {
			if of, known := owner[e.EventID]; known && of != w.ID {
				v.violated("%s has event %s of %s on the trail", w.ID, e.EventID, of)
			}
		}
		for _, s := range slices.Concat(w.Feeds...) {
			v.Looked++
			if of, known := owner[s.Event]; s.Kind == told && known && of != w.ID || s.Kind == hello && s.Person != w.ID {
				v.violated("%s saw event %q of %s%s on the feed", w.ID, s.Event, of, s.Person)
			}
		}
	}
}

func (h *history) rebuilt(v *verdict) {
	v.Looked = len(h.Trail)
	differ(v, "event %s: print %q stands, %q from the log", h.Trail, h.Rebuilt)
}

func (h *history) deadLetters(v *verdict) {
	for topic, n := range h.DeadLetters {
		if v.Looked++; n > 0 {
			v.violated("%s has %d", topic, n)
		}
	}
}

func (h *history) fit(v *verdict) {
	for _, w := range h.People {
		v.Looked += len(w.Changes)
	}
	for _, what := range h.Unfit {
		v.violated("%s", what)
	}
}
