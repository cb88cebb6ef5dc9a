// Package e2e tells stories that cross the whole house, with the built binaries.
package e2e

import (
	"context"
	"errors"
	"net/http"
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/tickler-app/tickler/scripts/internal/house"
	"github.com/tickler-app/tickler/scripts/internal/journal"
	"github.com/tickler-app/tickler/scripts/internal/person"
)

// scene is a house in which stories happen, one after another.
type scene struct {
	*testing.T
	house *house.House
}

type story struct {
	name string
	tell func(*scene)
}

// stories happen on the embedded broker and on the real one alike.
var stories = []story{
	{"APersonsDayIsSeenInEveryTabAndOnTheTrail", aPersonsDay},
	{"WhatRecursComesAgainOnce", whatRecursComesAgainOnce},
	{"WhatHappensWhileAServiceIsDeadIsNotLost", whatHappensWhileAServiceIsDead},
	{"AnAcknowledgedChangeOutlivesAnyDeath", anAcknowledgedChangeOutlivesAnyDeath},
	{"WithoutKafkaRequestsGoOnAndEventsFollow", withoutKafka},
	{"WithoutPostgreSQLItSaysSoAndComesBack", withoutPostgreSQL},
	{"NobodySeesAnothers", nobodySeesAnothers},
	{"APersonsAgentWorksForThemAndSaysSo", aPersonsAgent},
	{"TheFeedIsSpokenAsWritten", theFeedIsSpokenAsWritten},
	{"APersonTalksAndItIsDone", talkingToTasks},
	{"AConversationOutlivesTheChat", chatDiesInTheMiddle},
	{"ATerminalIsEnough", aTerminalIsEnough},
	{"WhoeverWatchesMissesNothing", whoeverWatchesMissesNothing},
}

// outside are stories of programs outside, to whom it does not matter what broker is behind.
var outside = []story{
	{"NoRequestBreaksTheContract", noRequestBreaksTheContract},
	{"ATokenDoesWhatItsScopesName", aTokenDoesWhatItsScopesName},
	{"TheExamplesAreTheHouses", theExamplesAreTheHouses},
	{"WhatIsSaidOfCurlIsTrue", whatIsSaidOfCurlIsTrue},
	{"WhatIsSaidOfPythonIsTrue", whatIsSaidOfPythonIsTrue},
}

// shown is how much of what a house said is shown where a story failed, in bytes.
const shown = 12_000

func TestTheHouse(t *testing.T) { tell(t, "", slices.Concat(stories, outside)) }

func TestTheHouseOnApacheKafka(t *testing.T) {
	for _, needed := range []string{"java", "mvn"} {
		if _, err := exec.LookPath(needed); err != nil {
			t.Skipf("Apache Kafka needs %s, which this machine does not have", needed)
		}
	}
	tell(t, "kafka", stories)
}

func tell(t *testing.T, broker string, stories []story) {
	offset, free, err := house.FreeOffset()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(free)
	var out journal.Journal
	ctx, cancel := context.WithTimeout(t.Context(), 6*time.Minute)
	t.Cleanup(cancel)
	h, stop, err := house.Start(ctx, house.Options{
		State: t.TempDir(), Offset: offset, Broker: broker, Out: &out,
		Settings: map[string]map[string]string{"notification": {"WEBHOOK_ALLOW_PRIVATE": "127.0.0.1"}},
	})
	if err != nil {
		t.Fatalf("%v\n%s", err, out.Tail(shown))
	}
	t.Cleanup(func() {
		if err := errors.Join(stop(), h.Reset()); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Logf("the house said:\n%s", out.Tail(shown))
		}
	})
	for _, story := range stories {
		t.Run(story.name, func(t *testing.T) { story.tell(&scene{t, h}) })
	}
}

func (s *scene) signUp() *person.Person {
	s.Helper()
	p, err := person.SignUp(s.Context(), s.house.Public(), "Europe/Berlin")
	if err != nil {
		s.Fatal(err)
	}
	return p
}

func (s *scene) add(p *person.Person, title string) person.Task {
	s.Helper()
	t, err := p.Add(s.Context(), "", map[string]any{"title": title})
	if err != nil {
		s.Fatal(err)
	}
	return t
}

// do makes a call that must succeed.
func (s *scene) do(p *person.Person, method, path string, body any) (t person.Task) {
	s.Helper()
	if _, err := p.Call(s.Context(), method, path, body, "", &t); err != nil {
		s.Fatalf("%s %s: %v", method, path, err)
	}
	return t
}

// eventually fails the story if what is awaited does not come about in 40 seconds.
func (s *scene) eventually(what string, f func() bool) {
	s.Helper()
	ctx, cancel := context.WithTimeout(s.Context(), 40*time.Second)
	defer cancel()
	for !f() {
		select {
		case <-ctx.Done():
			s.Fatalf("never: %s", what)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// trail waits until the person's trail has so many entries, and returns it.
func (s *scene) trail(p *person.Person, n int) (entries []person.Entry) {
	s.Helper()
	s.eventually("the trail is whole", func() bool {
		var err error
		entries, err = p.Entries(s.Context())
		return err == nil && len(entries) >= n
	})
	return entries
}

func (s *scene) hold(name string) (release func()) {
	s.Helper()
	ctx, cancel := context.WithTimeout(s.Context(), 40*time.Second)
	defer cancel()
	if err := s.house.Process(name).Hold(ctx); err != nil {
		s.Fatalf("%s does not go: %v", name, err)
	}
	return s.house.Process(name).Release
}

func (s *scene) await(names ...string) {
	s.Helper()
	ctx, cancel := context.WithTimeout(s.Context(), time.Minute)
	defer cancel()
	if err := s.house.Await(ctx, names...); err != nil {
		s.Fatal(err)
	}
}

func (s *scene) status(url string) int {
	s.Helper()
	req, err := http.NewRequestWithContext(s.Context(), http.MethodGet, url, nil)
	if err != nil {
		s.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0
	}
	res.Body.Close()
	return res.StatusCode
}
