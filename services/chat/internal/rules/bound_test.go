package rules_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/tickler-app/tickler/services/chat/internal/conversation"
	"github.com/tickler-app/tickler/services/chat/internal/rules"
)

// first is the first step of a turn.
func first(message string) conversation.Step {
	step, err := rules.Planner{}.Next(context.Background(), conversation.Turn{Now: tuesday(), Locale: "en-GB", Message: message}, nil)
	if err != nil {
		panic(err)
	}
	return step
}

// quickest is the time of a step, at best of a few where it is above a limit: the machine has other work too.
func quickest(message string, limit time.Duration) time.Duration {
	best := time.Hour
	for n := 0; n < 5 && best > limit; n++ {
		start := time.Now()
		first(message)
		best = min(best, time.Since(start))
	}
	return best
}

// The bound is generous: what it must catch is work that grows with the square of the message.
func TestALongHostileMessageIsReadSoon(t *testing.T) {
	t.Parallel()
	worst := time.Duration(0)
	for _, piece := range []string{"' a", `"`, "a", "delete ", "and ", "then ", ", delete a", "; ", "|", "mark x as ", "a, b and c ", "add a; ", "no, ", "please ", "can you ", "#1 and ", "show tasks tag a, ", "remind me 1 hour before ", "the ", "every day ", "\n", "😀", "update a to ", "show completed and then "} {
		for _, lead := range []string{"", "delete ", "show tasks "} {
			message := (lead + strings.Repeat(piece, 1990))[:1990]
			took := quickest(message, 200*time.Millisecond)
			if worst = max(worst, took); took > time.Second {
				t.Errorf("%q %q: %s", lead, piece, took)
			}
		}
	}
	if took := quickest(strings.Repeat("delete a; ", 1000), 200*time.Millisecond); took > time.Second {
		t.Errorf("10,000 characters: %s", took)
	}
	t.Logf("the slowest took %s", worst)
}

func BenchmarkStep(b *testing.B) {
	lines := table(b, "said.txt")
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		first(lines[i%len(lines)].said)
	}
}

func FuzzNothingChangesUnasked(f *testing.F) {
	for _, e := range table(f, "said.txt") {
		f.Add(e.said, "yes")
	}
	f.Fuzz(func(t *testing.T, one, two string) {
		c := &talk{player: home(tuesday()), locale: "en-GB"}
		for _, message := range []string{one, two} {
			if message == "" || strings.ContainsRune(message, 0) {
				continue
			}
			turn, err := c.say(message)
			if err != nil || strings.TrimSpace(turn.reply) == "" {
				t.Fatalf("%q: %q %v", message, turn.reply, err)
			}
		}
	})
}
