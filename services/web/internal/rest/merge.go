package rest

import (
	"context"
	"encoding/json"
	"fmt"
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
	"github.com/tickler-app/tickler/services/web/internal/route"
)

// Merged is one OpenAPI document of all services, asked for now and then.
type Merged struct {
	Services map[string]*url.URL
	Reach    map[string]http.RoundTripper
	Log      *slog.Logger

	mu    sync.Mutex
	until time.Time // when text is made anew
	text  []byte
}

// Times of the merged document.
const (
	wholeFor    = time.Minute
	partialFor  = 5 * time.Second // one that lacks a service
	mergeWithin = 2 * time.Second
	maxDocument = 4 << 20
)

// Handler serves the document and its reader.
func (m *Merged) Handler() http.Handler { return httpd.Docs(m.document) }

// document returns what was merged lately, or merges anew. A service that is away is left out.
func (m *Merged) document() []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	if time.Now().Before(m.until) {
		return m.text
	}
	ctx, cancel := context.WithTimeout(context.Background(), mergeWithin)
	defer cancel()
	var (
		wait      sync.WaitGroup
		mu        sync.Mutex
		documents = map[string]map[string]any{}
	)
	for name := range m.Services {
		wait.Go(func() {
			document, err := m.fetch(ctx, name)
			if err != nil {
				m.Log.Debug("no document", "of", name, "error", err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			documents[name] = document
		})
	}
	wait.Wait()
	m.text, m.until = merge(documents), time.Now().Add(wholeFor)
	if len(documents) < len(m.Services) {
		m.until = time.Now().Add(partialFor)
	}
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
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("answered %s", res.Status)
	}
	return document, json.NewDecoder(io.LimitReader(res.Body, maxDocument)).Decode(&document)
}

// merge puts all documents into one: the calls that this origin passes on to them. Components
// and calls get the name of their service before their own, since two services may mean
// different things by one name.
func merge(documents map[string]map[string]any) []byte {
	paths, components, tags := map[string]any{}, map[string]any{}, []any{}
	for _, name := range slices.Sorted(maps.Keys(documents)) {
		document := renamed(documents[name], name+".").(map[string]any)
		for path, item := range object(document["paths"]) {
			path = below(object(item), path)
			if route.Of(path) == name {
				paths[path] = own(object(item), name, document["security"])
			}
		}
		for kind, part := range object(document["components"]) {
			all := object(components[kind])
			for component, value := range object(part) {
				if kind != "securitySchemes" { // the same ones everywhere
					component = name + "." + component
				}
				all[component] = value
			}
			components[kind] = all
		}
		list, _ := document["tags"].([]any)
		for _, tag := range list {
			if !slices.ContainsFunc(tags, func(other any) bool { return object(other)["name"] == object(tag)["name"] }) {
				tags = append(tags, tag)
			}
		}
	}
	merged := map[string]any{
		"openapi": "3.1.0", "info": map[string]any{"title": "Tickler", "version": "1", "description": about},
		"servers": []any{map[string]any{"url": "/"}}, "tags": tags, "paths": paths, "components": components,
	}
	illustrate(merged)
	text, _ := json.Marshal(merged) // it came from JSON
	return text
}

// below takes a path's own server out of its item, since here there is one server for all, and
// puts it before the path.
func below(item map[string]any, path string) string {
	servers, _ := item["servers"].([]any)
	delete(item, "servers")
	if len(servers) == 0 {
		return path
	}
	at, _ := object(servers[0])["url"].(string)
	return strings.TrimSuffix(at, "/") + path
}

// about is what one reads first.
const about = "Every call of every service, behind one origin. What is told on Kafka: [events](/docs/events)."

// own makes each call of a path its service's: with a name of its own, and with what the
// service's document says of security.
func own(item map[string]any, name string, security any) map[string]any {
	for _, node := range item {
		call, ok := node.(map[string]any)
		if !ok || call["responses"] == nil {
			continue
		}
		if id, ok := call["operationId"].(string); ok {
			call["operationId"] = name + "." + id
		}
		if _, said := call["security"]; !said && security != nil {
			call["security"] = security
		}
	}
	return item
}

// object is a node that is an object, or an empty one.
func object(node any) map[string]any {
	if found, ok := node.(map[string]any); ok {
		return found
	}
	return map[string]any{}
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
