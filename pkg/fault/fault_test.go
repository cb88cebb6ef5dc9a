package fault

import (
	"errors"
	"fmt"
	"testing"
)

func TestTheKindIsFoundInTheChain(t *testing.T) {
	t.Parallel()
	cause := errors.New("connection refused")
	for _, test := range []struct {
		err     error
		kind    Kind
		lasting bool
	}{
		{cause, Internal, false},
		{fmt.Errorf("load: %w", New(NotFound, "no such task")), NotFound, true},
		{Wrap(Unavailable, cause, "the database is away"), Unavailable, false},
		{Fields(Field{Name: "/title", Code: "too_long"}), Invalid, true},
		{New(RateLimited, "too many"), RateLimited, false},
	} {
		if got := KindOf(test.err); got != test.kind || got.Lasting() != test.lasting {
			t.Errorf("%v: %s, lasting %v", test.err, got, got.Lasting())
		}
	}
	if err := Wrap(Unavailable, cause, "the database is away"); !errors.Is(err, cause) {
		t.Error("the cause is not in the chain")
	}
}
