package page

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

var script = strings.Repeat("console.log('the same again and again');", 20)

func built(t *testing.T) *Page {
	t.Helper()
	p, err := of(fstest.MapFS{
		"index.html": {Data: []byte("<html>the app")}, "theme.js": {Data: []byte("x")}, "assets/index-1a.js": {Data: []byte(script)},
		"assets/index-1a.js.br": {Data: []byte("as brotli")}, "assets/font-2b.woff2": {Data: []byte{0, 1, 2}}, "sw.js": {Data: []byte(script)},
		"manifest.webmanifest": {Data: []byte("{}")}, ".gitkeep": {}, ".vite/manifest.json": {Data: []byte("{}")},
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func get(p *Page, method, path string, headers ...string) *httptest.ResponseRecorder {
	w, r := httptest.NewRecorder(), httptest.NewRequest(method, path, nil)
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	p.ServeHTTP(w, r)
	return w
}

func TestAFileIsServedByItsPathAndTheAppByAnyOther(t *testing.T) {
	t.Parallel()
	p := built(t)
	const forever, ask = "public, max-age=31536000, immutable", "no-cache"
	for path, want := range map[string]string{
		"/": "200 text/html; charset=utf-8 " + ask, "/tasks": "200 text/html; charset=utf-8 " + ask, "/tasks/7": "200 text/html; charset=utf-8 " + ask,
		"/index.html": "200 text/html; charset=utf-8 " + ask, "/theme.js": "200 text/javascript; charset=utf-8 " + ask,
		"/assets/index-1a.js": "200 text/javascript; charset=utf-8 " + forever, "/assets/font-2b.woff2": "200 font/woff2 " + forever,
		"/manifest.webmanifest": "200 application/manifest+json " + ask,
		"/assets/index-0.js":    "404 application/problem+json ", "/assets/none": "404 application/problem+json ", "/assets/": "404 application/problem+json ",
		"/favicon.ico": "404 application/problem+json ", "/.gitkeep": "404 application/problem+json ", "/assets/index-1a.js.br": "404 application/problem+json ",
	} {
		w := get(p, "GET", path)
		got := fmt.Sprintf("%d %s %s", w.Code, w.Header().Get("Content-Type"), w.Header().Get("Cache-Control"))
		if got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
		if tag := w.Header().Get("ETag"); w.Code == 200 {
			if again := get(p, "GET", path, `If-None-Match: "other", W/`+tag); again.Code != 304 || again.Body.Len() > 0 {
				t.Errorf("%s again: %d", path, again.Code)
			}
		}
	}
	if w := get(p, "POST", "/tasks"); w.Code != 405 || w.Header().Get("Allow") != "GET, HEAD" {
		t.Errorf("POST: %d %v", w.Code, w.Header())
	}
}

func TestAFileIsSentAsSmallAsTheClientTakesIt(t *testing.T) {
	t.Parallel()
	p := built(t)
	tags := map[string]bool{}
	for accept, want := range map[string]string{
		"": "", "gzip": "gzip", "gzip, deflate, br": "br", "br;q=0, gzip;q=0.5": "gzip", "identity": "", "gzip;q=0": "",
	} {
		w := get(p, "GET", "/assets/index-1a.js", "Accept-Encoding: "+accept)
		body := io.Reader(w.Body)
		if want == "gzip" {
			var err error
			if body, err = gzip.NewReader(w.Body); err != nil {
				t.Fatal(err)
			}
		}
		content, err := io.ReadAll(body)
		if whole := string(content) == script || want == "br" && string(content) == "as brotli"; err != nil || !whole ||
			w.Header().Get("Content-Encoding") != want || w.Header().Get("Vary") != "Accept-Encoding" {
			t.Errorf("%q: %q %v (%v)", accept, content, w.Header(), err)
		}
		tags[w.Header().Get("ETag")] = true
	}
	if len(tags) != 3 {
		t.Errorf("three forms have the tags %v", tags)
	}
	if w := get(p, "GET", "/assets/font-2b.woff2", "Accept-Encoding: gzip, br"); w.Header().Get("Content-Encoding") != "" {
		t.Error("what gets no smaller was compressed")
	}
}

func TestWithoutABuiltPageTheProgramSaysHowToBuildIt(t *testing.T) {
	t.Parallel()
	p, err := of(fstest.MapFS{".gitkeep": {}})
	if err != nil {
		t.Fatal(err)
	}
	if w := get(p, "GET", "/tasks"); w.Code != 200 || !strings.Contains(w.Body.String(), "make build") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if _, err := New(); err != nil {
		t.Errorf("what is built into this program: %v", err)
	}
}
