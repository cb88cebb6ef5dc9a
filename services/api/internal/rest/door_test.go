package rest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"github.com/tickler-app/tickler/pkg/auth"
	"github.com/tickler-app/tickler/pkg/httpd"
	"github.com/tickler-app/tickler/pkg/openapi"
	"github.com/tickler-app/tickler/pkg/outbox"
	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/pkg/testkit"
	"github.com/tickler-app/tickler/services/api/internal/rest"
	"github.com/tickler-app/tickler/services/api/internal/store"
	"github.com/tickler-app/tickler/services/api/internal/task"
)

func TestMain(m *testing.M) { os.Exit(testkit.Main(m)) }

// door is the service behind its HTTP door. Every answer is held against the document.
type door struct {
	*testing.T
	engine *gin.Engine
	doc    *openapi.Document
	who    auth.Principal
}

func open(t *testing.T) *door {
	t.Helper()
	t.Parallel()
	db, err := postgres.Open(testkit.Service(t, "api", outbox.Migrations, store.Migrations()).URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	spec, err := os.ReadFile("../../openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	d := &door{T: t, who: auth.Principal{UserID: "ada", Name: "Ada", TimeZone: "Europe/Berlin"}}
	if d.doc, err = openapi.Load(spec); err != nil {
		t.Fatal(err)
	}
	d.engine, err = httpd.New(httpd.Config{Log: slog.New(slog.DiscardHandler), Spec: spec, Formats: rest.Formats(), Guard: func(c *gin.Context) {
		c.Request = c.Request.WithContext(auth.With(c.Request.Context(), d.who)) // pkg/auth tests the real one
	}})
	if err != nil {
		t.Fatal(err)
	}
	tasks := &store.Tasks{DB: db}
	rest.Routes(d.engine, rest.Parts{Tasks: &task.Service{Store: tasks, Now: postgres.Now}, Porter: &task.Porter{Store: tasks, Now: postgres.Now},
		Calendars: &task.Calendars{Store: tasks, Now: postgres.Now}, Public: "https://todo.example"})
	return d
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   map[string]any
	raw    string
}

// call sends a request, with headers as "Name: value".
func (d *door) call(method, path, body string, headers ...string) answer {
	d.Helper()
	path, rooted := strings.CutPrefix(path, "/")
	if path = "/" + path; !rooted {
		path = "/api/" + d.who.UserID + path
	}
	req := httptest.NewRequestWithContext(context.WithoutCancel(d.Context()), method, path, strings.NewReader(body))
	if body == "" {
		req.Body = http.NoBody
	} else {
		req.Header.Set("Content-Type", "application/json")
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	var route string
	record := httptest.NewRecorder()
	d.engine.ServeHTTP(record, req)
	for _, r := range d.engine.Routes() {
		if r.Method == method && pattern(r.Path, strings.SplitN(path, "?", 2)[0]) {
			route = r.Path
		}
	}
	res := record.Result()
	content, _ := io.ReadAll(res.Body)
	if op := d.doc.Operation(method, route); op != nil {
		if err := op.Answer(res.StatusCode, res.Header.Get("Content-Type"), content); err != nil {
			d.Errorf("%s %s: %v", method, path, err)
		}
	}
	a := answer{status: res.StatusCode, header: res.Header, raw: string(content)}
	if strings.Contains(res.Header.Get("Content-Type"), "json") {
		if err := json.NewDecoder(bytes.NewReader(content)).Decode(&a.body); err != nil {
			d.Fatalf("%s %s: %s", method, path, content)
		}
	}
	return a
}

// pattern reports whether a path is one of a route's.
func pattern(route, path string) bool {
	want, got := strings.Split(route, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return false
	}
	for i := range want {
		if want[i] != got[i] && !strings.HasPrefix(want[i], ":") {
			return false
		}
	}
	return true
}

func (d *door) add(body string) (id string) {
	d.Helper()
	a := d.call("POST", "tasks", body)
	if a.status != 201 {
		d.Fatalf("%s: %d %v", body, a.status, a.body)
	}
	return a.body["id"].(string)
}

// fields lists "field:code" of a problem.
func (a answer) fields() string {
	var list []string
	all, _ := a.body["errors"].([]any)
	for _, e := range all {
		f := e.(map[string]any)
		list = append(list, f["field"].(string)+":"+f["code"].(string))
	}
	return strings.Join(list, " ")
}
