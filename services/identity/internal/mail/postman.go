// Package mail writes and sends the letters that identity owes people.
package mail

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/services/identity/internal/letter"
	"github.com/tickler-app/tickler/services/identity/internal/secret"
	"github.com/tickler-app/tickler/services/identity/internal/user"
	"golang.org/x/sync/errgroup"
)

// Tray is where letters lie until they are sent.
type Tray interface {
	// Take returns due letters and puts them off until their next attempt.
	Take(ctx context.Context, now time.Time, n int) ([]letter.Letter, error)
	Done(ctx context.Context, id uuid.UUID) error
	// Addressee returns user.ErrNotFound if the address is nobody's.
	Addressee(ctx context.Context, email string) (user.User, error)
	// Grant makes a reset token count.
	Grant(ctx context.Context, userID string, tokenHash []byte, until time.Time) error
}

// Postman sends what lies in the tray. A letter leaves the tray after the mail server took it:
// a crash in between sends it again, with the same Message-ID.
type Postman struct {
	Tray   Tray
	Server *Server
	Links  user.Links
	Public string // URL of the house, without a slash at its end
	Now    func() time.Time
	Log    *slog.Logger
	Sent   *prometheus.CounterVec // by kind and result: sent, dropped, failed

	hint chan struct{}
}

const (
	pollEvery = time.Second
	// atOnce letters are taken and sent side by side, so that all of them are through before
	// the first could be due again.
	atOnce = 4
)

// New makes the parts of p that it needs to run.
func New(p Postman, metrics prometheus.Registerer) *Postman {
	p.hint = make(chan struct{}, 1)
	p.Sent = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "tickler_auth_letters_total", Help: "Letters by kind and what became of an attempt: sent, dropped (no use any more), failed (tried again).",
	}, []string{"kind", "result"})
	metrics.MustRegister(p.Sent)
	return &p
}

// Hint says that a letter may lie in the tray.
func (p *Postman) Hint() {
	select {
	case p.hint <- struct{}{}:
	default:
	}
}

// Run sends letters until ctx ends.
func (p *Postman) Run(ctx context.Context) error {
	for {
		n, err := p.round(ctx)
		if err != nil && ctx.Err() == nil {
			p.Log.WarnContext(ctx, "letters not taken", "error", err)
		}
		if n == atOnce {
			continue // there may be more
		}
		select {
		case <-ctx.Done():
			return nil
		case <-p.hint:
		case <-time.After(pollEvery):
		}
	}
}

// round sends the letters that are due, at most atOnce.
func (p *Postman) round(ctx context.Context) (int, error) {
	letters, err := p.Tray.Take(ctx, p.Now(), atOnce)
	if err != nil {
		return 0, err
	}
	var group errgroup.Group
	for _, l := range letters {
		group.Go(func() error {
			result := "sent"
			err := p.deliver(ctx, l)
			switch {
			case errors.Is(err, errNoUse):
				result = "dropped"
			case err != nil:
				result = "failed"
				p.Log.WarnContext(ctx, "letter not sent", "letter", l.ID.String(), "kind", string(l.Kind), "attempts", l.Attempts, "error", err)
			}
			p.Sent.WithLabelValues(string(l.Kind), result).Inc()
			return nil
		})
	}
	return len(letters), group.Wait()
}

// errNoUse is the fate of a letter that nobody needs.
var errNoUse = errors.New("no use in the letter")

// deliver sends one letter and takes it out of the tray.
func (p *Postman) deliver(ctx context.Context, l letter.Letter) error {
	sheet, err := p.write(ctx, l)
	if err == nil {
		err = p.Server.Send(ctx, l, sheet)
	}
	if err != nil && !errors.Is(err, errNoUse) {
		return err
	}
	return errors.Join(err, p.Tray.Done(ctx, l.ID))
}

// write decides what the letter says now. What was asked for without looking is looked at
// here: whether the address is anybody's, and whether there is anything to verify.
func (p *Postman) write(ctx context.Context, l letter.Letter) (sheet, error) {
	if !p.Now().Before(l.Until()) {
		return sheet{}, errNoUse
	}
	switch l.Kind {
	case letter.Taken:
		return taken(p.Public), nil
	case letter.Moved:
		return moved(l.NewEmail, p.Public), nil
	}
	u, err := p.Tray.Addressee(ctx, l.Email)
	if errors.Is(err, user.ErrNotFound) {
		return sheet{}, errNoUse
	} else if err != nil {
		return sheet{}, err
	}
	if l.Kind == letter.Reset {
		token := p.Links.Reset(l)
		return reset(u, p.link("/reset-password/"+token, l.Back, "/signin")), p.Tray.Grant(ctx, u.ID, secret.Hash(token), l.Until())
	}
	if l.Kind == letter.Verify && u.EmailVerified {
		return sheet{}, errNoUse
	}
	if l.Kind == letter.Move {
		switch _, err := p.Tray.Addressee(ctx, l.NewEmail); {
		case err == nil: // taken
			return sheet{}, errNoUse
		case !errors.Is(err, user.ErrNotFound):
			return sheet{}, err
		}
	}
	token, err := p.Links.Verify(l, u)
	if err != nil {
		return sheet{}, fault.Wrap(fault.Internal, err, "make a link")
	}
	return verify(u, p.link("/verify-email?token="+token, l.Back, "/")), nil
}
