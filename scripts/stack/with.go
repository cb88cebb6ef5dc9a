package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/tickler-app/tickler/scripts/internal/house"
)

// longestStart is how long a house may take to be there, with everything to build.
const longestStart = 15 * time.Minute

// with runs a command beside a house of its own, on ports that are free and with a state that
// nobody had before, and leaves neither behind. The command is told where the page and the
// mail catcher are, by TICKLER_URL and TICKLER_MAIL. What the house said is kept where either fails.
func with(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errors.New("stack with takes a command")
	}
	o, err := options()
	if err != nil {
		return err
	}
	offset, free, err := house.FreeOffset()
	if err != nil {
		return err
	}
	defer free()
	log, err := os.CreateTemp("", "tickler-with-*.log")
	if err != nil {
		return err
	}
	defer log.Close()
	state, err := os.MkdirTemp("", "tickler-with-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(state)
	o.State, o.Offset, o.Out, o.Colour = state, offset, log, false
	if err := beside(ctx, o, args); err != nil && ctx.Err() == nil {
		return fmt.Errorf("%w; what the house said is in %s", err, log.Name())
	}
	return errors.Join(context.Cause(ctx), os.Remove(log.Name()))
}

// beside starts a house, runs a command, and takes the house down with all that it kept.
func beside(ctx context.Context, o house.Options, args []string) error {
	began := time.Now()
	h, stop, err := open(ctx, o)
	if err != nil {
		return err
	}
	fmt.Printf("a house of its own was ready in %.1f s: %s\n", time.Since(began).Seconds(), h.Public())
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Env = append(os.Environ(), "TICKLER_URL="+h.Public(), "TICKLER_MAIL="+h.URL("mail"))
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 20 * time.Second
	err = cmd.Run()
	return errors.Join(err, stop(), h.Reset())
}

// open starts a house that outlives ctx, since who uses it is to end first.
func open(ctx context.Context, o house.Options) (*house.House, func() error, error) {
	within, end := context.WithCancel(context.WithoutCancel(ctx))
	started := context.AfterFunc(ctx, end)
	late := time.AfterFunc(longestStart, end)
	defer func() { started(); late.Stop() }()
	h, stop, err := house.Start(within, o)
	if err == nil {
		return h, stop, nil
	}
	end()
	if h, wrong := house.New(o); wrong == nil {
		err = errors.Join(err, h.Reset()) // it may have got as far as a database
	}
	return nil, nil, err
}
