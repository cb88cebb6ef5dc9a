package mcp

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/tickler-app/tickler/pkg/auth"
	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/httpd"
	"github.com/tickler-app/tickler/pkg/telemetry"
	"github.com/tickler-app/tickler/services/mcp/internal/tool"
)

// Door is the protocol over HTTP, for people's own tokens and for agents'.
type Door struct {
	Server *sdk.Server
	Public string // the origin as agents see it
	Issuer string // the authorization server

	// Origins are others whose pages may call. Programs that are no page send no Origin.
	Origins []string

	// Verify checks a token, Exchange swaps it for one to show to the services. Their errors
	// have the kinds fault.Unauthorized and fault.Unavailable.
	Verify   func(ctx context.Context, token string) (auth.Principal, error)
	Exchange func(ctx context.Context, token string, who auth.Principal) (string, error)
}

// The paths below the public origin.
const (
	Path         = "/mcp"
	MetadataPath = "/.well-known/oauth-protected-resource" // RFC 9728; with Path behind it, too
)

// maxBody bounds a request: one message, as all of ours (wire-api.md §2).
const maxBody = 1 << 20

// Handler answers Path.
func (d *Door) Handler() http.Handler {
	protocol := sdk.NewStreamableHTTPHandler(func(*http.Request) *sdk.Server { return d.Server }, &sdk.StreamableHTTPOptions{
		Stateless: true, JSONResponse: true, PropagateRequestCancellation: true, MaxRequestBodyBytes: maxBody,
		// Nobody gets past the guard by knowing a name of this machine: a token is needed.
		DisableLocalhostProtection: true,
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		who, err := d.admit(r)
		if err != nil {
			if fault.KindOf(err) == fault.Unauthorized {
				w.Header().Set("WWW-Authenticate", `Bearer resource_metadata="`+d.Public+MetadataPath+Path+`"`)
			}
			httpd.WriteProblem(w, err, telemetry.RequestID(r.Context()))
			return
		}
		accept(r)
		w.Header().Set("Cache-Control", "no-store")
		protocol.ServeHTTP(w, r.WithContext(As(r.Context(), who)))
	})
}

// admit finds out who makes a request. A foreign page is refused before its token is looked
// at, as the protocol's transport asks (2025-11-25, streamable HTTP, security warning).
func (d *Door) admit(r *http.Request) (tool.Caller, error) {
	if origin := r.Header.Get("Origin"); origin != "" && origin != d.Public && !slices.Contains(d.Origins, origin) {
		return tool.Caller{}, fault.New(fault.Forbidden, "pages of %s may not call here", strconv.Quote(origin))
	}
	shown := auth.Bearer(r.Header.Get("Authorization"))
	who, err := d.Verify(r.Context(), shown)
	if err != nil {
		return tool.Caller{}, err
	}
	token, err := d.Exchange(r.Context(), shown, who)
	return tool.Caller{UserID: who.UserID, Scopes: who.Scopes, Token: token}, err
}

// accept lets a client that takes JSON have it. The protocol wants it to take streams, too,
// but none is ever sent here.
func accept(r *http.Request) {
	given := strings.Join(r.Header.Values("Accept"), ",")
	if given == "" || strings.Contains(given, "application/json") || strings.Contains(given, "*/*") {
		r.Header.Set("Accept", "application/json, text/event-stream")
	}
}

// Metadata answers MetadataPath: who gives out tokens for this resource, and for what
// (RFC 9728). Pages of any origin may read it.
func (d *Door) Metadata() http.Handler {
	body, _ := json.Marshal(map[string]any{ // texts cannot fail
		"resource": d.Public + Path, "authorization_servers": []string{d.Issuer}, "bearer_methods_supported": []string{"header"},
		"scopes_supported": []string{auth.TasksRead, auth.TasksWrite, auth.AuditRead},
		"resource_name":    "Tickler", "resource_documentation": d.Public + "/docs",
	})
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("Cache-Control", "public, max-age=300")
		w.Header().Set("Content-Type", jsonType)
		_, _ = w.Write(body) // the client may be gone
	})
}
