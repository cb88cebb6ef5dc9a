package house

import (
	"os"
	"path/filepath"
	"slices"
)

// Service is one of our own programs: what make up must know to run it.
type Service struct {
	Name     string
	Port     int
	Admin    int  // where it answers /readyz, if that is another port
	Database bool // it has a schema, roles and migrations

	// Extra are settings besides those that every service may take; see values.
	Extra func(h *House) map[string]string
}

// table lists the services. Those whose folder is not there are left out.
func table() []Service {
	return []Service{
		{Name: "identity", Port: 8007, Database: true, Extra: func(h *House) map[string]string {
			return map[string]string{"AUTH_CLIENT_SECRET": h.clientSecrets()}
		}},
		{Name: "api", Port: 8000, Database: true},
		{Name: "audit", Port: 8002, Database: true},
		{Name: "notification", Port: 8003, Database: true},
		{Name: "recurring", Port: 8004},
		{Name: "scheduler", Port: 8006},
		{Name: "realtime", Port: 8005},
		{Name: "mcp", Port: 8001},
		{Name: "chat", Port: 8008, Database: true},
		{Name: "web", Port: 3000, Admin: 3080, Extra: func(h *House) map[string]string {
			// It is what people reach first, so it believes nobody's X-Forwarded-For.
			return map[string]string{"ADMIN_ADDR": h.Address("web admin"), "TRUSTED_PROXIES": ""}
		}},
	}
}

// clients are the services that act for a person towards identity, each with its own secret.
var clients = []string{"web", "chat", "mcp"}

// The ports of what is not a service of ours.
const (
	postgresPort = 5433
	brokerPort   = 9092
	smtpPort     = 1025
	mailPort     = 8025
	observePort  = 9090
)

// present returns the services whose folder is there, or those of only.
func present(root string, only []string) (found []Service) {
	for _, s := range table() {
		if only != nil && !slices.Contains(only, s.Name) {
			continue
		}
		if _, err := os.Stat(filepath.Join(root, "services", s.Name, "main.go")); err == nil {
			found = append(found, s)
		}
	}
	return found
}

func names(services []Service) (names []string) {
	for _, s := range services {
		names = append(names, s.Name)
	}
	return names
}
