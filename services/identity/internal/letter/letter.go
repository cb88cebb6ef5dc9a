// Package letter is the mail that identity owes somebody: what for, to whom, and until when.
package letter

import (
	"time"

	"github.com/google/uuid"
)

// Kind is what a letter is about.
type Kind string

// The kinds of letters.
const (
	// Reset carries a link to a new password, if the address is somebody's: only the worker
	// looks, so that asking takes as long for an unknown address.
	Reset Kind = "reset"
	// Verify carries a link that shows an address to be its owner's, if it still needs that.
	Verify Kind = "verify"
	// Move carries a link that makes NewEmail somebody's address; it goes there.
	Move Kind = "move"
	// Moved tells the old address of a new one.
	Moved Kind = "moved"
	// Taken tells somebody that a new account was asked for with their address.
	Taken Kind = "taken"
)

// Life is how long a letter's link works, and how long sending it is tried.
const Life = time.Hour

// Letter is one that is to be written and sent. It is kept in the database until the mail
// server has taken it, and holds no secret: links are made when it is written.
type Letter struct {
	ID        uuid.UUID `db:"id"` // also its Message-ID, the same each time it is sent
	Kind      Kind      `db:"kind"`
	Email     string    `db:"email"`     // the account's address
	NewEmail  string    `db:"new_email"` // of Move and Moved
	Back      string    `db:"back"`      // where the link leads in the end: callbackURL or redirectTo
	CreatedAt time.Time `db:"created_at"`
	Attempts  int       `db:"attempts"`
}

// New returns a letter about an account's address.
func New(kind Kind, email, back string, now time.Time) Letter {
	return Letter{ID: uuid.Must(uuid.NewV7()), Kind: kind, Email: email, Back: back, CreatedAt: now}
}

// To is whom the letter goes to.
func (l *Letter) To() string {
	if l.Kind == Move {
		return l.NewEmail
	}
	return l.Email
}

// Until is when the letter's link ends, and with it the use of sending it.
func (l *Letter) Until() time.Time { return l.CreatedAt.Add(Life) }

// Pause is how long to wait before the next attempt: 30 s, 1, 2, 4 … minutes, at most 15. The
// first is longer than an attempt can take.
func (l *Letter) Pause() time.Duration {
	return min(30*time.Second<<min(l.Attempts, 6), 15*time.Minute)
}
