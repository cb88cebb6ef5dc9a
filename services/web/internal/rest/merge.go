package rest

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tickler-app/tickler/pkg/httpd"
)

// Merged is one OpenAPI document of all services, asked for now and then.
type Merged struct {
	Services map[string]*url.URL
	Reach    map[string]http.RoundTripper
	Log      *slog.Logger

	mu   sync.Mutex
	made time.Time
	text []byte
}

// Times of the merged document.
const (
	mergedFreshFor = time.Minute
	mergeWithin    = 2 * time.Second
	maxDocument    = 4 << 20
)

// Handler serves the document and its reader.
func (m *Merged) Handler() http.Handler { return httpd.Docs(m.document) }

// document returns what was merged within the last minute, or merges anew. A service that
// is away is left out.
func (m *Merged) document() []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.text != nil && time.Since(m.made) < mergedFreshFor {
		return m.text
	}
	ctx, cancel := context.WithTimeout(context.Background(), mergeWithin)
	defer cancel()
	documents := map[string]map[string]any{}
	for name := range m.Services {
		document, err := m.fetch(ctx, name)
		if err != nil {
			m.Log.Debug("no document", "service", name, "error", err)
			continue
		}
		documents[name] = document
	}
	m.text, m.made = merge(documents), time.Now()
	return m.text
}

func (m *Merged) fetch(ctx context.Context, name string) (document map[string]any, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, m.Services[name].String()+"/openapi.json", nil)
	if err != nil {
		return nil, err
	}
	res, err := m.Reach[name].RoundTrip(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	return document, json.NewDecoder(io.LimitReader(res.Body, maxDocument)).Decode(&document)
}

// merge puts the paths of all documents into one. Components get the name of their service
// before their own, since two services may mean different things by one name.
func merge(documents map[string]map[string]any) []byte {
	paths, components, tags := map[string]any{}, map[string]any{}, []any{}
	for _, name := range slices.Sorted(maps.Keys(documents)) {
		document := renamed(documents[name], name+".").(map[string]any)
		own, _ := document["paths"].(map[string]any)
		maps.Copy(paths, own)
		parts, _ := document["components"].(map[string]any)
		for kind, part := range parts {
			all, _ := components[kind].(map[string]any)
			if all == nil {
				all = map[string]any{}
				components[kind] = all
			}
			for component, value := range part.(map[string]any) {
				if kind != "securitySchemes" { // the same bearer token everywhere
					component = name + "." + component
				}
				all[component] = value
			}
		}
		list, _ := document["tags"].([]any)
		tags = append(tags, list...)
	}
	text, _ := json.Marshal(map[string]any{ // it came from JSON
		"openapi": "3.1.0", "info": map[string]any{"title": "Tickler", "version": "1"},
		"servers": []any{map[string]any{"url": "/"}}, "security": []any{map[string]any{"bearer": []any{}}},
		"tags": tags, "paths": paths, "components": components,
	})
	return text
}

// renamed points references at the components' new names.
func renamed(node any, prefix string) any {
	switch node := node.(type) {
	case map[string]any:
		for key, value := range node {
			if ref, ok := value.(string); ok && key == "$ref" && strings.HasPrefix(ref, "#/components/") {
				at := strings.LastIndex(ref, "/") + 1
				node[key] = ref[:at] + prefix + ref[at:]
				continue
			}
			node[key] = renamed(value, prefix)
		}
	case []any:
		for i := range node {
			node[i] = renamed(node[i], prefix)
		}
	}
	return node
}
