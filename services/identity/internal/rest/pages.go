package rest

import (
	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

// What a person sees here without the page: nodes that escape every text put into them.

const pageStyle = `
:root{color-scheme:light dark}body{font:1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:10vh auto;padding:0 1rem}
button{font:inherit;padding:.6rem 1.2rem;margin:1rem .5rem 0 0;border-radius:.4rem;border:1px solid;cursor:pointer}
button[value=allow]{background:#1d4ed8;color:#fff;border-color:#1d4ed8}code{overflow-wrap:anywhere}
`

func page(title string, about ...g.Node) g.Node {
	return h.Doctype(h.HTML(h.Lang("en"),
		h.Head(h.Meta(h.Charset("utf-8")), h.Meta(h.Name("viewport"), h.Content("width=device-width")),
			h.TitleEl(g.Text(title)), h.StyleEl(g.Raw(pageStyle))),
		h.Body(h.Main(about...)),
	))
}

func said(text string) g.Node { return h.P(g.Text(text)) }

// consent is what a person is asked about an agent's program.
type consent struct {
	client, leads, email string
	scopes               []string
	request, proof       string
}

func consentPage(of consent) g.Node {
	return page("Tickler",
		h.H1(g.Textf("Let “%s” in?", of.client)),
		h.P(g.Text("It names itself so; nobody has checked that. It asks to act for you, "), h.Strong(g.Text(of.email)), g.Text(", and will be able to:")),
		h.Ul(g.Map(of.scopes, func(scope string) g.Node { return h.Li(g.Text(scope)) })),
		h.P(g.Text("Your answer goes to "), h.Code(g.Text(of.leads)), g.Text(". You can take it back at any time in your settings.")),
		h.Form(h.Method("post"), h.Action(pathAuthorize),
			h.Input(h.Type("hidden"), h.Name("request"), h.Value(of.request)),
			h.Input(h.Type("hidden"), h.Name("proof"), h.Value(of.proof)),
			h.Button(h.Name("answer"), h.Value("allow"), g.Text("Allow")),
			h.Button(h.Name("answer"), h.Value("deny"), g.Text("Do not allow"))),
	)
}

func failedPage(detail string) g.Node {
	return page("Tickler", h.H1(g.Text("This cannot go on")), said(detail), h.P(h.A(h.Href("/"), g.Text("Go to Tickler"))))
}

// wrongPage is where a link that did not work leads to.
func wrongPage(code, detail string) g.Node {
	return page("Something went wrong", h.H1(g.Text("Something went wrong")),
		h.P(g.Text("Code: "), h.Code(g.Text(code))), g.If(detail != "", said(detail)), h.P(h.A(h.Href("/"), g.Text("Go to the start"))))
}
