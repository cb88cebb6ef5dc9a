package mail

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/sony/gobreaker/v2"
	"github.com/tickler-app/tickler/pkg/reach"
	"github.com/tickler-app/tickler/services/identity/internal/letter"
	gomail "github.com/wneessen/go-mail"
)

// Server is the mail server that letters are handed to.
type Server struct {
	from    string
	host    string
	options []gomail.Option
	calls   *reach.Calls
	breaker *gobreaker.CircuitBreaker[struct{}]
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
func NewServer(address, from string, metrics prometheus.Registerer) (*Server, error) {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.Scheme != "smtp" && u.Scheme != "smtps" {
		return nil, errors.New("SMTP_URL is not of the form smtp://user:password@host:port")
	}
	s := &Server{from: from, host: u.Hostname()}
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
		IsSuccessful: func(err error) bool {
			return err == nil || errors.Is(err, errNoUse) || errors.Is(err, context.Canceled)
		},
	})
}

// Send hands a letter over. The error is errNoUse if the server will never take it.
func (s *Server) Send(ctx context.Context, l letter.Letter, is sheet) error {
	message, err := s.message(l, is)
	if err != nil {
		return errors.Join(errNoUse, err)
	}
	ctx, end := s.calls.Begin(ctx, target)
	_, err = s.breaker.Execute(func() (struct{}, error) {
		ctx, cancel := context.WithTimeout(ctx, sendWithin)
		defer cancel()
		client, err := gomail.NewClient(s.host, s.options...)
		if err != nil {
			return struct{}{}, err
		}
		return struct{}{}, lasting(client.DialAndSendWithContext(ctx, message))
	})
	end(reach.Outcome(err, errors.Is(err, errNoUse)), err)
	return err
}

// lasting marks a refusal of this very letter (5xx) as one that no retry mends.
func lasting(err error) error {
	if refused, ok := errors.AsType[*gomail.SendError](err); ok && !refused.IsTemp() && refused.ErrorCode() >= 500 {
		return errors.Join(errNoUse, err)
	}
	return err
}

func (s *Server) message(l letter.Letter, is sheet) (*gomail.Msg, error) {
	html, err := is.html()
	if err != nil {
		return nil, err
	}
	m := gomail.NewMsg()
	_, domain, _ := strings.Cut(s.from, "@")
	if err := errors.Join(m.From(s.from), m.To(l.To())); err != nil {
		return nil, err
	}
	m.SetMessageIDWithValue(l.ID.String() + "@" + strings.Trim(domain, "> "))
	m.SetDateWithValue(l.CreatedAt)
	m.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: nobody's holiday replies
	m.Subject(is.Subject)
	m.SetBodyString(gomail.TypeTextPlain, is.text())
	m.AddAlternativeString(gomail.TypeTextHTML, html)
	return m, nil
}
