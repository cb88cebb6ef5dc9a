package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/coder/websocket"

	"github.com/tickler-app/tickler/scripts/internal/person"
)

// socket is one open feed, read as it comes over the wire.
type socket struct {
	*websocket.Conn
	s *scene
}

// open dials the feed at the public origin, as any program could.
func (s *scene) open(token, query string, header http.Header) (*socket, *http.Response, error) {
	ctx, cancel := context.WithTimeout(s.Context(), 20*time.Second)
	defer cancel()
	options := &websocket.DialOptions{Subprotocols: []string{"tickler.v1"}, HTTPHeader: header}
	if token != "" {
		options.Subprotocols = append(options.Subprotocols, "bearer."+token)
	}
	conn, res, err := websocket.Dial(ctx, "ws"+strings.TrimPrefix(s.house.Public(), "http")+"/ws?"+query, options)
	if err != nil {
		return nil, res, err
	}
	s.Cleanup(func() { _ = conn.CloseNow() }) // it may be closed already
	return &socket{conn, s}, res, nil
}

func (s *scene) listen(p *person.Person, query string) *socket {
	s.Helper()
	to, _, err := s.open(p.Token, query, nil)
	if err != nil {
		s.Fatal(err)
	}
	return to
}

// next is the next frame.
func (to *socket) next() map[string]any {
	to.s.Helper()
	ctx, cancel := context.WithTimeout(to.s.Context(), 20*time.Second)
	defer cancel()
	_, content, err := to.Read(ctx)
	if err != nil {
		to.s.Fatal(err)
	}
	var frame map[string]any
	if err := json.Unmarshal(content, &frame); err != nil {
		to.s.Fatalf("%s: %v", content, err)
	}
	return frame
}

// hears fails unless the next frame is of that type and cursor.
func (to *socket) hears(kind, cursor string) map[string]any {
	to.s.Helper()
	frame := to.next()
	if frame["type"] != kind || frame["cursor"] != cursor {
		to.s.Fatalf("heard %v, want %s %s", frame, kind, cursor)
	}
	return frame
}

// ends fails unless the socket is closed with that code, whatever comes before.
func (to *socket) ends(code websocket.StatusCode) {
	to.s.Helper()
	ctx, cancel := context.WithTimeout(to.s.Context(), 20*time.Second)
	defer cancel()
	for {
		if _, _, err := to.Read(ctx); err != nil {
			if got := websocket.CloseStatus(err); got != code {
				to.s.Errorf("closed with %d, want %d: %v", got, code, err)
			}
			return
		}
	}
}

func keys(frame map[string]any) string {
	return strings.Join(slices.Sorted(maps.Keys(frame)), " ")
}

// theFeedIsSpokenAsWritten holds the live feed against wire-api.md §5, through web.
func theFeedIsSpokenAsWritten(s *scene) {
	ada := s.signUp()
	s.isRefused("", "", nil, 401, "unauthorized")
	s.isRefused("x.y.z", "", nil, 401, "unauthorized")
	s.isRefused("", "token=x.y.z", nil, 401, "unauthorized")
	s.isRefused(ada.Token, "", http.Header{"Origin": {"https://evil.example"}}, 403, "forbidden")

	tab, res, err := s.open(ada.Token, "", http.Header{"Origin": {s.house.Public()}})
	if err != nil {
		s.Fatal(err)
	}
	if tab.Subprotocol() != "tickler.v1" || res.Header.Get("Sec-WebSocket-Extensions") != "" {
		s.Errorf("protocol %q, extensions %q", tab.Subprotocol(), res.Header.Get("Sec-WebSocket-Extensions"))
	}
	hello := tab.hears("hello", "0")
	expires, err := time.Parse(time.RFC3339, fmt.Sprint(hello["expires_at"]))
	if keys(hello) != "cursor expires_at type user_id" || hello["user_id"] != ada.ID || err != nil || time.Until(expires) > 15*time.Minute {
		s.Errorf("hello is %v", hello)
	}
	made := s.add(ada, "feed the cat")
	s.do(ada, "PATCH", "tasks/"+made.ID, map[string]any{"title": "feed both cats"})
	const change = "actor changed cursor event_id request_id source task task_id timestamp type version"
	if created := tab.hears("task.created", "1"); keys(created) != change {
		s.Errorf("a change is told with %s, not with %s", keys(created), change)
	}
	updated := tab.hears("task.updated", "2")
	task, _ := updated["task"].(map[string]any)
	if keys(updated) != change || updated["task_id"] != made.ID || updated["version"] != 2.0 || fmt.Sprint(updated["changed"]) != "[title]" ||
		task["title"] != "feed both cats" || updated["source"] != "api" || fmt.Sprint(updated["actor"].(map[string]any)["type"]) != "user" {
		s.Errorf("a change is told as %v", updated)
	}
	s.listen(ada, "token="+url.QueryEscape(ada.Token)).hears("hello", "2")
	back := s.listen(ada, "cursor=1")
	back.hears("hello", "1")
	back.hears("task.updated", "2")
	aClientSpeaks(s, ada, tab)
	socketsAreBounded(s)
	socketsEndWithTheirSession(s)
	aRestartIsTold(s, ada)
}

// isRefused fails unless the feed answers with a problem before any upgrade.
func (s *scene) isRefused(token, query string, header http.Header, status int, code string) {
	s.Helper()
	_, res, err := s.open(token, query, header)
	if err == nil || res == nil || res.StatusCode != status {
		s.Fatalf("let in, or not refused with %d: %v %v", status, res, err)
	}
	var problem struct{ Code, Type string }
	body, _ := io.ReadAll(res.Body)
	if err := json.Unmarshal(body, &problem); err != nil || problem.Code != code || res.Header.Get("Content-Type") != "application/problem+json" {
		s.Errorf("%d with %s", res.StatusCode, body)
	}
	if status == 401 && res.Header.Get("Www-Authenticate") != "Bearer" {
		s.Errorf("401 with %q", res.Header.Get("Www-Authenticate"))
	}
}

func (to *socket) says(text string) {
	to.s.Helper()
	if err := to.Write(to.s.Context(), websocket.MessageText, []byte(text)); err != nil {
		to.s.Fatal(err)
	}
}

// aClientSpeaks: what it may say, and how much.
func aClientSpeaks(s *scene, p *person.Person, tab *socket) {
	tab.says(`{"type":"ping"}`)
	if frame := tab.next(); frame["type"] != "pong" {
		s.Errorf("a ping is answered with %v", frame)
	}
	tab.says(fmt.Sprintf(`{"type":"auth","token":%q}`, p.Token))
	tab.says(`{"type":"ping"}`)
	if frame := tab.next(); frame["type"] != "pong" {
		s.Errorf("after auth comes %v", frame)
	}
	other := s.signUp()
	tab.says(fmt.Sprintf(`{"type":"auth","token":%q}`, other.Token))
	tab.ends(4401)
	loud := s.listen(other, "")
	loud.hears("hello", "0")
	loud.says(`{"type":"ping","pad":"` + strings.Repeat("x", 4<<10) + `"}`)
	loud.ends(websocket.StatusMessageTooBig)
}

func socketsAreBounded(s *scene) {
	bob := s.signUp()
	for range 10 {
		s.listen(bob, "").hears("hello", "0")
	}
	s.listen(bob, "").ends(4429)
}

func socketsEndWithTheirSession(s *scene) {
	eve := s.signUp()
	tab := s.listen(eve, "")
	tab.hears("hello", "0")
	if err := eve.SignOut(s.Context()); err != nil {
		s.Fatal(err)
	}
	tab.ends(4401)
	s.isRefused(eve.Token, "", nil, 401, "unauthorized") // though the token itself has not ended
}

// aRestartIsTold: who is connected hears that it goes away, and comes back with its cursor;
// one that is from before all that is kept is told to sync.
func aRestartIsTold(s *scene, p *person.Person) {
	tab := s.listen(p, "cursor=2")
	tab.hears("hello", "2")
	if err := s.house.Process("realtime").Send(syscall.SIGTERM); err != nil {
		s.Fatal(err)
	}
	tab.ends(websocket.StatusGoingAway)
	s.await("realtime")
	s.add(p, "after the restart")
	back := s.listen(p, "cursor=2")
	back.hears("hello", "2")
	back.hears("task.created", "3")
}
