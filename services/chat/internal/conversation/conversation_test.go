package conversation

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/tickler-app/tickler/pkg/fault"
)

func TestATitleIsTheBeginOfTheFirstLine(t *testing.T) {
	t.Parallel()
	for message, want := range map[string]string{
		"Buy milk":                               "Buy milk",
		"  Buy\t milk \nand eggs":                "Buy milk",
		strings.Repeat("word ", 30):              "word word word word word word word word word word word…",
		strings.Repeat("ü", 100):                 strings.Repeat("ü", 59) + "…",
		"שלום עולם":                              "שלום עולם",
		strings.Repeat("x", 60):                  strings.Repeat("x", 60),
		strings.Repeat("a, ", 19) + "aaaaaaaaaa": strings.TrimSuffix(strings.Repeat("a, ", 19), ", ") + "…",
	} {
		if got := TitleOf(message); got != want || utf8.RuneCountInString(got) > madeTitle {
			t.Errorf("%q: %q, want %q", message, got, want)
		}
	}
}

func TestAMessageIsAYesOrANoOnlyIfItIsNothingElse(t *testing.T) {
	t.Parallel()
	for words, want := range map[string]string{
		"yes": "yes", "Yes, please!": "yes", "YES.": "yes", "ok do it": "yes", "I’m sure": "yes", "delete them": "yes", "go ahead": "yes",
		"no": "no", "No, thanks.": "no", "don't": "no", "Never mind": "no", "cancel": "no",
		"yes but not the first": "", "no, make it Thursday": "", "yesterday": "", "please": "", "thanks": "", "": "", "is that ok?": "", "delete all": "", "don't delete it": "",
	} {
		says, yes := decision(words)
		got := map[bool]string{true: "yes", false: "no"}[yes]
		if !says {
			got = ""
		}
		if got != want {
			t.Errorf("%q: %q, want %q", words, got, want)
		}
	}
}

func TestAnAnswerWhoseWriterIsGoneSaysWhatIsKnown(t *testing.T) {
	t.Parallel()
	parts := []Part{{Type: Begin}, {Type: Text, Text: "I will", State: Streaming}}
	if got := Interrupted(parts); got[1].State != Spoken || got[2].Text != interrupted {
		t.Errorf("%+v", got)
	}
	parts = append(parts, Part{Type: Tool, ToolCallID: "1", State: Called})
	if got := Interrupted(parts); got[2].State != Failed || got[3].Text != interruptedInCall {
		t.Errorf("%+v", got)
	}
	if parts[1].State != Streaming || parts[2].State != Called {
		t.Errorf("what others hold was changed: %+v", parts)
	}
}

func TestResultsComeBackFromWhatIsKept(t *testing.T) {
	t.Parallel()
	yes := true
	parts := []Part{
		{Type: Tool, ToolCallID: "1", ToolName: "a", Input: json.RawMessage(`{}`), State: Worked, Output: json.RawMessage(`{"status":"success"}`)},
		{Type: Text, Text: "words", State: Spoken},
		{Type: Tool, ToolCallID: "2", ToolName: "b", State: Failed, ErrorText: "no such task"},
		{Type: Tool, ToolCallID: "3", ToolName: "c", State: Asks, Approval: &Approval{ID: "x"}},
	}
	statuses := func(parts []Part) (all []string) {
		for _, r := range ResultsOf(parts) {
			all = append(all, r.Call.ID+" "+statusOf(r.Output))
		}
		return all
	}
	if got := statuses(parts); !reflect.DeepEqual(got, []string{"1 success", "2 error", "3 confirm"}) {
		t.Errorf("%v", got)
	}
	if got := Decided(parts, true)[3]; got.State != Answered || !reflect.DeepEqual(got.Approval, &Approval{ID: "x", Approved: &yes}) {
		t.Errorf("%+v", got)
	}
	if got := statuses(Decided(parts, false)); got[2] != "3 error" || parts[3].State != Asks {
		t.Errorf("%v", got)
	}
}

// plan is a planner that says a word, makes one call, or fails.
type plan struct {
	word string
	err  error
}

func (p plan) Next(_ context.Context, turn Turn, emit Emit) (Step, error) {
	if p.err != nil {
		return Step{}, p.err
	}
	if len(turn.Results) == 0 {
		return Step{Calls: []Call{{Tool: p.word}}}, nil
	}
	emit(p.word)
	return Step{Text: p.word}, nil
}

func TestAnotherPlannerStandsInOnlyAsATurnBegins(t *testing.T) {
	t.Parallel()
	away := fault.New(fault.Unavailable, "away")
	next := func(first plan, results ...Result) (Step, string, error) {
		said := ""
		step, err := Fallback{First: first, Then: plan{word: "rules"}, Steps: 9}.Next(t.Context(), Turn{Results: results}, func(delta string) { said += delta })
		return step, said, err
	}
	step, said, err := next(plan{err: away})
	if err != nil || said != insteadOf || len(step.Calls) != 1 || !strings.HasPrefix(step.Calls[0].ID, ofOther) {
		t.Errorf("%+v %q %v", step, said, err)
	}
	if step, said, err = next(plan{err: away}, Result{Call: step.Calls[0]}); err != nil || said != "rules" || step.Text != "rules" {
		t.Errorf("goes on with %+v %q %v", step, said, err)
	}
	if _, _, err = next(plan{err: away}, Result{Call: Call{ID: "of-the-model"}}); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("in the middle: %v", err)
	}
	if _, _, err = next(plan{err: context.Canceled}); err != context.Canceled {
		t.Errorf("stopped: %v", err)
	}
	if step, _, err = next(plan{word: "model"}); err != nil || step.Calls[0].Tool != "model" {
		t.Errorf("%+v %v", step, err)
	}
}

func TestADraftIsBoundedAndNeverBreaksACharacter(t *testing.T) {
	t.Parallel()
	d := newDraft()
	room := true
	for range 100 {
		room = room && d.say(strings.Repeat("日本", 1000))
	}
	view, _ := d.look()
	text := TextOf(view.Parts)
	if room || len(text) > maxAnswer || !utf8.ValidString(text) {
		t.Errorf("%d bytes, room %v", len(text), room)
	}
	d = newDraft()
	d.say("a\x00b\xffc")
	if view, _ := d.look(); TextOf(view.Parts) != "ab\uFFFDc" {
		t.Errorf("%q", TextOf(view.Parts))
	}
}

func TestTheSameCallIsKnownByItsArguments(t *testing.T) {
	t.Parallel()
	print := func(input string) string { return printOf(cleaned(Call{Tool: "t", Input: json.RawMessage(input)})) }
	if print(`{"a":1,"b":[2]}`) != print(` {"b":[2], "a":1} `) || print(`{"a":1}`) == print(`{"a":2}`) || print(`{"a":1,"CONFIRMATION":"x"}`) != print(`{"a":1}`) {
		t.Error(fmt.Sprint(print(`{"a":1,"b":[2]}`), print(` {"b":[2], "a":1} `)))
	}
}
