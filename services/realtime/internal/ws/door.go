// Package ws is the door for WebSockets: who may come in, and how the feed is spoken, as
// wire-api.md §5 says.
package ws

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/tickler-app/tickler/pkg/auth"
	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/httpd"
	"github.com/tickler-app/tickler/pkg/telemetry"
	"github.com/tickler-app/tickler/services/realtime/internal/feed"
	"go.opentelemetry.io/otel/trace"
)

// protocol is the one that is spoken. The token comes as if it were another one, because
// a browser can send no header of its own with a WebSocket.
const (
	protocol     = "tickler.v1"
	bearerPrefix = "bearer."
)

// Config is what a door needs.
type Config struct {
	Feed    *feed.Feed
	Tokens  *auth.Verifier
	Origins []string // of pages that may connect; clients that are no browser send none
	Log     *slog.Logger
	Metrics prometheus.Registerer // nil for none
	Tracer  trace.TracerProvider  // nil for no spans
}

// Door takes WebSockets and lets the feed out.
type Door struct {
	Config
	metrics *metrics

	mu      sync.Mutex
	conns   map[*conn]struct{}
	closing bool
	running sync.WaitGroup // what the connections do
}

// New returns a door. Its connections live until Run's context ends.
func New(cfg Config) *Door {
	return &Door{Config: cfg, metrics: newMetrics(cfg.Metrics), conns: map[*conn]struct{}{}}
}

// ServeHTTP lets somebody in, or says why not. It returns as soon as the connection is a
// WebSocket: a request that stayed open for hours would hold several times its memory.
func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	who, err := d.admit(r)
	if err != nil {
		d.metrics.connects.WithLabelValues(string(fault.KindOf(err))).Inc()
		httpd.WriteProblem(w, err, telemetry.RequestID(r.Context()))
		return
	}
	socket, err := websocket.Accept(slim{w}, r, &websocket.AcceptOptions{
		Subprotocols: []string{protocol}, CompressionMode: websocket.CompressionDisabled,
		InsecureSkipVerify: true, // admit has looked at the origin
	})
	if err != nil {
		d.metrics.connects.WithLabelValues("handshake").Inc() // Accept has answered
		return
	}
	d.metrics.connects.WithLabelValues("ok").Inc()
	d.start(socket, who, cursorOf(r))
}

// admit checks all that can be checked before the upgrade.
func (d *Door) admit(r *http.Request) (who auth.Principal, err error) {
	if origin := r.Header.Get("Origin"); origin != "" && !slices.Contains(d.Origins, origin) {
		return who, fault.New(fault.Forbidden, "pages of %s may not connect here", strconv.Quote(origin))
	}
	if who, err = d.Tokens.Verify(r.Context(), tokenOf(r)); err != nil {
		return who, err
	}
	if d.Feed.Over(who.UserID, who.SessionID) {
		return who, auth.ErrUnauthorized
	}
	if !who.May(auth.TasksRead) {
		return who, fault.New(fault.Forbidden, "the token lacks the scope %s", auth.TasksRead)
	}
	if !strings.EqualFold(r.Header.Get("Upgrade"), "websocket") {
		return who, fault.New(fault.Malformed, "this is for WebSockets: send Upgrade: websocket")
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closing {
		return who, fault.New(fault.Unavailable, "going away: connect again")
	}
	return who, nil
}

// tokenOf returns the token from where clients can put it: a sub-protocol (browsers), the
// usual header (others), or the query.
func tokenOf(r *http.Request) string {
	for _, header := range r.Header.Values("Sec-WebSocket-Protocol") {
		for one := range strings.SplitSeq(header, ",") {
			if token, ok := strings.CutPrefix(strings.TrimSpace(one), bearerPrefix); ok {
				return token
			}
		}
	}
	if scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " "); strings.EqualFold(scheme, "Bearer") {
		return strings.TrimSpace(token)
	}
	return r.URL.Query().Get("token")
}

// cursorOf returns the cursor that a client comes back with, nil if none. One that we
// never gave out is before everything, which leads to a sync.
func cursorOf(r *http.Request) *int64 {
	text := r.URL.Query().Get("cursor")
	if text == "" {
		return nil
	}
	cursor, err := strconv.ParseInt(text, 10, 64)
	if err != nil || cursor < 0 {
		cursor = 0
	}
	return &cursor
}

func (d *Door) start(socket *websocket.Conn, who auth.Principal, cursor *int64) {
	c := &conn{door: d, socket: socket, person: who.UserID, opened: time.Now()}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closing {
		go c.end(websocket.StatusGoingAway, "going away") // it was let in a moment ago
		return
	}
	d.conns[c] = struct{}{}
	d.metrics.open.Inc()
	d.running.Go(func() {
		c.run(who, cursor)
		d.mu.Lock()
		defer d.mu.Unlock()
		delete(d.conns, c)
		d.metrics.open.Dec()
	})
}

// Run waits until ctx ends, then tells every client that we go away, which is for them to
// connect elsewhere, and waits for the connections to end. Who does not answer is dropped
// after ten seconds, by the library.
func (d *Door) Run(ctx context.Context) error {
	<-ctx.Done()
	d.mu.Lock()
	d.closing = true
	for c := range d.conns {
		d.running.Go(func() { c.end(websocket.StatusGoingAway, "going away") })
	}
	d.mu.Unlock()
	d.running.Wait()
	return nil
}
