package house_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"net/smtp"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/tickler-app/tickler/pkg/kafka"
	"github.com/tickler-app/tickler/pkg/postgres"
	events "github.com/tickler-app/tickler/proto-events"
	"github.com/tickler-app/tickler/scripts/catalog"
	"github.com/tickler-app/tickler/scripts/internal/database"
	"github.com/tickler-app/tickler/scripts/internal/house"
	"github.com/tickler-app/tickler/scripts/internal/journal"
	"github.com/twmb/franz-go/pkg/kgo"
)

// bare are the options of a house without services, on free ports, that keeps nothing.
func bare(t *testing.T) (house.Options, *journal.Journal) {
	t.Helper()
	offset, free, err := house.FreeOffset()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(free)
	out := &journal.Journal{}
	o := house.Options{State: t.TempDir(), Offset: offset, Only: []string{}, Out: out}
	t.Cleanup(func() {
		os.RemoveAll(database.DataFolder(o.State))
		if t.Failed() {
			t.Log(out)
		}
	})
	return o, out
}

func start(t *testing.T, o house.Options) (*house.House, func()) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	h, stop, err := house.Start(ctx, o)
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	end := sync.OnceFunc(func() {
		defer cancel()
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(end)
	return h, end
}

// checkTopics fails if the broker is not as the catalog says.
func checkTopics(t *testing.T, h *house.House) {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(h.Kafka().Brokers...))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if err := kafka.CheckTopics(t.Context(), client, catalog.Topics(events.DevelopmentPartitions, 1)); err != nil {
		t.Error(err)
	}
}

// remember makes a table, or tells whether it is there.
func remember(t *testing.T, h *house.House, make bool) (there bool) {
	t.Helper()
	db, err := postgres.Open(h.AdminURL())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if make {
		_, err = db.Exec(`CREATE TABLE kept (word text)`)
	} else {
		err = db.Get(&there, `SELECT to_regclass('kept') IS NOT NULL`)
	}
	if err != nil {
		t.Fatal(err)
	}
	return there
}

func TestAHouseKeepsItsStateAndLeavesNobodyBehind(t *testing.T) {
	t.Parallel()
	o, out := bare(t)
	h, end := start(t, o)
	checkTopics(t, h)
	remember(t, h, true)
	if err := smtp.SendMail(h.Address("smtp"), nil, "a@localhost", []string{"b@localhost"}, []byte("Subject: hello\r\n\r\nyou\r\n")); err != nil {
		t.Error(err)
	}
	res, err := http.Get(h.URL("mail") + "/messages")
	if err != nil {
		t.Fatal(err)
	}
	var shown bytes.Buffer
	_, _ = shown.ReadFrom(res.Body)
	res.Body.Close()
	if !strings.Contains(shown.String(), `"subject":"hello"`) {
		t.Errorf("mail caught: %s", &shown)
	}
	if second, err := house.New(o); err != nil {
		t.Error(err)
	} else if err := second.Run(t.Context()); !errors.Is(err, house.ErrRunning) || !strings.Contains(err.Error(), h.Public()) {
		t.Errorf("a second one with the same state: %v", err)
	} else if err := second.Reset(); !errors.Is(err, house.ErrRunning) {
		t.Errorf("emptied while it runs: %v", err)
	}
	var pids []int
	for _, name := range []string{"postgres", "broker", "mail"} {
		pids = append(pids, h.Process(name).Pid())
	}
	end()
	for _, pid := range pids {
		if pid == 0 || syscall.Kill(pid, 0) == nil {
			t.Errorf("process %d is still there", pid)
		}
	}
	if said := out.String(); !strings.Contains(said, "\nready in ") || !strings.Contains(said, " s: "+h.Public()+"\n") {
		t.Error("it did not say that it is ready")
	}
	h, end = start(t, o)
	checkTopics(t, h)
	if !remember(t, h, false) {
		t.Error("the database is another one")
	}
	end()
	if err := h.Reset(); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(o.State); err != nil || len(left) != 1 || left[0].Name() != "lock" {
		t.Errorf("left after it was emptied: %v, %v", left, err)
	}
}

func TestAKilledBrokerComesBackWithItsTopics(t *testing.T) {
	t.Parallel()
	o, _ := bare(t)
	h, _ := start(t, o)
	before := h.Process("broker").Pid()
	if err := h.Process("broker").Send(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(h.Kafka().Brokers...))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	for h.Process("broker").Pid() == before || client.Ping(t.Context()) != nil {
		if t.Context().Err() != nil {
			t.Fatal("it does not come back")
		}
	}
	checkTopics(t, h)
}

func TestWhatIsThereAlreadyIsUsed(t *testing.T) {
	t.Parallel()
	given, _ := bare(t)
	first, _ := start(t, given)
	o, _ := bare(t)
	o.Environment = []string{"DATABASE_URL=" + first.AdminURL(), "KAFKA_BROKERS=" + first.Kafka().Brokers[0], "SMTP_URL=smtp://" + first.Address("smtp")}
	second, _ := start(t, o)
	for _, name := range []string{"postgres", "broker", "mail", "api"} {
		if second.Process(name) != nil {
			t.Errorf("it runs a %s of its own", name)
		}
	}
	checkTopics(t, second)
	remember(t, second, true)
	if !remember(t, first, false) {
		t.Error("it has another database")
	}
	o.Environment = []string{"DATABASE_URL=" + strings.Replace(first.AdminURL(), "@", "x@", 1), o.Environment[1], o.Environment[2]}
	o.State = t.TempDir()
	if _, _, err := house.Start(t.Context(), o); err == nil || !strings.Contains(err.Error(), "password") {
		t.Errorf("with a wrong password: %v", err)
	}
}

func TestATakenPortIsToldBeforeAnythingStarts(t *testing.T) {
	t.Parallel()
	o, out := bare(t)
	h, err := house.New(o)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", h.Address("broker"))
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	err = h.Run(t.Context())
	_, port, _ := net.SplitHostPort(h.Address("broker"))
	want := port + ", by house.test (pid " + strconv.Itoa(os.Getpid()) + ")"
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
	if out.String() != "" {
		t.Errorf("it began: %s", out)
	}
}

func TestAWrongOptionIsTold(t *testing.T) {
	t.Parallel()
	for _, o := range []house.Options{{Broker: "rabbit"}, {Offset: 60000}, {Offset: -3000}, {Only: []string{"apy"}}} {
		if _, err := house.New(o); err == nil {
			t.Errorf("%+v is taken", o)
		}
	}
	h, err := house.New(house.Options{Offset: 20000})
	if err != nil {
		t.Fatal(err)
	}
	if h.Public() != "http://127.0.0.1:23000" || filepath.Base(h.State()) != "20000" {
		t.Errorf("at %s, kept in %s", h.Public(), h.State())
	}
}
