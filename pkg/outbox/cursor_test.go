package outbox

import (
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/pkg/testkit"
	"github.com/twmb/franz-go/pkg/kgo"
)

// refuses waits until a relay is not ready, and returns why.
func (b *bench) refuses(r *Relay) (err error) {
	b.Helper()
	b.until("the relay refuses", func() bool { err = r.Ready(b.Context()); return err != nil })
	return err
}

// say writes what `topics reset-cursor` or an older relay would have written.
func (b *bench) say(key string, value []byte) {
	b.Helper()
	if err := b.client().ProduceSync(b.Context(), &kgo.Record{Topic: CursorTopic, Key: []byte(key), Value: value}).FirstErr(); err != nil {
		b.Fatal(err)
	}
}

// silent fails if anything arrives.
func (b *bench) silent(why string) {
	b.Helper()
	if got := b.arrived(1, time.Second); len(got) != 0 {
		b.Fatalf("%v was sent %s", got, why)
	}
}

func TestTheCursorTellsWhatWasSent(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.relay()
	b.commit("a")
	b.expect("a")
	shard := shardOf("ada")
	var got, want cursor
	if err := json.Unmarshal(b.lastWord(cursorKey(b.service, shard)), &got); err != nil {
		t.Fatal(err)
	}
	if err := b.work.QueryRowxContext(t.Context(), `
		SELECT o.xid::text, o.id, `+unixMilli+`, e.epoch, c.system_identifier::text, s.epoch
		FROM outbox o, outbox_epoch e, outbox_shards s, pg_control_system() c WHERE s.shard = $1`, shard).
		Scan(&want.Xid, &want.ID, &want.At, &want.Epoch, &want.System, &want.Lease); err != nil {
		t.Fatal(err)
	}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestAWipedDatabaseIsNoticed(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bench) {
		_, stop := b.relay()
		b.commit("a", "b", "c")
		b.expect("a", "b", "c")
		stop()

		b.use(testkit.Service(t, "api", Migrations)) // same service, same broker, a new database
		b.commit("lost?")
		r, _ := b.relay()
		if err := b.refuses(r); !errors.Is(err, ErrForeign) || !strings.Contains(err.Error(), "topics reset-cursor") {
			t.Errorf("readiness says %v", err)
		}
		b.silent("beside another database's cursor")

		b.say(cursorKey(b.service, shardOf("ada")), nil) // a person says that this one is meant
		b.expect("lost?")
		if err := r.Ready(t.Context()); err != nil {
			t.Errorf("afterwards readiness says %v", err)
		}
	})
}

// A restored database has the epoch and the server of its original, and gives the xids that
// it has forgotten away again: behind the cursor, where nobody looks.
func TestADatabaseRestoredFromABackupIsNoticed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, stop := b.relay()
	b.commit("a", "b")
	b.expect("a", "b")
	stop()
	backup := b.backup()

	_, stop = b.relay()
	b.commit("c")
	b.expect("c")
	stop()
	b.use(backup)
	b.commit("lost?")
	r, _ := b.relay()
	if err := b.refuses(r); !errors.Is(err, ErrForeign) {
		t.Errorf("readiness says %v", err)
	}
	b.silent("beside the cursor of what was forgotten")

	b.say(cursorKey(b.service, shardOf("ada")), nil)
	b.expect("a", "b", "lost?") // with their old ids, by which their readers know them
}

func TestADatabaseRestoredAsItWasGoesOn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, stop := b.relay()
	b.commit("a", "b")
	b.expect("a", "b")
	stop()
	b.use(b.backup())
	b.commit("c")
	b.relay()
	b.expect("c")
}

// backup is a copy of the service's database. Nothing may be connected to that meanwhile.
func (b *bench) backup() postgres.Settings {
	b.Helper()
	b.app.Close()
	b.work.Close()
	admin := b.open(testkit.Database(b))
	from := name(b, b.ways.URL)
	to := from + "_copy"
	b.until("the database is left alone", func() bool {
		_, err := admin.ExecContext(b.Context(), "CREATE DATABASE "+to+" TEMPLATE "+from)
		return err == nil
	})
	copied := b.ways
	copied.URL = strings.Replace(copied.URL, from, to, 1)
	copied.WorkURL = strings.Replace(copied.WorkURL, from, to, 1)
	b.use(b.ways)
	return copied
}

// name is the database's, of its address.
func name(t testing.TB, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimPrefix(u.Path, "/")
}

// Xids of two servers have nothing to do with each other, also if a dump brought the rows.
func TestTheCursorOfAnotherServerIsNotUsed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, stop := b.relay()
	b.commit("a")
	b.expect("a")
	stop()
	key := cursorKey(b.service, shardOf("ada"))
	var at cursor
	if err := json.Unmarshal(b.lastWord(key), &at); err != nil {
		t.Fatal(err)
	}
	at.System = "7711685998558325244"
	value, _ := json.Marshal(at)
	b.say(key, value)
	r, _ := b.relay()
	if err := b.refuses(r); !errors.Is(err, ErrForeign) {
		t.Errorf("readiness says %v", err)
	}
}

// purged empties the outbox of what was sent.
func (b *bench) purged(r *Relay) {
	b.Helper()
	b.until("the outbox is purged", func() bool {
		for n := range children {
			if err := r.purge(b.Context(), n); err != nil {
				b.Fatal(err)
			}
		}
		return b.rows(b.work) == 0
	})
}

func (b *bench) rows(db *sqlx.DB) (n int) {
	b.Helper()
	if err := db.GetContext(b.Context(), &n, `SELECT count(*) FROM outbox`); err != nil {
		b.Fatal(err)
	}
	return n
}

func TestAfterAPurgeTheCursorStillHolds(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r, stop := b.relay()
	b.commit("a", "b")
	b.expect("a", "b")
	b.purged(r)
	stop()
	b.commit("c")
	b.relay()
	b.expect("c")
}

func TestABrokerThatLostWhatIsNotInTheOutboxAnyMoreIsNoticed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r, stop := b.relay()
	b.commit("a")
	b.expect("a")
	first := b.lastWord(cursorKey(b.service, shardOf("ada")))
	b.commit("b")
	b.expect("b")
	b.purged(r)
	stop()
	b.commit("c")
	b.say(cursorKey(b.service, shardOf("ada")), first) // as if "b" and its cursor had never come
	r, _ = b.relay()
	if err := b.refuses(r); !errors.Is(err, ErrGone) {
		t.Errorf("readiness says %v", err)
	}
	b.silent("after a gap")

	b.say(cursorKey(b.service, shardOf("ada")), nil)
	b.expect("c")
}

// On a new broker there is no cursor to reset, so what was purged has to be forgotten.
func TestANewBrokerIsNoticedAndCanBeAccepted(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r, stop := b.relay()
	b.commit("a")
	b.expect("a")
	b.purged(r)
	stop()
	b.commit("b")
	fresh := setup(t)
	fresh.use(b.ways)
	r, _ = fresh.relay()
	if err := fresh.refuses(r); !errors.Is(err, ErrGone) {
		t.Errorf("readiness says %v", err)
	}
	if _, err := b.work.ExecContext(t.Context(), `UPDATE outbox_shards SET purged_xid = '0', purged_id = 0`); err != nil {
		t.Fatal(err)
	}
	fresh.expect("b")
}

func TestWhatABrokerLostIsSentAgainFromTheOutbox(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, stop := b.relay()
	b.commit("a")
	b.expect("a")
	first := b.lastWord(cursorKey(b.service, shardOf("ada")))
	b.commit("b")
	b.expect("b")
	stop()
	b.say(cursorKey(b.service, shardOf("ada")), first)
	b.relay()
	b.expect("b")
}

// Our cursor may stand behind the open transaction of another service's relay, which died.
// It is waited for; that it were not there would send everything twice.
