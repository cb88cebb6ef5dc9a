// Command tickler is for people in a terminal: what there is to do, a line to add to it, and
// what changes while one looks. It speaks the public HTTP API and the live feed, as any program
// may (wire-api.md).
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// What the command ends with, so that a script can tell why.
const (
	exitDone     = 0
	exitFailed   = 1
	exitUsage    = 2 // the command line is not understood
	exitSignIn   = 3 // nobody is signed in, or the token may not do this
	exitNotFound = 4 // there is no such task, or several could be meant
	exitRefused  = 5 // the server will not have it as it is
	exitAway     = 6 // the server is away or asks to come back later
)

const about = `Tickler in a terminal.

  tickler login                       sign in; asks for what it needs
  tickler add "pay rent every last workday 9am !high #home"
  tickler list --due today            then: tickler done 2
  tickler undo                        take the last change back
  tickler watch                       what changes, as it happens

A task is named by its number in the list that was printed last, by its id, or by words that are
in one open task alone. --json prints the server's answers instead, and the feed one frame a line.

TICKLER_URL    the server, such as https://todo.example; else the one of the last login
TICKLER_TOKEN  an API token (tkl_…) or a JWT, used instead of the login that is kept
NO_COLOR       no colours; there are none either where the output is no terminal

Exit codes: 0 done, 1 failed, 2 not understood, 3 sign in first or not allowed, 4 no such task,
5 refused as it is, 6 the server is away.`

// session is one run of the command: what it was started with and where it speaks.
type session struct {
	in        io.Reader
	out, err  io.Writer
	lookup    func(string) (string, bool)
	folder    string // where the login is kept
	terminal  bool   // out is one
	password  func() ([]byte, error)
	now       func() time.Time
	transport http.RoundTripper

	json bool
	url  string // of --url
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	s := &session{
		in: os.Stdin, out: os.Stdout, err: os.Stderr, lookup: os.LookupEnv, now: time.Now, transport: http.DefaultTransport,
		terminal: term.IsTerminal(int(os.Stdout.Fd())),
		password: func() ([]byte, error) { return term.ReadPassword(int(os.Stdin.Fd())) },
	}
	if !term.IsTerminal(int(os.Stdin.Fd())) {
		s.password = nil
	}
	if folder, err := os.UserConfigDir(); err == nil {
		s.folder = filepath.Join(folder, "tickler")
	}
	code := s.run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

// run does what the arguments say, and returns what to end with.
func (s *session) run(ctx context.Context, args []string) int {
	root := s.command()
	root.SetArgs(args)
	root.SetIn(s.in)
	root.SetOut(s.out)
	root.SetErr(s.err)
	err := root.ExecuteContext(ctx)
	if err != nil {
		fmt.Fprintln(s.err, "tickler:", plain(err.Error()))
	}
	return codeOf(err)
}

// errUsage marks errors of the command line.
var errUsage = errors.New("see tickler --help")

func (s *session) command() *cobra.Command {
	root := &cobra.Command{Use: "tickler", Long: about, SilenceErrors: true, SilenceUsage: true, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.PersistentFlags().BoolVar(&s.json, "json", false, "print the server's answers as JSON")
	root.PersistentFlags().StringVar(&s.url, "url", "", "the server, instead of TICKLER_URL")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return fmt.Errorf("%w; %w", err, errUsage) })
	root.AddCommand(s.login(), s.logout(), s.add(), s.list(), s.done(), s.reopen(), s.rm(), s.undo(), s.watch())
	for _, cmd := range root.Commands() {
		checked := cmd.Args
		cmd.Args = func(cmd *cobra.Command, args []string) error {
			if err := checked(cmd, args); err != nil {
				return fmt.Errorf("%w; %w", err, errUsage)
			}
			return nil
		}
	}
	return root
}

func codeOf(err error) int {
	var problem *problem
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errSignIn):
		return exitSignIn
	case errors.Is(err, errNoTask):
		return exitNotFound
	case errors.Is(err, errAway):
		return exitAway
	case errors.As(err, &problem):
		return problem.exit()
	case errors.Is(err, errUsage), unknownCommand(err):
		return exitUsage
	}
	return exitFailed
}
