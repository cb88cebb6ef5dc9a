package rest

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"time"

	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/services/api/internal/task"
)

// cursor is where a list goes on. It says nothing that its bearer does not know, and is
// bound to their filter and sort.
type cursor struct {
	Print [8]byte   `json:"p"` // of filter and sort
	Now   time.Time `json:"n"` // when the first page was read
	AsOf  int64     `json:"s"` // the person's sequence then
	After *task.Key `json:"a"`
}

func (c cursor) String() string {
	text, _ := json.Marshal(c) // numbers, times and text cannot fail
	return base64.RawURLEncoding.EncodeToString(text)
}

var errCursor = fault.Fields(fault.Field{Name: "cursor", Code: "not_allowed", Detail: "was not given out for this filter and sort"})

func parseCursor(text string, print [8]byte) (c cursor, err error) {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || json.Unmarshal(raw, &c) != nil || c.Print != print || c.After == nil || !c.After.Possible() {
		return cursor{}, errCursor
	}
	return c, nil
}

// printOf tells one filter and sort from another.
func printOf(params ListTasksParams) (print [8]byte) {
	params.Cursor, params.Limit = nil, nil
	text, _ := json.Marshal(params) // text cannot fail
	sum := sha256.Sum256(text)
	copy(print[:], sum[:])
	return print
}
