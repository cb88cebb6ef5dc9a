package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// login is what is kept between runs, for the person's eyes only.
type login struct {
	URL    string `json:"url"`
	UserID string `json:"user_id"`
	Email  string `json:"email,omitempty"`
	Cookie string `json:"cookie,omitempty"` // of the session, as name=value
	Token  string `json:"token,omitempty"`  // an API token, instead of a session
}

const (
	loginFile = "login.json"
	listFile  = "list.json" // ids of the tasks that were printed last, by their numbers
)

// errSignIn says that nobody is signed in, or no longer.
var errSignIn = errors.New("sign in first: tickler login")

// keep writes a file that nobody else can read, whole or not at all.
func (s *session) keep(name string, content any) error {
	if s.folder == "" {
		return errors.New("there is no folder for settings: set HOME")
	}
	text, err := json.MarshalIndent(content, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(s.folder, 0o700); err != nil {
		return err
	}
	file, err := os.CreateTemp(s.folder, name) // made with 0600
	if err != nil {
		return err
	}
	defer os.Remove(file.Name()) // no more there if all went well
	_, err = file.Write(append(text, '\n'))
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), filepath.Join(s.folder, name))
}

// kept reads a file; what is not there leaves content as it is.
func (s *session) kept(name string, content any) error {
	path := filepath.Join(s.folder, name)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	if info, err := os.Stat(path); err == nil && info.Mode().Perm()&0o077 != 0 && runtime.GOOS != "windows" {
		return fmt.Errorf("others can read %s: chmod 600 it, and sign in anew if they did", path)
	}
	if err := json.Unmarshal(text, content); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

func (s *session) forget() error {
	var failed error
	for _, name := range []string{loginFile, listFile} {
		if err := os.Remove(filepath.Join(s.folder, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			failed = errors.Join(failed, err)
		}
	}
	return failed
}
