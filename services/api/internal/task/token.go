package task

import (
	"fmt"
	"strconv"
	"strings"
)

// Token is how far a client was told of the person's sequence. In the middle of a full answer that
// has not come as far as what was forgotten, it says how much that was when the answer began: what is
// forgotten since has it begin anew, and nothing else does.
type Token struct {
	Seq       int64
	Forgotten int64 // 0 outside of such an answer
}

// String writes a token as clients keep it: the sequence, and behind a - what was forgotten.
func (t Token) String() string {
	if t.Forgotten == 0 {
		return strconv.FormatInt(t.Seq, 10)
	}
	return fmt.Sprintf("%d-%d", t.Seq, t.Forgotten)
}

// ParseToken reads what String wrote; ok is false of anything else.
func ParseToken(text string) (t Token, ok bool) {
	seq, forgotten, within := strings.Cut(text, "-")
	var err error
	if t.Seq, err = strconv.ParseInt(seq, 10, 64); err == nil && within {
		t.Forgotten, err = strconv.ParseInt(forgotten, 10, 64)
	}
	return t, err == nil && t.String() == text
}
