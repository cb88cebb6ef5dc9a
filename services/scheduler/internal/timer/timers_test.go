package timer

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	timerv1 "github.com/tickler-app/tickler/proto-events/gen/timer/v1"
)

// A model is what timers mean, in the plainest way: a map, and a state topic that is a list.
type model struct {
	timers  map[string]*want
	now     int64
	topic   []record
	subject *Timers
	loading []Want
}

type want struct {
	rev, due int64
	armed    bool
}

type record struct {
	id    string
	value []byte
}

func (m *model) body(id string, rev, due int64) []byte {
	value, err := proto.Marshal(&timerv1.State{Rev: rev, DueMs: due, Topic: "reminders", Key: []byte("ada"), Payload: []byte(id)})
	if err != nil {
		panic(err)
	}
	return value
}

// command applies to the model what it returns.
func (m *model) command(t *rapid.T) Command {
	id := fmt.Sprint("timer-", rapid.IntRange(0, 12).Draw(t, "id"))
	rev := rapid.Int64Range(0, 30).Draw(t, "rev")
	c := Command{ID: id, Rev: rev, Cancel: rapid.IntRange(0, 3).Draw(t, "cancel") == 0}
	if !c.Cancel {
		c.Due = m.now + rapid.SampledFrom([]int64{-400_000, -6_000, -1, 0, 1, 900, 59_000, 120_000, 200_000, 4_000_000, 70_000_000, 400_000_000}).Draw(t, "due") +
			rapid.Int64Range(0, 1000).Draw(t, "jitter")
		c.Body = m.body(id, rev, c.Due)
	}
	if known := m.timers[id]; known == nil || known.rev < rev {
		m.timers[id] = &want{rev, c.Due, !c.Cancel}
	}
	return c
}

// step takes one, checks what fired, and stores what changed as the topic would.
func (m *model) step(t *rapid.T, cmds []Command) {
	step := m.subject.Step(cmds, m.now, true)
	last := map[bool]int64{}
	for _, d := range step.Due {
		w := m.timers[d.ID]
		if w == nil || !w.armed || w.rev != d.Rev || w.due != d.At {
			t.Fatalf("%s fired with rev %d due %d, but it is %+v", d.ID, d.Rev, d.At, w)
		}
		if d.At > m.now {
			t.Fatalf("%s fired %d ms early", d.ID, d.At-m.now)
		}
		late := d.At < m.now-lateBy.Milliseconds()
		if d.At < last[late] {
			t.Fatalf("%s fired out of order", d.ID)
		} else if !late && last[true] != 0 {
			t.Fatalf("%s is live and waited behind an overdue one", d.ID)
		}
		last[late] = d.At
		if one, err := d.Deliver(m.now); err != nil || !slices.Equal(one.Key, []byte("ada")) {
			t.Fatalf("%s delivers %+v, %v", d.ID, one, err)
		}
		w.armed = false // firing once more takes a higher rev, unless all of it was forgotten by then
	}
	for _, c := range step.Changes {
		if c.Value == nil && m.timers[c.ID].armed {
			t.Fatalf("%s is armed and was forgotten", c.ID)
		} else if c.Value == nil {
			delete(m.timers, c.ID)
		}
	}
	m.store(step)
}

func (m *model) load(n int) {
	if len(m.loading) == 0 {
		m.loading = m.subject.Wanted(n, m.now)
		return
	}
	for _, w := range m.loading {
		rec := m.topic[w.Offset]
		m.subject.Loaded(w, rec.id, rec.value)
	}
	m.loading = nil
}

// restore begins anew from the topic, as compacted or not.
func (m *model) restore(t *rapid.T, room int) {
	last := map[string]int{}
	for offset, rec := range m.topic {
		last[rec.id] = offset
	}
	compacted := rapid.Bool().Draw(t, "compacted")
	m.subject, m.loading = New(room, 1000), nil
	for offset, rec := range m.topic {
		if compacted && last[rec.id] != offset {
			continue
		}
		if err := m.subject.Restore([]byte(rec.id), rec.value, int64(offset), m.now); err != nil {
			t.Fatal(err)
		}
	}
}

func (m *model) pending() (n int) {
	for _, w := range m.timers {
		if w.armed {
			n++
		}
	}
	return n
}

func TestTimersAreWhatAMapWouldBe(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		room := rapid.SampledFrom([]int{0, 500, 1 << 20}).Draw(t, "room")
		m := &model{timers: map[string]*want{}, now: 1_800_000_000_000, subject: New(room, 1000)}
		commands := func(t *rapid.T) {
			var cmds []Command
			for range rapid.IntRange(0, 6).Draw(t, "commands") {
				cmds = append(cmds, m.command(t))
			}
			m.step(t, cmds)
		}
		t.Repeat(map[string]func(*rapid.T){
			"commands": commands,
			"more":     commands,
			"load":     func(t *rapid.T) { m.load(rapid.IntRange(1, 5).Draw(t, "n")) },
			"advance":  func(t *rapid.T) { m.now += rapid.Int64Range(0, 130_000).Draw(t, "ms") },
			"setClock": func(t *rapid.T) {
				m.now += rapid.SampledFrom([]int64{-3_600_000, 3_600_000, -60_000, 90_000_000}).Draw(t, "ms")
			},
			"crash": func(t *rapid.T) { m.restore(t, room) },
			"drain": func(t *rapid.T) {
				for range 100 {
					m.now += 100
					m.load(3)
					m.load(3)
					m.step(t, nil)
				}
				for id, w := range m.timers {
					if w.armed && w.due <= m.now-1000 {
						t.Fatalf("%s was due %d ms ago and did not fire", id, m.now-w.due)
					}
				}
			},
			"": func(t *rapid.T) {
				if got := m.subject.Count(m.now).Pending; got != m.pending() {
					t.Fatalf("%d pending, not %d", got, m.pending())
				}
			},
		})
	})
}

// Done timers are forgotten when they are many or old, and their rev with them.
func TestWhatIsDoneIsForgottenInTheEnd(t *testing.T) {
	t.Parallel()
	m := &model{now: 1_800_000_000_000, subject: New(1<<20, 1000)}
	run := func() {
		for range 3 {
			m.load(5000)
			step := m.subject.Step(nil, m.now, true)
			m.store(step)
		}
	}
	var cmds []Command
	for n := range mostDone + 2*slack {
		cmds = append(cmds, Command{ID: fmt.Sprint(n), Rev: 1, Cancel: true})
	}
	m.store(m.subject.Step(cmds, m.now, true))
	run()
	if got := m.subject.Count(m.now).Done; got < mostDone || got > mostDone+slack {
		t.Errorf("%d done ones are remembered, want about %d", got, mostDone)
	}
	if _, found := m.subject.Find("0"); found {
		t.Error("the oldest is still remembered")
	}
	m.now += (keepDone + time.Hour).Milliseconds()
	for range 100 {
		run()
	}
	if got := m.subject.Count(m.now).Done; got != 0 {
		t.Errorf("%d done ones are remembered after %v", got, keepDone)
	}
}

func (m *model) store(step Step) {
	var offsets []int64
	for _, c := range step.Changes {
		offsets = append(offsets, int64(len(m.topic)))
		m.topic = append(m.topic, record{c.ID, c.Value})
	}
	m.subject.Stored(step.Changes, offsets)
}
