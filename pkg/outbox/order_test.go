package outbox

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jmoiron/sqlx"
	"github.com/tickler-app/tickler/pkg/postgres"
)

// A script is what two transactions do, a word each: "1:xid" takes its xid (as any write
// would), "1:row" appends an event, "1:end" commits. "read" is a poll.
type script string

// The orders in which a naive cursor passes something by.
const (
	idBeforeCommit script = "1:row 2:row 2:end read 1:end read"
	xidBeforeID    script = "1:xid 2:row 1:row 1:end read 2:end read"
)

// play returns the rows that a poll of the given form has read by the end of a script, or
// the poll's error.
func (b *bench) play(poll string, s script) (read []string, err error) {
	b.Helper()
	reader := newReader(b.work)
	one := reader.open(shardOf("ada"), position{})
	conn, err := indexed(b.Context(), b.work)
	if err != nil {
		b.Fatal(err)
	}
	defer discard(conn)
	statement, err := conn.PreparexContext(b.Context(), poll)
	if err != nil {
		b.Fatal(err)
	}
	open := map[string]*sqlx.Tx{}
	xids := map[string]uint64{} // of those that are open
	for step := range strings.FieldsSeq(string(s)) {
		if step == "read" {
			b.othersAreOver(xids)
			if _, _, err := reader.poll(b.Context(), statement, []*feed{one}); err != nil {
				return read, err
			}
			for len(one.batches) > 0 {
				for _, rec := range (<-one.batches).records {
					read = append(read, string(rec.Value))
				}
			}
			continue
		}
		who, what, _ := strings.Cut(step, ":")
		if open[who] == nil {
			open[who] = b.app.MustBeginTx(b.Context(), nil)
		}
		switch what {
		case "xid":
		case "row":
			err = Append(b.Context(), open[who], "ada", b.event(who))
		case "end":
			err = open[who].Commit()
			delete(xids, who)
			delete(open, who)
		}
		if open[who] != nil && err == nil {
			var xid uint64
			err = open[who].GetContext(b.Context(), &xid, `SELECT pg_current_xact_id()::text::bigint`)
			xids[who] = xid
		}
		if err != nil {
			b.Fatalf("%s: %v", step, err)
		}
	}
	return read, nil
}

// othersAreOver waits until no transaction of another test, which runs in the same
// cluster, is older than ours.
func (b *bench) othersAreOver(ours map[string]uint64) {
	b.Helper()
	var next uint64
	if err := b.work.GetContext(b.Context(), &next, `SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint`); err != nil {
		b.Fatal(err)
	}
	for _, xid := range ours {
		next = min(next, xid)
	}
	b.until("others are over", func() bool {
		var oldest uint64
		err := b.work.GetContext(b.Context(), &oldest, `SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint`)
		return err == nil && oldest >= next
	})
}

// The rule of the poll is checked by breaking it: each half alone loses an event, which
// shows that these scripts would find it out.
func TestEachPartOfThePollsRuleIsNeeded(t *testing.T) {
	t.Parallel()
	byID := strings.NewReplacer("(o.xid, o.id) > (c.xid, c.id)", "o.id > c.id", "ORDER BY o.xid, o.id", "ORDER BY o.id")
	anyXid := strings.NewReplacer("AND o.xid < pg_snapshot_xmin(pg_current_snapshot())", "")
	for name, test := range map[string]struct {
		poll  string
		s     script
		loses bool
	}{
		"the rule, id before commit": {poll, idBeforeCommit, false},
		"the rule, xid before id":    {poll, xidBeforeID, false},
		"an id alone":                {byID.Replace(anyXid.Replace(poll)), idBeforeCommit, true},
		"an id below the oldest xid": {byID.Replace(poll), xidBeforeID, true},
		"any xid":                    {anyXid.Replace(poll), idBeforeCommit, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			got, err := b.play(test.poll, test.s)
			slices.Sort(got)
			if lost := err != nil || !slices.Equal(got, []string{"1", "2"}); lost != test.loses {
				t.Errorf("read %v, %v", got, err)
			}
		})
	}
}

// As text, xid 1000 sorts before 999.
func TestXidsAreOrderedAsNumbers(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if _, err := b.work.ExecContext(t.Context(), `
		INSERT INTO outbox_0 (xid, shard, topics, key, headers, value)
		VALUES ('9', $1, '{task-events}', 'ada', '', '9'), ('10', $1, '{task-events}', 'ada', '', '10'), ('100', $1, '{task-events}', 'ada', '', '100')`,
		shardOf("ada")); err != nil {
		t.Fatal(err)
	}
	b.relay()
	b.expect("9", "10", "100")
}

func TestManyWritersLoseNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bench) {
		r, _ := b.relay()
		const people, each = 16, 60
		var wait sync.WaitGroup
		for p := range people {
			wait.Go(func() {
				person := fmt.Sprint("person-", p)
				for i := 0; i < each; {
					n := min(1+rand.N(3), each-i)
					if err := postgres.Locked(t.Context(), b.app, person, "person/"+person, func(tx postgres.Tx) error {
						for j := range n {
							if err := Append(t.Context(), tx, person, b.event(fmt.Sprintf("%d/%d", p, i+j))); err != nil {
								return err
							}
						}
						return nil
					}); err != nil {
						t.Error(err)
						return
					}
					r.Hint()
					i += n
				}
			})
		}
		wait.Wait()
		b.inOrder(slices.Repeat([]int{each}, people)...)
	})
}

// What a service's own statement inserts is what Append does.
func TestAnEventThatIsAPartOfAStatement(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bench) {
		b.relay()
		if err := postgres.Locked(t.Context(), b.app, "ada", "person/ada", func(tx postgres.Tx) error {
			insert, args, err := Insert("ada", 2, b.event("one"), b.event("two"))
			if err != nil {
				return err
			}
			var sum int
			return tx.GetContext(t.Context(), &sum, `WITH told AS (`+insert+`) SELECT $1::int + $2::int`, append([]any{1, 2}, args...)...)
		}); err != nil {
			t.Fatal(err)
		}
		b.commit("three")
		b.expect("one", "two", "three")
	})
	if _, _, err := Insert("ada", 0, Event{Key: "ada"}); err == nil {
		t.Error("an event without a topic was taken")
	}
}
