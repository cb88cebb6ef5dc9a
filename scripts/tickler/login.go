package main

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/spf13/cobra"
)

func (s *session) login() *cobra.Command {
	var email string
	var token bool
	cmd := &cobra.Command{
		Use: "login", Short: "Sign in, and keep the session in a file that only you can read", Args: cobra.NoArgs,
		Long: `Sign in with e-mail and password, or keep an API token (--token).

What is not given is asked for; where the input is no terminal, each answer is one of its lines.`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if token {
				return s.keepToken(cmd.Context())
			}
			return s.signIn(cmd.Context(), email)
		},
	}
	cmd.Flags().StringVar(&email, "email", "", "whom to sign in")
	cmd.Flags().BoolVar(&token, "token", false, "keep an API token instead, which is read like a password")
	return cmd
}

// sessionCookie ends the name of the cookie that is the session (wire-auth.md §3).
const sessionCookie = "better-auth.session_token"

func (s *session) signIn(ctx context.Context, email string) (err error) {
	var kept login
	_ = s.kept(loginFile, &kept) // one that cannot be read is written anew
	origin, err := s.origin(kept)
	if err != nil {
		return err
	}
	lines := bufio.NewReader(s.in)
	if email == "" {
		if email, err = s.ask(lines, "E-mail: ", false); err != nil {
			return err
		}
	}
	password, err := s.ask(lines, "Password: ", true)
	if err != nil {
		return err
	}
	c := &client{url: origin, http: &http.Client{Timeout: callWithin, Transport: s.transport}}
	var got struct{ User struct{ ID, Name string } }
	res, err := c.do(ctx, http.MethodPost, "/api/auth/sign-in/email", map[string]any{"email": email, "password": password},
		http.Header{"Origin": {origin}}, &got)
	if err != nil {
		return err
	}
	for _, cookie := range res.Cookies() {
		if strings.HasSuffix(cookie.Name, sessionCookie) {
			kept = login{URL: origin, UserID: got.User.ID, Email: email, Cookie: cookie.Name + "=" + cookie.Value}
			return s.signedIn(kept, got.User.Name)
		}
	}
	return fmt.Errorf("%s gave no session", origin)
}

func (s *session) keepToken(ctx context.Context) error {
	var kept login
	_ = s.kept(loginFile, &kept) // one that cannot be read is written anew
	origin, err := s.origin(kept)
	if err != nil {
		return err
	}
	token, err := s.ask(bufio.NewReader(s.in), "API token: ", true)
	if err != nil {
		return err
	}
	c := &client{url: origin, token: token, http: &http.Client{Timeout: callWithin, Transport: s.transport}}
	userID, err := c.whose(ctx)
	if err != nil {
		return err
	}
	return s.signedIn(login{URL: origin, UserID: userID, Token: token}, "the owner of the token")
}

func (s *session) signedIn(kept login, name string) error {
	if err := s.keep(loginFile, kept); err != nil {
		return err
	}
	if s.json {
		return s.print(map[string]string{"url": kept.URL, "user_id": kept.UserID})
	}
	fmt.Fprintf(s.out, "Signed in at %s as %s.\n", kept.URL, plain(name))
	return nil
}

// ask reads a line, without showing it if it is secret and a person types it.
func (s *session) ask(lines *bufio.Reader, question string, secret bool) (string, error) {
	if s.password != nil {
		fmt.Fprint(s.err, question)
	}
	if secret && s.password != nil {
		text, err := s.password()
		fmt.Fprintln(s.err)
		return string(text), err
	}
	text, err := lines.ReadString('\n')
	if text = strings.TrimRight(text, "\r\n"); text == "" {
		return "", errors.Join(fmt.Errorf("%s nothing was given; %w", question, errUsage), err)
	}
	return text, nil
}

// whose finds out whom a token is of. A JWT says so itself; of an API token the feed does.
func (c *client) whose(ctx context.Context) (string, error) {
	if parts := strings.Split(c.token, "."); len(parts) == 3 {
		var claims struct{ Sub string }
		text, err := base64.RawURLEncoding.DecodeString(parts[1])
		if err == nil && json.Unmarshal(text, &claims) == nil && claims.Sub != "" {
			return claims.Sub, nil
		}
	}
	feed, err := c.listen(ctx, "")
	if err != nil {
		return "", err
	}
	defer feed.CloseNow()
	hello, _, err := next(ctx, feed)
	return hello.UserID, err
}

func (s *session) logout() *cobra.Command {
	return &cobra.Command{
		Use: "logout", Short: "End the session and forget it", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var kept login
			err := s.kept(loginFile, &kept)
			if err == nil && kept.Cookie != "" {
				c := &client{url: kept.URL, http: &http.Client{Timeout: callWithin, Transport: s.transport}}
				_, err = c.do(cmd.Context(), http.MethodPost, "/api/auth/sign-out", map[string]any{}, http.Header{"Origin": {kept.URL}, "Cookie": {kept.Cookie}}, nil)
			}
			if err := errors.Join(s.forget(), err); err != nil {
				return fmt.Errorf("forgotten here, but the session may live on: %w", err)
			}
			if !s.json {
				fmt.Fprintln(s.out, "Signed out.")
			}
			return nil
		},
	}
}
