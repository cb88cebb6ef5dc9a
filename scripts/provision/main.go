// Command provision prepares what services find when they start: their secrets as files, and
// their schemas and roles in PostgreSQL.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/tickler-app/tickler/pkg/env"
)

const usage = `provision prepares what services find when they start. Doing so twice changes nothing.

  provision secrets [-dir /secrets] [-database postgres:5432/tickler] NAME:KIND,KIND ...
      make the secrets that are not there yet, as dir/NAME/KIND. The kinds:
        password, auth-secret  a random word
        client-secret          a random word, also told to whoever has client-secrets
        client-secrets         all of them, as AUTH_CLIENT_SECRET of identity wants it
        secret-key             for SECRET_KEY_FILE
        database               database-url and work-database-url; the owner's is dir/owners/NAME,
                               for migrations alone, and the superuser's dir/owners/postgres, with
                               the word in dir/postgres/password
  provision database [-dir /secrets] SERVICE ...
      give services the roles and schemas that these files tell of; needs a superuser

  provision restored SERVICE ...
      after a dump was read into another server: make the outboxes of these services fit it;
      see docs/operations/backup.md

Settings of provision database and restored:

`

type settings struct {
	URL string `env:"DATABASE_URL" secret:"true" about:"PostgreSQL as a superuser"`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.LookupEnv, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "provision:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, lookup func(string) (string, bool), out io.Writer) error {
	var cfg settings
	flags := flag.NewFlagSet("provision", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.Usage = func() {
		fmt.Fprint(out, usage)
		_ = env.Describe(out, &cfg)
	}
	dir := flags.String("dir", "/secrets", "folder with a folder for each service")
	at := flags.String("database", "postgres:5432/tickler", "host, port and name of the database")
	name := ""
	if len(args) > 0 && args[0] != "" && args[0][0] != '-' {
		name, args = args[0], args[1:]
	}
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return nil
	} else if err != nil {
		return err
	}
	switch name {
	case "secrets":
		return makeSecrets(*dir, *at, flags.Args(), out)
	case "database":
		if err := env.Load(&cfg, lookup); err != nil {
			return err
		}
		return provision(ctx, cfg.URL, *dir, flags.Args(), out)
	case "restored":
		if err := env.Load(&cfg, lookup); err != nil {
			return err
		}
		return restored(ctx, cfg.URL, flags.Args(), out)
	case "":
		flags.Usage()
		return errors.New("no command")
	}
	return fmt.Errorf("no command %q; see provision -help", name)
}
