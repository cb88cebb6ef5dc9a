package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/tickler-app/tickler/scripts/internal/contract"
	"github.com/tickler-app/tickler/scripts/internal/person"
)

const (
	// madeUp is how many requests are made up, over all documents.
	madeUp = 5_200
	// told is how many failures are told before the story ends.
	told = 25
)

// Whatever is asked, nobody answers 5xx, or otherwise than the documents say, or with
// something of another person's. Failures name a seed: CONTRACT_SEED runs it again, and
// CONTRACT_REQUESTS looks further.
func noRequestBreaksTheContract(s *scene) {
	seed, n := s.number("CONTRACT_SEED", uint64(time.Now().UnixNano())), s.number("CONTRACT_REQUESTS", madeUp)
	documents, err := contract.Read("../../services")
	if err != nil {
		s.Fatal(err)
	}
	calls := 0
	for _, d := range documents {
		calls += len(d.Calls)
	}
	bob := s.victim()
	before := bob.belongings()
	began := time.Now()
	var wait sync.WaitGroup
	var sent, failed atomic.Int64
	statuses := newTally()
	for i, d := range documents {
		ada := s.signUp()
		attack := &attack{
			scene: s, document: d, ada: ada, bob: bob, sent: &sent, failed: &failed, statuses: statuses,
			generator: contract.New(seed+uint64(i), &contract.Pool{UserID: ada.ID, Theirs: bob.ids}),
			client:    &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, Timeout: 20 * time.Second},
		}
		wait.Go(func() { attack.run(int(n)/calls + 1) })
	}
	wait.Wait()
	if s.Failed() {
		s.Logf("CONTRACT_SEED=%d", seed)
	}
	if n := sent.Load(); n < 5_000 && !s.Failed() {
		s.Errorf("only %d requests", n)
	}
	s.Logf("%d requests of %d calls in %v: %v", sent.Load(), calls, time.Since(began).Round(time.Second), statuses)
	if after := bob.belongings(); !reflect.DeepEqual(before, after) {
		s.Errorf("what is another's has changed:\n%v\n%v", before, after)
	}
}

// number reads a setting of the test.
func (s *scene) number(name string, otherwise uint64) uint64 {
	s.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		s.Fatalf("%s: %v", name, err)
	}
	return n
}

// attack is what one person tries on one service.
type attack struct {
	*scene
	document  *contract.Document
	generator *contract.Generator
	ada       *person.Person
	bob       *victim
	client    *http.Client
	cookie    string

	sent, failed *atomic.Int64
	statuses     *tally
}

// run goes over the calls again and again, so that later ones know what earlier ones made.
func (a *attack) run(rounds int) {
	base, header := a.house.URL(a.document.Service), http.Header{"Origin": {a.house.Public()}}
	for round := range rounds {
		if round%20 == 0 { // the last session may be signed out by now
			if err := a.session(); err != nil {
				a.Error(err)
				return
			}
		}
		for _, call := range a.document.Calls {
			if a.failed.Load() >= told || a.Context().Err() != nil {
				return
			}
			r := a.generator.Request(call)
			header["Authorization"], header["Cookie"] = []string{"Bearer " + a.ada.Token}, []string{a.cookie}
			at := base
			if round%5 == 0 {
				at = a.house.Public()
			}
			res, body, err := r.Send(a.Context(), a.client, at, header)
			if err != nil {
				a.failed.Add(1)
				a.Errorf("%v\nof %d bytes, at %s: %v", r, len(r.Body), at, err)
				continue
			}
			a.sent.Add(1)
			a.statuses.add(res.StatusCode)
			if err := r.Check(res, body, a.bob.markers); err != nil {
				a.failed.Add(1)
				a.Errorf("%v\nanswers %d %.600s\n%v", r, res.StatusCode, body, err)
			}
			a.generator.Learn(r, body)
		}
	}
}

// session makes somebody new whose cookie may be used up.
func (a *attack) session() error {
	if a.document.Service != "identity" {
		return nil
	}
	body := fmt.Sprintf(`{"name":"Carol","email":"%s@example.com","password":%q}`, uuid.NewString(), person.Password)
	req, err := http.NewRequestWithContext(a.Context(), "POST", a.house.Public()+"/api/auth/sign-up/email", strings.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := a.client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if len(res.Cookies()) == 0 {
		return fmt.Errorf("no session: %s", res.Status)
	}
	a.cookie = res.Cookies()[0].Name + "=" + res.Cookies()[0].Value
	return nil
}

// victim is a person whose everything has a mark.
type victim struct {
	*scene
	*person.Person
	markers []string
	ids     map[string]string
}

// victim makes one who has something of every kind.
func (s *scene) victim() *victim {
	s.Helper()
	p := s.signUp()
	mark := "marked" + strings.ReplaceAll(uuid.NewString(), "-", "")
	v := &victim{scene: s, Person: p, markers: []string{mark}, ids: map[string]string{"user_id": p.ID}}
	v.have("PATCH", "preferences", map[string]any{"channels": map[string]any{"task.created": []string{"in_app", "webhook"}}})
	hook := v.have("POST", "webhooks", map[string]any{"url": "http://127.0.0.1:9/" + mark})
	token := v.have("POST", "tokens", map[string]any{"name": mark, "scopes": []string{"tasks:read"}})
	task := v.have("POST", "tasks", map[string]any{
		"title": mark, "description": mark, "tags": []string{mark}, "due_date": "2030-01-01T09:00", "recurrence_rule": "every month", "reminders": []string{"1 hour before"},
	})
	v.have("POST", "tasks", map[string]any{"title": mark + " again"})
	var notices struct{ Notices []struct{ ID string } }
	s.eventually("there is a notice", func() bool {
		_, err := p.Call(s.Context(), "GET", "notices", nil, "", &notices)
		return err == nil && len(notices.Notices) == 2
	})
	var deliveries struct{ Deliveries []struct{ ID string } }
	s.eventually("there is a delivery", func() bool {
		_, err := p.Call(s.Context(), "GET", "webhooks/"+hook["id"].(string)+"/deliveries", nil, "", &deliveries)
		return err == nil && len(deliveries.Deliveries) >= 2
	})
	v.talk(mark)
	entry := s.trail(p, 2)[0]
	for name, id := range map[string]any{
		"webhooks": hook["id"], "tokens": token["id"], "tasks": task["id"], "task_id": task["id"], "series_id": task["series_id"],
		"reminders": task["reminders"].([]any)[0].(map[string]any)["id"], "notices": notices.Notices[0].ID, "deliveries": deliveries.Deliveries[0].ID,
		"event_id": entry.EventID, "request_id": entry.RequestID, "cursor": v.have("GET", "tasks?limit=1", nil)["next_cursor"], "tag": mark[:20],
	} {
		v.ids[name] = id.(string)
	}
	return v
}

// talk has a conversation, in a house that has a chat.
func (v *victim) talk(mark string) {
	v.Helper()
	var said struct {
		ID string `json:"conversation_id"`
	}
	header := http.Header{"Accept": {"application/json"}}
	if _, err := v.CallWith(v.Context(), "POST", "chat", map[string]any{"message": "what is " + mark + "?"}, header, &said); err == nil {
		v.ids["conversations"], v.ids["conversation_id"] = said.ID, said.ID
	} else if person.StatusOf(err) != http.StatusServiceUnavailable { // there is none
		v.Fatalf("chat: %v", err)
	}
}

func (v *victim) have(method, path string, body any) (made map[string]any) {
	v.Helper()
	if _, err := v.Call(v.Context(), method, path, body, "", &made); err != nil {
		v.Fatalf("%s %s: %v", method, path, err)
	}
	return made
}

// belongings are all that the person has, but for what is delivered to their webhook meanwhile.
func (v *victim) belongings() map[string]any {
	v.Helper()
	if err := v.Refresh(v.Context()); err != nil {
		v.Fatal(err)
	}
	all := map[string]any{}
	for _, path := range []string{"tasks", "tags", "webhooks", "tokens", "preferences", "settings", "notices", "sync", "tasks/" + v.ids["tasks"]} {
		all[path] = v.have("GET", path, nil)
	}
	return all
}

// tally counts answers by their status.
type tally struct {
	mu sync.Mutex
	of map[int]int
}

func newTally() *tally { return &tally{of: map[int]int{}} }

func (t *tally) add(status int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.of[status]++
}

// String lists them.
func (t *tally) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var b bytes.Buffer
	_ = json.NewEncoder(&b).Encode(t.of) // a map of numbers
	return strings.TrimSpace(b.String())
}
