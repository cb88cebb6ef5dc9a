package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tickler-app/tickler/pkg/kafka"
	events "github.com/tickler-app/tickler/proto-events"
	"github.com/tickler-app/tickler/scripts/internal/catcher"
	"github.com/tickler-app/tickler/scripts/internal/person"
)

// ringing bounds how long the last reminders may take: a letter whose courier was killed
// waits a minute until another one takes it.
const ringing = 100 * time.Second

// rung waits until all reminders that must ring have, and those that must not could have, and
// returns what came of them. What is missing by then the checks will say.
func (t *town) rung(ctx context.Context) ([]*keeping, error) {
	waiting, cancel := context.WithTimeout(ctx, ringing)
	defer cancel()
	var last time.Time
	for _, k := range t.keepers {
		for _, b := range k.bells {
			last = later(last, b.At)
		}
	}
	pause(waiting, time.Until(last.Add(certain)))
	for {
		all, err := t.keepings(ctx)
		if err != nil {
			return nil, err
		}
		h := history{Keepings: all, Crashes: t.crashes()}
		var came, sent verdict
		h.rings(&came)
		h.letters(&sent)
		if came.Violations+sent.Violations == 0 || !pause(waiting, time.Second) {
			return all, nil
		}
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// crashes is how often something was killed, stopped or restarted that may leave a letter sent
// and not recorded: whoever sends it, and where it is recorded.
func (t *town) crashes() (n int) {
	for f, times := range t.tormentor.done {
		if f.service() == "notification" || f.victim == "postgres" {
			n += times
		}
	}
	return n
}

func (t *town) keepings(ctx context.Context) (all []*keeping, err error) {
	ends, err := t.ends(ctx)
	if err != nil {
		return nil, err
	}
	mails, err := t.mails(ctx)
	if err != nil {
		return nil, err
	}
	for _, k := range t.keepers {
		is := &keeping{ID: k.ID, Bells: k.bells, Chain: k.chain, Ends: ends, Mails: mails, Notices: map[string][]time.Time{}}
		if err := k.notices(ctx, is); err != nil {
			return nil, err
		}
		if err := k.occurrences(ctx, is); err != nil {
			return nil, err
		}
		all = append(all, is)
	}
	return all, nil
}

// ends counts reminder.sent on the log by task.
func (t *town) ends(ctx context.Context) (map[string]int, error) {
	ends := map[string]int{}
	opts := t.house.Kafka().Opts(slog.New(slog.DiscardHandler), nil)
	return ends, kafka.Scan(ctx, opts, events.NotificationEvents, func(rec *kgo.Record) bool {
		if kafka.Header(rec, "ce_type") == events.ReminderSent {
			ends[kafka.Header(rec, "ce_subject")]++
		}
		return true
	})
}

// mails are the Message-IDs of what the catcher has, by the title that the subject names.
func (t *town) mails(ctx context.Context) (map[string][]string, error) {
	req, err := http.NewRequestWithContext(ctx, "GET", t.house.URL("mail")+"/messages", nil)
	if err != nil {
		return nil, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	var caught struct {
		Messages []catcher.Message `json:"messages"`
	}
	if err := json.NewDecoder(res.Body).Decode(&caught); err != nil {
		return nil, fmt.Errorf("read the mail: %w", err)
	}
	mails := map[string][]string{}
	for _, m := range caught.Messages {
		title := strings.TrimPrefix(m.Subject, "Reminder: ")
		mails[title] = append(mails[title], m.Headers["Message-ID"])
	}
	return mails, nil
}

func (k *keeper) notices(ctx context.Context, is *keeping) error {
	for path := "notices?limit=200"; ; {
		var page struct {
			Notices []struct {
				Kind    string    `json:"kind"`
				TaskID  string    `json:"task_id"`
				Created time.Time `json:"created_at"`
			} `json:"notices"`
			Next *string `json:"next_cursor"`
		}
		if _, err := k.Call(ctx, "GET", path, nil, "", &page); err != nil {
			return fmt.Errorf("read the notices of %s: %w", k.ID, err)
		}
		for _, n := range page.Notices {
			if n.Kind == "reminder" {
				is.Notices[n.TaskID] = append(is.Notices[n.TaskID], n.Created)
			}
		}
		if page.Next == nil {
			return nil
		}
		path = "notices?limit=200&cursor=" + *page.Next
	}
}

func (k *keeper) occurrences(ctx context.Context, is *keeping) error {
	for _, status := range []string{"all", "deleted"} {
		for path := "tasks?limit=200&tag=chain&status=" + status; path != ""; {
			var page struct {
				Tasks []person.Task `json:"tasks"`
				Next  *string       `json:"next_cursor"`
			}
			if _, err := k.Call(ctx, "GET", path, nil, "", &page); err != nil {
				return fmt.Errorf("read the tasks of %s: %w", k.ID, err)
			}
			for _, t := range page.Tasks {
				o := occurrence{Open: !t.Completed && t.DeletedAt == nil}
				if t.DueDate != nil {
					o.Due = *t.DueDate
				}
				is.Series = append(is.Series, o)
			}
			if path = ""; page.Next != nil {
				path = "tasks?limit=200&tag=chain&status=" + status + "&cursor=" + *page.Next
			}
		}
	}
	return nil
}
