package rest

import (
	"context"
	"strings"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

// page is what the link in a mail leads to. It needs nothing from elsewhere.
func page(about ...g.Node) g.Node {
	return h.Doctype(h.HTML(h.Lang("en"),
		h.Head(h.Meta(h.Charset("utf-8")), h.Meta(h.Name("viewport"), h.Content("width=device-width")),
			h.Meta(h.Name("referrer"), h.Content("no-referrer")), h.TitleEl(g.Text("Mail from Tickler"))),
		h.Body(h.Style("font-family:sans-serif;line-height:1.5;max-width:36em;margin:3em auto;padding:0 1em"), g.Group(about)),
	))
}

var (
	asking = page(h.H1(g.Text("Stop mail from Tickler?")), h.Form(h.Method("post"),
		h.Button(h.Type("submit"), h.Style("font:inherit;padding:.5em 1em"), g.Text("Stop reminders and notices by e-mail"))))
	stopped = page(h.H1(g.Text("No more mail")), h.P(g.Text(
		"Tickler sends you no more reminders and notices by e-mail. In the app they go on, and in its settings you can choose e-mail again.")))
)

// AskUnsubscribe answers the page that asks.
func (s *server) AskUnsubscribe(ctx context.Context, request AskUnsubscribeRequestObject) (AskUnsubscribeResponseObject, error) {
	if _, err := s.desk.Subscriber(ctx, request.Secret); err != nil {
		return nil, err
	}
	text, err := render(asking)
	return AskUnsubscribe200TexthtmlResponse{Body: strings.NewReader(text), ContentLength: int64(len(text))}, err
}

// Unsubscribe stops mail. A mail program sends List-Unsubscribe=One-Click (RFC 8058), which
// says no more than that it is a POST.
func (s *server) Unsubscribe(ctx context.Context, request UnsubscribeRequestObject) (UnsubscribeResponseObject, error) {
	if err := s.desk.StopMail(ctx, request.Secret); err != nil {
		return nil, err
	}
	text, err := render(stopped)
	return Unsubscribe200TexthtmlResponse{Body: strings.NewReader(text), ContentLength: int64(len(text))}, err
}

func render(page g.Node) (string, error) {
	var b strings.Builder
	err := page.Render(&b)
	return b.String(), err
}
