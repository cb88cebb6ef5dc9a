package house

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
)

// check says what is missing on this machine before anything is started.
func (h *House) check(ctx context.Context) error {
	var missing []error
	need := func(program, what string) {
		if _, err := exec.LookPath(program); err != nil {
			missing = append(missing, fmt.Errorf("%s is missing: %s", program, what))
		}
	}
	need("go", "it builds the services; https://go.dev/dl has it")
	if h.hasPage() {
		need("make", "it knows when the page must be built")
		need("node", "it builds the page; 20.19 or newer, from https://nodejs.org")
		need("npm", "it fetches what the page is made of; it comes with Node")
	}
	if h.options.Broker == "kafka" {
		need("java", "Apache Kafka runs on it; 17 or newer")
	}
	if len(h.services) == 0 && h.options.Only == nil {
		missing = append(missing, fmt.Errorf("no service in %s", filepath.Join(h.options.Root, "services")))
	}
	if len(missing) > 0 {
		return errors.Join(missing...)
	}
	return h.awaitPorts(ctx)
}

// hasPage reports whether there is a page to build for a web service that runs.
func (h *House) hasPage() bool {
	if !slices.ContainsFunc(h.services, func(s Service) bool { return s.Name == "web" }) {
		return false
	}
	_, err := os.Stat(filepath.Join(h.options.Root, "services", "web", "page", "package.json"))
	return err == nil
}
