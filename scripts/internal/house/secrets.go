package house

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/tickler-app/tickler/pkg/postgres"
)

// secrets are random words by name.
type secrets map[string]string

// The names of secrets.
const (
	adminSecret  = "postgres"    // password of the role that may do everything
	cookieSecret = "AUTH_SECRET" // signs cookies and links
)

func clientSecret(service string) string { return "client " + service }

// secretNames are all secrets of a house; passwords of roles have the role's name.
func secretNames() []string {
	names := []string{adminSecret, cookieSecret}
	for _, client := range clients {
		names = append(names, clientSecret(client))
	}
	for _, s := range table() {
		if s.Database {
			for _, kind := range []string{postgres.Owner, postgres.App, postgres.Work} {
				names = append(names, s.Name+"_"+kind)
			}
		}
	}
	return names
}

// keepSecrets reads the secrets from a file, and makes those that are not there yet.
func keepSecrets(path string) (secrets, error) {
	kept := secrets{}
	content, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(content, &kept)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	before := len(kept)
	for _, name := range secretNames() {
		if kept[name] == "" {
			kept[name] = rand.Text() + rand.Text()
		}
	}
	if len(kept) == before {
		return kept, nil
	}
	if content, err = json.MarshalIndent(kept, "", "  "); err != nil {
		return nil, err
	}
	return kept, write(path, append(content, '\n'))
}

// keepSealingKey makes the file for SECRET_KEY_FILE unless it is there: an id and 32 bytes.
// Services seal with its first line, so a person may put another before it.
func keepSealingKey(path string) error {
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	var key [32]byte
	_, _ = rand.Read(key[:]) // never fails
	return write(path, []byte("1:"+base64.StdEncoding.EncodeToString(key[:])+"\n"))
}

// write replaces a file that is for us alone, whole or not at all.
func write(path string, content []byte) error {
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".") // with mode 0600
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return os.Rename(file.Name(), path)
}
