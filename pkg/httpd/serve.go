package httpd

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/peer"
	"github.com/tickler-app/tickler/pkg/run"
)

// grace is how long requests in hand may take after the service was told to end.
const grace = 15 * time.Second

// farewell is how long answers ask their callers to come back on another connection, before
// those that are idle are closed: on one that is closed just as a request comes, that
// request fails, and what may not be repeated is lost.
const farewell = 300 * time.Millisecond

var errLeaving = fault.New(fault.Unavailable, "this instance is going away")

// leaving asks for that once ctx has ended, and is no longer ready: whoever sends people here
// is to send them elsewhere.
func leaving(ctx context.Context, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if ctx.Err() != nil && r.Header.Get("Upgrade") == "" {
			w.Header().Set("Connection", "close")
			if r.URL.Path == "/readyz" || r.URL.Path == "/health" {
				WriteProblem(w, errLeaving, RequestID(r))
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// Listen opens a service's address before anything else runs, so that a port that is taken
// is the first thing said.
func Listen(addr string) (net.Listener, error) {
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("ADDR: %w", err)
	}
	return ln, nil
}

// Public is a port that people come to, who have no certificate: it stays plain HTTP, behind
// whatever ends their TLS.
func Public(ln net.Listener) net.Listener { return public{ln} }

type public struct{ net.Listener }

// Serve answers on ln until ctx ends, then lets open requests finish. Where the service is
// somebody (pkg/peer), it does so over TLS, and but for probes and metrics to its like alone.
func Serve(ln net.Listener, handler http.Handler) run.Part {
	return func(ctx context.Context) error {
		if who := peer.From(ctx); who != nil {
			if _, plain := ln.(public); !plain {
				ln, handler = tls.NewListener(ln, who.Server()), acquainted(handler)
			}
		}
		server := &http.Server{
			// Requests find in theirs who the service is, but do not end with it.
			BaseContext: func(net.Listener) context.Context { return context.WithoutCancel(ctx) },
			Handler:     heads(leaving(ctx, handler)), ReadHeaderTimeout: 5 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 32 << 10,
		}
		ended := make(chan error, 1)
		go func() { ended <- server.Serve(ln) }()
		select {
		case err := <-ended:
			return err
		case <-ctx.Done():
		}
		time.Sleep(farewell)
		bye, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
		defer cancel()
		err := server.Shutdown(bye)
		<-ended
		return err
	}
}

// acquainted lets in who showed a certificate; a platform that looks after us has none.
func acquainted(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !peer.Known(r.TLS) && !slices.Contains([]string{"/livez", "/readyz", "/health", "/metrics"}, r.URL.Path) {
			WriteProblem(w, fault.Wrap(fault.Forbidden, peer.ErrUnknown, peer.ErrUnknown.Error()), RequestID(r))
			return
		}
		next.ServeHTTP(w, r)
	})
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
