// Package rest is the public origin: it sends each request to the service that answers it,
// and serves the page itself.
package rest

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httputil"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/httpd"
	"github.com/tickler-app/tickler/pkg/telemetry"
	"github.com/tickler-app/tickler/services/web/internal/route"
)

// Exchange swaps an API token for a short token of the services. The error is
// fault.Unauthorized for one that is not good (any more).
type Exchange func(ctx context.Context, apiToken, scope string) (token string, err error)

// Config is what an Origin is made of.
type Config struct {
	Public   *url.URL                     // the origin as people reach it
	Services map[string]*url.URL          // where each is; one that is missing answers 503
	Reach    map[string]http.RoundTripper // how each is reached
	Exchange Exchange
	Page     http.Handler
	Docs     http.Handler
	Sockets  http.Handler // of realtime
	Proxies  []netip.Prefix
	Log      *slog.Logger
}

// Origin is the handler of everything that browsers and programs outside ask for.
type Origin struct {
	cfg     Config
	policy  string // the page's
	proxies map[string]*httputil.ReverseProxy
}

// New returns an Origin.
func New(cfg Config) *Origin {
	o := &Origin{cfg: cfg, policy: pagePolicy(cfg.Public), proxies: map[string]*httputil.ReverseProxy{}}
	for name, at := range cfg.Services {
		o.proxies[name] = o.proxy(name, at)
	}
	return o
}

// proxy passes requests on as they come; what only a proxy may say of them, forwarded has
// settled before.
func (o *Origin) proxy(name string, at *url.URL) *httputil.ReverseProxy {
	return &httputil.ReverseProxy{
		Rewrite: func(pr *httputil.ProxyRequest) {
			pr.SetURL(at)
			pr.Out.Host = pr.In.Host
			if httpd.WasHead(pr.In.Context()) { // the service may have none there
				pr.Out.Method = http.MethodHead
			}
			pr.Out.URL.RawQuery = pr.In.URL.RawQuery  // what cannot be read is for the service to refuse
			for _, header := range forwardedHeaders { // which were left out for being forgeable
				pr.Out.Header[header] = pr.In.Header[header]
			}
			hold(pr.Out)
		},
		Transport:      o.cfg.Reach[name],
		FlushInterval:  -1, // a chat's answer is a stream
		BufferPool:     newPool(16 << 10),
		ErrorLog:       slog.NewLogLogger(o.cfg.Log.Handler(), slog.LevelWarn),
		ModifyResponse: func(res *http.Response) error { sealed(res.Header); return nil },
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			if httpd.Left(r) {
				w.WriteHeader(httpd.CallerGone)
				return
			}
			o.cfg.Log.WarnContext(r.Context(), "passing on", "to", name, "error", err)
			o.refuse(w, fault.Wrap(fault.Unavailable, err, "a part that this needs is away; try again soon"))
		},
	}
}

// ServeHTTP answers a request, or has it answered.
func (o *Origin) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id, to := httpd.RequestID(r), route.Of(r.URL.EscapedPath())
	r = r.WithContext(telemetry.WithRequestID(r.Context(), id))
	r.Header.Set("X-Request-Id", id)
	w.Header().Set("X-Request-Id", id)
	o.headers(w.Header())
	switch to {
	case route.Nowhere:
		o.refuse(w, fault.New(fault.NotFound, "no such path"))
	case route.Page:
		w.Header().Set("Content-Security-Policy", o.policy)
		w.Header().Set("Cross-Origin-Opener-Policy", "same-origin")
		o.cfg.Page.ServeHTTP(w, r)
	case route.Docs:
		o.cfg.Docs.ServeHTTP(w, r)
	default:
		o.pass(w, r, to)
	}
}

// pass has a service answer.
func (o *Origin) pass(w http.ResponseWriter, r *http.Request, to string) {
	if o.proxies[to] == nil {
		o.refuse(w, fault.New(fault.Unavailable, "%s is not part of this installation", to))
		return
	}
	if err := o.exchange(r); err != nil {
		if to == route.MCP && fault.KindOf(err) == fault.Unauthorized { // as mcp itself says it
			at := o.cfg.Public.Scheme + "://" + o.cfg.Public.Host + "/.well-known/oauth-protected-resource/mcp"
			w.Header().Set("WWW-Authenticate", `Bearer resource_metadata="`+at+`"`)
		}
		o.refuse(w, err)
		return
	}
	if to != route.Identity {
		r.Header.Del("Cookie") // a session is between the browser and identity
	}
	forwarded(r, o.cfg.Proxies)
	if to == route.Realtime && strings.EqualFold(r.Header.Get("Upgrade"), "websocket") {
		o.cfg.Sockets.ServeHTTP(w, r)
		return
	}
	o.proxies[to].ServeHTTP(w, r)
}

func (o *Origin) refuse(w http.ResponseWriter, err error) {
	httpd.WriteProblem(w, err, w.Header().Get("X-Request-Id"))
}

// apiToken begins every API token.
const apiToken = "tkl_"

// ownToken tells the protocols of identity, whose answers to a token are their own.
func ownToken(path string) bool {
	return slices.ContainsFunc([]string{"/api/auth/", "/oauth/", "/.well-known/"}, func(below string) bool { return strings.HasPrefix(path, below) })
}

// exchange replaces an API token by one that the services take.
func (o *Origin) exchange(r *http.Request) error {
	if ownToken(r.URL.Path) {
		return nil
	}
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	token = strings.TrimSpace(token)
	if !strings.EqualFold(scheme, "Bearer") || !strings.HasPrefix(token, apiToken) {
		return nil
	}
	swapped, err := o.cfg.Exchange(r.Context(), token, "")
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+swapped)
	return nil
}
