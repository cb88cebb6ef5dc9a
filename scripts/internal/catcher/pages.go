package catcher

import (
	_ "embed"
	"encoding/json"
	"html/template"
	"net/http"
	"regexp"
	"slices"
)

//go:embed page.html
var page string

var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{"linked": linked}).Parse(page))

// handler shows what was caught: GET and DELETE /messages for programs, GET / for people.
func (c *Catcher) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /messages", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string][]Message{"messages": c.list()})
	})
	mux.HandleFunc("DELETE /messages", func(w http.ResponseWriter, _ *http.Request) {
		c.clear()
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		newest := c.list()
		slices.Reverse(newest)
		// A letter's HTML may ask for nothing and run nothing.
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-src 'self'")
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_ = pageTemplate.Execute(w, newest)
	})
	return mux
}

var address = regexp.MustCompile(`https?://[^\s<>"]+`)

// linked makes the addresses in a text links, as a reader of mail does.
func linked(text string) template.HTML {
	var out []byte
	last := 0
	for _, at := range address.FindAllStringIndex(text, -1) {
		url := template.HTMLEscapeString(text[at[0]:at[1]])
		out = append(out, template.HTMLEscapeString(text[last:at[0]])...)
		out = append(out, `<a href="`+url+`">`+url+`</a>`...)
		last = at[1]
	}
	return template.HTML(append(out, template.HTMLEscapeString(text[last:])...))
}
