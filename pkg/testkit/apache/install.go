package apache

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// Version of Apache Kafka that is run.
const Version = "4.1.1"

// ErrAbsent means that this machine has no Java, or, where Kafka was not fetched yet, no
// Maven. Everything else that Kafka needs comes by itself.
var ErrAbsent = errors.New("a broker of Apache Kafka needs java (17 or newer) and mvn")

// dependencies are Kafka, the tool that formats its storage, and something that writes
// down what it logs, without which it would die silently.
const dependencies = `<project xmlns="http://maven.apache.org/POM/4.0.0">
<modelVersion>4.0.0</modelVersion><groupId>tickler</groupId><artifactId>kafka</artifactId><version>1</version><packaging>pom</packaging>
<dependencies>
<dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>` + Version + `</version></dependency>
<dependency><groupId>org.apache.kafka</groupId><artifactId>kafka-tools</artifactId><version>` + Version + `</version></dependency>
<dependency><groupId>org.apache.logging.log4j</groupId><artifactId>log4j-slf4j-impl</artifactId><version>2.24.3</version></dependency>
</dependencies></project>`

// An installation is a folder with Kafka's libraries and a formatted, empty storage. To
// format takes a second that no start then pays.
type installation string

func (i installation) libraries() string { return filepath.Join(string(i), "libs") }
func (i installation) storage() string   { return filepath.Join(string(i), "storage") }

// install returns the installation of this user, which the first call makes (54 MB, some
// seconds). Several processes may call it at once.
func install(ctx context.Context) (installation, error) {
	if _, err := exec.LookPath("java"); err != nil {
		return "", fmt.Errorf("%w: %w", ErrAbsent, err)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	to := filepath.Join(cache, "tickler", "kafka-"+Version)
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return "", err
	}
	unlock, err := lock(to + ".lock")
	if err != nil {
		return "", err
	}
	defer unlock()
	if _, err := os.Stat(to); err == nil {
		return installation(to), nil
	} else if !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	if _, err := exec.LookPath("mvn"); err != nil {
		return "", fmt.Errorf("%w: %w", ErrAbsent, err)
	}
	half, err := os.MkdirTemp(filepath.Dir(to), "half-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(half)
	if err := fetch(ctx, installation(half)); err != nil {
		return "", err
	}
	return installation(to), os.Rename(half, to)
}

func fetch(ctx context.Context, to installation) error {
	pom := filepath.Join(string(to), "pom.xml")
	if err := os.WriteFile(pom, []byte(dependencies), 0o644); err != nil {
		return err
	}
	if err := command(ctx, "mvn", "-q", "-B", "-f", pom, "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies",
		"-DincludeScope=runtime", "-DoutputDirectory="+to.libraries()); err != nil {
		return fmt.Errorf("fetch Kafka: %w", err)
	}
	// What is formatted does not depend on the ports, which differ from run to run.
	config := filepath.Join(string(to), "server.properties")
	if err := os.WriteFile(config, properties(to.storage(), 9092, 9093), 0o644); err != nil {
		return err
	}
	if err := command(ctx, "java", "-cp", to.libraries()+"/*", "kafka.tools.StorageTool", "format",
		"-t", "dGlja2xlci10aWNrbGVyMQ", "-c", config); err != nil {
		return fmt.Errorf("format: %w", err)
	}
	return nil
}

func command(ctx context.Context, name string, args ...string) error {
	if out, err := exec.CommandContext(ctx, name, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", name, err, strings.TrimSpace(string(out)))
	}
	return nil
}

// lock takes a file's lock, which ends with the process at the latest.
func lock(path string) (unlock func(), err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX); err != nil {
		file.Close()
		return nil, err
	}
	return func() { file.Close() }, nil
}
