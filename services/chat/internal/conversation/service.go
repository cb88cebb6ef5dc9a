package conversation

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/tickler-app/tickler/pkg/fault"
)

// Person is who talks.
type Person struct {
	ID    string
	Token string // that they have shown: tools act for them with what it is exchanged for
	Zone  string // as the token says; events know better
}

// Tools are the only way to tasks.
type Tools interface {
	// List returns what there is to call. The error is fault.Unavailable or fault.Unauthorized.
	List(ctx context.Context, p Person) ([]Offer, error)
	// Call makes a call under a turn's request id, and returns the structured content of
	// wire-api.md §7. An error is no tool's: it is fault.Unauthorized where the person's token is
	// no longer good, else nobody knows whether the call had its effect.
	Call(ctx context.Context, p Person, request string, c Call) (output []byte, err error)
}

// Offer is a tool that may be called.
type Offer struct {
	Name, Description string
	Input             []byte // its input schema
	ReadOnly          bool   // it changes nothing
}

// Service holds conversations.
type Service struct {
	Shelf   Shelf
	Turns   Turns
	Tools   Tools
	Planner Planner
	Now     func() time.Time
	Steps   int // of a turn, at most

	// Noted is told of each turn that has ended: what became of it, how long it took, and what
	// was wrong, if anything. It may be nil.
	Noted func(ctx context.Context, status Status, took time.Duration, err error)

	mu     sync.Mutex
	closed bool
	live   map[uuid.UUID]*turn // by conversation
	wait   sync.WaitGroup
}

// Times of a turn.
const (
	busyFor   = 5 * time.Second       // that a second turn waits for the first
	busyPoll  = 50 * time.Millisecond // how often it looks
	graceTime = 10 * time.Second      // that turns have to end when the service does
)

// errClosing is the answer to who asks while the service ends.
var errClosing = fault.New(fault.Unavailable, "the service is ending: ask again")

// Run waits until ctx ends, lets the turns that run finish within their grace, then ends them.
func (s *Service) Run(ctx context.Context) error {
	<-ctx.Done()
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	ended := make(chan struct{})
	go func() { s.wait.Wait(); close(ended) }()
	select {
	case <-ended:
		return nil
	case <-time.After(graceTime):
	}
	s.mu.Lock()
	for _, t := range s.live {
		t.cancel(errClosing)
	}
	s.mu.Unlock()
	<-ended
	return nil
}

// Start begins a turn, which runs on when ctx ends: whoever asked may be gone for a moment, and
// follows it again. It waits for a turn that runs, then gives up with ErrBusy.
func (s *Service) Start(ctx context.Context, p Person, ask Ask) (Begun, Answer, error) {
	begun, err := s.begin(ctx, ask)
	if err != nil {
		return begun, nil, err
	}
	if begun.Replayed {
		return begun, s.follow(p.ID, begun.Conversation, begun.Turn), nil
	}
	t := &turn{service: s, person: p, ask: ask, begun: begun, draft: newDraft()}
	base, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	t.cancel = cancel
	s.mu.Lock()
	if s.live == nil {
		s.live = map[uuid.UUID]*turn{}
	}
	s.live[begun.Conversation] = t
	s.wait.Add(1)
	closed := s.closed
	s.mu.Unlock()
	if closed {
		cancel(errClosing)
	}
	go func() {
		defer s.wait.Done()
		defer cancel(nil)
		t.run(base)
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.live[begun.Conversation] == t {
			delete(s.live, begun.Conversation)
		}
	}()
	return begun, &reader{draft: t.draft}, nil
}

func (s *Service) begin(ctx context.Context, ask Ask) (Begun, error) {
	deadline := time.Now().Add(busyFor)
	for {
		begun, err := s.Turns.Begin(ctx, ask, s.Now())
		if !errors.Is(err, ErrBusy) || time.Now().After(deadline) {
			return begun, err
		}
		select {
		case <-time.After(busyPoll):
		case <-ctx.Done():
			return begun, ctx.Err()
		}
	}
}

// Follow returns the answer that is being written in a conversation, and its id; nil if none is.
func (s *Service) Follow(ctx context.Context, userID string, id uuid.UUID) (Answer, uuid.UUID, error) {
	turn, err := s.Turns.Running(ctx, userID, id)
	if err != nil || turn == uuid.Nil {
		return nil, turn, err
	}
	return s.follow(userID, id, turn), turn, nil
}

func (s *Service) follow(userID string, id, turn uuid.UUID) Answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t := s.live[id]; t != nil && t.begun.Turn == turn && t.person.ID == userID {
		return &reader{draft: t.draft}
	}
	return &distant{turns: s.Turns, userID: userID, turn: turn}
}

// Stop ends the turn that runs in a conversation. What was said so far is kept.
func (s *Service) Stop(ctx context.Context, userID string, id uuid.UUID) error {
	if err := s.Turns.Stop(ctx, userID, id); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if t := s.live[id]; t != nil && t.person.ID == userID {
		t.cancel(errStopped)
	}
	return nil
}
