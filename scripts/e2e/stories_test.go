package e2e

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/google/uuid"

	"github.com/tickler-app/tickler/scripts/internal/person"
)

func aPersonsDay(s *scene) {
	ada := s.signUp()
	tab, err := ada.Listen(s.Context(), s.house.Public(), "")
	if err != nil {
		s.Fatal(err)
	}
	defer tab.Close()
	ctx, cancel := context.WithTimeout(s.Context(), 30*time.Second)
	defer cancel()
	if hello, err := tab.Next(ctx); err != nil || hello.Type != "hello" {
		s.Fatalf("%+v, %v", hello, err)
	}
	made := s.add(ada, "water the plants")
	path := "tasks/" + made.ID
	s.do(ada, "POST", path+"/complete", nil)
	s.do(ada, "POST", path+"/complete", nil) // twice is once
	s.do(ada, "PATCH", path, map[string]any{"title": "water all plants"})
	s.do(ada, "DELETE", path, nil)
	s.do(ada, "POST", path+"/restore", nil)
	want := []string{"task.created 1", "task.completed 2", "task.updated 3", "task.deleted 4", "task.restored 5"}
	var seen []string
	for range want {
		frame, err := tab.Next(ctx)
		if err != nil {
			s.Fatalf("after %v: %v", seen, err)
		}
		if seen = append(seen, fmt.Sprintf("%s %d", frame.Type, frame.Version)); frame.Cursor != strconv.Itoa(len(seen)) || frame.Task == nil {
			s.Errorf("frame %+v", frame)
		}
	}
	if !slices.Equal(seen, want) {
		s.Errorf("the tab saw %v", seen)
	}
	var told []string
	for _, e := range slices.Backward(s.trail(ada, len(want))) {
		told = append(told, fmt.Sprintf("%s %d", e.Type, e.Version))
	}
	if !slices.Equal(told, want) {
		s.Errorf("the trail has %v", told)
	}
}

func whatRecursComesAgainOnce(s *scene) {
	ada := s.signUp()
	made, err := ada.Add(s.Context(), "", map[string]any{"title": "water", "due_date": "2030-01-31", "recurrence_rule": "every month"})
	if err != nil {
		s.Fatal(err)
	}
	began := time.Now()
	s.do(ada, "POST", "tasks/"+made.ID+"/complete", nil)
	var open struct{ Tasks []person.Task }
	s.eventually("the next one is there", func() bool {
		_, err := ada.Call(s.Context(), "GET", "tasks?status=pending", nil, "", &open)
		return err == nil && len(open.Tasks) > 0
	})
	s.Logf("the next occurrence came after %v", time.Since(began).Round(time.Millisecond))
	if len(open.Tasks) != 1 || *open.Tasks[0].DueDate != "2030-02-28" {
		s.Errorf("open: %+v", open.Tasks)
	}
}

func whatHappensWhileAServiceIsDead(s *scene) {
	ada := s.signUp()
	for _, name := range []string{"audit", "realtime", "recurring"} {
		release := s.hold(name)
		made := s.add(ada, "while "+name+" is dead")
		s.do(ada, "POST", "tasks/"+made.ID+"/complete", nil)
		release()
	}
	s.await()
	if entries := s.trail(ada, 6); len(entries) != 6 {
		s.Errorf("the trail: %+v", entries)
	}
	feed, err := ada.Listen(s.Context(), s.house.Public(), "3")
	if err != nil {
		s.Fatal(err)
	}
	defer feed.Close()
	ctx, cancel := context.WithTimeout(s.Context(), 20*time.Second)
	defer cancel()
	for _, want := range []string{"hello 3", "task.completed 4", "task.created 5", "task.completed 6"} {
		frame, err := feed.Next(ctx)
		if err != nil || frame.Type+" "+frame.Cursor != want {
			s.Fatalf("%+v, %v; want %s", frame, err, want)
		}
	}
}

// Several programs add tasks under keys and try again until each is acknowledged, while
// processes are killed under them. In the end each is there once.
func anAcknowledgedChangeOutlivesAnyDeath(s *scene) {
	ada := s.signUp()
	ctx, cancel := context.WithTimeout(s.Context(), 90*time.Second)
	defer cancel()
	var wait sync.WaitGroup
	var added atomic.Int64
	var done atomic.Bool
	for range 4 {
		wait.Go(func() {
			for !done.Load() {
				key := uuid.NewString()
				for ctx.Err() == nil {
					if _, err := ada.Add(ctx, key, map[string]any{"title": key}); err == nil {
						added.Add(1)
						break
					} else if status := person.StatusOf(err); status >= 400 && status < 500 {
						s.Errorf("refused: %v", err)
						break
					}
					time.Sleep(50 * time.Millisecond) // as a client would
				}
			}
		})
	}
	for _, victim := range []string{"api", "audit", "postgres", "api", "realtime", "web"} {
		until := added.Load() + 20
		s.eventually("work goes on", func() bool { return added.Load() >= until })
		if err := s.house.Process(victim).Send(syscall.SIGKILL); err != nil {
			s.Error(err)
		}
	}
	done.Store(true)
	wait.Wait()
	s.await()
	n := int(added.Load())
	entries := s.trail(ada, n)
	versions := map[string]int{}
	for _, e := range entries {
		versions[e.TaskID]++
	}
	if len(entries) != n || len(versions) != n {
		s.Errorf("%d acknowledged, %d on the trail, of %d tasks", n, len(entries), len(versions))
	}
	var delta struct {
		Token string `json:"sync_token"`
	}
	if _, err := ada.Call(s.Context(), "GET", "sync?limit=1&sync_token="+strconv.Itoa(n), nil, "", &delta); err != nil || delta.Token != strconv.Itoa(n) {
		s.Errorf("the sequence ends at %s, not %d (%v)", delta.Token, n, err)
	}
}

func withoutKafka(s *scene) {
	ada := s.signUp()
	release := s.hold("broker")
	for i := range 5 {
		s.add(ada, "without Kafka "+strconv.Itoa(i))
	}
	release()
	if entries := s.trail(ada, 5); len(entries) != 5 {
		s.Errorf("the trail: %+v", entries)
	}
	s.await()
}

func withoutPostgreSQL(s *scene) {
	ada := s.signUp()
	s.add(ada, "before")
	release := s.hold("postgres")
	_, err := ada.Add(s.Context(), "", map[string]any{"title": "without PostgreSQL"})
	if problem, ok := err.(*person.Problem); !ok || problem.Status != 503 || problem.RetryAfter == "" || strings.Contains(problem.Detail, "pq:") {
		s.Errorf("answered %v", err)
	}
	s.eventually("it is not ready", func() bool { return s.status(s.house.URL("api")+"/readyz") == 503 })
	release()
	s.await()
	s.add(ada, "after")
	if entries := s.trail(ada, 2); len(entries) != 2 {
		s.Errorf("the trail: %+v", entries)
	}
}

func nobodySeesAnothers(s *scene) {
	ada, eve := s.signUp(), s.signUp()
	secret := s.add(ada, "secret")
	for _, try := range [][2]string{{"GET", ""}, {"PATCH", ""}, {"DELETE", ""}, {"POST", "/complete"}, {"POST", "/restore"}} {
		var body any
		if try[0] == "PATCH" {
			body = map[string]any{"title": "mine"}
		}
		_, err := eve.Call(s.Context(), try[0], "tasks/"+secret.ID+try[1], body, "", nil)
		if person.StatusOf(err) != 404 {
			s.Errorf("%s%s as another: %v", try[0], try[1], err)
		}
	}
	asAda := *eve
	asAda.ID = ada.ID
	for _, path := range []string{"tasks", "audit-logs", "sync", "tags", "settings"} {
		if _, err := asAda.Call(s.Context(), "GET", path, nil, "", nil); person.StatusOf(err) != 401 {
			s.Errorf("%s on another's path: %v", path, err)
		}
	}
}
