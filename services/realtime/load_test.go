package main

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/tickler-app/tickler/pkg/httpd"
	"github.com/tickler-app/tickler/pkg/testkit"
	events "github.com/tickler-app/tickler/proto-events"
	noticev1 "github.com/tickler-app/tickler/proto-events/gen/notice/v1"
	"github.com/twmb/franz-go/pkg/kgo"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// asService is set in the process that a benchmark measures: the service and nothing else.
const asService = "REALTIME_LOAD"

func TestMain(m *testing.M) {
	if os.Getenv(asService) != "" {
		os.Args = []string{"realtime", "serve"}
		main()
	}
	os.Exit(testkit.Main(m))
}

// load is the service in a process of its own, and many clients of it in this one.
type load struct {
	*testing.B
	client *kgo.Client
	tokens *testkit.TokenIssuer
	addr   string
	pid    int
}

func startLoad(b *testing.B) *load {
	b.Helper()
	brokers := testkit.Broker(b).ListenAddrs()
	l := &load{B: b, tokens: testkit.Tokens(b)}
	var err error
	if l.client, err = kgo.NewClient(kgo.SeedBrokers(brokers...), kgo.ProducerLinger(0)); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(l.client.Close)
	topics(b, l.client)
	ln, err := httpd.Listen("127.0.0.1:0") // for a free port
	if err != nil {
		b.Fatal(err)
	}
	l.addr = ln.Addr().String()
	ln.Close()
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), asService+"=1", "ADDR="+l.addr, "PUBLIC_URL=https://tickler.test", "KAFKA_BROKERS="+strings.Join(brokers, ","),
		"AUTH_ISSUER="+l.tokens.Issuer, "AUTH_AUDIENCE="+l.tokens.Audience, "AUTH_JWKS_URL="+l.tokens.JWKSURL, "LOG_LEVEL=warn")
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	l.pid = cmd.Process.Pid
	b.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if res, err := http.Get("http://" + l.addr + "/readyz"); err == nil && res.StatusCode == http.StatusOK {
			return l
		} else if time.Now().After(deadline) {
			b.Fatalf("not ready: %v", err)
		}
	}
}

// dial is a client without a buffer of its own: 20,000 of them are in this process.
// crowd connects n clients, ten a person, as many at a time as there are hands.
// resident is the memory of the service, in bytes, after its garbage is collected.
func (l *load) resident() int {
	l.Helper()
	least := 1 << 62
	for range 20 { // the runtime gives back what it does not need little by little
		time.Sleep(500 * time.Millisecond)
		statm, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", l.pid))
		if err != nil {
			l.Fatal(err)
		}
		pages, _ := strconv.Atoi(strings.Fields(string(statm))[1])
		least = min(least, pages*os.Getpagesize())
	}
	return least
}

// metric reads one number of the service's metrics.
func (l *load) metric(name string) (value float64) {
	l.Helper()
	res, err := http.Get("http://" + l.addr + "/metrics")
	if err != nil {
		l.Fatal(err)
	}
	defer res.Body.Close()
	lines := bufio.NewScanner(res.Body)
	for lines.Scan() {
		if text, ok := strings.CutPrefix(lines.Text(), name+" "); ok {
			value, _ = strconv.ParseFloat(text, 64)
		}
	}
	return value
}

// BenchmarkIdle tells what a connection costs that says and hears nothing; product.md §8
// asks for at most 30 KB at 20,000. Where fewer files may be open, it takes fewer.
func BenchmarkIdle(b *testing.B) {
	var files syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err != nil {
		b.Fatal(err)
	}
	n := min(20_000, int(files.Cur)-500)
	l := startLoad(b)
	l.crowd("first", 200)[0].Close() // what is there for the first is not counted
	before := l.resident()
	goroutines := l.metric("go_goroutines")
	for _, socket := range l.crowd("person", n) {
		go answerPings(socket) // until it is closed
	}
	b.ReportMetric(float64(n), "conns")
	b.ReportMetric(float64(l.resident()-before)/float64(n)/1024, "KB/conn")
	b.ReportMetric((l.metric("go_goroutines")-goroutines)/float64(n), "goroutines/conn")
	b.ReportMetric(0, "ns/op")
}

// answerPings reads a socket on which there are only pings, each of less than 126 bytes.
// BenchmarkFrames sends 60,000 frames a second to 500 clients, ten a person, who share the
// processors with the service and the broker.
func BenchmarkFrames(b *testing.B) {
	const people, each, perSecond, seconds = 50, 10, 6000, 6
	l := startLoad(b)
	var frames atomic.Int64
	var mu sync.Mutex
	var late []time.Duration
	var readers sync.WaitGroup
	for i, socket := range l.crowd("person", people*each) {
		readers.Go(func() {
			took, err := read(socket, &frames, perSecond/people*seconds)
			if err != nil {
				b.Errorf("client %d: %v", i, err)
			}
			mu.Lock()
			defer mu.Unlock()
			late = append(late, took...)
		})
	}
	began := time.Now()
	l.changes(people, perSecond, seconds)
	readers.Wait()
	slices.Sort(late)
	b.ReportMetric(float64(frames.Load())/time.Since(began).Seconds(), "frames/s")
	b.ReportMetric(float64(late[len(late)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(late[len(late)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(l.metric("process_cpu_seconds_total"), "cpu-s")
	b.ReportMetric(0, "ns/op")
}

// changes produces changes at a pace, in turn for all people.
func (l *load) changes(people, perSecond, seconds int) {
	l.Helper()
	tick := time.NewTicker(time.Second / 100)
	defer tick.Stop()
	total := perSecond * seconds
	for sent := 0; sent < total; <-tick.C {
		for range perSecond / 100 {
			person, seq := fmt.Sprint("person-", sent%people), int64(sent/people+1)
			ev := &noticev1.NoticeCreated{EventId: "e", UserId: person, Seq: seq, Time: timestamppb.Now(),
				Notice: &noticev1.Notice{Id: "n", Kind: "reminder", Title: strings.Repeat("x", 300), CreatedAt: timestamppb.Now()}}
			value, err := proto.Marshal(ev)
			if err != nil {
				l.Fatal(err)
			}
			l.client.Produce(context.Background(), &kgo.Record{Topic: events.TaskUpdates, Key: []byte(person), Value: value,
				Headers: []kgo.RecordHeader{{Key: "ce_type", Value: []byte(events.NoticeCreated)}}}, nil)
			sent++
		}
	}
}

// read reads n frames, and says how late some of them were.
