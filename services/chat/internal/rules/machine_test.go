package rules_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// verbs that ask for a change, as people begin with them: only where a message of a conversation
// has one of these, or what answers a question, may something change.
var asksForChange = regexp.MustCompile(`(?i)\b(?:add|create|new|todo|remind|reminder|remember|forget|need to|delete|remove|clear|complete|mark|finish(?:ed)?|done|rename|move|postpone|change|set|make|update|tag|untag|reopen|restore|skip|stop|repeat|undo|snooze|call it|cancel|put|tomorrow|friday|monday|every|yes|ok|sure|go ahead)\b|^\s*(?:#?\d|the \w+ one|morning|afternoon|\w+ing)|[#!]`)

// said draws a message: of the table, of pieces, or of nothing that makes sense.
func said(t *rapid.T, lines []expected) (message string, written bool) {
	refs := rapid.SampledFrom([]string{"buy milk", "'Call mum'", "it", "#1", "#99", "the second one", "them", "milk and bread", "all completed", "everything", "the report", "unicorns", "", "“", "a\nb"})
	values := rapid.SampledFrom([]string{"friday", "at 5", "tomorrow at 3pm", "high", "work, home", "'x'", "every monday", "1 hour before", "", "never", strings.Repeat("x", 300)})
	verbs := rapid.SampledFrom([]string{"delete %s", "complete %s", "move %s to %v", "rename %s to %v", "tag %s with %v", "remind me %v for %s", "remind me to %s %v", "add %s %v", "add %s; delete %s",
		"set priority of %s to %v", "make %s repeat %v", "stop repeating %s", "reopen %s", "don't delete %s", "should I delete %s?", "no, make it %v", "show %s", "what's due %v", "find %s", "undo", "yes", "no", "2", "help", "more", "%v", "%s", "skip %s",
		"restore %s", "complete %s and delete %s", "untag %s", "update %s", "cancel reminder", "delete", "when is %s due?", "mark %s as done then show my tasks"})
	switch rapid.IntRange(0, 9).Draw(t, "kind") {
	case 0:
		return rapid.StringN(1, 60, 200).Draw(t, "anything"), false
	case 1, 2, 3:
		return lines[rapid.IntRange(0, len(lines)-1).Draw(t, "line")].said, true
	}
	message = verbs.Draw(t, "verb")
	for strings.Contains(message, "%s") {
		message = strings.Replace(message, "%s", refs.Draw(t, "ref"), 1)
	}
	return strings.Replace(message, "%v", values.Draw(t, "value"), 1) + " ", false
}

func TestWhateverIsSaidNothingChangesUnasked(t *testing.T) {
	t.Parallel()
	lines := append(table(t, "said.txt"), table(t, "aside.txt")...)
	rapid.Check(t, func(t *rapid.T) {
		c := &talk{player: home(tuesday()), locale: rapid.SampledFrom([]string{"en-GB", "en-US", "", "nonsense"}).Draw(t, "locale")}
		for range rapid.IntRange(1, 8).Draw(t, "turns") {
			message, written := said(t, lines)
			if message == "" {
				continue
			}
			c.broken = rapid.SampledFrom([]string{"", "", "", "", "", "", "", "unavailable", "not_found", "conflict", "invalid"}).Draw(t, "broken")
			c.hold(t, message, written)
		}
	})
}

type failing interface{ Fatalf(string, ...any) }

// hold says a message, and that what must always be true is true of the turn.
func (c *talk) hold(t failing, message string, written bool) {
	c.changed = nil
	var waited struct {
		Wait *struct {
			Tasks   []any
			Changes []any
		}
	}
	_ = json.Unmarshal(c.memory, &waited)
	turn, err := c.say(message)
	if err != nil {
		t.Fatalf("%q: %v", message, err)
	}
	if strings.TrimSpace(turn.reply) == "" || !utf8.ValidString(turn.reply) {
		t.Fatalf("%q is answered with %q", message, turn.reply)
	}
	if !json.Valid(c.memory) || len(c.memory) > 1<<18 {
		t.Fatalf("%q leaves a memory of %d bytes: %.200s", message, len(c.memory), c.memory)
	}
	asked := waited.Wait != nil
	if len(c.changed) > 0 && !asked && !written && !asksForChange.MatchString(message) && !c.addedByDate(turn.told) {
		t.Fatalf("%q changed something: %q", message, turn.told)
	}
	if (strings.HasPrefix(message, "don't delete") || strings.HasPrefix(message, "should I delete")) && len(c.changed) > 0 && !asked {
		t.Fatalf("%q changed something: %q", message, turn.told)
	}
	if ids := unique(c.changed); len(ids) > 1 && !asked && c.touchedOld(ids) > 1 {
		t.Fatalf("%q changed %d tasks unasked: %q", message, len(ids), turn.told)
	}
}

// addedByDate reports whether all that a turn did was to add what has a date: words with one are a
// task, whatever they are.
func (c *talk) addedByDate(told []string) bool {
	for _, call := range told {
		if strings.HasPrefix(call, "add_task ") && !strings.Contains(call, "due_date=") {
			return false
		}
	}
	return c.touchedOld(unique(c.changed)) == 0
}

func unique(list []string) map[string]bool {
	set := map[string]bool{}
	for _, one := range list {
		set[one] = true
	}
	return set
}

// touchedOld is how many of the tasks were there before the turn.
func (c *talk) touchedOld(ids map[string]bool) int {
	n := 0
	for id := range ids {
		added := false
		for _, s := range c.undo {
			added = added || s.request == c.request && s.task.ID == id && s.before.Deleted != nil && *s.before.Deleted == ""
		}
		if !added {
			n++
		}
	}
	return n
}

// A turn that is stopped and begun again in another process goes on from the same memory.
func TestAStepDependsOnNothingButTheTurn(t *testing.T) {
	t.Parallel()
	for _, memory := range []string{"", "null", "[]", `{"list":7}`, `{"wait":{"for":"which"}}`, `{"wait":{"for":"sure","changes":[{}]}}`, `{"wait":{"for":"half"}}`, `{"done":[{}]}`, "\xff{", `{"more":{"input":null}}`, `{"wait":{"for":"which","tasks":[{"id":"x"}],"text":""}}`} {
		for _, message := range []string{"yes", "no", "1", "undo", "more", "delete it", "delete #1", "pm", "x", "show my tasks"} {
			c := &talk{player: home(tuesday()), memory: json.RawMessage(memory)}
			if _, err := c.say(message); err != nil {
				t.Errorf("%s, %s: %v", memory, message, err)
			}
		}
	}
}

func TestWhenToolsFailTheReplySaysWhatToDo(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]string{"unavailable": "try again in a moment", "rate_limited": "in a minute", "unauthorized": "Sign in again", "forbidden": "not allowed", "nonsense": "try again"} {
		for _, message := range []string{"show my tasks", "delete buy milk", "call Bob tomorrow", "add 'x'", "undo"} {
			c := &talk{player: home(tuesday())}
			c.broken = code
			if turn, err := c.say(message); err != nil || !strings.Contains(turn.reply, want) || len(c.changed) > 0 {
				t.Errorf("%s, %s: %q %v", code, message, turn.reply, err)
			}
		}
	}
	c := &talk{player: home(tuesday())}
	if turn, err := c.say("add " + strings.Repeat("very ", 60) + "long"); err != nil || !strings.Contains(turn.reply, "at most 200 characters") {
		t.Errorf("%q %v", turn.reply, err)
	}
	if turn, err := c.say("add " + strings.Repeat("very ", 600) + "long"); err != nil || !strings.Contains(turn.reply, "2,000 characters") || len(turn.calls) > 0 {
		t.Errorf("%q %v", turn.reply, err)
	}
}

func TestATaskThatIsGoneMeanwhileIsSaidToBe(t *testing.T) {
	t.Parallel()
	c := &talk{player: home(tuesday())}
	for _, message := range []string{"show my tasks", "complete #1"} {
		if _, err := c.say(message); err != nil {
			t.Fatal(err)
		}
	}
	c.task("Renew passport").ID = "another"
	for _, message := range []string{"delete it", "move it to friday", "delete #1"} {
		if turn, err := c.say(message); err != nil || !strings.Contains(turn.reply, "“Renew passport” is not there any more") {
			t.Errorf("%s: %q %v", message, turn.reply, err)
		}
	}
}

func TestALongListGoesOn(t *testing.T) {
	t.Parallel()
	c := &talk{player: home(tuesday())}
	for i := range 120 {
		c.add(fmt.Sprintf("Chore %d", i), "")
	}
	for i, want := range []string{"The first 50 open tasks:", "Then:\n51. ", "Then:\n101. Chore"} {
		turn, err := c.say([]string{"show my tasks", "more", "more"}[i])
		if err != nil || !strings.Contains(turn.reply, want) {
			t.Fatalf("%q %v", turn.reply, err)
		}
	}
	if turn, err := c.say("delete #110"); err != nil || turn.told[0] != "delete_task task="+c.tasks[len(c.tasks)-20].Title && !strings.Contains(turn.told[0], "Chore") {
		t.Errorf("%q %v", turn.told, err)
	}
}
