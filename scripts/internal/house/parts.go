package house

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/lib/pq"
	"github.com/tickler-app/tickler/pkg/env"
	"github.com/tickler-app/tickler/pkg/kafka"
	"github.com/tickler-app/tickler/pkg/postgres"
	events "github.com/tickler-app/tickler/proto-events"
	"github.com/tickler-app/tickler/scripts/catalog"
	"github.com/tickler-app/tickler/scripts/internal/broker"
	"github.com/tickler-app/tickler/scripts/internal/database"
	"github.com/twmb/franz-go/pkg/kgo"
)

// raiseDatabase brings up PostgreSQL, unless there is one already, and gives each service
// its schema and roles.
func (h *House) raiseDatabase(ctx context.Context, on *stage) error {
	h.admin, _ = h.lookup("DATABASE_URL")
	if h.admin == "" {
		if err := h.startPostgres(on); err != nil {
			return err
		}
	}
	db, err := postgres.Open(h.admin)
	if err != nil {
		return fmt.Errorf("DATABASE_URL: %w", err)
	}
	defer db.Close()
	if err := h.await(ctx, "postgres", postgres.Ready(db)); err != nil {
		if refused, ok := errors.AsType[*pq.Error](err); ok && refused.Code.Class() == "28" && h.Process("postgres") != nil {
			return fmt.Errorf("the database does not know the password in %s: bring back that file, or empty both with make reset", h.file("secrets.json"))
		}
		return err
	}
	for _, s := range h.services {
		if !s.Database {
			continue
		}
		h.databases[s.Name], err = postgres.Provision(ctx, h.admin, s.Name, func(role string) string { return h.secrets[role] })
		if err != nil {
			return err
		}
	}
	return nil
}

func (h *House) startPostgres(on *stage) error {
	server, err := database.Place(h.home())
	if err != nil {
		return err
	}
	server.Port, server.Password = h.ports()["postgres"], h.secrets[adminSecret]
	h.admin = "postgres://postgres:" + server.Password + "@" + h.Address("postgres") + "/postgres?sslmode=disable"
	program, err := h.place(h.options.Program, "tickler-postgres")
	if err != nil {
		return err
	}
	p := h.processes["postgres"]
	p.Signal, p.Grace = syscall.SIGINT, 20*time.Second // which closes connections; SIGTERM would wait for them
	p.Command = func(ctx context.Context, _ bool) (*exec.Cmd, error) { return server.Command(ctx, program, "postgres") }
	on.run(p)
	return nil
}

// raiseBroker brings up the broker, unless there is one already, and makes the topics.
func (h *House) raiseBroker(ctx context.Context, on *stage) error {
	if _, replaced := h.lookup("KAFKA_BROKERS"); replaced {
		if err := env.Load(&h.kafka, h.lookup); err != nil {
			return err
		}
	} else {
		if err := h.startBroker(ctx, on); err != nil {
			return err
		}
		h.kafka = kafka.Settings{Brokers: []string{h.Address("broker")}, Replication: 1}
	}
	client, err := kgo.NewClient(append(h.kafka.Opts(slog.New(slog.DiscardHandler), nil), kgo.RequestRetries(1))...)
	if err != nil {
		return err
	}
	defer client.Close()
	if err := h.await(ctx, "broker", client.Ping); err != nil {
		return err
	}
	did, err := kafka.ApplyTopics(ctx, client, catalog.Topics(events.DevelopmentPartitions, h.kafka.Replication))
	if len(did) > 0 {
		h.log.Printf("%d changes to topics", len(did))
	}
	return err
}

func (h *House) startBroker(ctx context.Context, on *stage) error {
	program, err := h.place(h.options.Program, "tickler-broker")
	if err != nil {
		return err
	}
	kind, folder := h.options.Broker, h.file("broker")
	if kind == "" {
		kind = "kfake"
		var compacted []string
		for _, topic := range events.Catalog() {
			if topic.Compact {
				compacted = append(compacted, topic.Name)
			}
		}
		if did, err := broker.Compact(ctx, folder, compacted...); err != nil {
			return err
		} else if did {
			h.log.Printf("the broker's state was compacted")
		}
	}
	p := h.processes["broker"]
	p.Grace = 30 * time.Second
	p.Command = func(ctx context.Context, _ bool) (*exec.Cmd, error) {
		return exec.CommandContext(ctx, program, "broker", kind, strconv.Itoa(h.ports()["broker"]), folder), nil
	}
	on.run(p)
	return nil
}

// raiseMail brings up the mail catcher, unless mail goes elsewhere.
func (h *House) raiseMail(ctx context.Context, on *stage) error {
	if _, replaced := h.lookup("SMTP_URL"); replaced {
		return nil
	}
	program, err := h.place(h.options.Program, "tickler-mail")
	if err != nil {
		return err
	}
	p := h.processes["mail"]
	p.Command = func(ctx context.Context, _ bool) (*exec.Cmd, error) {
		return exec.CommandContext(ctx, program, "mail", h.Address("smtp"), h.Address("mail")), nil
	}
	on.run(p)
	return h.await(ctx, "mail", answers(h.URL("mail")+"/"))
}

// raise brings a service up: its program, its schema, its process. It does not wait for it
// to be ready.
func (h *House) raise(ctx context.Context, s Service, on *stage) error {
	program, err := h.place(filepath.Join(h.options.Root, "bin", s.Name), s.Name)
	if err != nil {
		return err
	}
	takes, err := taken(ctx, program)
	if err != nil {
		return err
	}
	if s.Database {
		cmd := exec.CommandContext(ctx, program, "migrate")
		cmd.Env = h.environment(s, takes, map[string]string{"MIGRATE_DATABASE_URL": h.databases[s.Name].MigrateURL})
		if said, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("%s migrate: %w: %s", s.Name, err, strings.TrimSpace(string(said)))
		}
	}
	if h.options.Replicas > 0 {
		return h.raiseFleet(s, on, func(ctx context.Context, extra map[string]string) *exec.Cmd {
			cmd := exec.CommandContext(ctx, program)
			cmd.Env = h.environment(s, takes, extra)
			return cmd
		})
	}
	environment := h.environment(s, takes, nil)
	p := h.processes[s.Name]
	p.Command = func(ctx context.Context, _ bool) (*exec.Cmd, error) {
		cmd := exec.CommandContext(ctx, program)
		cmd.Env = environment
		return cmd, nil
	}
	on.run(p)
	return nil
}

// addresses tells people where everything is.
func (h *House) addresses() string {
	var out strings.Builder
	row := func(name, what string) { fmt.Fprintf(&out, "  %-12s  %s\n", name, what) }
	for _, s := range h.services {
		row(s.Name, h.URL(s.Name))
	}
	if h.Process("mail") != nil {
		row("mail", h.URL("mail"))
	}
	if h.Process("prometheus") != nil {
		row("prometheus", h.URL("prometheus")+"/api/v1/query?query=up")
	}
	if h.Process("postgres") != nil {
		row("postgres", h.Address("postgres")+", role postgres, password in "+h.file("secrets.json"))
	}
	row("broker", strings.Join(h.kafka.Brokers, ","))
	row("kept in", h.home())
	if folder := database.DataFolder(h.home()); !strings.HasPrefix(folder, h.home()) {
		row("", folder+" (nobody, who runs PostgreSQL for root, may not enter the other)")
	}
	return out.String()
}
