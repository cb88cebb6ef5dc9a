package auth

import (
	"strings"
	"testing"
)

func TestWhatIsRememberedIsBounded(t *testing.T) {
	t.Parallel()
	c := cache[int]{capacity: 10}
	for i := range 100 {
		c.add(strings.Repeat("x", i), i)
		if _, ok := c.find(""); !ok {
			t.Fatalf("what is asked for often was forgotten after %d", i)
		}
	}
	if what, ok := c.find(strings.Repeat("x", 99)); !ok || what != 99 {
		t.Errorf("the newest is %d, %v", what, ok)
	}
	if n := len(c.young) + len(c.old); n > 20 {
		t.Errorf("%d are remembered", n)
	}
	c.forget("")
	if _, ok := c.find(""); ok {
		t.Error("what was forgotten is remembered")
	}
}
