package kafka

import (
	"context"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tickler-app/tickler/pkg/fault"
)

// ByTopic is a Handler for a group that reads several topics, each with its own.
func ByTopic(handlers map[string]Handler) Handler {
	return func(ctx context.Context, recs []*kgo.Record) error {
		handle, ok := handlers[recs[0].Topic]
		if !ok {
			return fault.New(fault.Invalid, "nothing handles the topic %s", recs[0].Topic)
		}
		return handle(ctx, recs)
	}
}
