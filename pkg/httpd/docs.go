package httpd

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"io"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/tickler-app/tickler/pkg/fault"
)

// Swagger UI 5 (Apache-2.0), the distribution's bundle and style, compressed. The page
// loads nothing from elsewhere.
var (
	//go:embed docs/swagger-ui-bundle.js.gz
	swaggerScript []byte
	//go:embed docs/swagger-ui.css.gz
	swaggerStyle []byte
	//go:embed docs/index.html
	docsPage []byte
	//go:embed docs/start.js
	docsStart []byte
)

const docsPolicy = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'"

// docs serves an OpenAPI document at /openapi.json and for people at /docs.
func docs(r gin.IRoutes, document []byte) {
	handler := Docs(func() []byte { return document })
	for _, path := range []string{"/openapi.json", "/docs", "/docs/*file"} {
		r.GET(path, gin.WrapH(handler))
	}
}

// Docs serves an OpenAPI document, which may change, and its reader: /openapi.json, /docs
// and what that loads.
func Docs(document func() []byte) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /openapi.json", func(w http.ResponseWriter, _ *http.Request) { write(w, "application/json", document()) })
	mux.HandleFunc("GET /docs", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Security-Policy", docsPolicy)
		write(w, "text/html; charset=utf-8", docsPage)
	})
	mux.HandleFunc("GET /docs/start.js", func(w http.ResponseWriter, _ *http.Request) { write(w, "text/javascript", docsStart) })
	mux.HandleFunc("GET /docs/swagger-ui.css", compressed("text/css", swaggerStyle))
	mux.HandleFunc("GET /docs/swagger-ui-bundle.js", compressed("text/javascript", swaggerScript))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, pattern := mux.Handler(r); pattern != "" {
			mux.ServeHTTP(w, r)
			return
		}
		id := w.Header().Get(requestIDHeader)
		asked := r.Clone(r.Context())
		asked.Method = http.MethodGet
		if _, pattern := mux.Handler(asked); pattern != "" {
			w.Header().Set("Allow", "GET, HEAD")
			WriteProblem(w, fault.New(fault.MethodNotAllowed, "not with this method"), id)
			return
		}
		WriteProblem(w, fault.New(fault.NotFound, "no such path"), id)
	})
}

func write(w http.ResponseWriter, contentType string, content []byte) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(content) // the client may be gone
}

// compressed serves gzip as it lies there, or unpacks it for a client that takes none.
func compressed(contentType string, content []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "public, max-age=86400")
		w.Header().Add("Vary", "Accept-Encoding")
		if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			w.Header().Set("Content-Encoding", "gzip")
			write(w, contentType, content)
			return
		}
		reader, err := gzip.NewReader(bytes.NewReader(content))
		if err != nil {
			http.Error(w, "unreadable", http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", contentType)
		_, _ = io.Copy(w, reader) // the client may be gone
	}
}
