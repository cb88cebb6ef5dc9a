package run

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/tickler-app/tickler/pkg/env"
	"github.com/tickler-app/tickler/pkg/peer"
	"github.com/tickler-app/tickler/pkg/telemetry"
)

// Service is a program of the house. Its commands are serve (the default), migrate,
// healthcheck, settings, and those of its own.
type Service struct {
	Name     string
	Settings any     // a pointer to a struct for env.Load, filled before anything runs
	Addr     *string // the setting that says where /readyz answers, for healthcheck
	Plain    bool    // that stays plain HTTP, also where services have certificates

	Serve    Command
	Migrate  Command            // nil if it has no database
	Commands map[string]Command // more, by name
}

// Command does one thing and returns. args are what followed its name.
type Command func(ctx context.Context, log *slog.Logger, args []string) error

// common are the settings of every service.
type common struct {
	LogLevel  string `env:"LOG_LEVEL" default:"info" about:"debug, info, warn or error"`
	DebugAddr string `env:"DEBUG_ADDR" default:"" about:"where pprof answers, on loopback only, e.g. 127.0.0.1:6060; empty: nowhere"`
	Peer      peer.Settings
}

// Main runs the command that the arguments name, until it ends or SIGINT or SIGTERM comes,
// and exits: 0 if all was well, 1 if it failed, 2 if it was called wrongly.
func Main(s Service) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := s.main(ctx, os.Args[1:], os.LookupEnv, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

func (s Service) main(ctx context.Context, args []string, lookup func(string) (string, bool), out, errs io.Writer) int {
	name := "serve"
	if len(args) > 0 {
		name, args = args[0], args[1:]
	}
	var shared common
	if name == "settings" {
		if err := errors.Join(env.Describe(out, s.Settings), env.Describe(out, &shared)); err != nil {
			return 1
		}
		return 0
	}
	command := s.command(name)
	if command == nil {
		fmt.Fprintf(errs, "%s: no command %q; there are: %s\n", s.Name, name, strings.Join(s.names(), " "))
		return 2
	}
	log, err := s.load(&shared, lookup, errs)
	var who *peer.Identity
	if err == nil {
		who, err = peer.New(shared.Peer)
	}
	if err != nil {
		fmt.Fprintf(errs, "%s: settings:\n%v\n(%s settings prints them all)\n", s.Name, err, s.Name)
		return 2
	}
	ctx, cancel := context.WithCancel(peer.With(ctx, who))
	parts := []Part{func(ctx context.Context) error {
		defer cancel() // a command that is done ends the profiles too
		return command(ctx, log, args)
	}}
	if name == "serve" && shared.DebugAddr != "" {
		parts = append(parts, profiles(shared.DebugAddr))
	}
	if err := Together(ctx, parts...); err != nil {
		log.Error("stopped", "command", name, "error", err)
		return 1
	}
	return 0
}

func (s Service) load(shared *common, lookup func(string) (string, bool), errs io.Writer) (*slog.Logger, error) {
	if err := errors.Join(env.Load(s.Settings, lookup), env.Load(shared, lookup)); err != nil {
		return nil, err
	}
	if wrong := env.Misspelt(s.Settings, os.Environ()); len(wrong) > 0 {
		return nil, errors.New(strings.Join(wrong, "\n"))
	}
	return telemetry.Logger(errs, s.Name, shared.LogLevel)
}

func (s Service) command(name string) Command {
	switch name {
	case "serve":
		return s.Serve
	case "migrate":
		return s.Migrate
	case "healthcheck":
		return s.healthcheck
	}
	return s.Commands[name]
}

func (s Service) names() []string {
	names := []string{"serve", "healthcheck", "settings"}
	if s.Migrate != nil {
		names = append(names, "migrate")
	}
	for name := range s.Commands {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// healthcheck asks the running service on this machine whether it is ready.
func (s Service) healthcheck(ctx context.Context, _ *slog.Logger, _ []string) error {
	host, port, err := net.SplitHostPort(*s.Addr)
	if err != nil {
		return err
	}
	if host == "" || net.ParseIP(host).IsUnspecified() {
		host = "127.0.0.1"
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	address, client := "http://"+net.JoinHostPort(host, port), http.DefaultClient
	if who := peer.From(ctx); who != nil && !s.Plain {
		config, err := who.Client(s.Name)
		if err != nil {
			return err
		}
		address, client = "https://"+net.JoinHostPort(host, port), &http.Client{Transport: &http.Transport{TLSClientConfig: config}}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"/readyz", nil)
	if err != nil {
		return err
	}
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if body, _ := io.ReadAll(io.LimitReader(res.Body, 4096)); res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", res.Status, body)
	}
	return nil
}

// profiles serves pprof, and refuses to be reached from another machine.
func profiles(addr string) Part {
	return func(ctx context.Context) error {
		host, _, err := net.SplitHostPort(addr)
		if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsLoopback() {
			return fmt.Errorf("DEBUG_ADDR: %s is not an address on loopback", addr)
		}
		mux := http.NewServeMux()
		mux.HandleFunc("/debug/pprof/", pprof.Index)
		mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
		mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
		mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
		server := &http.Server{Addr: addr, Handler: mux, ReadHeaderTimeout: 5 * time.Second}
		defer context.AfterFunc(ctx, func() { _ = server.Close() })()
		if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	}
}
