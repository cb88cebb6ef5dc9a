package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"google.golang.org/protobuf/proto"

	"github.com/tickler-app/tickler/pkg/kafka"
	events "github.com/tickler-app/tickler/proto-events"
	timerv1 "github.com/tickler-app/tickler/proto-events/gen/timer/v1"
)

// partition is a line of GET /timers.
type partition struct {
	Number   int        `json:"partition"`
	Restored bool       `json:"restored"`
	Pending  int        `json:"pending"`
	Overdue  int        `json:"overdue"`
	NextDue  *time.Time `json:"next_due"`
	Cursor   int64      `json:"next_command"`
	Commit   *time.Time `json:"last_commit"`
	Resync   string     `json:"resync_wanted"`
	Error    string     `json:"error"`
}

func partitions(ctx context.Context, urls []string, out io.Writer) error {
	var all []partition
	for _, url := range urls {
		some, err := ask(ctx, url)
		if err != nil {
			return err
		}
		all = append(all, some...)
	}
	slices.SortFunc(all, func(a, b partition) int { return cmp.Compare(a.Number, b.Number) })
	table := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(table, "PARTITION\tPENDING\tOVERDUE\tNEXT DUE\tNEXT COMMAND\tLAST COMMIT\tNOTE")
	for _, p := range all {
		note := p.Error
		if p.Resync != "" {
			note = "wants `api timers resync`: " + p.Resync
		} else if !p.Restored && note == "" {
			note = "is being restored"
		}
		fmt.Fprintf(table, "%d\t%d\t%d\t%s\t%d\t%s\t%s\n", p.Number, p.Pending, p.Overdue, instant(p.NextDue), p.Cursor, instant(p.Commit), note)
	}
	return table.Flush()
}

func ask(ctx context.Context, url string) ([]partition, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/timers", nil)
	if err != nil {
		return nil, fmt.Errorf("SCHEDULER_URL: %w", err)
	}
	client := http.Client{Timeout: 10 * time.Second}
	answer, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s/timers: %s", url, answer.Status)
	}
	var view struct {
		Partitions []partition `json:"partitions"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&view); err != nil {
		return nil, fmt.Errorf("%s/timers: %w", url, err)
	}
	return view.Partitions, nil
}

func instant(t *time.Time) string {
	if t == nil {
		return "–"
	}
	return t.UTC().Format("2006-01-02 15:04:05.000")
}

// A timer is what timer-state says of one.
type timer struct {
	id    string
	state *timerv1.State
}

// waits reads the state topic and keeps what is about a key: the last word on each timer
// that ever was.
func waits(ctx context.Context, opts []kgo.Opt, key string) ([]timer, error) {
	found := map[string]*timerv1.State{}
	var wrong error
	err := kafka.Scan(ctx, opts, events.TimerState, func(rec *kgo.Record) bool {
		id := string(rec.Key)
		if id == "" || id[0] == 0 {
			return true // the scheduler's own
		}
		var state timerv1.State
		if wrong = proto.Unmarshal(rec.Value, &state); wrong != nil {
			return false
		}
		_, known := found[id]
		switch {
		case rec.Value == nil:
			delete(found, id)
		case known || id == key || string(state.GetKey()) == key:
			found[id] = &state
		}
		return true
	})
	if err == nil {
		err = wrong
	}
	var all []timer
	for id, state := range found {
		all = append(all, timer{id, state})
	}
	slices.SortFunc(all, func(a, b timer) int {
		return cmp.Or(cmp.Compare(a.when(), b.when()), cmp.Compare(a.id, b.id))
	})
	return all, err
}

func (t timer) when() int64 { return cmp.Or(t.state.GetDoneMs(), t.state.GetDueMs()) }

func show(out io.Writer, all []timer, now time.Time) {
	table := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	defer table.Flush()
	fmt.Fprintln(table, "TIMER\tREV\tSTATE\tAT\tTOPIC\tKEY\tPAYLOAD")
	for _, t := range all {
		what := "pending"
		if t.state.GetDoneMs() != 0 {
			what = "fired or cancelled"
		} else if t.state.GetDueMs() <= now.UnixMilli() {
			what = "overdue"
		}
		at := time.UnixMilli(t.when())
		fmt.Fprintf(table, "%s\t%d\t%s\t%s\t%s\t%s\t%d bytes\n", t.id, t.state.GetRev(), what, instant(&at), t.state.GetTopic(), t.state.GetKey(), len(t.state.GetPayload()))
	}
}
