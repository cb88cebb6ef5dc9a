package notice

import (
	"context"
	"time"

	"github.com/tickler-app/tickler/pkg/fault"
)

// Kept is what was answered under an Idempotency-Key.
type Kept struct {
	Print  []byte // of the request
	Answer []byte
	Until  time.Time // when the key is free again
}

// Answers keep what people were answered under a key of theirs.
type Answers interface {
	// Answered returns nothing where the key is free.
	Answered(ctx context.Context, userID, key string, now time.Time) (*Kept, error)
	// Keep keeps an answer, in the place of one whose time is over.
	Keep(ctx context.Context, userID, key string, kept Kept) error
}

// ErrOtherRequest is the error of a key under which something else was asked.
var ErrOtherRequest = fault.New(fault.Conflict, "the Idempotency-Key was used for another request")
