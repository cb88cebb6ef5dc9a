package inbox_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tickler-app/tickler/pkg/kafka"
	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/pkg/testkit"
	events "github.com/tickler-app/tickler/proto-events"
	reminderv1 "github.com/tickler-app/tickler/proto-events/gen/reminder/v1"
	taskv1 "github.com/tickler-app/tickler/proto-events/gen/task/v1"
	userv1 "github.com/tickler-app/tickler/proto-events/gen/user/v1"
	"github.com/tickler-app/tickler/services/audit/internal/inbox"
	"github.com/tickler-app/tickler/services/audit/internal/store"
	"github.com/tickler-app/tickler/services/audit/internal/trail"
)

func TestMain(m *testing.M) { os.Exit(testkit.Main(m)) }

var quiet = slog.New(slog.DiscardHandler)

// bench is a broker and a client that writes to it.
type bench struct {
	testing.TB
	cluster *kfake.Cluster
	client  *kgo.Client
}

func setup(t testing.TB) *bench {
	t.Helper()
	topics := inbox.Topics()
	for _, topic := range inbox.Topics() {
		topics = append(topics, events.DeadLetterTopic(topic, "audit"))
	}
	b := &bench{TB: t, cluster: testkit.Broker(t, topics...)}
	b.client = b.connect()
	return b
}

func (b *bench) opts() []kgo.Opt {
	return kafka.Settings{Brokers: b.cluster.ListenAddrs()}.Opts(quiet, nil)
}

func (b *bench) connect(opts ...kgo.Opt) *kgo.Client {
	b.Helper()
	client, err := kgo.NewClient(slices.Concat(b.opts(), opts)...)
	b.must(err)
	b.Cleanup(client.CloseAllowingRebalance)
	return client
}

func (b *bench) must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

func (b *bench) send(recs ...*kgo.Record) {
	b.Helper()
	b.must(b.client.ProduceSync(b.Context(), recs...).FirstErr())
}

// record is an event as its service's outbox writes it, on the topic that is not the feed's.
func (b *bench) record(ev events.Event) *kgo.Record {
	b.Helper()
	made, err := events.Encode(ev, "/tickler/test", "")
	b.must(err)
	rec := &kgo.Record{Topic: made.Topics[0], Key: []byte(made.Key), Value: made.Value}
	for _, h := range made.Headers {
		rec.Headers = append(rec.Headers, kgo.RecordHeader{Key: h.Key, Value: []byte(h.Value)})
	}
	return rec
}

// database is a trail of its own, and what is on it.
type database struct {
	*trail.Service
	work *sqlx.DB
}

func (b *bench) database() *database {
	b.Helper()
	ways := testkit.Service(b, "audit", store.Migrations())
	work, err := postgres.Open(ways.WorkURL)
	b.must(err)
	b.Cleanup(func() { work.Close() })
	return &database{&trail.Service{Store: &store.Entries{Work: work}, Now: postgres.Now, Retention: 365 * 24 * time.Hour}, work}
}

func (d *database) rows(b *bench) (rows []string) {
	b.Helper()
	b.must(d.work.SelectContext(b.Context(), &rows, `SELECT audit_log::text FROM audit_log ORDER BY event_id`))
	return rows
}

// consume runs the group's consumer until the trail has n rows.
func (b *bench) consume(d *database, n int) {
	b.Helper()
	b.run(d, inbox.Events(d.Service), func() { d.until(b, n) })
}

// run runs the group's consumer until f returns.
func (b *bench) run(d *database, handle kafka.Handler, f func()) {
	b.Helper()
	ctx, stop := context.WithCancel(b.Context())
	consumer := &kafka.Consumer{
		Client: b.connect(kafka.GroupOpts("audit", inbox.Topics()...)...), Handle: handle,
		Healthy: postgres.Ready(d.work), Log: quiet, Batch: inbox.Batch,
	}
	ended := make(chan error, 1)
	go func() { ended <- consumer.Run(ctx) }()
	f()
	stop()
	b.must(<-ended)
}

func (d *database) until(b *bench, n int) {
	b.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	end := time.After(time.Minute)
	for there := 0; there < n; {
		b.must(d.work.GetContext(b.Context(), &there, `SELECT count(*) FROM audit_log`))
		select {
		case <-tick.C:
		case <-end:
			b.Fatalf("%d rows, want %d", there, n)
		}
	}
}

// rewind makes the group begin anew.
func (b *bench) rewind() {
	b.Helper()
	_, err := kadm.NewClient(b.client).DeleteGroup(b.Context(), "audit")
	b.must(err)
}

func id() string { return uuid.Must(uuid.NewV7()).String() }

// story is what happened to some people, one of whom then left.
func (b *bench) story(people int) (recs []*kgo.Record) {
	now := timestamppb.New(postgres.Now())
	for i := range people {
		user, task := fmt.Sprint("person-", i), id()
		recs = append(recs,
			b.record(&userv1.UserRegistered{EventId: id(), UserId: user, Time: now, User: &userv1.User{Name: user}}),
			b.record(&taskv1.TaskCreated{EventId: id(), UserId: user, TaskId: task, Time: now, Task: &taskv1.Task{Id: task, Title: "Pay rent"}}),
			b.record(&reminderv1.ReminderSent{EventId: id(), UserId: user, TaskId: task, Time: now, Reminder: &taskv1.Reminder{}}),
		)
	}
	return append(recs, b.record(&userv1.UserDeleted{EventId: id(), UserId: "person-0", Time: now}))
}

func TestWhateverIsToldIsOnTheTrailOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	d := b.database()
	story := b.story(3)
	b.send(story...)
	b.consume(d, 10)
	first := d.rows(b)
	b.send(story...) // the same again, and something new behind it
	late := b.record(&taskv1.TaskDeleted{EventId: id(), UserId: "person-1", TaskId: id(), Time: timestamppb.Now(), Task: &taskv1.Task{}})
	b.send(late)
	b.consume(d, 11)
	got := d.rows(b)
	if !slices.Equal(got[:10], first) || len(got) != 11 {
		t.Errorf("first %d rows, then %d", len(first), len(got))
	}
	var content int
	b.must(d.work.GetContext(t.Context(), &content, `SELECT count(content) FROM audit_log WHERE user_id = 'person-0'`))
	if content != 0 {
		t.Errorf("%d entries of a person who is gone have content", content)
	}
}

func TestTheTrailRebuiltFromTheLogEqualsTheOneThatStands(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.send(b.story(20)...)
	b.send(&kgo.Record{Topic: events.TaskEvents, Value: []byte("junk")})
	b.send(b.story(2)...)
	stands, empty := b.database(), b.database()
	b.consume(stands, 68)
	want := stands.rows(b)
	for range 2 { // doing so again changes nothing
		b.must(inbox.Rebuild(t.Context(), b.opts(), empty.Service, quiet))
		if got := empty.rows(b); !slices.Equal(got, want) {
			t.Errorf("%d rows rebuilt, %d stand", len(got), len(want))
		}
	}
}

func TestWhatIsNoEventBecomesADeadLetterAndHoldsNothingUp(t *testing.T) {
	t.Parallel()
	b := setup(t)
	d := b.database()
	good := b.story(1)
	unknown := b.record(&taskv1.TaskUpdated{EventId: id(), UserId: "ada", TaskId: id(), Time: timestamppb.Now(), Task: &taskv1.Task{}})
	for i, h := range unknown.Headers {
		if h.Key == "ce_type" {
			unknown.Headers[i].Value = []byte("task.shared")
		}
	}
	key := []byte("ada") // all on one partition
	for _, rec := range []*kgo.Record{good[1], {Value: []byte("junk")}, {}, unknown} {
		rec.Topic, rec.Key = events.TaskEvents, key
		b.send(rec)
	}
	b.consume(d, 2)
	if rows := d.rows(b); len(rows) != 2 {
		t.Errorf("rows: %v", rows)
	}
	var letters []string
	b.must(kafka.Scan(t.Context(), b.opts(), events.DeadLetterTopic(events.TaskEvents, "audit"), func(rec *kgo.Record) bool {
		letters = append(letters, string(rec.Value))
		return true
	}))
	if !slices.Equal(letters, []string{"junk", ""}) {
		t.Errorf("dead letters: %q", letters)
	}
}
