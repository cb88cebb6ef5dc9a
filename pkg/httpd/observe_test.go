package httpd

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/telemetry"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
)

const (
	traceID     = "0af7651916cd43dd8448eb211c80319c"
	traceparent = "00-" + traceID + "-b7ad6b7169203331-01"
)

// family returns a metric of a registry.
func family(t *testing.T, reg *prometheus.Registry, name string) *dto.MetricFamily {
	t.Helper()
	all, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range all {
		if f.GetName() == name {
			return f
		}
	}
	t.Fatalf("no metric %s", name)
	return nil
}

func TestARequestIsInTheMetricsAndInItsCallersTrace(t *testing.T) {
	t.Parallel()
	spans := tracetest.NewSpanRecorder()
	reg := telemetry.Registry("test")
	var during float64
	address, _ := serve(t, Config{Metrics: reg, Tracer: sdk.NewTracerProvider(sdk.WithSpanProcessor(spans))}, func(r *gin.Engine) {
		r.GET("/notes/:id", func(c *gin.Context) {
			during = family(t, reg, "tickler_http_requests_in_flight").GetMetric()[0].GetGauge().GetValue()
			c.String(http.StatusTeapot, telemetry.Traceparent(c.Request.Context()))
		})
	})
	_, body := send(t, "GET", address+"/notes/17", "", "traceparent: "+traceparent)
	if !strings.HasPrefix(body, "00-"+traceID) || strings.Contains(body, "b7ad6b7169203331") {
		t.Errorf("what the handler does is traced as %s", body)
	}
	if during != 1 {
		t.Errorf("%v requests were in flight", during)
	}
	if n := family(t, reg, "tickler_http_requests_in_flight").GetMetric()[0].GetGauge().GetValue(); n != 0 {
		t.Errorf("%v requests are in flight after the last", n)
	}
	metric := family(t, reg, "tickler_http_request_seconds").GetMetric()
	if len(metric) != 1 || metric[0].GetHistogram().GetSampleCount() != 1 {
		t.Fatalf("measured: %v", metric)
	}
	labels := map[string]string{}
	for _, pair := range metric[0].GetLabel() {
		labels[pair.GetName()] = pair.GetValue()
	}
	if labels["route"] != "/notes/:id" || labels["method"] != "GET" || labels["status"] != "418" {
		t.Errorf("labels %v", labels)
	}
	var exemplar string
	for _, bucket := range metric[0].GetHistogram().GetBucket() {
		if e := bucket.GetExemplar(); e != nil {
			exemplar = e.GetLabel()[0].GetValue()
		}
	}
	if exemplar != traceID {
		t.Errorf("the exemplar is of the trace %q", exemplar)
	}
	ended := spans.Ended()
	if len(ended) != 1 || ended[0].Name() != "GET /notes/:id" || ended[0].SpanContext().TraceID().String() != traceID {
		t.Errorf("spans %v", ended)
	}
}

func TestACallerWhoGoesAwayIsNoFailureOfOurs(t *testing.T) {
	t.Parallel()
	reg := telemetry.Registry("test")
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	var lines bytes.Buffer
	router, err := New(Config{Metrics: reg, Log: slog.New(slog.NewTextHandler(&lines, nil))})
	if err != nil {
		t.Fatal(err)
	}
	router.GET("/slow", func(c *gin.Context) {
		leave()
		<-c.Request.Context().Done()
		Fail(c, fault.New(fault.Unavailable, "canceling statement due to user request"))
	})
	router.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, "GET", "/slow", nil))
	labels := map[string]string{}
	for _, pair := range family(t, reg, "tickler_http_request_seconds").GetMetric()[0].GetLabel() {
		labels[pair.GetName()] = pair.GetValue()
	}
	if labels["status"] != "499" || lines.Len() != 0 {
		t.Errorf("measured as %v, logged: %s", labels, &lines)
	}
}

func TestAHandlerWithoutARouterIsObservedAlike(t *testing.T) {
	t.Parallel()
	spans := tracetest.NewSpanRecorder()
	reg := prometheus.NewRegistry()
	cfg := Config{Log: slog.New(slog.DiscardHandler), Metrics: reg, Tracer: sdk.NewTracerProvider(sdk.WithSpanProcessor(spans))}
	handler := Observe(cfg, func(*http.Request) string { return "page" }, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusBadGateway)
	}))
	req := httptest.NewRequestWithContext(t.Context(), "BREW", "/pot/17", nil)
	handler.ServeHTTP(httptest.NewRecorder(), req)
	labels := map[string]string{}
	for _, pair := range family(t, reg, "tickler_http_request_seconds").GetMetric()[0].GetLabel() {
		labels[pair.GetName()] = pair.GetValue()
	}
	if labels["route"] != "page" || labels["method"] != "other" || labels["status"] != "502" {
		t.Errorf("labels %v", labels)
	}
	if ended := spans.Ended(); len(ended) != 1 || ended[0].Status().Description != "Bad Gateway" {
		t.Errorf("spans %v", ended)
	}
}
