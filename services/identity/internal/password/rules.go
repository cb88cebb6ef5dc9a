package password

import (
	_ "embed"
	"strings"
	"unicode/utf16"

	"github.com/tickler-app/tickler/pkg/fault"
)

// What may not be a password.
var (
	ErrShort  = fault.New(fault.Invalid, "Password too short")
	ErrLong   = fault.New(fault.Invalid, "Password too long")
	ErrCommon = fault.New(fault.Invalid, "This password is among the most used ones: choose another")
)

// Lengths in UTF-16 units, as JavaScript counts.
const (
	shortest = 8
	longest  = 128
)

// Rules say what may be a new password.
type Rules struct{ common map[string]bool }

//go:embed common.txt
var commonText string

// NewRules returns the rules, with the list of common passwords or without.
func NewRules(refuseCommon bool) Rules {
	r := Rules{}
	if refuseCommon {
		r.common = map[string]bool{}
		for line := range strings.Lines(commonText) {
			r.common[strings.TrimSpace(line)] = true
		}
	}
	return r
}

// Check returns ErrShort, ErrLong or ErrCommon if the password may not be one. Capital letters
// do not make a common password a rare one.
func (r Rules) Check(password string) error {
	if length(password) < shortest {
		return ErrShort
	}
	if err := Bounded(password); err != nil {
		return err
	}
	if r.common[strings.ToLower(password)] {
		return ErrCommon
	}
	return nil
}

// Bounded returns ErrLong for what is too long to be hashed at all.
func Bounded(password string) error {
	if length(password) > longest {
		return ErrLong
	}
	return nil
}

func length(text string) int { return len(utf16.Encode([]rune(text))) }
