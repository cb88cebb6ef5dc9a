// Command chaos lets people use a whole house while its processes are killed, stopped and
// restarted, and then counts: nothing that was acknowledged may be lost, doubled, out of order
// or somebody else's. It is make chaos; chaos help tells its settings.
//
// The same seed does the same things to the same processes in the same order and lets people
// do the same; what meets what is up to the machine.
package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/tickler-app/tickler/pkg/env"
)

type settings struct {
	Seconds  int    `env:"CHAOS_SECONDS" default:"120" about:"how long the house is tormented"`
	Seed     int64  `env:"CHAOS_SEED" default:"0" about:"decides what is done to whom and when, and what people do; 0: another one each time"`
	Rate     int    `env:"CHAOS_RATE" default:"200" about:"changes per second, of all people together"`
	People   int    `env:"CHAOS_PEOPLE" default:"6" about:"how many people there are"`
	Clients  int    `env:"CHAOS_CLIENTS" default:"4" about:"how many clients of each make changes"`
	Feeds    int    `env:"CHAOS_FEEDS" default:"2" about:"how many clients of each listen"`
	Keepers  int    `env:"CHAOS_KEEPERS" default:"2" about:"how many people more have reminders that ring, and tasks that come again"`
	Replicas int    `env:"CHAOS_REPLICAS" default:"1" about:"of each service, every one of them a victim"`
	Broker   string `env:"BROKER" default:"" about:"kafka: the real one, which is killed and stopped too"`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "chaos:", err)
		os.Exit(1)
	}
}

// longest is how long a run may take besides its torment: to build, start, heal and count.
const longest = 10 * time.Minute

func run(ctx context.Context) error {
	var cfg settings
	if len(os.Args) > 1 { // it takes no arguments
		env.Describe(os.Stdout, &cfg)
		return nil
	}
	if err := env.Load(&cfg, os.LookupEnv); err != nil {
		return err
	}
	if cfg.Seed == 0 {
		cfg.Seed = rand.Int64N(1_000_000)
	}
	while := time.Duration(cfg.Seconds) * time.Second
	if cfg.Rate < 1 || cfg.People < 1 || while < time.Second || while > tokenLife {
		return fmt.Errorf("CHAOS_RATE and CHAOS_PEOPLE are at least 1, CHAOS_SECONDS 1 to %.0f", tokenLife.Seconds())
	}
	if cfg.Replicas < 1 || cfg.Replicas > 4 {
		return errors.New("CHAOS_REPLICAS is 1 to 4")
	}
	fmt.Printf("CHAOS_SEED=%d: %d s, %d changes/s by %d people, %d of each service\n", cfg.Seed, cfg.Seconds, cfg.Rate, cfg.People, cfg.Replicas)
	ctx, cancel := context.WithTimeout(ctx, while+longest)
	defer cancel()
	folder, err := os.MkdirTemp("", "tickler-chaos-")
	if err != nil {
		return err
	}
	t := &town{settings: cfg, state: filepath.Join(folder, "state")}
	if err := t.torment(ctx, folder, while); err != nil {
		return fmt.Errorf("CHAOS_SEED=%d: %w; what the house said is in %s", cfg.Seed, err, logPath(folder))
	}
	return os.RemoveAll(folder)
}

// torment is one run in a folder, in which the house's log is left.
func (t *town) torment(ctx context.Context, folder string, while time.Duration) (err error) {
	log, err := os.Create(logPath(folder))
	if err != nil {
		return err
	}
	defer log.Close()
	closeDown, err := t.open(ctx, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeDown()) }()
	if err := t.settle(ctx); err != nil {
		return err
	}
	history, err := t.live(ctx, while)
	if err != nil {
		return err
	}
	return report(os.Stdout, t.tormentor.done, history, check(history))
}
