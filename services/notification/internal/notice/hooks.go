package notice

import (
	"context"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/tickler-app/tickler/pkg/fault"
	events "github.com/tickler-app/tickler/proto-events"
)

// HookShelf is where a person's hooks are kept.
type HookShelf interface {
	Hooks(ctx context.Context, userID string) ([]Hook, error)
	// AddHook adds a hook, or returns the one that was added under the same key before.
	AddHook(ctx context.Context, h Hook, key string) (Hook, bool, error)
	ChangeHook(ctx context.Context, userID string, id uuid.UUID, change func(*Hook) error) (Hook, error)
	RemoveHook(ctx context.Context, userID string, id uuid.UUID) error
	// Told lists what a hook was told, newest first.
	Told(ctx context.Context, userID string, hook uuid.UUID, page Page) ([]Delivery, uuid.UUID, error)
	// Replay makes a delivery due once more.
	Replay(ctx context.Context, userID string, hook, delivery uuid.UUID, now time.Time) (Delivery, error)
}

// MaxHooks is how many a person may have.
const MaxHooks = 20

// What is wrong with calls about hooks.
var (
	ErrNoHook       = fault.New(fault.NotFound, "no such webhook")
	ErrNoDelivery   = fault.New(fault.NotFound, "no such delivery")
	ErrTooManyHooks = fault.New(fault.Conflict, "there may be at most %d webhooks", MaxHooks)
)

// HookPatch is what a person changes of a hook; nil leaves as it is.
type HookPatch struct {
	URL     *string
	Events  *[]string
	Enabled *bool
}

// AddHook makes a hook with a secret of its own, which is shown this once.
func (d *Desk) AddHook(ctx context.Context, userID string, patch HookPatch, key string) (Hook, bool, error) {
	h := Hook{ID: uuid.Must(uuid.NewV7()), UserID: userID, Events: []string{}, Enabled: true, CreatedAt: d.Now(), Secret: newHookSecret()}
	if err := d.apply(&h, patch); err != nil {
		return h, false, err
	}
	return d.Hooks.AddHook(ctx, h, key)
}

// ChangeHook merges a patch into a hook.
func (d *Desk) ChangeHook(ctx context.Context, userID string, id uuid.UUID, patch HookPatch) (Hook, error) {
	return d.Hooks.ChangeHook(ctx, userID, id, func(h *Hook) error { return d.apply(h, patch) })
}

func (d *Desk) apply(h *Hook, patch HookPatch) error {
	var wrong []fault.Field
	if patch.URL != nil {
		if err := d.Addresses.Check(*patch.URL); err != nil {
			wrong = append(wrong, fault.Field{Name: "/url", Code: "not_allowed", Detail: err.Error()})
		}
		h.URL = *patch.URL
	}
	if patch.Events != nil {
		h.Events = append([]string{}, *patch.Events...)
		for i, kind := range h.Events {
			if !slices.Contains(hookable(), kind) {
				wrong = append(wrong, fault.Field{Name: "/events/" + strconv.Itoa(i), Code: "not_allowed", Detail: "is no type of event that webhooks are told"})
			}
		}
	}
	if patch.Enabled != nil {
		h.Enabled = *patch.Enabled
	}
	if patch.URL != nil || patch.Enabled != nil { // it gets another week
		h.FailingSince = nil
	}
	if wrong != nil {
		return fault.Fields(wrong...)
	}
	return nil
}

// hookable are the types of events that hooks may be told: those of the feed.
func hookable() []string {
	return slices.DeleteFunc(events.Types(), func(kind string) bool {
		return strings.HasPrefix(kind, "user.") || strings.HasPrefix(kind, "session.")
	})
}

// secretPrefix is that of Standard Webhooks.
const secretPrefix = "whsec_"

// newHookSecret makes the 256 bits that a hook's deliveries are signed with.
func newHookSecret() string {
	raw, _ := base64.RawURLEncoding.DecodeString(NewSecret()) // it is in that form
	return secretPrefix + base64.StdEncoding.EncodeToString(raw)
}

// Key is what a hook's deliveries are signed with.
func (h *Hook) Key() ([]byte, error) {
	return base64.StdEncoding.DecodeString(strings.TrimPrefix(h.Secret, secretPrefix))
}
