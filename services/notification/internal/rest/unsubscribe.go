package rest

import (
	"context"
	"html/template"
	"strings"
)

// page is what the link in a mail leads to. It needs nothing from elsewhere.
var page = template.Must(template.New("unsubscribe").Parse(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="referrer" content="no-referrer"><title>Mail from Tickler</title></head>
<body style="font-family:sans-serif;line-height:1.5;max-width:36em;margin:3em auto;padding:0 1em">
{{if .}}<h1>No more mail</h1>
<p>Tickler sends you no more reminders and notices by e-mail. In the app they go on, and in its settings you can choose e-mail again.</p>
{{else}}<h1>Stop mail from Tickler?</h1>
<form method="post"><button type="submit" style="font:inherit;padding:.5em 1em">Stop reminders and notices by e-mail</button></form>
{{end}}</body></html>
`))

// AskUnsubscribe answers the page that asks.
func (s *server) AskUnsubscribe(ctx context.Context, request AskUnsubscribeRequestObject) (AskUnsubscribeResponseObject, error) {
	if _, err := s.desk.Subscriber(ctx, request.Secret); err != nil {
		return nil, err
	}
	text, err := render(false)
	return AskUnsubscribe200TexthtmlResponse{Body: strings.NewReader(text), ContentLength: int64(len(text))}, err
}

// Unsubscribe stops mail. A mail program sends List-Unsubscribe=One-Click (RFC 8058), which
// says no more than that it is a POST.
func (s *server) Unsubscribe(ctx context.Context, request UnsubscribeRequestObject) (UnsubscribeResponseObject, error) {
	if err := s.desk.StopMail(ctx, request.Secret); err != nil {
		return nil, err
	}
	text, err := render(true)
	return Unsubscribe200TexthtmlResponse{Body: strings.NewReader(text), ContentLength: int64(len(text))}, err
}

func render(stopped bool) (string, error) {
	var b strings.Builder
	err := page.Execute(&b, stopped)
	return b.String(), err
}
