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
	"mime"
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
	content, compressed []byte
	kind, etag          string
}

// Page is the built web app, in memory.
type Page struct {
	files map[string]file
	index file
}

// New reads the built page. It compresses once what is asked for often.
func New() (*Page, error) {
	p := &Page{files: map[string]file{}}
	err := fs.WalkDir(files, "dist", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		f, err := read(name)
		p.files["/"+strings.TrimPrefix(name, "dist/")] = f
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the page: %w", err)
	}
	index, built := p.files["/index.html"]
	if !built {
		if index, err = read("note.html"); err != nil {
			return nil, fmt.Errorf("read the page: %w", err)
		}
	}
	p.index = index
	return p, nil
}

func read(name string) (file, error) {
	content, err := files.ReadFile(name)
	if err != nil {
		return file{}, err
	}
	sum := sha256.Sum256(content)
	f := file{content: content, kind: mime.TypeByExtension(path.Ext(name)), etag: `"` + hex.EncodeToString(sum[:12]) + `"`}
	if path.Ext(name) == ".webmanifest" {
		f.kind = "application/manifest+json"
	}
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return file{}, err
	}
	if _, err := w.Write(content); err != nil {
		return file{}, err
	}
	if err := w.Close(); err != nil {
		return file{}, err
	}
	if b.Len() < len(content)*9/10 {
		f.compressed = b.Bytes()
	}
	return f, nil
}

// ServeHTTP answers a file by its path; what looks like a file and is none is not found; any
// other path is the app's, which routes by itself.
func (p *Page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
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
	header := w.Header()
	header.Set("Content-Type", f.kind)
	header.Set("ETag", f.etag)
	header.Add("Vary", "Accept-Encoding")
	if r.Header.Get("If-None-Match") == f.etag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	content := f.content
	if f.compressed != nil && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		header.Set("Content-Encoding", "gzip")
		content = f.compressed
	}
	header.Set("Content-Length", strconv.Itoa(len(content)))
	_, _ = w.Write(content) // the client may be gone
}
