package task

import (
	"context"
	"time"

	"github.com/tickler-app/tickler/pkg/fault"
)

// People is what this service knows of persons, from their events. The events of one person
// may come again, and each call may be repeated.
type People interface {
	// Settle remembers the zone that a person is in, unless a newer version told another,
	// and lets decide change each task that floats with them.
	Settle(ctx context.Context, told Told, decide Decide) error

	// Forget removes everything of a person for ever.
	Forget(ctx context.Context, userID string) error
}

// Told is what an event said of a person.
type Told struct {
	UserID  string
	Zone    *time.Location
	Version int64 // of the person; later ones win
}

// Census keeps People as the events say.
type Census struct {
	People People
	Now    func() time.Time
}

// Heard takes notice of where a person is. What floats with them follows.
func (c *Census) Heard(ctx context.Context, userID, zone string, version int64) error {
	location, err := LoadZone(zone)
	if err != nil {
		return fault.New(fault.Invalid, "%q is no time zone", zone)
	}
	return c.People.Settle(ctx, Told{userID, location, version}, func(t Task, author Author) (*Change, error) {
		return t.Resettle(author.Zone, c.Now()), nil
	})
}

// Forget removes everything of a person who deleted themselves.
func (c *Census) Forget(ctx context.Context, userID string) error {
	return c.People.Forget(ctx, userID)
}
