// Package ws is the door of the live feed: it hands WebSockets through to realtime, in as
// little memory as it can. httputil.ReverseProxy takes some 100 KB a socket.
package ws

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/httpd"
)

// Proxy hands sockets through. Run must run beside the server.
type Proxy struct {
	Target *url.URL          // where realtime is
	Reach  http.RoundTripper // how
	Log    *slog.Logger

	mu     sync.Mutex
	open   map[*socket]bool
	closed bool
	copies sync.WaitGroup
}

// socket is one that is open: the client's side and realtime's.
type socket struct{ client, target io.Closer }

func (s *socket) close() {
	_ = s.client.Close()
	_ = s.target.Close()
}

// Register adds the number of open sockets to a registry.
func (p *Proxy) Register(registry prometheus.Registerer) {
	registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "tickler_sockets_open", Help: "WebSockets that are handed through to realtime.",
	}, func() float64 {
		p.mu.Lock()
		defer p.mu.Unlock()
		return float64(len(p.open))
	}))
}

// Run waits until ctx ends, then closes every socket. Clients come back with their cursor.
func (p *Proxy) Run(ctx context.Context) error {
	<-ctx.Done()
	p.mu.Lock()
	p.closed = true
	for s := range p.open {
		s.close()
	}
	p.mu.Unlock()
	p.copies.Wait()
	return nil
}

// ServeHTTP asks realtime as the client does. If that agrees, the connection is a socket from
// then on, until one side ends; any other answer is passed on as it is, and the connection
// stays this server's, for nothing else of realtime's is to be asked on it.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// The socket outlives the request.
	ask := r.Clone(context.WithoutCancel(r.Context()))
	ask.URL.Scheme, ask.URL.Host, ask.RequestURI, ask.Body = p.Target.Scheme, p.Target.Host, "", nil
	ask.Header.Set("Connection", "Upgrade")
	res, err := p.Reach.RoundTrip(ask)
	if err != nil {
		if r.Context().Err() == nil {
			p.Log.WarnContext(r.Context(), "passing on", "to", "realtime", "error", err)
		}
		p.refuse(w, fault.Wrap(fault.Unavailable, err, "the live feed is away; try again soon"))
		return
	}
	target, agreed := res.Body.(io.ReadWriteCloser)
	if res.StatusCode != http.StatusSwitchingProtocols || !agreed {
		answer(w, res)
		return
	}
	client, early, err := http.NewResponseController(w).Hijack()
	if err != nil {
		_ = target.Close()
		p.refuse(w, fmt.Errorf("take the connection over: %w", err))
		return
	}
	s := &socket{client, target}
	if err := greet(client, early, target, res.Header); err != nil || !p.start(s, client, target) {
		s.close()
	}
}

func (p *Proxy) refuse(w http.ResponseWriter, err error) {
	httpd.WriteProblem(w, err, w.Header().Get("X-Request-Id"))
}

// answer passes an answer on that is no agreement.
func answer(w http.ResponseWriter, res *http.Response) {
	defer res.Body.Close()
	for name, values := range res.Header {
		switch name {
		case "Connection", "Keep-Alive", "Upgrade", "Transfer-Encoding", "X-Request-Id": // of that connection, and ours
		default:
			w.Header()[name] = values
		}
	}
	w.WriteHeader(res.StatusCode)
	_, _ = io.Copy(w, res.Body) // either side may be gone
}

// greet tells the client that realtime agrees, and realtime what the client said too early.
func greet(client net.Conn, early *bufio.ReadWriter, target io.Writer, header http.Header) error {
	if err := patient(client); err != nil {
		return err
	}
	if _, err := early.WriteString("HTTP/1.1 101 Switching Protocols\r\n"); err != nil {
		return err
	}
	if err := header.Write(early); err != nil {
		return err
	}
	if _, err := early.WriteString("\r\n"); err != nil {
		return err
	}
	if err := early.Flush(); err != nil {
		return err
	}
	_, err := io.CopyN(target, early, int64(early.Reader.Buffered()))
	return err
}

// start copies both ways. Nothing of the request is kept meanwhile: its handler has returned.
func (p *Proxy) start(s *socket, client net.Conn, target io.ReadWriter) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return false
	}
	if p.open == nil {
		p.open = map[*socket]bool{}
	}
	p.open[s] = true
	p.copies.Go(func() {
		defer s.close()
		fromClient(target, client)
	})
	p.copies.Go(func() {
		toClient(client, target)
		s.close()
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.open, s)
	})
	return true
}
