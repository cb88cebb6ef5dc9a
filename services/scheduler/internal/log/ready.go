package log

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/tickler-app/tickler/services/scheduler/internal/timer"
)

// tooOld is when a commit is no sign of life any more, in beats.
const tooOld = 3

// Ready is for the readiness probe: nil while timers make progress. That is, each
// partition is restored, has nothing overdue for 5 s, and has committed lately.
func (o *Owner) Ready(context.Context) error {
	o.mu.Lock()
	topics, member := o.topics, o.member
	o.mu.Unlock()
	if topics != nil {
		return topics
	}
	if member == nil {
		return errors.New("not in the group yet")
	}
	if _, generation := member.GroupMetadata(); generation < 0 {
		return errors.New("not in the group yet")
	}
	for _, p := range o.Partitions() {
		if err := progress(p, o.Beat); err != nil {
			return fmt.Errorf("partition %d: %w", p.Number, err)
		}
	}
	return nil
}

func progress(p timer.Partition, beat time.Duration) error {
	switch since := time.Since(time.UnixMilli(p.Commit)); {
	case !p.Restored && p.Error != "":
		return fmt.Errorf("not restored: %s", p.Error)
	case !p.Restored:
		return errors.New("not restored yet")
	case p.Overdue > 0:
		return fmt.Errorf("%d timers are overdue", p.Overdue)
	case since > tooOld*beat:
		return fmt.Errorf("the last commit was %v ago", since.Round(time.Second))
	}
	return nil
}

// Partitions are those that this process owns, in order.
func (o *Owner) Partitions() (all []timer.Partition) {
	for _, w := range o.held() {
		w.mu.Lock()
		all = append(all, w.view)
		w.mu.Unlock()
	}
	slices.SortFunc(all, func(a, b timer.Partition) int { return cmp.Compare(a.Number, b.Number) })
	return all
}

func (o *Owner) held() (all []*worker) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, w := range o.workers {
		if !w.gone {
			all = append(all, w)
		}
	}
	return all
}
