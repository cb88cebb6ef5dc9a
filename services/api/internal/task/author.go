package task

import (
	"time"

	"github.com/google/uuid"
)

// Author is who makes a change, for whom, and how it came.
type Author struct {
	UserID string
	Zone   *time.Location // the person's: the token's, until a user event has told one

	ActorType string // user, agent or system
	ActorName string
	Source    string // web, api, mcp, chat, recurring, scheduler, import or sync
	RequestID string
	Trace     string // W3C traceparent, or ""

	// Batch names the changes that are taken back as one where the last of them is, such as those
	// of an import; zero: each by itself.
	Batch uuid.UUID

	// DryRun says that the change is decided, and not made.
	DryRun bool
}

// System is the author of what the house itself does in the course of a's change.
func (a Author) System(name string) Author {
	a.ActorType, a.ActorName, a.Source = "system", name, name
	return a
}
