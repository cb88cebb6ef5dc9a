// Package page serves the web app that is built into the binary.
package page

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"

	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/httpd"
)

// all: keeps files whose names begin with a dot or an underscore too. Without a built page
// only the note is there, which says how to build it.
//
//go:embed all:dist note.html
var files embed.FS

// file is one that is served, as it lies and compressed.
type file struct {
	content []byte
	packed  map[string][]byte // by encoding, if that is worth it
	kind    string
	tag     string // of what is in it, whatever the encoding
}

// Page is the built web app, in memory.
type Page struct {
	files map[string]file
	index file
}

// encodings are those of which the build may leave a file beside the plain one, best first.
var encodings = []struct{ name, suffix string }{{"br", ".br"}, {"gzip", ".gz"}}

// New reads the built page. It compresses once what is asked for often.
func New() (*Page, error) {
	built, err := fs.Sub(files, "dist")
	if err != nil {
		return nil, fmt.Errorf("read the page: %w", err)
	}
	return of(built)
}

func of(all fs.FS) (*Page, error) {
	p := &Page{files: map[string]file{}}
	if err := fs.WalkDir(all, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasPrefix(path.Base(name), ".") || packed(all, name) {
			return err
		}
		f, err := read(all, name)
		p.files["/"+name] = f
		return err
	}); err != nil {
		return nil, fmt.Errorf("read the page: %w", err)
	}
	if index, built := p.files["/index.html"]; built {
		p.index = index
		return p, nil
	}
	note, err := read(files, "note.html")
	if err != nil {
		return nil, fmt.Errorf("read the page: %w", err)
	}
	p.index = note
	return p, nil
}

// packed reports whether a file is another one's compressed form.
func packed(all fs.FS, name string) bool {
	for _, e := range encodings {
		if plain, ok := strings.CutSuffix(name, e.suffix); ok {
			if _, err := fs.Stat(all, plain); err == nil {
				return true
			}
		}
	}
	return false
}

// kinds are told here, since a machine may have its own opinion, or none.
var kinds = map[string]string{
	".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".json": "application/json",
	".webmanifest": "application/manifest+json", ".svg": "image/svg+xml", ".png": "image/png", ".ico": "image/x-icon", ".webp": "image/webp",
	".woff2": "font/woff2", ".txt": "text/plain; charset=utf-8", ".map": "application/json", ".wasm": "application/wasm",
}

func read(all fs.FS, name string) (f file, err error) {
	if f.content, err = fs.ReadFile(all, name); err != nil {
		return f, err
	}
	f.kind, f.packed = kinds[path.Ext(name)], map[string][]byte{}
	if f.kind == "" {
		f.kind = "application/octet-stream"
	}
	sum := sha256.Sum256(f.content)
	f.tag = hex.EncodeToString(sum[:12])
	for _, e := range encodings {
		if smaller, err := fs.ReadFile(all, name+e.suffix); err == nil {
			f.packed[e.name] = smaller
		}
	}
	if f.packed["gzip"] == nil {
		smaller, err := zip(f.content)
		if err != nil {
			return f, err
		}
		if len(smaller) < len(f.content)*9/10 {
			f.packed["gzip"] = smaller
		}
	}
	return f, nil
}

func zip(content []byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(content); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// ServeHTTP answers a file by its path; what looks like a file and is none is not found; any
// other path is the app's, which routes by itself.
func (p *Page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		httpd.WriteProblem(w, fault.New(fault.MethodNotAllowed, "not with this method"), w.Header().Get("X-Request-Id"))
		return
	}
	f, ok := p.files[r.URL.Path]
	switch {
	case ok && strings.HasPrefix(r.URL.Path, "/assets/"): // their names carry a hash of what is in them
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	case ok:
		w.Header().Set("Cache-Control", "no-cache")
	case strings.HasPrefix(r.URL.Path, "/assets/"), path.Ext(r.URL.Path) != "":
		httpd.WriteProblem(w, fault.New(fault.NotFound, "no such file"), w.Header().Get("X-Request-Id"))
		return
	default:
		f = p.index
		w.Header().Set("Cache-Control", "no-cache")
	}
	f.write(w, r)
}

func (f file) write(w http.ResponseWriter, r *http.Request) {
	content, encoding := f.content, ""
	for _, e := range encodings {
		if smaller, ok := f.packed[e.name]; ok && takes(r, e.name) {
			content, encoding = smaller, e.name
			break
		}
	}
	header := w.Header()
	header.Set("Content-Type", f.kind)
	header.Set("ETag", `"`+f.tag+encoding+`"`) // each form has its own (RFC 9110, section 8.8.3.3)
	header.Add("Vary", "Accept-Encoding")
	if encoding != "" {
		header.Set("Content-Encoding", encoding)
	}
	if seen := r.Header.Get("If-None-Match"); strings.Contains(seen, `"`+f.tag) || seen == "*" {
		header.Del("Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	header.Set("Content-Length", strconv.Itoa(len(content)))
	_, _ = w.Write(content) // the client may be gone
}

// takes reports whether the client takes an encoding; one that it rates zero it does not.
func takes(r *http.Request, encoding string) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, weight, _ := strings.Cut(part, ";")
		if strings.TrimSpace(name) == encoding {
			return strings.Trim(strings.TrimPrefix(strings.TrimSpace(weight), "q="), "0.") != "" || weight == ""
		}
	}
	return false
}
