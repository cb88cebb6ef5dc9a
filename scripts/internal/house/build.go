package house

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

// buildProgram makes Options.Program from scripts/stack, unless it was given.
func (h *House) buildProgram(ctx context.Context) error {
	if h.options.Program != "" {
		return nil
	}
	h.options.Program = filepath.Join(h.options.Root, "bin", "stack")
	return h.exclusively(func() error { return h.goBuild(ctx, "./scripts/stack") })
}

// buildServices builds what changed since the last time: the page first, since web carries
// it, then every service.
func (h *House) buildServices(ctx context.Context) error {
	return h.exclusively(func() error {
		if h.hasPage() {
			// The Makefile's target knows what the page is made of.
			if err := h.tool(ctx, "make", "--no-print-directory", "-s", "page"); err != nil {
				return fmt.Errorf("build the page: %w", err)
			}
		}
		var packages []string
		for _, s := range h.services {
			packages = append(packages, "./services/"+s.Name)
		}
		if len(packages) == 0 {
			return nil
		}
		return h.goBuild(ctx, packages...)
	})
}

// goBuild puts programs into bin of the checkout. Go itself knows what is up to date.
func (h *House) goBuild(ctx context.Context, packages ...string) error {
	// With the commit's name in them, every commit would link all programs anew.
	if err := h.tool(ctx, "go", append([]string{"build", "-buildvcs=false", "-o", "bin/"}, packages...)...); err != nil {
		return fmt.Errorf("build the services: %w", err)
	}
	return nil
}

// tool runs a build tool in the checkout, and shows what it says in the log.
func (h *House) tool(ctx context.Context, name string, args ...string) error {
	out := h.log.Writer("build")
	defer out.Flush()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = h.options.Root, out, out
	// A make above us would speak to one below us in these.
	cmd.Env = append(os.Environ(), "MAKEFLAGS=", "MAKELEVEL=", "MFLAGS=")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	return cmd.Run()
}

// exclusively runs f while no other house of this checkout builds.
func (h *House) exclusively(f func() error) error {
	bin := filepath.Join(h.options.Root, "bin")
	if err := os.MkdirAll(bin, 0o755); err != nil {
		return err
	}
	lock, err := os.OpenFile(filepath.Join(bin, ".lock"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return err
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return err
	}
	return f()
}

// place puts a built program among those of this house, under the name that its process is
// to have, and returns its path there. What another build replaces in bin, a restart here
// does not pick up.
func (h *House) place(program, name string) (string, error) {
	folder := h.file("bin")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", err
	}
	path := filepath.Join(folder, name)
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", err
	}
	if os.Link(program, path) == nil {
		return path, nil
	}
	from, err := os.Open(program) // on another disk
	if err != nil {
		return "", err
	}
	defer from.Close()
	to, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o755)
	if err != nil {
		return "", err
	}
	_, err = io.Copy(to, from)
	return path, errors.Join(err, to.Close())
}
