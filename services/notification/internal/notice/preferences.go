// Package notice decides what a person is told, on which channels, and what becomes of it.
package notice

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/tickler-app/tickler/pkg/fault"
)

// Channel is a way to a person, by the wire's word.
type Channel string

// The channels.
const (
	InApp   Channel = "in_app"
	Email   Channel = "email"
	SMS     Channel = "sms"
	Push    Channel = "push"
	Webhook Channel = "webhook"
)

// Outgoing are the channels that leave the house, and so may fail.
func Outgoing() []Channel { return []Channel{Email, SMS, Push, Webhook} }

// The kinds that a person may choose channels for. What an agent or the system did to a task
// has a kind of its own for each event, agent.task.completed say; FamilyOf names what is
// chosen for all of them.
const (
	Reminder     = "reminder"
	Overdue      = "task.overdue"
	AgentFamily  = "agent.task.*"
	SystemFamily = "system.task.*"
	HookOff      = "webhook.disabled" // it had failed for a week; nobody chooses not to be told
)

var kinds = []string{Reminder, "task.created", "task.updated", "task.completed", Overdue, AgentFamily, SystemFamily}

// kindForm is that of the kinds of single events, which may be chosen for alone.
var kindForm = regexp.MustCompile(`^(agent|system)\.task\.(created|updated|completed|reopened|deleted|restored|skipped)$`)

// FamilyOf is the kind under which channels are chosen for this one and its like.
func FamilyOf(kind string) string {
	if before, _, ok := strings.Cut(kind, ".task."); ok {
		return before + ".task.*"
	}
	return kind
}

// standard are the channels of who has not chosen.
func standard(kind string) []Channel {
	switch FamilyOf(kind) {
	case Reminder, HookOff:
		return []Channel{InApp, Email}
	case AgentFamily, SystemFamily:
		return []Channel{InApp}
	}
	return nil
}

// Preferences are how a person wants to be told.
type Preferences struct {
	Chosen map[string][]Channel // by kind; the others are as standard says
	Quiet  Quiet
	Phone  string // E.164; "" for none

	// MailStopped is set by the link in a mail, and lifted when the person chooses e-mail again.
	// It holds for reminders that name e-mail themselves too.
	MailStopped bool
}

// Channels are those of a kind.
func (p Preferences) Channels(kind string) []Channel {
	for _, name := range []string{kind, FamilyOf(kind)} {
		if chosen, ok := p.Chosen[name]; ok {
			return slices.Clone(chosen)
		}
	}
	return standard(kind)
}

// Shown are the channels of every kind that a person may choose for.
func (p Preferences) Shown() map[string][]Channel {
	shown := map[string][]Channel{}
	for _, kind := range slices.Concat(kinds, slices.Collect(maps.Keys(p.Chosen))) {
		shown[kind] = p.Channels(kind)
	}
	return shown
}

// StopMail takes e-mail out of every kind.
func (p *Preferences) StopMail() {
	chosen := map[string][]Channel{}
	for kind, channels := range p.Shown() {
		chosen[kind] = unique(slices.DeleteFunc(channels, func(c Channel) bool { return c == Email }))
	}
	p.Chosen, p.MailStopped = chosen, true
}

// Patch is what a person changes; nil leaves as it is.
type Patch struct {
	Channels map[string]*[]Channel // a nil list: as it is for who has not chosen
	Quiet    *QuietPatch
	Phone    *string // "" for none
}

// phoneForm is E.164.
var phoneForm = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)

// Apply merges a patch. The error names every field that is wrong.
func (p *Preferences) Apply(patch Patch) error {
	var wrong []fault.Field
	chosen := maps.Clone(p.Chosen)
	if chosen == nil {
		chosen = map[string][]Channel{}
	}
	stopped, phone := p.MailStopped, p.Phone
	for _, kind := range slices.Sorted(maps.Keys(patch.Channels)) {
		if !slices.Contains(kinds, kind) && !kindForm.MatchString(kind) {
			wrong = append(wrong, fault.Field{Name: "/channels/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(kind), Code: "not_allowed", Detail: "is no kind of notice"})
			continue
		}
		channels := patch.Channels[kind]
		if channels == nil {
			delete(chosen, kind)
			continue
		}
		chosen[kind] = unique(*channels)
		stopped = stopped && !slices.Contains(*channels, Email)
	}
	quiet := p.Quiet
	if patch.Quiet != nil {
		quiet = patch.Quiet.apply(quiet, &wrong)
	}
	if patch.Phone != nil {
		if *patch.Phone != "" && !phoneForm.MatchString(*patch.Phone) {
			wrong = append(wrong, fault.Field{Name: "/phone", Code: "format", Detail: "is no number like +4915112345678"})
		}
		phone = *patch.Phone
	}
	if wrong != nil {
		return fault.Fields(wrong...)
	}
	p.Chosen, p.Quiet, p.MailStopped, p.Phone = chosen, quiet, stopped, phone
	return nil
}

// unique keeps the first of each channel, in order; never nil, since none is a choice too.
func unique(channels []Channel) []Channel {
	kept := []Channel{}
	for _, c := range channels {
		if !slices.Contains(kept, c) {
			kept = append(kept, c)
		}
	}
	return kept
}
