package httpd

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/tickler-app/tickler/pkg/run"
)

// grace is how long requests in hand may take after the service was told to end.
const grace = 15 * time.Second

// Listen opens a service's address before anything else runs, so that a port that is taken
// is the first thing said.
func Listen(addr string) (net.Listener, error) {
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("ADDR: %w", err)
	}
	return ln, nil
}

// Serve answers on ln until ctx ends, then lets open requests finish.
func Serve(ln net.Listener, handler http.Handler) run.Part {
	return func(ctx context.Context) error {
		server := &http.Server{
			Handler: heads(handler), ReadHeaderTimeout: 5 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 32 << 10,
		}
		ended := make(chan error, 1)
		go func() { ended <- server.Serve(ln) }()
		select {
		case err := <-ended:
			return err
		case <-ctx.Done():
		}
		bye, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
		defer cancel()
		err := server.Shutdown(bye)
		<-ended
		return err
	}
}

// heads answers HEAD wherever GET is: the same headers, while net/http keeps the body back
// (RFC 9110, section 9.3.2).
func heads(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead {
			r = r.WithContext(context.WithValue(r.Context(), headKey{}, true)) // a copy
			r.Method = http.MethodGet
		}
		next.ServeHTTP(w, r)
	})
}

type headKey struct{}

// WasHead reports whether a request came as a HEAD, for the wire of somebody else that has none.
func WasHead(ctx context.Context) bool { return ctx.Value(headKey{}) != nil }
