package tool

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"time"

	"github.com/tickler-app/tickler/pkg/fault"
)

// Seal makes confirmations. Every replica has the same, so that each knows what another gave.
type Seal struct{ key [sha256.Size]byte }

// NewSeal makes a seal of a secret that all replicas share.
func NewSeal(secret string) Seal {
	return Seal{sha256.Sum256([]byte("tickler mcp confirmation\n" + secret))}
}

// Errors of confirmations.
var (
	errForeign = unfit("is not the one that this call was asked to give: call without it to be asked anew")
	errEnded   = unfit("was given more than 10 minutes ago: call without it to be asked anew")
	errUsed    = unfit("was used already, and the tasks have changed since: call without it to be asked anew")
)

func unfit(why string) error {
	return fault.Fields(fault.Field{Name: "/confirmation", Code: "not_allowed", Detail: why})
}

const (
	confirmWithin = 10 * time.Minute
	nonceSize     = 16
	plainSize     = 8 + nonceSize // until when, then what makes it one of a kind
)

// give makes a confirmation for what a call is bound to.
func (s Seal) give(binding string, now time.Time) string {
	plain := binary.BigEndian.AppendUint64(nil, uint64(now.Add(confirmWithin).UnixMilli()))
	plain = append(plain, make([]byte, nonceSize)...)
	_, _ = rand.Read(plain[8:]) // never fails
	return base64.RawURLEncoding.EncodeToString(append(plain, s.sum(plain, binding)...))
}

// check reports whether a confirmation was given for that, and not too long ago.
func (s Seal) check(confirmation, binding string, now time.Time) error {
	raw, err := base64.RawURLEncoding.DecodeString(confirmation)
	// There is one way to write it: what it did is remembered by its text.
	if err != nil || base64.RawURLEncoding.EncodeToString(raw) != confirmation || len(raw) != plainSize+sha256.Size || !hmac.Equal(raw[plainSize:], s.sum(raw[:plainSize], binding)) {
		return errForeign
	}
	if now.UnixMilli() > int64(binary.BigEndian.Uint64(raw)) {
		return errEnded
	}
	return nil
}

func (s Seal) sum(plain []byte, binding string) []byte {
	mac := hmac.New(sha256.New, s.key[:])
	mac.Write(plain)
	mac.Write([]byte(binding))
	return mac.Sum(nil)
}
