// Package supervise keeps processes running: it starts them, starts those again that end,
// stops them in order, and merges what they say into one log.
package supervise

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

// Process is one program that is to run until it is told otherwise. Its methods may be
// called while Run runs.
type Process struct {
	Name string

	// Command makes what is started, anew for each start; first is true for the first.
	// Its context is ended by Run, not by the command.
	Command func(ctx context.Context, first bool) (*exec.Cmd, error)

	Signal syscall.Signal // asks it to end; 0 is SIGTERM
	Grace  time.Duration  // how long it may take to end before it is killed; 0 is 10 s
	Log    *Log

	mu     sync.Mutex
	pid    int           // of the running process, 0 between two
	starts int           // how often it was started
	held   bool          // it is to stay down
	end    func()        // ends the running process
	change chan struct{} // closed, and made anew, at each change of the above
}

// Run keeps the process running until ctx ends, and returns when it is gone. One that ends
// by itself is started again after a while: see delays.
func (p *Process) Run(ctx context.Context) error {
	var delays delays
	for first := true; ctx.Err() == nil; first = false {
		if !p.awaitRelease(ctx) {
			return nil
		}
		began := time.Now()
		err := p.once(ctx, first)
		if ctx.Err() != nil || p.isHeld() {
			continue
		}
		delay := delays.after(time.Since(began))
		p.Log.Printf("%s ended (%s); again in %s", p.Name, reason(err), delay)
		p.pause(ctx, delay)
	}
	return nil
}

// once starts the process and waits for its end.
func (p *Process) once(ctx context.Context, first bool) error {
	ctx, end := context.WithCancel(ctx)
	defer end()
	cmd, err := p.Command(ctx, first)
	if err != nil {
		return err
	}
	out := p.Log.Writer(p.Name)
	defer out.Flush()
	cmd.Stdout, cmd.Stderr = out, out
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	// A group of its own, since ^C at the terminal is for us alone: we stop it in its turn.
	// And should we be killed, the kernel asks it to end.
	cmd.SysProcAttr.Setpgid = true
	cmd.SysProcAttr.Pdeathsig = p.signal()
	cmd.Cancel = func() error {
		err := cmd.Process.Signal(p.signal())
		_ = cmd.Process.Signal(syscall.SIGCONT) // one that is paused hears nothing else
		return err
	}
	cmd.WaitDelay = p.Grace
	if cmd.WaitDelay == 0 {
		cmd.WaitDelay = 10 * time.Second
	}
	p.mu.Lock()
	if p.held { // since we looked
		p.mu.Unlock()
		return nil
	}
	if err := cmd.Start(); err != nil {
		p.mu.Unlock()
		return err
	}
	p.pid, p.end = cmd.Process.Pid, end
	p.starts++
	p.changed()
	p.mu.Unlock()
	err = cmd.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pid, p.end = 0, nil
	p.changed()
	return err
}

// Pid is the number of the running process, or 0.
func (p *Process) Pid() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.pid
}

// Starts is how often the process was started so far.
func (p *Process) Starts() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.starts
}

// Send sends a signal: SIGKILL to see it start again, SIGSTOP and SIGCONT to pause it.
func (p *Process) Send(signal syscall.Signal) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.pid == 0 {
		return fmt.Errorf("%s is not running", p.Name)
	}
	return syscall.Kill(p.pid, signal)
}

// Hold asks the process to end, and keeps it down until Release. It returns when the
// process is gone or ctx ends.
func (p *Process) Hold(ctx context.Context) error {
	p.mu.Lock()
	p.held = true
	if p.end != nil {
		p.end()
	}
	p.changed()
	p.mu.Unlock()
	return p.await(ctx, func() bool { return p.pid == 0 })
}

// Release starts the process that Hold keeps down; also one that is between two starts, at
// once.
func (p *Process) Release() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held = false
	p.changed()
}

func (p *Process) signal() syscall.Signal {
	if p.Signal == 0 {
		return syscall.SIGTERM
	}
	return p.Signal
}

func (p *Process) isHeld() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.held
}

func (p *Process) awaitRelease(ctx context.Context) bool {
	return p.await(ctx, func() bool { return !p.held }) == nil
}

// await returns nil once ready, which is called with the lock held, says so.
func (p *Process) await(ctx context.Context, ready func() bool) error {
	for {
		p.mu.Lock()
		change, done := p.next(), ready()
		p.mu.Unlock()
		if done {
			return nil
		}
		select {
		case <-change:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// pause waits for the delay, or for Hold or Release.
func (p *Process) pause(ctx context.Context, delay time.Duration) {
	p.mu.Lock()
	change := p.next()
	p.mu.Unlock()
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-change:
	case <-ctx.Done():
	}
}

// next is closed at the next change; the lock is held.
func (p *Process) next() <-chan struct{} {
	if p.change == nil {
		p.change = make(chan struct{})
	}
	return p.change
}

func (p *Process) changed() {
	if p.change != nil {
		close(p.change)
		p.change = nil
	}
}

func reason(err error) string {
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return exit.ProcessState.String()
	} else if err == nil {
		return "exit status 0"
	} else if errors.Is(err, os.ErrNotExist) {
		return "its program is gone"
	}
	return err.Error()
}

// The delays before a process is started again: twice as long each time, up to a bound; a
// process that lived for a while has earned a fresh count.
const (
	shortest = 500 * time.Millisecond
	longest  = 10 * time.Second
	healthy  = time.Minute
)

type delays struct{ last time.Duration }

// after returns how long to wait after a process lived so long.
func (d *delays) after(lived time.Duration) time.Duration {
	if lived >= healthy {
		d.last = 0
	}
	d.last = min(max(2*d.last, shortest), longest)
	return d.last
}
