package outbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/tickler-app/tickler/pkg/kafka"
	"github.com/twmb/franz-go/pkg/kgo"
)

// session relays one shard, with one lease and one producer, until something fails. Then
// both are thrown away: after an error nobody knows what the producer's transaction
// became, and the start of the next one settles it.
type session struct {
	*Relay
	lease
	leases
	cancel context.CancelFunc
	err    error // why run returned, once it has

	// sent is how far the shard was sent; nil until the cursor was read and found good.
	sent atomic.Pointer[position]
}

const (
	// sendWithin bounds a Kafka transaction, and is how long a relay that is told to end
	// may take. Kafka itself ends an open one after 10 s, see kafka.TransactionOpts.
	sendWithin = 10 * time.Second

	// startWithin bounds the taking of a producer id. The coordinator may have to wait for
	// the transaction of a session before.
	startWithin = 20 * time.Second
)

func (s *session) run(ctx context.Context) error {
	// ProducerLinger: what is to be sent is there in full, nothing comes that is worth waiting for.
	client, err := kgo.NewClient(slices.Concat(s.Kafka, kafka.TransactionOpts(transactionID(s.Service, s.shard)),
		[]kgo.Opt{kgo.ProducerLinger(0)})...)
	if err != nil {
		return err
	}
	defer client.Close()
	if err := takeOver(ctx, client); err != nil {
		return err
	}
	at, err := s.start(ctx)
	if err != nil {
		return err
	}
	feed := s.reader.open(s.shard, at.position)
	defer s.reader.close(feed)
	for {
		batch, err := feed.next(ctx)
		if err != nil || ctx.Err() != nil {
			return err
		}
		at.position = batch.last
		if err := s.send(ctx, client, batch, at); err != nil {
			return err
		}
		s.sent.Store(&batch.last)
		s.metrics.published(batch)
	}
}

func transactionID(service string, shard int) string {
	return fmt.Sprintf("outbox-%s-%d", service, shard)
}

// takeOver fences the shard's producer before this one, and ends its transaction.
func takeOver(ctx context.Context, client *kgo.Client) error {
	ctx, cancel := context.WithTimeout(ctx, startWithin)
	defer cancel()
	if _, _, err := client.ProducerID(ctx); err != nil {
		return fmt.Errorf("take over: %w", err)
	}
	return nil
}

// start finds where to go on. As long as only a person can mend what is wrong it keeps
// the lease and looks again and again, so that nothing needs to be started anew after.
func (s *session) start(ctx context.Context) (at cursor, err error) {
	for said := error(nil); ; {
		at, err = s.resume(ctx)
		if err == nil {
			s.sent.Store(&at.position)
			s.refuse(s.shard, nil)
			return at, nil
		} else if ctx.Err() != nil || !errors.Is(err, ErrForeign) && !errors.Is(err, ErrGone) {
			return at, err
		}
		s.refuse(s.shard, err)
		if !errors.Is(said, err) {
			said = err
			s.Log.ErrorContext(ctx, "the relay has stopped", "shard", s.shard, "error", err)
		}
		sleep(ctx, again)
	}
}

// send is one Kafka transaction: the events, and the cursor behind the last of them.
func (s *session) send(ctx context.Context, client *kgo.Client, b batch, at cursor) (err error) {
	value, err := json.Marshal(at)
	if err != nil {
		return err
	}
	published := s.spans(b.records)
	defer func() { published(err) }()
	records := append(b.records, &kgo.Record{Topic: CursorTopic, Key: []byte(cursorKey(s.Service, s.shard)), Value: value})
	// What was begun is ended even if ctx ends: an open transaction holds up its readers.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sendWithin)
	defer cancel()
	if err := client.BeginTransaction(); err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	if err := client.ProduceSync(ctx, records...).FirstErr(); err != nil {
		return fmt.Errorf("send events: %w", err)
	}
	if err := client.EndTransaction(ctx, kgo.TryCommit); err != nil {
		return fmt.Errorf("commit events: %w", err)
	}
	return nil
}
