package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tickler-app/tickler/scripts/internal/supervise"
)

func TestTheEmbeddedBrokerIsOnlyRestarted(t *testing.T) {
	t.Parallel()
	of := func(broker string) (deeds []string) {
		for _, f := range faults(broker, 1) {
			if f.victim == "broker" {
				deeds = append(deeds, f.deed)
			}
		}
		return deeds
	}
	if got := of(""); !slices.Equal(got, []string{restart}) {
		t.Errorf("the embedded one is %q", got)
	}
	if got := of("kafka"); !slices.Equal(got, []string{kill, stop, restart}) {
		t.Errorf("the real one is %q", got)
	}
}

func TestEachReplicaIsAVictim(t *testing.T) {
	t.Parallel()
	deeds := map[string]int{}
	for _, f := range faults("", 2) {
		deeds[f.victim]++
		if f.victim == "notification-2" && f.service() != "notification" {
			t.Errorf("%s is of %s", f.victim, f.service())
		}
	}
	if deeds["api-1"] != 3 || deeds["api-2"] != 3 || deeds["api"] != 0 || deeds["postgres"] != 3 || len(deeds) != 2*7+2 {
		t.Errorf("got %v", deeds)
	}
}

func TestTheSeedDecidesTheOrder(t *testing.T) {
	t.Parallel()
	order := func(seed int64) []fault {
		all := faults("", 1)
		chance := (&town{settings: settings{Seed: seed}}).chance(0)
		chance.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		return all
	}
	if !slices.Equal(order(7), order(7)) || slices.Equal(order(7), order(8)) {
		t.Error("another order with the same seed, or the same with another")
	}
}

// What is frozen stands still with all below it, and runs again afterwards.
func TestAProcessIsFrozenWithAllBelowIt(t *testing.T) {
	t.Parallel()
	p := &supervise.Process{
		Name: "sleeper", Grace: time.Second, Log: &supervise.Log{Out: io.Discard},
		Command: func(ctx context.Context, _ bool) (*exec.Cmd, error) {
			return exec.CommandContext(ctx, "sh", "-c", "trap 'kill $!' TERM; sleep 600 & wait"), nil
		},
	}
	ctx, end := context.WithCancel(t.Context())
	gone := make(chan error, 1)
	go func() { gone <- p.Run(ctx) }()
	defer func() { end(); <-gone }()
	var family []int
	eventually(t, "there is one below", func() bool {
		family = append(descendants(p.Pid()), p.Pid())
		return p.Pid() != 0 && len(family) == 2
	})
	frozen, thaw := context.WithCancel(t.Context())
	thawed := make(chan error, 1)
	go func() { thawed <- freeze(frozen, p, time.Hour) }()
	stopped := func(pid int) bool { return stateOf(pid) == "T" }
	eventually(t, "both stand still", func() bool { return !slices.ContainsFunc(family, func(pid int) bool { return !stopped(pid) }) })
	thaw()
	if err := <-thawed; err != nil {
		t.Error(err)
	}
	eventually(t, "both run again", func() bool { return !slices.ContainsFunc(family, stopped) })
}

// stateOf is a process's, as in proc(5).
func stateOf(pid int) string {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return ""
	}
	return strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))[0]
}

func eventually(t *testing.T, what string, f func() bool) {
	t.Helper()
	for until := time.Now().Add(20 * time.Second); !f(); {
		if time.Now().After(until) {
			t.Fatalf("never: %s", what)
		}
		pause(t.Context(), 2*time.Millisecond)
	}
}
