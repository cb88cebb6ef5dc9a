package rest

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"maps"
	"net/http"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/httpd"
)

//go:embed events.html
var eventsPage string

// eventsPolicy lets the page load nothing at all: it is text and its own style.
const eventsPolicy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

// asyncAPI is what the page shows of a document.
type asyncAPI struct {
	Info     struct{ Title, Description string }
	Channels map[string]struct {
		Description string
		Messages    map[string]any
		Bindings    struct {
			Kafka struct {
				Partitions int
				Topic      struct {
					Cleanup   []string `yaml:"cleanup.policy"`
					Retention int64    `yaml:"retention.ms"`
				} `yaml:"topicConfiguration"`
			}
		}
	}
	Operations map[string]struct {
		Action  string
		Channel struct {
			Ref string `yaml:"$ref"`
		}
	}
	Components struct {
		Messages map[string]struct {
			Title   string
			Payload struct{ Schema string }
		}
		Schemas map[string]struct {
			Properties map[string]struct{ Description, Format, Const string }
		}
	}
}

// Does names the services that do something with a topic.
func (a *asyncAPI) Does(action, topic string) (services []string) {
	for name, op := range a.Operations {
		if op.Action == action && op.Channel.Ref == "#/channels/"+topic {
			service, _, _ := strings.Cut(name, ".")
			services = append(services, service)
		}
	}
	slices.Sort(services)
	return services
}

// Kept says for how long a topic keeps what is on it.
func (a *asyncAPI) Kept(topic string) string {
	settings := a.Channels[topic].Bindings.Kafka.Topic
	if slices.Contains(settings.Cleanup, "compact") {
		return "the last of each key"
	}
	const day = 24 * 60 * 60 * 1000
	return fmt.Sprintf("%d days", settings.Retention/day)
}

// Names are the messages of a topic.
func (a *asyncAPI) Names(topic string) []string {
	return slices.Sorted(maps.Keys(a.Channels[topic].Messages))
}

// Events serves the document of topics and messages, and a page for people made of it, at
// /docs/events and /docs/events.yaml; other paths go to next.
func Events(document []byte, next http.Handler) (http.Handler, error) {
	var read asyncAPI
	if err := yaml.Unmarshal(document, &read); err != nil {
		return nil, fmt.Errorf("the document of topics: %w", err)
	}
	page, err := template.New("events").Funcs(template.FuncMap{"join": strings.Join}).Parse(eventsPage)
	if err != nil {
		return nil, fmt.Errorf("the page of topics: %w", err)
	}
	var shown bytes.Buffer
	if err := page.Execute(&shown, &read); err != nil {
		return nil, fmt.Errorf("the page of topics: %w", err)
	}
	files := map[string]struct {
		kind string
		text []byte
	}{
		"/docs/events": {"text/html; charset=utf-8", shown.Bytes()}, "/docs/events.yaml": {"application/yaml", document},
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		file, ok := files[r.URL.Path]
		switch {
		case !ok:
			next.ServeHTTP(w, r)
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			w.Header().Set("Allow", "GET, HEAD")
			httpd.WriteProblem(w, fault.New(fault.MethodNotAllowed, "not with this method"), w.Header().Get("X-Request-Id"))
		default:
			w.Header().Set("Content-Type", file.kind)
			w.Header().Set("Content-Security-Policy", eventsPolicy)
			_, _ = w.Write(file.text) // the client may be gone
		}
	}), nil
}
