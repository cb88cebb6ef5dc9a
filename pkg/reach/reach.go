// Package reach makes every HTTP call that leaves a process: with a bound on its time,
// bounded retries, and a circuit breaker whose state is a metric.
package reach

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/sony/gobreaker/v2"
	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/peer"
	"github.com/tickler-app/tickler/pkg/telemetry"
	"go.opentelemetry.io/otel/propagation"
)

// Config says how a target is reached.
type Config struct {
	Target  string        // a name from a closed set, such as "jwks": the metric's label
	Timeout time.Duration // of one attempt, until its body is read; 0 means 5 s
	Retries int           // after the first attempt, of calls that may be repeated
	Metrics prometheus.Registerer

	// Proxy says that answers are passed on as they are: only a target that cannot be reached
	// counts as failing, and Timeout ends with the answer's headers, since its body may be a
	// stream.
	Proxy bool

	// Shared says that other clients have the same target, such as those of each host that a
	// webhook names. Their calls are measured together; their breakers are no metric, since
	// one gauge cannot tell of many.
	Shared bool
	// Transport is for a target that needs its own, such as one that must not be private.
	Transport http.RoundTripper
}

// Client calls one target.
type Client struct {
	cfg     Config
	http    *http.Client
	calls   *Calls
	breaker *gobreaker.CircuitBreaker[*http.Response]
}

// Breaking: after so many failures in a row nothing is tried for a while, then one call is.
const (
	failuresToBreak = 5
	breakFor        = 5 * time.Second
	firstPause      = 50 * time.Millisecond
)

// idlePerHost is how many connections are kept for the next call: those of a burst, since a call
// that must connect first costs both sides about as much again.
const idlePerHost = 256

// New returns a client for a target.
func New(cfg Config) *Client {
	if cfg.Timeout == 0 {
		cfg.Timeout = 5 * time.Second
	}
	if cfg.Transport == nil {
		cfg.Transport = &http.Transport{
			DialContext:    (&net.Dialer{Timeout: dialWithin}).DialContext,
			DialTLSContext: dialTLS, MaxIdleConnsPerHost: idlePerHost, IdleConnTimeout: time.Minute, ResponseHeaderTimeout: cfg.Timeout,
		}
	}
	calls := NewCalls(cfg.Metrics)
	told := func(gobreaker.State) {}
	if !cfg.Shared {
		told = calls.Breaker(cfg.Target)
	}
	return &Client{
		cfg: cfg, calls: calls,
		http: &http.Client{Transport: cfg.Transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		breaker: gobreaker.NewCircuitBreaker[*http.Response](gobreaker.Settings{
			Name: cfg.Target, Timeout: breakFor,
			ReadyToTrip:   func(counts gobreaker.Counts) bool { return counts.ConsecutiveFailures >= failuresToBreak },
			OnStateChange: func(_ string, _, to gobreaker.State) { told(to) },
			// The caller's own end says nothing about the target.
			IsSuccessful: func(err error) bool { return err == nil || errors.Is(err, context.Canceled) },
		}),
	}
}

// The time to connect, and for TLS besides.
const (
	dialWithin      = 2 * time.Second
	handshakeWithin = 3 * time.Second
)

// dialTLS connects as who the service is (pkg/peer), so that a service of ours knows us, and
// we it. Others are known by the system's authorities.
func dialTLS(ctx context.Context, network, address string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	config, err := peer.From(ctx).Client(host)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, dialWithin+handshakeWithin)
	defer cancel()
	dialer := tls.Dialer{NetDialer: &net.Dialer{Timeout: dialWithin}, Config: config}
	return dialer.DialContext(ctx, network, address)
}

// errAnswer is an answer that counts as a failure of the target.
type errAnswer struct{ res *http.Response }

func (e errAnswer) Error() string { return "answered " + e.res.Status }

// Do sends a request and returns the answer, whatever its status, with a body that must be
// closed. A call that may be repeated (GET, HEAD, one with an Idempotency-Key) is, after a
// failure to reach the target or a 429, 502, 503 or 504, as its Retry-After asks if that is
// soon. The error is fault.Unavailable.
func (c *Client) Do(req *http.Request) (*http.Response, error) {
	ctx, end := c.calls.Begin(req.Context(), c.cfg.Target)
	req = req.WithContext(ctx)
	telemetry.Propagator.Inject(ctx, propagation.HeaderCarrier(req.Header))
	res, err := c.do(req)
	end(outcome(res, err), err)
	return res, err
}

func (c *Client) do(req *http.Request) (*http.Response, error) {
	if id := telemetry.RequestID(req.Context()); id != "" && req.Header.Get("X-Request-Id") == "" {
		req.Header.Set("X-Request-Id", id)
	}
	retries := 0
	if repeatable(req) {
		retries = c.cfg.Retries
	}
	for attempt := 0; ; attempt++ {
		res, err := c.breaker.Execute(func() (*http.Response, error) { return c.once(req) })
		if answer, ok := errors.AsType[errAnswer](err); ok {
			if attempt == retries {
				return answer.res, nil
			}
			res = answer.res
		} else if err == nil {
			return res, nil
		} else if attempt == retries || req.Context().Err() != nil || errors.Is(err, gobreaker.ErrOpenState) {
			return nil, fault.Wrap(fault.Unavailable, err, c.cfg.Target+" does not answer")
		}
		if err := c.pause(req, res, attempt); err != nil {
			return nil, fault.Wrap(fault.Unavailable, err, c.cfg.Target+" does not answer")
		}
	}
}

// once makes one attempt. Its time is bounded until the body is closed.
func (c *Client) once(req *http.Request) (*http.Response, error) {
	ctx, cancel := c.bound(req.Context())
	attempt := req.Clone(ctx)
	if req.GetBody != nil {
		body, err := req.GetBody()
		if err != nil {
			cancel()
			return nil, err
		}
		attempt.Body = body
	}
	if c.cfg.Proxy {
		return c.cfg.Transport.RoundTrip(attempt)
	}
	res, err := c.http.Do(attempt)
	if err != nil {
		cancel()
		return nil, err
	}
	res.Body = &closing{res.Body, cancel}
	if busy(res.StatusCode) {
		return nil, errAnswer{res}
	}
	return res, nil
}

// bound is the time of an attempt. A proxy's transport bounds the wait for headers, and the
// caller's own context the rest.
func (c *Client) bound(ctx context.Context) (context.Context, context.CancelFunc) {
	if c.cfg.Proxy {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, c.cfg.Timeout)
}

// RoundTrip is Do, so that a reverse proxy can reach its target with it.
func (c *Client) RoundTrip(req *http.Request) (*http.Response, error) {
	return c.Do(req.Clone(req.Context()))
}

// pause waits before the next attempt: as long as the target asks, else with jitter.
func (c *Client) pause(req *http.Request, res *http.Response, attempt int) error {
	wait := firstPause << min(attempt, 6)
	wait = wait/2 + rand.N(wait)
	if res != nil {
		if seconds, err := strconv.Atoi(res.Header.Get("Retry-After")); err == nil {
			wait = max(wait, time.Duration(seconds)*time.Second)
		}
		_ = res.Body.Close()
	}
	if wait > c.cfg.Timeout {
		return fmt.Errorf("it asks to come back in %v", wait)
	}
	select {
	case <-time.After(wait):
		return nil
	case <-req.Context().Done():
		return req.Context().Err()
	}
}

func busy(status int) bool {
	return status == http.StatusTooManyRequests || status == http.StatusBadGateway ||
		status == http.StatusServiceUnavailable || status == http.StatusGatewayTimeout
}

func repeatable(req *http.Request) bool {
	safe := slices.Contains([]string{http.MethodGet, http.MethodHead}, req.Method) || req.Header.Get("Idempotency-Key") != ""
	return safe && (req.Body == nil || req.Body == http.NoBody || req.GetBody != nil)
}

// closing ends an attempt's time when its body is closed.
type closing struct {
	io.ReadCloser
	cancel context.CancelFunc
}

func (b *closing) Close() error {
	defer b.cancel()
	return b.ReadCloser.Close()
}
