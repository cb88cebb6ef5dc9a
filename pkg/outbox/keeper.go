package outbox

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kerr"
)

// keeper holds the leases of one replica and runs a session for each.
type keeper struct {
	*Relay
	leases
	sessions map[int]*session  // by shard
	ended    chan *session     // those whose run has returned
	notNow   map[int]time.Time // shards that failed here wait until then
	said     map[int]string    // what was logged of a shard last
}

func newKeeper(r *Relay) *keeper {
	return &keeper{
		Relay:    r,
		leases:   leases{db: r.DB, holder: uuid.NewString(), term: r.Lease},
		sessions: map[int]*session{}, ended: make(chan *session, Shards),
		notNow: map[int]time.Time{}, said: map[int]string{},
	}
}

// again is how long a shard rests after a failure.
const again = time.Second

func (k *keeper) run(ctx context.Context) {
	beat := time.NewTicker(k.term / 6)
	defer beat.Stop()
	k.turn(ctx)
	purge := time.Now()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case s := <-k.ended:
			k.over(ctx, s)
		case <-beat.C:
			k.turn(ctx)
			if len(k.sessions) > 0 && time.Since(purge) > purgeEvery {
				k.purgeAll(ctx)
				purge = time.Now()
			}
		}
	}
	// The sessions have the same ctx: they end what they have begun, and what they hold
	// is free for the next replica at once.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second+sendWithin)
	defer cancel()
	for len(k.sessions) > 0 {
		k.over(ctx, <-k.ended)
	}
}

// turn prolongs the leases and takes those that are free.
func (k *keeper) turn(ctx context.Context) {
	lost, err := k.renew(ctx, k.sessions)
	for _, s := range lost {
		s.cancel()
	}
	if err == nil {
		err = k.takeFree(ctx)
	}
	if err != nil && ctx.Err() == nil {
		k.say(ctx, -1, "the leases of the outbox's shards", err)
		return
	}
	delete(k.said, -1)
}

func (k *keeper) takeFree(ctx context.Context) error {
	var wanted []int
	for shard := range Shards {
		if k.sessions[shard] == nil && time.Now().After(k.notNow[shard]) {
			wanted = append(wanted, shard)
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	held, err := k.take(ctx, wanted)
	for _, lease := range held {
		own, cancel := context.WithCancel(ctx)
		s := &session{Relay: k.Relay, lease: lease, leases: k.leases, cancel: cancel}
		k.sessions[lease.shard] = s
		k.metrics.held.Set(float64(len(k.sessions)))
		go func() { // run waits for it
			if err := s.run(own); own.Err() == nil {
				s.err = err
			}
			k.ended <- s
		}()
	}
	return err
}

// over is called for each session that has ended.
func (k *keeper) over(ctx context.Context, s *session) {
	s.cancel()
	delete(k.sessions, s.shard)
	k.metrics.held.Set(float64(len(k.sessions)))
	k.refuse(s.shard, nil)
	rest := again
	if fenced(s.err) {
		// Somebody else relays this shard and has, or should have, the lease. To fence it
		// in turn would be a fight that neither wins.
		rest = k.term + rand.N(again)
	}
	k.notNow[s.shard] = time.Now().Add(rest)
	if err := k.release(ctx, s); err != nil && s.err == nil {
		s.err = err
	}
	if s.err == nil {
		delete(k.said, s.shard)
		return
	}
	k.metrics.failures.Inc()
	k.say(ctx, s.shard, "relay", s.err)
}

// say logs an error unless it was the last thing said: an outage is one line a shard.
func (k *keeper) say(ctx context.Context, shard int, what string, err error) {
	if k.said[shard] == err.Error() {
		return
	}
	k.said[shard] = err.Error()
	k.Log.WarnContext(ctx, what, "shard", shard, "error", err)
}

// fenced says whether a newer producer has taken over the shard's transactions.
func fenced(err error) bool {
	return errors.Is(err, kerr.ProducerFenced) || errors.Is(err, kerr.InvalidProducerEpoch) ||
		errors.Is(err, kerr.InvalidProducerIDMapping)
}
