package main

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/tickler-app/tickler/pkg/postgres"
)

// owners is the folder with what migrations and provisioning alone may read.
const owners = "owners"

// A maker makes files below dir.
type maker struct {
	dir, at string
	made    int
	clients []string // NAME:SECRET
}

// makeSecrets makes what the arguments ask for, and never changes what is there: a
// password that the database knows must stay.
func makeSecrets(dir, at string, args []string, out io.Writer) error {
	m := &maker{dir: dir, at: at}
	// Whoever is told of the clients comes last.
	var told []string
	for _, arg := range args {
		name, kinds, found := strings.Cut(arg, ":")
		if !found || name == "" {
			return fmt.Errorf("%q is not of the form NAME:KIND,KIND", arg)
		}
		for kind := range strings.SplitSeq(kinds, ",") {
			if kind == "client-secrets" {
				told = append(told, name)
			} else if err := m.make(name, kind); err != nil {
				return err
			}
		}
	}
	for _, name := range told {
		if err := m.tell(filepath.Join(name, "client-secrets")); err != nil {
			return err
		}
	}
	fmt.Fprintf(out, "%d secrets made\n", m.made)
	return nil
}

// tell writes all clients' secrets, anew when there is another client.
func (m *maker) tell(name string) error {
	path, want := filepath.Join(m.dir, name), strings.Join(m.clients, ",")
	if there, err := os.ReadFile(path); err == nil && strings.TrimSpace(string(there)) != want {
		if err := os.Remove(path); err != nil {
			return err
		}
	}
	_, err := m.keep(name, want)
	return err
}

func (m *maker) make(name, kind string) error {
	switch kind {
	case "password", "auth-secret":
		_, err := m.keep(filepath.Join(name, kind), word())
		return err
	case "client-secret":
		secret, err := m.keep(filepath.Join(name, kind), word())
		m.clients = append(m.clients, name+":"+secret)
		return err
	case "secret-key":
		var key [32]byte
		_, _ = rand.Read(key[:]) // never fails
		_, err := m.keep(filepath.Join(name, kind), "1:"+base64.StdEncoding.EncodeToString(key[:]))
		return err
	case "database":
		return m.database(name)
	}
	return fmt.Errorf("%s:%s is no kind of secret; see provision -help", name, kind)
}

// database makes the addresses under which a service's roles connect, and the superuser's.
func (m *maker) database(service string) error {
	for file, kind := range roleFiles(service) {
		if _, err := m.keep(file, m.address(service+"_"+kind, word())); err != nil {
			return err
		}
	}
	admin, err := m.keep(filepath.Join("postgres", "password"), word())
	if err == nil {
		_, err = m.keep(filepath.Join(owners, "postgres"), m.address("postgres", admin))
	}
	return err
}

// roleFiles tells which file holds the address of which role of a service.
func roleFiles(service string) map[string]string {
	return map[string]string{
		filepath.Join(service, "database-url"):      postgres.App,
		filepath.Join(service, "work-database-url"): postgres.Work,
		filepath.Join(owners, service):              postgres.Owner,
	}
}

func (m *maker) address(role, password string) string {
	// Inside one machine's own network; over a real one, the address is given with sslmode=verify-full.
	return "postgres://" + url.UserPassword(role, password).String() + "@" + m.at + "?sslmode=disable"
}

// keep returns what a file holds, after making it with content if it was not there. It
// appears whole or not at all. Everybody may read it who can reach it: which is decided by
// who is given the folder, since the database and Grafana run as users of their own.
func (m *maker) keep(name, content string) (string, error) {
	path := filepath.Join(m.dir, name)
	there, err := os.ReadFile(path)
	if err == nil {
		return strings.TrimRight(string(there), "\r\n"), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return "", err
	}
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".")
	if err != nil {
		return "", err
	}
	_, err = file.WriteString(content + "\n")
	err = errors.Join(err, file.Chmod(0o444), file.Sync(), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return "", errors.Join(err, os.Remove(file.Name()))
	}
	m.made++
	return content, nil
}

func word() string { return rand.Text() + rand.Text() }
