package rest

import (
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/services/web/internal/route"
)

// dialWithin bounds the way to realtime.
const dialWithin = 2 * time.Second

// socketBuffer is what a direction of a socket holds: frames are small, and sockets many.
const socketBuffer = 4 << 10

// pool lends buffers.
type pool struct{ buffers sync.Pool }

func newPool(size int) *pool {
	return &pool{sync.Pool{New: func() any { b := make([]byte, size); return &b }}}
}

// Get and Put are httputil.BufferPool's.
func (p *pool) Get() []byte { return *p.buffers.Get().(*[]byte) }

// Put takes a buffer back.
func (p *pool) Put(b []byte) { p.buffers.Put(&b) }

// socket hands a WebSocket through: the request goes on as it came, and from then on bytes
// are copied both ways until one side ends. httputil.ReverseProxy can do that too, at some
// 100 KB a socket.
func (o *Origin) socket(w http.ResponseWriter, r *http.Request) {
	dialer := net.Dialer{Timeout: dialWithin}
	to, err := dialer.DialContext(r.Context(), "tcp", o.cfg.Services[route.Realtime].Host)
	if err != nil {
		o.refuse(w, fault.Wrap(fault.Unavailable, err, "the live feed is away; try again soon"))
		return
	}
	defer to.Close()
	out := r.Clone(r.Context())
	if client, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
		out.Header.Set("X-Forwarded-For", client)
	}
	out.Header.Set("X-Forwarded-Host", r.Host)
	if err := out.Write(to); err != nil {
		o.refuse(w, fault.Wrap(fault.Unavailable, err, "the live feed is away; try again soon"))
		return
	}
	from, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		o.refuse(w, err)
		return
	}
	defer from.Close()
	_ = from.SetDeadline(time.Time{}) // the server's own was for the request
	early := make([]byte, buffered.Reader.Buffered())
	if _, err := io.ReadFull(buffered, early); err != nil {
		return
	}
	if _, err := to.Write(early); err != nil {
		return
	}
	var wait sync.WaitGroup
	wait.Go(func() { carry(to, from) })
	carry(from, to)
	wait.Wait()
}

// carry copies until one side ends, and then ends both.
func carry(to, from net.Conn) {
	buffer := make([]byte, socketBuffer)
	_, _ = io.CopyBuffer(plainWriter{to}, plainReader{from}, buffer) // either side may go at any time
	_ = to.Close()
	_ = from.Close()
}

// plainWriter and plainReader hide what would make io.Copy bring buffers of its own.
type (
	plainWriter struct{ io.Writer }
	plainReader struct{ io.Reader }
)
