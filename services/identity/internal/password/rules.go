package password

import (
	_ "embed"
	"strings"
	"unicode"
	"unicode/utf16"

	"github.com/tickler-app/tickler/pkg/fault"
)

// What may not be a password.
var (
	ErrShort  = fault.New(fault.Invalid, "Password too short")
	ErrLong   = fault.New(fault.Invalid, "Password too long")
	ErrCommon = fault.New(fault.Invalid, "This password is among the most used ones: choose another")
	ErrOwn    = fault.New(fault.Invalid, "This password is little more than your address or the name of this place: choose another")
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

// Check returns ErrShort, ErrLong, ErrCommon or ErrOwn if the password may not be one. Capital
// letters do not make a common password a rare one, nor do digits and signs one of the address of
// whoever it is for, or of the product's name (ASVS 5.0, 6.2.11). The address may be unknown, "".
func (r Rules) Check(password, email string) error {
	if length(password) < shortest {
		return ErrShort
	}
	if err := Bounded(password); err != nil {
		return err
	}
	if r.common[strings.ToLower(password)] {
		return ErrCommon
	}
	local, domain, _ := strings.Cut(email, "@")
	is := letters(password)
	for _, own := range []string{"tickler", email, local, domain} {
		if own = letters(own); own != "" && is != "" && strings.ReplaceAll(is, own, "") == "" {
			return ErrOwn
		}
	}
	return nil
}

// letters are those of a text, small.
func letters(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, text)
}

// Bounded returns ErrLong for what is too long to be hashed at all.
func Bounded(password string) error {
	if length(password) > longest {
		return ErrLong
	}
	return nil
}

func length(text string) int { return len(utf16.Encode([]rune(text))) }
