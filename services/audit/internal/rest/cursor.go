package rest

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"

	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/services/audit/internal/trail"
)

// cursor is where a list goes on. It says nothing that its bearer does not know, and is bound
// to their filter.
type cursor struct {
	Print [8]byte     `json:"p"`
	After trail.Place `json:"a"`
}

func (c cursor) String() string {
	text, _ := json.Marshal(c) // numbers, times and text cannot fail
	return base64.RawURLEncoding.EncodeToString(text)
}

func parseCursor(text string, print [8]byte) (*trail.Place, error) {
	var c cursor
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || json.Unmarshal(raw, &c) != nil || c.Print != print || c.After.At.IsZero() {
		return nil, fault.Fields(fault.Field{Name: "cursor", Code: "not_allowed", Detail: "was not given out for this filter"})
	}
	return &c.After, nil
}

// printOf tells one filter from another.
func printOf(f trail.Filter) (print [8]byte) {
	text, _ := json.Marshal(f) // text and times of four-digit years cannot fail
	sum := sha256.Sum256(text)
	copy(print[:], sum[:])
	return print
}
