package outbox

import (
	"errors"
	"testing"
)

// A dump that is read into a new server has xids that this one reaches in a thousand years.
func TestWhatADumpBroughtIsSentFromWhereItStood(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, stop := b.relay()
	b.commit("a", "b")
	b.expect("a", "b")
	b.until("that is noted", func() bool {
		var n int
		if err := b.work.GetContext(t.Context(), &n, `SELECT count(*) FROM outbox o JOIN outbox_shards s USING (shard) WHERE (o.xid, o.id) > (s.sent_xid, s.sent_id)`); err != nil {
			t.Fatal(err)
		}
		return n == 0
	})
	stop()
	b.commit("c", "d")
	owner := b.open(b.ways.MigrateURL)
	for _, statement := range []string{
		`UPDATE outbox_0 SET xid = (xid::text::bigint + 1000000000000)::text::xid8`,
		`UPDATE outbox_1 SET xid = (xid::text::bigint + 1000000000000)::text::xid8`,
		`UPDATE outbox_2 SET xid = (xid::text::bigint + 1000000000000)::text::xid8`,
		`UPDATE outbox_shards SET sent_xid = (sent_xid::text::bigint + 1000000000000)::text::xid8 WHERE sent_id > 0`,
	} {
		if _, err := owner.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if err := Restored(t.Context(), owner, b.service); err != nil {
			t.Fatal(err)
		}
	}
	r, _ := b.relay()
	if err := b.refuses(r); !errors.Is(err, ErrForeign) {
		t.Errorf("readiness says %v", err)
	}
	b.silent("before somebody has said that this database is meant")
	b.say(cursorKey(b.service, shardOf("ada")), nil)
	b.expect("c", "d")
	b.commit("e")
	b.expect("e")
}
