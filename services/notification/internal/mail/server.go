package mail

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/sony/gobreaker/v2"
	gomail "github.com/wneessen/go-mail"

	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/reach"
	"github.com/tickler-app/tickler/services/notification/internal/notice"
)

// Server is the mail server that letters are handed to. It implements notice.Sender.
type Server struct {
	from, public string
	host         string
	options      []gomail.Option
	calls        *reach.Calls
	breaker      *gobreaker.CircuitBreaker[struct{}]
}

// target is the mail server's name in the metrics of calls.
const target = "smtp"

const (
	sendWithin      = 15 * time.Second
	failuresToBreak = 5
	breakFor        = 10 * time.Second
)

// NewServer reads the server's address: smtp://user:password@host:port takes STARTTLS if it is
// offered, smtps:// is TLS from the start. ?tls=required insists on STARTTLS.
func NewServer(address, from, public string, metrics prometheus.Registerer) (*Server, error) {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.Scheme != "smtp" && u.Scheme != "smtps" {
		return nil, errors.New("SMTP_URL is not of the form smtp://user:password@host:port")
	}
	s := &Server{from: from, public: public, host: u.Hostname()}
	if err := gomail.NewMsg().From(from); err != nil {
		return nil, fmt.Errorf("SMTP_FROM: %w", err)
	}
	s.options = []gomail.Option{gomail.WithTimeout(sendWithin)}
	switch {
	case u.Scheme == "smtps":
		s.options = append(s.options, gomail.WithSSL(), gomail.WithPort(465))
	case u.Query().Get("tls") == "required":
		s.options = append(s.options, gomail.WithTLSPolicy(gomail.TLSMandatory), gomail.WithPort(587))
	default:
		s.options = append(s.options, gomail.WithTLSPolicy(gomail.TLSOpportunistic), gomail.WithPort(25))
	}
	if port := u.Port(); port != "" {
		n, err := strconv.Atoi(port)
		if err != nil {
			return nil, errors.New("the port of SMTP_URL is no number")
		}
		s.options = append(s.options, gomail.WithPort(n))
	}
	if password, ok := u.User.Password(); ok {
		s.options = append(s.options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(u.User.Username()), gomail.WithPassword(password))
	}
	s.calls = reach.NewCalls(metrics)
	s.breaker = newBreaker(s.calls.Breaker(target))
	return s, nil
}

func newBreaker(told func(gobreaker.State)) *gobreaker.CircuitBreaker[struct{}] {
	return gobreaker.NewCircuitBreaker[struct{}](gobreaker.Settings{
		Name: target, Timeout: breakFor,
		ReadyToTrip:   func(counts gobreaker.Counts) bool { return counts.ConsecutiveFailures >= failuresToBreak },
		OnStateChange: func(_ string, _, to gobreaker.State) { told(to) },
		// That a letter is refused says nothing about the server.
		IsSuccessful: func(err error) bool { return err == nil || fault.KindOf(err).Lasting() },
	})
}

// Send hands a letter over.
func (s *Server) Send(ctx context.Context, p *notice.Parcel) error {
	l, err := write(p, s.public, domainOf(s.from))
	if err != nil {
		return err
	}
	message, err := s.message(l, p.CreatedAt)
	if err != nil {
		return fault.Wrap(fault.Invalid, err, "no letter can be made of it")
	}
	ctx, end := s.calls.Begin(ctx, target)
	_, err = s.breaker.Execute(func() (struct{}, error) {
		ctx, cancel := context.WithTimeout(ctx, sendWithin)
		defer cancel()
		client, err := gomail.NewClient(s.host, s.options...)
		if err != nil {
			return struct{}{}, err
		}
		err = client.DialAndSendWithContext(ctx, message)
		if message.IsDelivered() {
			return struct{}{}, nil // it was taken: only the goodbye may have failed
		}
		return struct{}{}, answer(err)
	})
	end(reach.Outcome(err, err != nil && fault.KindOf(err).Lasting()), err)
	if errors.Is(err, gobreaker.ErrOpenState) || errors.Is(err, gobreaker.ErrTooManyRequests) {
		return &fault.Error{Kind: fault.Unavailable, Message: "the mail server is away", RetryAfter: breakFor}
	}
	return err
}

// answer tells a refusal of this very letter (5xx, RFC 5321 section 4.2.1) from what another
// attempt may mend.
func answer(err error) error {
	refused, ok := errors.AsType[*gomail.SendError](err)
	switch {
	case ok && !refused.IsTemp() && refused.ErrorCode() >= 500:
		return fault.New(fault.Invalid, "the mail server refuses it: %d %s", refused.ErrorCode(), refused.EnhancedStatusCode())
	case ok && refused.ErrorCode() >= 400:
		return fault.New(fault.Unavailable, "the mail server asks to come back: %d %s", refused.ErrorCode(), refused.EnhancedStatusCode())
	case ok:
		return fault.New(fault.Unavailable, "the mail server broke off")
	}
	return fault.Wrap(fault.Unavailable, err, "the mail server does not answer")
}

func (s *Server) message(l letter, at time.Time) (*gomail.Msg, error) {
	html, err := l.html()
	if err != nil {
		return nil, err
	}
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	if err := errors.Join(m.From(s.from), m.To(l.To)); err != nil {
		return nil, err
	}
	m.SetMessageIDWithValue(l.ID)
	m.SetDateWithValue(at)
	for name, value := range l.headers() {
		m.SetGenHeader(gomail.Header(name), value)
	}
	m.Subject(l.Subject)
	m.SetBodyString(gomail.TypeTextPlain, l.text())
	m.AddAlternativeString(gomail.TypeTextHTML, html)
	return m, nil
}
