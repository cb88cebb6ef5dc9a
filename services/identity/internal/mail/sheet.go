package mail

import (
	"fmt"
	"net/url"
	"strings"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"github.com/tickler-app/tickler/services/identity/internal/user"
)

// sheet is what a letter says.
type sheet struct {
	Subject string
	Hello   string
	Lines   []string // before the link
	Action  string   // what the link does
	Link    string   // empty if there is none
	After   []string
}

// hour is how letter.Life reads.
const hour = "The link works for one hour, once."

func reset(u user.User, link string) sheet {
	return sheet{
		Subject: "Choose a new password", Hello: hello(u.Name),
		Lines:  []string{"Somebody, we hope you, asked for a new password for your Tickler account."},
		Action: "Choose a new password", Link: link,
		After: []string{hour, "If it was not you, do nothing: your password stays as it is."},
	}
}

func verify(u user.User, link string) sheet {
	return sheet{
		Subject: "Confirm your e-mail address", Hello: hello(u.Name),
		Lines:  []string{"Please confirm that this is your address for Tickler."},
		Action: "Confirm", Link: link,
		After: []string{"The link works for one hour.", "If you did not ask for this, do nothing."},
	}
}

func moved(to, public string) sheet {
	return sheet{
		Subject: "Your e-mail address was changed", Hello: hello(""),
		Lines:  []string{fmt.Sprintf("Your Tickler account is now under %s.", to), "If that was not you, choose a new password at once, or ask whoever runs Tickler."},
		Action: "Open Tickler", Link: public + "/",
	}
}

func taken(public string) sheet {
	return sheet{
		Subject: "You have an account already", Hello: hello(""),
		Lines:  []string{"Somebody asked for a new Tickler account with this address, which has one."},
		Action: "Sign in", Link: public + "/signin",
		After: []string{"If you forgot your password, ask for a new one there. If it was not you, do nothing."},
	}
}

// hello greets by name. A name is the person's own text: it goes in on one line.
func hello(name string) string {
	if name = strings.Join(strings.Fields(name), " "); name == "" {
		return "Hello,"
	}
	return "Hello " + name + ","
}

// link is an address below /api/auth that leads back to a page in the end.
func (p *Postman) link(path, back, otherwise string) string {
	if back == "" {
		back = otherwise
	}
	join := "?"
	if strings.Contains(path, "?") {
		join = "&"
	}
	return p.Public + "/api/auth" + path + join + "callbackURL=" + url.QueryEscape(back)
}

// text is the letter without any markup.
func (s sheet) text() string {
	parts := append([]string{s.Hello}, s.Lines...)
	parts = append(parts, s.Action+":\n"+s.Link)
	return strings.Join(append(parts, s.After...), "\n\n") + "\n"
}

func (s sheet) html() (string, error) {
	var b strings.Builder
	err := h.Doctype(h.HTML(h.Lang("en"), h.Body(h.Style("font-family:sans-serif;line-height:1.5"),
		paragraph(s.Hello), g.Map(s.Lines, paragraph),
		h.P(h.A(h.Href(s.Link), g.Text(s.Action))),
		g.Map(s.After, paragraph),
	))).Render(&b)
	return b.String(), err
}

func paragraph(text string) g.Node { return h.P(g.Text(text)) }
