package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tickler-app/tickler/scripts/internal/person"
)

const (
	ada, eve = 0, 1
	onLog    = "every acknowledged change is on the log once"
	onTrail  = "every acknowledged change is on the trail once"
	unasked  = "nothing is on the log that nobody asked for"
	versions = "each task's versions are 1…n in order"
	sequence = "each person's sequence is 1…n in order"
	likeLog  = "the trail has what the log has"
	feeds    = "every feed saw each change once and in order"
	walls    = "nobody saw another's"
	rebuilt  = "the trail rebuilt from the log is the one that stands"
	bells    = "every reminder rang once, and not early"
	mail     = "every reminder had its letter, repeated only by a crash"
	again    = "every occurrence that was done has one next"
	dead     = "no record is a dead letter"
	fit      = "every call was answered, and all came to its end"
)

// sound is a history in which all is as promised: two people, six changes each of two tasks,
// a feed that saw all of them, one that came back, and one that had to sync.
func sound() *history {
	h := &history{Trail: map[string]string{}, Rebuilt: map[string]string{}, DeadLetters: map[string]int{"task-events.audit.dlq": 0}}
	for _, name := range []string{"ada", "eve"} {
		w := &witness{ID: name, Seq: 6, Versions: map[string]int{name + "/a": 3, name + "/b": 3}}
		var seen []sight
		for seq := 1; seq <= 6; seq++ {
			version := (seq + 1) / 2
			r := record{Key: name, Person: name, Seq: seq, Version: version, Event: fmt.Sprint(name, seq),
				Task: name + "/" + "ba"[seq%2:seq%2+1], Type: []string{"task.created", "task.updated", "task.deleted"}[version-1],
				Request: fmt.Sprint("request of ", name, seq)}
			h.Events, h.Updates = append(h.Events, r), append(h.Updates, r)
			h.Trail[r.Event], h.Rebuilt[r.Event] = "print", "print"
			w.Changes = append(w.Changes, change{r.Request, r.Type, r.Task, version, acknowledged})
			w.Trail = append(w.Trail, person.Entry{EventID: r.Event, Type: r.Type, TaskID: r.Task, Version: version, RequestID: r.Request})
			seen = append(seen, sight{Kind: told, Cursor: seq, Event: r.Event, Task: r.Task, Version: version})
		}
		w.Changes = append(w.Changes, change{"request in vain", "task.updated", name + "/a", 0, refused}, change{"lost", "task.updated", "", 0, doubtful})
		greet := func(at int) sight { return sight{Kind: hello, Cursor: at, Person: name} }
		w.Feeds = [][]sight{
			slices.Concat([]sight{greet(0)}, seen),
			slices.Concat([]sight{greet(1)}, seen[1:4], []sight{greet(4)}, seen[4:]),
			slices.Concat([]sight{greet(0)}, seen[:1], []sight{greet(1), {Kind: resync, Cursor: 2},
				{Kind: synced, Cursor: 4, Tasks: map[string]int{name + "/a": 2, name + "/b": 2}}}, seen[3:]),
		}
		h.People = append(h.People, w)
	}
	ring := time.Date(2030, 1, 1, 9, 0, 0, 0, time.UTC)
	h.Crashes = 1
	h.Keepings = []*keeping{{
		ID: "tim", Bells: []*bell{
			{Title: "once", Task: "t1", At: ring, Least: 1, Most: 1},
			{Title: "never", Task: "t2", At: ring, Least: 0, Most: 0},
		},
		Notices: map[string][]time.Time{"t1": {ring}}, Ends: map[string]int{"t1": 1}, Mails: map[string][]string{"once": {"<1>", "<1>"}},
		Chain: chain{Title: "chain", Steps: 2}, Series: []occurrence{{"2030-01-01", false}, {"2030-01-03", true}, {"2030-01-02", false}},
	}}
	return h
}

func TestASoundHistoryPasses(t *testing.T) {
	t.Parallel()
	for _, v := range check(sound()) {
		if v.Violations > 0 || v.Looked == 0 {
			t.Errorf("%+v", v)
		}
	}
}

func TestEveryPlantedFaultIsCaughtByItsCheck(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		plant func(h *history)
		want  []string
	}{
		"a change is lost before the log": {func(h *history) {
			h.Events, h.Updates = slices.Delete(h.Events, 3, 4), slices.Delete(h.Updates, 3, 4)
		}, []string{onLog, versions, sequence, likeLog, feeds}},
		"the newest change is lost before the log": {func(h *history) {
			h.Events, h.Updates = h.Events[:11], h.Updates[:11]
		}, []string{onLog, versions, sequence, likeLog, feeds}},
		"a change was acknowledged and never made": {func(h *history) {
			h.People[ada].Changes = append(h.People[ada].Changes, change{"promised", "task.updated", "ada/a", 4, acknowledged})
		}, []string{onLog, onTrail}},
		"a change is doubled on both topics": {func(h *history) {
			h.Events, h.Updates = slices.Insert(h.Events, 3, h.Events[2]), slices.Insert(h.Updates, 3, h.Updates[2])
		}, []string{onLog, versions, sequence}},
		"a request is done twice": {func(h *history) {
			h.Events[2].Request = h.Events[0].Request
		}, []string{onLog}},
		"a refused change was made": {func(h *history) { h.People[ada].Changes[0].Fate = refused }, []string{onLog, onTrail}},
		"a change nobody asked for": {func(h *history) {
			h.People[eve].Changes = h.People[eve].Changes[1:]
		}, []string{unasked}},
		"changes are out of order on the log": {func(h *history) {
			h.Events[1], h.Events[3] = h.Events[3], h.Events[1]
		}, []string{versions, sequence}},
		"the database goes on where the log does not": {func(h *history) {
			h.People[ada].Versions["ada/a"], h.People[ada].Seq = 4, 7
		}, []string{versions, sequence, feeds}},
		"an entry is missing on the trail": {func(h *history) {
			h.People[ada].Trail = h.People[ada].Trail[1:]
		}, []string{onTrail, likeLog}},
		"an entry is twice on the trail": {func(h *history) {
			h.People[ada].Trail = append(h.People[ada].Trail, h.People[ada].Trail[0])
		}, []string{onTrail, likeLog}},
		"another's entry is on the trail": {func(h *history) {
			h.People[ada].Trail = append(h.People[ada].Trail, h.People[eve].Trail[0])
		}, []string{likeLog, walls}},
		"a feed misses a change":           {inFeed(0, func(s []sight) []sight { return slices.Delete(s, 3, 4) }), []string{feeds}},
		"a feed misses the last change":    {inFeed(0, func(s []sight) []sight { return s[:6] }), []string{feeds}},
		"a feed sees a change twice":       {inFeed(0, func(s []sight) []sight { return slices.Insert(s, 3, s[2]) }), []string{feeds}},
		"a feed sees changes out of order": {inFeed(0, func(s []sight) []sight { s[2], s[3] = s[3], s[2]; return s }), []string{feeds}},
		"a feed sees a change again after it came back": {inFeed(1, func(s []sight) []sight {
			return slices.Insert(s, 5, s[3])
		}), []string{feeds}},
		"a feed misses what happened while it was away": {inFeed(1, func(s []sight) []sight { return slices.Delete(s, 5, 6) }), []string{feeds}},
		"a feed is greeted with another cursor":         {inFeed(1, func(s []sight) []sight { s[4].Cursor = 5; return slices.Delete(s, 5, 6) }), []string{feeds}},
		"a sync lacks a change":                         {inFeed(2, func(s []sight) []sight { s[4].Tasks["ada/b"] = 1; return s }), []string{feeds}},
		"a feed goes on behind what a sync had":         {inFeed(2, func(s []sight) []sight { return slices.Delete(s, 5, 7) }), []string{feeds}},
		"a feed is told to sync and never does":         {inFeed(2, func(s []sight) []sight { return slices.Delete(s, 4, 5) }), []string{feeds}},
		"a sync begins anew":                            {inFeed(2, func(s []sight) []sight { s[4].Full = true; return s }), []string{feeds}},
		"a feed was never opened":                       {inFeed(0, func([]sight) []sight { return nil }), []string{feeds}},
		"a feed shows another's change": {func(h *history) {
			h.People[ada].Feeds[0][2] = h.People[eve].Feeds[0][2]
		}, []string{feeds, walls}},
		"a feed greets another":        {func(h *history) { h.People[ada].Feeds[0][0].Person = "eve" }, []string{walls}},
		"a record has another's key":   {func(h *history) { h.Updates[0].Key = "eve" }, []string{walls}},
		"a rebuilt trail lacks a row":  {func(h *history) { delete(h.Rebuilt, "ada1") }, []string{rebuilt}},
		"a rebuilt trail has one more": {func(h *history) { h.Rebuilt["other"] = "print" }, []string{rebuilt}},
		"a rebuilt row differs":        {func(h *history) { h.Rebuilt["ada1"] = "other" }, []string{rebuilt}},
		"a reminder never rang": {func(h *history) {
			k := h.Keepings[0]
			k.Notices, k.Ends, k.Mails = nil, nil, nil
		}, []string{bells}},
		"a reminder rang twice": {func(h *history) {
			k := h.Keepings[0]
			k.Notices["t1"], k.Ends["t1"], k.Mails["once"] = slices.Repeat(k.Notices["t1"], 2), 2, []string{"<1>", "<2>"}
		}, []string{bells}},
		"a reminder rang early":             {func(h *history) { h.Keepings[0].Bells[0].At = h.Keepings[0].Bells[0].At.Add(time.Millisecond) }, []string{bells}},
		"a reminder rang without an event":  {func(h *history) { h.Keepings[0].Ends = nil }, []string{bells}},
		"a task that was done rang":         {func(h *history) { h.Keepings[0].Notices["t2"] = []time.Time{h.Keepings[0].Bells[0].At} }, []string{bells, mail}},
		"a letter is missing":               {func(h *history) { h.Keepings[0].Mails = nil }, []string{mail}},
		"a letter came again under another": {func(h *history) { h.Keepings[0].Mails["once"][1] = "<2>" }, []string{mail}},
		"a letter came again and again":     {func(h *history) { h.Crashes = 0 }, []string{mail}},
		"a next occurrence is missing":      {func(h *history) { h.Keepings[0].Series = h.Keepings[0].Series[:1] }, []string{again}},
		"a next occurrence is there twice": {func(h *history) {
			h.Keepings[0].Series = append(h.Keepings[0].Series, occurrence{"2030-01-03", false})
		}, []string{again}},
		"two occurrences are open":      {func(h *history) { h.Keepings[0].Series[0].Open = true }, []string{again}},
		"an occurrence was left out":    {func(h *history) { h.Keepings[0].Series[1].Due = "2030-01-04" }, []string{again}},
		"a record went to dead letters": {func(h *history) { h.DeadLetters["task-events.audit.dlq"] = 1 }, []string{dead}},
		"a call was never answered":     {func(h *history) { h.Unfit = []string{"never answered"} }, []string{fit}},
	} {
		h := sound()
		test.plant(h)
		caught := map[string]bool{}
		for _, v := range check(h) {
			if v.Violations > 0 {
				caught[v.Name] = true
			}
		}
		if got, want := slices.Sorted(maps.Keys(caught)), slices.Sorted(slices.Values(test.want)); !slices.Equal(got, want) {
			t.Errorf("%s: caught by %q, not %q", name, got, want)
		}
	}
}

// inFeed plants a fault in what one of Ada's feeds saw.
func inFeed(number int, f func([]sight) []sight) func(*history) {
	return func(h *history) { h.People[ada].Feeds[number] = f(slices.Clone(h.People[ada].Feeds[number])) }
}

func TestAReportNamesTheFirstViolationsAndFails(t *testing.T) {
	t.Parallel()
	h := sound()
	var out strings.Builder
	done := map[fault]int{{"api", kill}: 2, {"web", stop}: 1}
	if err := report(&out, done, h, check(h)); err != nil {
		t.Errorf("a sound history: %v", err)
	}
	h.Unfit = slices.Repeat([]string{"POST tasks: never answered"}, maxExamples+1)
	out.Reset()
	err := report(&out, done, h, check(h))
	if err == nil || strings.Count(out.String(), "POST tasks: never answered") != maxExamples {
		t.Errorf("%v:\n%s", err, out.String())
	}
	for _, line := range []string{"VICTIM  KILLED  STOPPED  RESTARTED", "api     2       0        0", "12 acknowledged, 2 refused, 2 in doubt; 12 on the log",
		"2 asked for, 1 rang, 1 letters, 1 of them again", "2 occurrences done"} {
		if !strings.Contains(out.String(), line) {
			t.Errorf("no %q in\n%s", line, out.String())
		}
	}
}
