package conversation

import (
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/tickler-app/tickler/pkg/fault"
)

// Fallback is a planner that asks another one, and says so, when the first is away as a turn
// begins. A turn is never handed over in the middle, in which the other would not know its way.
type Fallback struct {
	First, Then Planner
	Steps       int // that a turn of the other one may have
}

var _ Planner = Fallback{}

// insteadOf is said before the other planner's words.
const insteadOf = "The model does not answer, so I go by simple rules for now.\n\n"

// ofOther marks the calls of a turn that the other planner goes through.
const ofOther = "rules-"

// Next implements Planner.
func (f Fallback) Next(ctx context.Context, turn Turn, emit Emit) (Step, error) {
	if handedOver(turn) {
		return f.other(ctx, turn, emit)
	}
	said := false
	step, err := f.First.Next(ctx, turn, func(delta string) { said = true; emit(delta) })
	began := len(turn.Results) > 0 && !turn.Approved
	if fault.KindOf(err) != fault.Unavailable || said || began {
		return step, err
	}
	emit(insteadOf)
	step, err = f.other(ctx, turn, emit)
	step.Text = insteadOf + step.Text
	return step, err
}

// handedOver reports whether the other planner goes through this turn.
func handedOver(turn Turn) bool {
	return slices.ContainsFunc(turn.Results, func(r Result) bool { return strings.HasPrefix(r.Call.ID, ofOther) })
}

func (f Fallback) other(ctx context.Context, turn Turn, emit Emit) (Step, error) {
	step, err := f.Then.Next(ctx, turn, emit)
	for i := range step.Calls {
		step.Calls[i].ID = ofOther + uuid.NewString()
	}
	return step, err
}
