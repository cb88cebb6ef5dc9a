package run

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

type settings struct {
	Addr   string `env:"ADDR" default:":1" about:"where to listen"`
	Broker string `env:"BROKER" about:"where the broker is"`
}

// call runs a service's main and returns its exit code and what it printed.
func call(t *testing.T, s Service, environment map[string]string, args ...string) (int, string) {
	t.Helper()
	var cfg settings
	s.Name, s.Settings, s.Addr = "demo", &cfg, &cfg.Addr
	var out bytes.Buffer
	code := s.main(t.Context(), args, func(name string) (string, bool) { v, ok := environment[name]; return v, ok }, &out, &out)
	return code, out.String()
}

func TestAServiceTellsWhatItWasGivenWrongly(t *testing.T) {
	t.Parallel()
	ran := false
	demo := Service{Serve: func(context.Context, *slog.Logger, []string) error { ran = true; return nil }}
	for _, test := range []struct {
		args        []string
		environment map[string]string
		code        int
		says        string
	}{
		{nil, nil, 2, "BROKER is not set (where the broker is)"},
		{nil, map[string]string{"BROKER": "x", "LOG_LEVEL": "loud"}, 2, "LOG_LEVEL: loud is not debug, info, warn or error"},
		{[]string{"dance"}, nil, 2, `no command "dance"; there are: healthcheck serve settings`},
		{[]string{"migrate"}, map[string]string{"BROKER": "x"}, 2, `no command "migrate"`},
		{[]string{"settings"}, nil, 0, "where the broker is"},
	} {
		if code, said := call(t, demo, test.environment, test.args...); code != test.code || !strings.Contains(said, test.says) {
			t.Errorf("%v: %d %s", test.args, code, said)
		}
	}
	if ran {
		t.Error("it started all the same")
	}
	if code, said := call(t, demo, map[string]string{"BROKER": "x"}); code != 0 || !ran {
		t.Errorf("serve: %d %s", code, said)
	}
}

func TestAFailureIsLoggedAndExitsWithOne(t *testing.T) {
	t.Parallel()
	code, said := call(t, Service{Serve: func(context.Context, *slog.Logger, []string) error { return errors.New("boom") }},
		map[string]string{"BROKER": "x", "DEBUG_ADDR": "127.0.0.1:0"})
	if code != 1 || !strings.Contains(said, `"error":"boom"`) {
		t.Errorf("%d %s", code, said)
	}
}

func TestHealthcheckAsksTheRunningService(t *testing.T) {
	t.Parallel()
	status := http.StatusOK
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/readyz" {
			w.WriteHeader(status)
		}
	}))
	defer server.Close()
	environment := map[string]string{"BROKER": "x", "ADDR": strings.TrimPrefix(server.URL, "http://")}
	if code, said := call(t, Service{}, environment, "healthcheck"); code != 0 {
		t.Errorf("%d %s", code, said)
	}
	status = http.StatusServiceUnavailable
	if code, said := call(t, Service{}, environment, "healthcheck"); code != 1 || !strings.Contains(said, "503") {
		t.Errorf("%d %s", code, said)
	}
}

func TestTheFirstFailureEndsTheOthers(t *testing.T) {
	t.Parallel()
	boom := errors.New("boom")
	ended := false
	err := Together(t.Context(),
		func(context.Context) error { return boom },
		func(ctx context.Context) error { <-ctx.Done(); ended = true; return nil })
	if !errors.Is(err, boom) || !ended {
		t.Errorf("%v, ended %v", err, ended)
	}
}
