// Package mail writes notices as letters and hands them to a mail server, or to SendGrid.
package mail

import (
	"strings"
	"time"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/services/notification/internal/notice"
)

// letter is a notice as mail.
type letter struct {
	ID      string // of the message, without brackets
	To      string
	Subject string
	Hello   string
	Long    string
	Title   string
	Due     string
	Open    string // link into the app
	Stop    string // link that stops mail
}

// write makes the letter of a parcel. domain is the sender's, public the house's URL. The error
// says that there is nobody to write to: lasting, unless nothing was heard of the person yet.
func write(p *notice.Parcel, public, domain string) (letter, error) {
	switch {
	case p.Person.Version == 0:
		return letter{}, fault.New(fault.Unavailable, "the person's address is not known yet")
	case p.Person.Email == "":
		return letter{}, fault.New(fault.Invalid, "there is no e-mail address")
	case p.Preferences.MailStopped:
		return letter{}, fault.New(fault.Invalid, "the person stopped mail")
	}
	short, long := p.Notice.Words()
	l := letter{
		ID: p.ID.String() + "@" + domain, To: p.Person.Email, Subject: short, Hello: "Hello,", Long: long, Title: p.Notice.Title, Due: day(p.Notice.Due),
		Open: public + "/tasks", Stop: public + "/unsubscribe/" + p.Person.Unsubscribe,
	}
	if name := strings.Join(strings.Fields(p.Person.Name), " "); name != "" { // the person's own text goes in on one line
		l.Hello = "Hello " + name + ","
	}
	if p.Notice.TaskID != "" {
		l.Open += "/" + p.Notice.TaskID
	}
	return l, nil
}

// day is a due date as people write it, on the clock that it was written with.
func day(due string) string {
	if at, err := time.Parse(time.DateOnly, due); err == nil {
		return at.Format("Monday, 2 January 2006")
	}
	if at, err := time.Parse(time.RFC3339, due); err == nil {
		return at.Format("Monday, 2 January 2006, 15:04")
	}
	return due
}

// text is the letter without any markup.
func (l letter) text() string {
	parts := []string{l.Hello, l.Long, l.Title}
	if l.Due != "" {
		parts = append(parts, "Due: "+l.Due)
	}
	return strings.Join(append(parts, "Open Tickler:\n"+l.Open, "No more mail like this:\n"+l.Stop), "\n\n") + "\n"
}

func (l letter) html() (string, error) {
	var b strings.Builder
	err := h.Doctype(h.HTML(h.Lang("en"), h.Body(h.Style("font-family:sans-serif;line-height:1.5"),
		h.P(g.Text(l.Hello)), h.P(g.Text(l.Long)),
		h.P(h.Strong(g.Text(l.Title)), g.If(l.Due != "", g.Group{h.Br(), g.Text("Due: " + l.Due)})),
		h.P(h.A(h.Href(l.Open), g.Text("Open Tickler"))),
		h.P(h.Small(h.A(h.Href(l.Stop), g.Text("No more mail like this")))),
	))).Render(&b)
	return b.String(), err
}

// headers are those beside address and subject.
func (l letter) headers() map[string]string {
	return map[string]string{
		"Auto-Submitted":        "auto-generated", // RFC 3834: nobody's holiday replies
		"List-Unsubscribe":      "<" + l.Stop + ">",
		"List-Unsubscribe-Post": "List-Unsubscribe=One-Click", // RFC 8058
	}
}

// domainOf is that of an address, as in Tickler <tickler@todo.example>.
func domainOf(from string) string {
	_, domain, _ := strings.Cut(from, "@")
	return strings.Trim(domain, "> ")
}
