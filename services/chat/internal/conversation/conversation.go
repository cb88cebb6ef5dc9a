package conversation

import (
	"context"
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/tickler-app/tickler/pkg/fault"
)

// Conversation is what a person and the agent said to one another.
type Conversation struct {
	ID        uuid.UUID
	Title     string
	CreatedAt time.Time
	UpdatedAt time.Time // of the last turn, or a new title
	Entries   []Entry   // only of one that was looked for; without the one that is being written
}

// Entry is a message that is kept.
type Entry struct {
	ID        uuid.UUID
	Role      string // User or Assistant
	Parts     []Part
	Request   string // of an assistant's
	CreatedAt time.Time
}

// Roles.
const (
	User      = "user"
	Assistant = "assistant"
)

// Errors that somebody outside acts on.
var (
	ErrNotFound = fault.New(fault.NotFound, "no such conversation")
	ErrBusy     = fault.New(fault.Conflict, "the conversation is busy: another turn runs in it")
	ErrOnce     = fault.New(fault.Conflict, "the Idempotency-Key was used with another body")
	ErrGone     = fault.New(fault.Unauthorized, "sign in: a valid bearer token for this path is needed")
	ErrNothing  = fault.Fields(fault.Field{Name: "/trigger", Code: "not_allowed", Detail: "there is nothing to answer again"})

	// ErrLost means that a turn is no longer the one that runs in its conversation.
	ErrLost = fault.New(fault.Conflict, "the turn has lost its conversation")
)

// Memory is how many messages a planner is told of.
const Memory = 50

// Limits of what people write.
const (
	MaxMessage = 10_000
	MaxTitle   = 200
	madeTitle  = 60 // of a title that is made of a message
)

// TitleOf makes a title of a conversation's first message: the beginning of its first line.
func TitleOf(message string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(message), "\n")
	line = strings.Join(strings.Fields(line), " ")
	if utf8.RuneCountInString(line) <= madeTitle {
		return line
	}
	cut := string([]rune(line)[:madeTitle-1])
	if space := strings.LastIndexByte(cut, ' '); space > madeTitle/2 {
		cut = cut[:space]
	}
	return strings.TrimRight(cut, " ,;:.") + "…"
}

// Shelf keeps conversations, for their person alone.
type Shelf interface {
	// List returns conversations from the newest to the oldest, after one of them; Nil is the start.
	List(ctx context.Context, userID string, after uuid.UUID, limit int) ([]Conversation, error)
	Find(ctx context.Context, userID string, id uuid.UUID) (Conversation, error)
	Rename(ctx context.Context, userID string, id uuid.UUID, title string, now time.Time) (Conversation, error)
	Remove(ctx context.Context, userID string, id uuid.UUID) error
}

// Known is what events tell of a person.
type Known struct {
	UserID, Zone, Locale string
	Version              int64
}

// People keeps what is known of people, and forgets those who are gone.
type People interface {
	Know(ctx context.Context, p Known) error
	// Forget removes all that is kept of a person, for good.
	Forget(ctx context.Context, userID string) error
}

// Turns is where turns are written down as they go. One runs in a conversation at a time: it
// holds a lease there, which ends by itself if its service dies.
type Turns interface {
	// Begin writes down what the person said and opens the answer. It returns ErrBusy while
	// another turn runs, ErrNotFound, ErrOnce, ErrNothing, or fault.RateLimited.
	Begin(ctx context.Context, ask Ask, now time.Time) (Begun, error)
	// Beat prolongs the lease, keeps the parts that are there so far unless they are nil, and
	// reports whether somebody asked it to stop. It returns ErrLost if the lease is another's.
	Beat(ctx context.Context, userID string, turn uuid.UUID, parts []Part) (stop bool, err error)
	// End keeps what came of a turn and gives the conversation back.
	End(ctx context.Context, userID string, turn uuid.UUID, end End) error
	// Stop asks the turn that runs to stop; it is no error if none does.
	Stop(ctx context.Context, userID string, id uuid.UUID) error
	// Running returns the turn that runs in a conversation, or Nil.
	Running(ctx context.Context, userID string, id uuid.UUID) (turn uuid.UUID, err error)
	// Peek shows a turn as it was last kept.
	Peek(ctx context.Context, userID string, turn uuid.UUID) (View, error)
}

// Ask is what a person asks for.
type Ask struct {
	UserID       string
	Conversation uuid.UUID // Nil for a new one
	Message      string
	Again        bool          // the last message is answered again; Message is empty
	Request      string        // the request's id
	Once         string        // the Idempotency-Key, if there is one
	Print        []byte        // tells one body from another, where there is a key
	Window       time.Duration // for how long the key counts
}

// Begun is a turn that has begun, and what it goes by.
type Begun struct {
	Conversation uuid.UUID
	Turn         uuid.UUID // the id of the answer, too
	Asked        Entry
	CreatedAt    time.Time
	History      []Entry
	Memory       json.RawMessage
	Pending      *Pending
	Before       []Result // what the answer that this one replaces had done
	Zone, Locale string   // as events told; empty if they have not
	Replayed     bool     // it began before, with the same key: nothing is to be done
}

// End is what came of a turn.
type End struct {
	Parts   []Part
	Status  Status
	Memory  json.RawMessage // nil keeps what is there
	Pending *Pending        // what the person is asked, if anything
	Decided *bool           // what they said to what was asked before, which is over now
	Now     time.Time
}

// Status is how far an answer is.
type Status string

// Statuses.
const (
	Running Status = "running"
	Done    Status = "done"
	Stopped Status = "stopped" // by the person
	Limited Status = "limited" // by a guard
	Broken  Status = "broken"  // it could not be finished, and says why
)

// Pending are calls that wait for the person's yes.
type Pending struct {
	Calls []Held    `json:"calls"`
	Until time.Time `json:"until"`
}

// Held is one of them, with the confirmation that its tool gave, if it gave one.
type Held struct {
	Call         Call   `json:"call"`
	Confirmation string `json:"confirmation,omitempty"`
}
