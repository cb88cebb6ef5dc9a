// Command stack runs all of Tickler on this machine: make up.
package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/tickler-app/tickler/scripts/internal/catcher"
	"github.com/tickler-app/tickler/scripts/internal/database"
	"github.com/tickler-app/tickler/scripts/internal/house"
)

const usage = `stack runs all of Tickler on this machine, in the foreground, until ^C.

  stack            start everything that is here: broker, database, mail catcher, services
  stack reset      empty .tickler, where it keeps people, tasks and events
  stack with CMD…  run a command beside a house of its own, on free ports, of which nothing stays; TICKLER_URL tells
                   the command where it is, TICKLER_MAIL where the mail catcher is

Settings, from the environment:
  PORT_OFFSET      is added to every port, so that several run side by side, each with its own state
  BROKER=kafka     runs Apache Kafka (with java; the first time mvn fetches it) instead of the embedded broker
  OBSERVE=1        a Prometheus beside the services, with our rules (built from its Go module: the first time takes minutes)
  ONLY             names of services, with commas: these alone run; none: only what they stand on
  DATABASE_URL     a PostgreSQL (17 or newer) to use instead of the embedded one, as a superuser of it
  KAFKA_BROKERS    a broker to use instead, with KAFKA_SASL_… and KAFKA_TLS as it needs them
  SMTP_URL         a mail server to use instead of the catcher
  NO_COLOR         a log without colours
and every setting of a service (bin/<service> settings prints them) reaches the services that take it.

The others are what it runs for itself: stack broker, stack postgres, stack mail.
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	// A second ^C ends us at once, and the kernel asks the others to end; npm makes two of one.
	context.AfterFunc(ctx, func() { time.AfterFunc(time.Second, stop) })
	name, args := "up", os.Args[1:]
	if len(args) > 0 {
		name, args = args[0], args[1:]
	}
	if err := run(ctx, name, args); err != nil {
		fmt.Fprintln(os.Stderr, "stack:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, name string, args []string) error {
	switch name {
	case "up":
		return up(ctx)
	case "reset":
		return reset()
	case "with":
		return with(ctx, args)
	case "broker":
		return serveBroker(ctx, args)
	case "postgres":
		return database.Main(ctx)
	case "mail":
		return serveMail(ctx, args)
	case "help", "-h", "-help", "--help":
		fmt.Print(usage)
		return nil
	}
	return fmt.Errorf("no command %q\n\n%s", name, usage)
}

// options are those that the environment asks for.
func options() (o house.Options, err error) {
	o = house.Options{Broker: os.Getenv("BROKER"), Observe: os.Getenv("OBSERVE") != "", Environment: os.Environ(), Out: os.Stdout}
	if o.Program, err = os.Executable(); err != nil {
		return o, err
	}
	switch only := os.Getenv("ONLY"); only {
	case "":
	case "none":
		o.Only = []string{}
	default:
		o.Only = strings.Split(only, ",")
	}
	if offset := os.Getenv("PORT_OFFSET"); offset != "" {
		if o.Offset, err = strconv.Atoi(offset); err != nil {
			return o, fmt.Errorf("PORT_OFFSET=%s is no number", offset)
		}
	}
	info, err := os.Stdout.Stat()
	o.Colour = err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	return o, nil
}

func up(ctx context.Context) error {
	o, err := options()
	if err != nil {
		return err
	}
	h, err := house.New(o)
	if err != nil {
		return err
	}
	return h.Run(ctx)
}

func reset() error {
	o, err := options()
	if err != nil {
		return err
	}
	h, err := house.New(o)
	if err != nil {
		return err
	}
	if err := h.Reset(); err != nil {
		return err
	}
	fmt.Println(h.State(), "is empty")
	return nil
}

// serveMail catches mail: stack mail <SMTP address> <HTTP address>.
func serveMail(ctx context.Context, args []string) error {
	if len(args) != 2 {
		return fmt.Errorf("stack mail takes two addresses, for SMTP and for HTTP, not %q", args)
	}
	letters, err := net.Listen("tcp", args[0])
	if err != nil {
		return err
	}
	pages, err := net.Listen("tcp", args[1])
	if err != nil {
		return err
	}
	return new(catcher.Catcher).Serve(ctx, letters, pages)
}
