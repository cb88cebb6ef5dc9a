// Package rest is the public origin: it sends each request to the service that answers it,
// and serves the page itself.
package rest

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"

	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/httpd"
	"github.com/tickler-app/tickler/services/web/internal/route"
)

// Exchange swaps an API token for a short token of the services. The error is
// fault.Unauthorized for one that is not good (any more).
type Exchange func(ctx context.Context, apiToken string) (token string, err error)

// Config is what an Origin is made of.
type Config struct {
	Services map[string]*url.URL          // where each is; one that is missing answers 503
	Reach    map[string]http.RoundTripper // how each is reached
	Exchange Exchange
	Page     http.Handler
	Docs     http.Handler
	Secure   bool // the public address is https
	Log      *slog.Logger
}

// Origin is the handler of everything that browsers and programs outside ask for.
type Origin struct {
	cfg     Config
	proxies map[string]*httputil.ReverseProxy
}

// New returns an Origin.
func New(cfg Config) *Origin {
	o := &Origin{cfg: cfg, proxies: map[string]*httputil.ReverseProxy{}}
	for name, at := range cfg.Services {
		o.proxies[name] = o.proxy(name, at)
	}
	return o
}

// proxy passes requests on as they come, but for what only a proxy may say: whence they come.
func (o *Origin) proxy(name string, at *url.URL) *httputil.ReverseProxy {
	return &httputil.ReverseProxy{
		Rewrite: func(pr *httputil.ProxyRequest) {
			pr.SetURL(at)
			pr.SetXForwarded()
			pr.Out.Host = pr.In.Host
		},
		Transport:     o.cfg.Reach[name],
		FlushInterval: -1, // a chat's answer is a stream
		BufferPool:    newPool(16 << 10),
		ErrorLog:      slog.NewLogLogger(o.cfg.Log.Handler(), slog.LevelWarn),
		ModifyResponse: func(res *http.Response) error {
			res.Header.Del("X-Request-Id") // it is on the answer already
			return nil
		},
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			if r.Context().Err() == nil {
				o.cfg.Log.WarnContext(r.Context(), "passing on", "service", name, "error", err)
			}
			o.refuse(w, fault.Wrap(fault.Unavailable, err, "a part that this needs is away; try again soon"))
		},
	}
}

// ServeHTTP answers a request, or has it answered.
func (o *Origin) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id := httpd.RequestID(r)
	r.Header.Set("X-Request-Id", id)
	o.headers(w.Header(), id)
	to := route.Of(r.URL.Path)
	switch to {
	case route.Nowhere:
		o.refuse(w, fault.New(fault.NotFound, "no such path"))
	case route.Page:
		w.Header().Set("Content-Security-Policy", pagePolicy)
		o.cfg.Page.ServeHTTP(w, r)
	case route.Docs:
		o.cfg.Docs.ServeHTTP(w, r)
	default:
		if o.proxies[to] == nil {
			o.refuse(w, fault.New(fault.Unavailable, "%s is not part of this installation", to))
			return
		}
		if err := o.exchange(r); err != nil {
			o.refuse(w, err)
			return
		}
		if to == route.Realtime {
			o.socket(w, r)
			return
		}
		o.proxies[to].ServeHTTP(w, r)
	}
}

func (o *Origin) refuse(w http.ResponseWriter, err error) {
	httpd.WriteProblem(w, err, w.Header().Get("X-Request-Id"))
}

// apiToken begins every API token.
const apiToken = "tkl_"

// exchange replaces an API token by one that the services take.
func (o *Origin) exchange(r *http.Request) error {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	token = strings.TrimSpace(token)
	if !strings.EqualFold(scheme, "Bearer") || !strings.HasPrefix(token, apiToken) {
		return nil
	}
	swapped, err := o.cfg.Exchange(r.Context(), token)
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+swapped)
	return nil
}

// pagePolicy lets the page load and call its own origin alone. Styles may be inline because
// the components place pop-ups with them; scripts may not.
const pagePolicy = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self'; " +
	"connect-src 'self'; worker-src 'self'; manifest-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

func (o *Origin) headers(h http.Header, id string) {
	h.Set("X-Request-Id", id)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
	if o.cfg.Secure {
		h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
	}
}
