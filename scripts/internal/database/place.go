package database

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// nobody runs the server if root starts it: PostgreSQL refuses to run as root.
const nobody = 65534

// shared is where folders go that must lie outside of homes.
const shared = "/var/tmp"

// Place returns the server for the state in a folder, and makes its own folders. They lie
// in state, and in the user's cache; for root, where nobody may go, which may be elsewhere.
func Place(state string) (Server, error) {
	s := Server{Data: DataFolder(state), Programs: filepath.Join(shared, "tickler-postgres-"+string(version))}
	if os.Getuid() != 0 {
		cache, err := os.UserCacheDir()
		if err != nil {
			return Server{}, err
		}
		s.Programs = filepath.Join(cache, "tickler", "postgres-"+string(version))
	}
	for folder, mode := range map[string]os.FileMode{s.Data: 0o700, s.Programs: 0o755} {
		if err := own(folder, mode); err != nil {
			return Server{}, fmt.Errorf("a folder for PostgreSQL: %w", err)
		}
	}
	return s, nil
}

// DataFolder is where the database of the state in a folder lies: in it, unless nobody may
// not go there and has to.
func DataFolder(state string) string {
	if os.Getuid() != 0 || passable(state) {
		return filepath.Join(state, "postgres")
	}
	sum := sha256.Sum256([]byte(state))
	return filepath.Join(shared, "tickler-"+hex.EncodeToString(sum[:6])+"-postgres")
}

// Serves reports whether a process is the server for the state in a folder.
func Serves(state string, pid int) bool { return worksIn(clusterIn(DataFolder(state)), pid) }

// passable reports whether everybody may pass through a folder and those above it, as far
// as they exist; what does not is made passable.
func passable(folder string) bool {
	for ; folder != filepath.Dir(folder); folder = filepath.Dir(folder) {
		if info, err := os.Stat(folder); err == nil && info.Mode()&0o001 == 0 {
			return false
		}
	}
	return true
}

// own makes a folder that belongs to who runs the server, and refuses one that does not:
// in /var/tmp anybody may have made it before us.
func own(folder string, mode os.FileMode) error {
	if err := os.MkdirAll(filepath.Dir(folder), 0o755); err != nil {
		return err
	}
	uid := os.Getuid()
	err := os.Mkdir(folder, mode)
	if err == nil && uid == 0 {
		err = os.Chown(folder, nobody, nobody)
	}
	if err != nil && !os.IsExist(err) {
		return err
	}
	if uid == 0 {
		uid = nobody
	}
	info, err := os.Lstat(folder)
	if err != nil {
		return err
	}
	if owner := info.Sys().(*syscall.Stat_t).Uid; !info.IsDir() || int(owner) != uid {
		return fmt.Errorf("%s belongs to user %d, not %d", folder, owner, uid)
	}
	return nil
}

// The variables in which Command tells the process that Main runs in.
const (
	programsVariable = "TICKLER_POSTGRES_PROGRAMS"
	dataVariable     = "TICKLER_POSTGRES_DATA"
	portVariable     = "TICKLER_POSTGRES_PORT"
	passwordVariable = "TICKLER_POSTGRES_PASSWORD"
)

// Command returns what runs the server: program with args, whose main calls Main. Stop it
// with SIGINT. If root calls, it runs as nobody.
func (s Server) Command(ctx context.Context, program string, args ...string) (*exec.Cmd, error) {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = s.Data // ours may be closed to nobody
	cmd.Env = append(environment(), programsVariable+"="+s.Programs, dataVariable+"="+s.Data,
		portVariable+"="+strconv.Itoa(s.Port), passwordVariable+"="+s.Password)
	// For the download, which may have to go through a proxy.
	for _, pair := range os.Environ() {
		if name, _, _ := strings.Cut(pair, "="); strings.HasSuffix(strings.ToUpper(name), "_PROXY") || strings.HasPrefix(name, "SSL_CERT_") {
			cmd.Env = append(cmd.Env, pair)
		}
	}
	if os.Getuid() != 0 {
		return cmd, nil
	}
	// The program may lie where nobody may not go; by descriptor it can be run all the same.
	file, err := os.Open(program)
	if err != nil {
		return nil, err
	}
	context.AfterFunc(ctx, func() { file.Close() })
	cmd.Path, cmd.ExtraFiles = "/proc/self/fd/3", []*os.File{file}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	return cmd, nil
}

// Main becomes the server that Command described; see Exec.
func Main(ctx context.Context) error {
	port, err := strconv.Atoi(os.Getenv(portVariable))
	if err != nil {
		return fmt.Errorf("%s: %w", portVariable, err)
	}
	return Server{
		Programs: os.Getenv(programsVariable), Data: os.Getenv(dataVariable),
		Port: port, Password: os.Getenv(passwordVariable),
	}.Exec(ctx)
}
