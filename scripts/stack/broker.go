package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/tickler-app/tickler/pkg/testkit/apache"
	"github.com/tickler-app/tickler/scripts/internal/broker"
)

// serveBroker runs a broker: stack broker kfake|kafka <port> <folder>.
func serveBroker(ctx context.Context, args []string) error {
	if len(args) != 3 {
		return fmt.Errorf("stack broker takes kfake or kafka, a port and a folder, not %q", args)
	}
	port, err := strconv.Atoi(args[1])
	if err != nil {
		return fmt.Errorf("stack broker: port %q is no number", args[1])
	}
	folder, err := filepath.Abs(args[2])
	if err == nil {
		err = os.MkdirAll(folder, 0o755)
	}
	if err != nil {
		return err
	}
	switch args[0] {
	case "kfake":
		return broker.Serve(ctx, folder, port, func(string) {})
	case "kafka":
		return serveApache(ctx, folder, port)
	}
	return fmt.Errorf("stack broker: there are kfake and kafka, not %q", args[0])
}

func serveApache(ctx context.Context, folder string, port int) error {
	node := &apache.Broker{Dir: folder, Port: port}
	if err := node.Start(ctx); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return node.Stop()
	case <-node.Ended():
		return fmt.Errorf("kafka ended; see %s", filepath.Join(folder, "kafka.log"))
	}
}
