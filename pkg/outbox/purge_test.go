package outbox

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/postgres"
)

// Writers go on while children are emptied, also late ones in the child of the last turn,
// and every event is sent once.
func TestAPurgeUnderWritersLosesNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r, _ := b.relay()
	const people = 8
	var wrote [people]int
	var turn atomic.Int64
	ctx, stop := context.WithTimeout(t.Context(), soon)
	defer stop()
	var writers sync.WaitGroup
	for p := range people {
		writers.Go(func() {
			person := fmt.Sprint("person-", p)
			for ; ctx.Err() == nil; wrote[p]++ {
				child := int(turn.Load()) % children
				if wrote[p]%100 == 0 {
					child = (child + children - 1) % children
				}
				if err := postgres.Locked(t.Context(), b.app, person, "person/"+person, func(tx postgres.Tx) error {
					return appendTo(t.Context(), tx, child, person, []Event{b.event(fmt.Sprintf("%d/%d", p, wrote[p]))})
				}); err != nil {
					t.Error(err)
					return
				}
				r.Hint()
				sleep(ctx, time.Millisecond)
			}
		})
	}
	began, purges := time.Now(), 0
	for ; purges < 10 && ctx.Err() == nil; sleep(ctx, 10*time.Millisecond) {
		turn.Store(int64(time.Since(began) / (200 * time.Millisecond)))
		n := int(turn.Load()+1) % children
		before := b.file(n)
		if err := r.purge(t.Context(), n); err != nil {
			t.Error(err)
		}
		if b.file(n) != before {
			purges++
		}
	}
	stop()
	writers.Wait()
	if purges < 10 {
		t.Errorf("only %d purges happened meanwhile", purges)
	}
	b.inOrder(wrote[:]...)
	b.purged(r)
}

// file is the number of the file of a child, which a TRUNCATE changes.
func (b *bench) file(child int) (number int64) {
	b.Helper()
	if err := b.work.GetContext(b.Context(), &number, fmt.Sprintf(`SELECT pg_relation_filenode('outbox_%d')::bigint`, child)); err != nil {
		b.Error(err)
	}
	return number
}

func TestWhatWasNotSentIsNotPurged(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.commit("a")
	r := &Relay{Service: b.service, DB: b.work, Log: b.log}
	for n := range children {
		if err := r.purge(t.Context(), n); err != nil {
			t.Fatal(err)
		}
	}
	if n := b.rows(b.work); n != 1 {
		t.Errorf("%d rows are left", n)
	}
}

// A transaction that has written to a child is not yet seen by the look into it, so it is
// the lock that keeps its rows.
func TestAPurgeGivesWayToAWriter(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r, _ := b.relay()
	b.commit("a")
	b.expect("a")
	now := child(time.Now())
	tx, err := b.app.BeginTxx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := appendTo(t.Context(), tx, now, "ada", []Event{b.event("late")}); err != nil {
		t.Fatal(err)
	}
	b.until("the lease tells what was sent", func() bool {
		worth, err := r.worthPurging(t.Context(), now)
		return worth && err == nil
	})
	began := time.Now()
	if err := r.purge(t.Context(), now); err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took > time.Second {
		t.Errorf("it waited for %v, and others behind it", took)
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	b.expect("late")
	b.purged(r)
}

func TestTheRelayPurgesByItself(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.relay()
	last := (child(time.Now()) + children - 1) % children
	if err := postgres.InTx(t.Context(), b.app, func(tx postgres.Tx) error {
		return appendTo(t.Context(), tx, last, "ada", []Event{b.event("a")})
	}); err != nil {
		t.Fatal(err)
	}
	b.expect("a")
	b.until("the child of the last turn is empty", func() bool { return b.rows(b.work) == 0 })
}

func TestTheRolesMayDoNoMoreThanTheyMust(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.commit("a")
	for _, test := range []struct {
		role string
		db   *sqlx.DB
		may  bool
		sql  string
	}{
		{"app", b.app, false, `SELECT * FROM outbox`},
		{"app", b.app, false, `SELECT * FROM outbox_0`},
		{"app", b.app, false, `UPDATE outbox_0 SET key = 'eve'`},
		{"app", b.app, false, `DELETE FROM outbox_0`},
		{"app", b.app, false, `TRUNCATE outbox_0`},
		{"app", b.app, false, `UPDATE outbox_shards SET sent_xid = '0'`},
		{"app", b.app, false, `SELECT * FROM outbox_shards`},
		{"work", b.work, true, `SELECT * FROM outbox`},
		{"work", b.work, true, `INSERT INTO outbox_0 (shard, topics, key, headers, value) VALUES (0, '{t}', '', '', '')`},
		{"work", b.work, false, `INSERT INTO outbox (shard, topics, key, headers, value) VALUES (0, '{t}', '', '', '')`},
		{"work", b.work, false, `UPDATE outbox_0 SET key = 'eve'`},
		{"work", b.work, false, `DELETE FROM outbox_0`},
		{"work", b.work, false, `DELETE FROM outbox_shards`},
		{"work", b.work, false, `UPDATE outbox_epoch SET epoch = gen_random_uuid()`},
	} {
		if _, err := test.db.ExecContext(t.Context(), test.sql); (err == nil) != test.may {
			t.Errorf("%s: %s: %v", test.role, test.sql, err)
		}
	}
}

func TestWhatCouldNeverBeSentIsRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for name, ev := range map[string]Event{
		"too large":     {Topics: []string{b.topic}, Value: make([]byte, maxEvent+1)},
		"no topic":      {Value: []byte("a")},
		"a wrong topic": {Topics: []string{`{evil"}`}},
	} {
		err := postgres.InTx(t.Context(), b.app, func(tx postgres.Tx) error { return Append(t.Context(), tx, "ada", ev) })
		if err == nil || name == "too large" && fault.KindOf(err) != fault.TooLarge {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := b.rows(b.work); n != 0 {
		t.Errorf("%d rows were appended", n)
	}
}

// A person's shard, and when which child has its turn, is what rows and cursors rest on.
func TestAPersonsShardIsForEver(t *testing.T) {
	t.Parallel()
	for person, want := range map[string]int{"": 5, "ada": 3, "bob": 4, "01890a5d-ac96-774b-bcce-b302099a8057": 3} {
		if got := shardOf(person); got != want {
			t.Errorf("%q is in shard %d, want %d", person, got, want)
		}
	}
}

func TestHeadersAreReadAsTheyWereWritten(t *testing.T) {
	t.Parallel()
	long := make([]byte, 300)
	for _, headers := range [][]Header{nil, {{"", ""}}, {{"a", "b"}, {"ce_id", string(long)}, {"a", ""}}} {
		decoded, err := decodeHeaders(encodeHeaders(headers), names{})
		if err != nil || len(decoded) != len(headers) {
			t.Fatalf("%v: %v, %v", headers, decoded, err)
		}
		for i, h := range headers {
			if decoded[i].Key != h.Key || string(decoded[i].Value) != h.Value {
				t.Errorf("%v became %v", h, decoded[i])
			}
		}
	}
}

func FuzzDecodeHeaders(f *testing.F) {
	f.Add(encodeHeaders([]Header{{"ce_id", "1"}, {"", ""}}))
	f.Add([]byte{255, 255, 255, 255, 255, 255, 255, 255, 255, 1, 1})
	f.Fuzz(func(t *testing.T, encoded []byte) {
		headers, err := decodeHeaders(encoded, names{})
		if err != nil {
			return
		}
		var again []Header
		for _, h := range headers {
			again = append(again, Header{h.Key, string(h.Value)})
		}
		if len(encodeHeaders(again)) > len(encoded) {
			t.Errorf("%v is %v", encoded, headers)
		}
	})
}
