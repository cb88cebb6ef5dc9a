package store_test

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	taskv1 "github.com/tickler-app/tickler/proto-events/gen/task/v1"
	"github.com/tickler-app/tickler/services/api/internal/task"
)

// move is what one of the clients does next.
type move struct {
	Client int
	What   string // a type of command, or "sync", "lose" (the answer of a sync) or "repeat" (a list that was answered)
	Task   int    // which of those that it knows, as far as it knows so many
}

var moves = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) move {
	return move{
		Client: rapid.IntRange(0, 2).Draw(t, "client"), Task: rapid.IntRange(0, 5).Draw(t, "task"),
		What: rapid.SampledFrom([]string{task.CommandAdd, task.CommandUpdate, task.CommandUpdate, task.CommandComplete, task.CommandReopen,
			task.CommandDelete, task.CommandRestore, "sync", "sync", "lose", "repeat"}).Draw(t, "what"),
	}
}), 30, 60)

// away is a client that has no connection but when it syncs.
type away struct {
	*bench
	name    string
	token   *task.Token
	tasks   map[uuid.UUID]task.Task
	queue   []task.Command // not answered yet
	last    []task.Command // answered
	applied map[string]int // how often a command was told as applied
}

func (c *away) command(m move, number int) {
	ids := slices.SortedFunc(maps.Keys(c.tasks), func(a, b uuid.UUID) int { return strings.Compare(a.String(), b.String()) })
	cmd := task.Command{ID: fmt.Sprintf("%s-%d", c.name, number), Type: m.What, Print: sha256.Sum256([]byte(fmt.Sprint(c.name, number)))}
	title := "set by " + cmd.ID
	switch {
	case m.What == task.CommandAdd || len(ids) == 0:
		cmd.Type, cmd.TaskID, cmd.Fields = task.CommandAdd, uuid.Must(uuid.NewV7()), task.Patch{Title: &title}
		c.tasks[cmd.TaskID] = task.Task{ID: cmd.TaskID}
	default:
		cmd.TaskID = ids[m.Task%len(ids)]
		if known := c.tasks[cmd.TaskID].Version; known > 0 {
			cmd.Base = &known
		}
		if m.What == task.CommandUpdate {
			cmd.Fields = task.Patch{Title: &title}
		}
	}
	c.queue = append(c.queue, cmd)
}

// send has commands applied. Each may be told as applied once, however often it is sent.
func (c *away) send(commands []task.Command) []task.Applied {
	c.Helper()
	outcomes, err := c.ApplyAll(c.Context(), of("ada"), commands)
	c.must(err)
	for i, outcome := range outcomes {
		if outcome.Status == task.StatusApplied || outcome.Status == task.StatusMerged {
			c.applied[commands[i].ID]++
		}
	}
	return outcomes
}

// sync sends what waits, and takes over what changed, page by page.
func (c *away) sync() {
	c.Helper()
	c.send(c.queue)
	c.last, c.queue = c.queue, nil
	for more := true; more; {
		delta, err := c.Since(c.Context(), of("ada"), c.token, 3)
		c.must(err)
		if delta.Full && c.token == nil {
			c.tasks = map[uuid.UUID]task.Task{}
		}
		for _, t := range delta.Tasks {
			c.tasks[t.ID] = t
		}
		c.token, more = &delta.Token, delta.HasMore
	}
}

// Whatever clients did while they were away, and whichever answers were lost, in the end all have
// what the server has, no command had its effect twice, and each that had one is on the trail.
func TestClientsThatWereAwayConverge(t *testing.T) {
	for seed := range 8 {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			b := setup(t)
			applied := map[string]int{}
			clients := make([]*away, 3)
			for i := range clients {
				clients[i] = &away{bench: b, name: string(rune('a' + i)), tasks: map[uuid.UUID]task.Task{}, applied: applied}
			}
			sent := map[string]task.Command{}
			for number, m := range moves.Example(seed) {
				c := clients[m.Client]
				switch m.What {
				case "sync":
					c.sync()
				case "lose":
					c.send(c.queue) // and hears nothing of it
				case "repeat":
					for _, outcome := range c.send(c.last) {
						if outcome.Status == task.StatusApplied || outcome.Status == task.StatusMerged {
							t.Errorf("%s was applied again", c.name)
						}
					}
				default:
					c.command(m, number)
					sent[c.queue[len(c.queue)-1].ID] = c.queue[len(c.queue)-1]
				}
			}
			for _, c := range slices.Concat(clients, clients) {
				c.sync()
			}
			server, err := b.Since(t.Context(), of("ada"), nil, 1000)
			b.must(err)
			want := map[uuid.UUID]task.Task{}
			for _, one := range server.Tasks {
				want[one.ID] = one
			}
			for _, c := range clients {
				maps.DeleteFunc(c.tasks, func(_ uuid.UUID, t task.Task) bool { return t.Deleted() || t.Version == 0 })
				if !reflect.DeepEqual(c.tasks, want) {
					t.Errorf("%s has\n%v\nthe server\n%v", c.name, c.tasks, want)
				}
			}
			b.traced(sent, applied)
		})
	}
}

// traced checks that each command which was applied is told once on the trail, and no other is.
func (b *bench) traced(sent map[string]task.Command, applied map[string]int) {
	b.Helper()
	var values [][]byte
	b.must(b.open(b.ways.WorkURL).SelectContext(b.Context(), &values, `SELECT o.value FROM outbox o ORDER BY o.xid, o.id`))
	told := map[string]int{}
	for _, value := range values {
		var ev taskv1.TaskUpdated
		b.must(proto.Unmarshal(value, &ev))
		if id, ok := strings.CutPrefix(ev.GetTask().GetTitle(), "set by "); ok && ev.GetBefore().GetTitle() != ev.GetTask().GetTitle() {
			told[id]++
		}
	}
	for id, command := range sent {
		if applied[id] > 1 {
			b.Errorf("%s was applied %d times", id, applied[id])
		}
		if command.Fields.Title != nil && told[id] != applied[id] {
			b.Errorf("%s was applied %d times, and told %d times", id, applied[id], told[id])
		}
	}
}
