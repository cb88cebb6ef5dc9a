package rest

import (
	"errors"
	"net/http"

	"github.com/tickler-app/tickler/services/identity/internal/user"
)

func (d *Door) signUp(r *request) (answer any, err error) {
	f := r.object()
	in := user.SignUp{
		Registration: user.Registration{Name: f.text("name"), Email: f.email("email")},
		Password:     f.filled("password"),
	}
	in.Image, in.Back = f.pointer("image"), f.maybe("callbackURL")
	in.Brief = !f.truth("rememberMe", true)
	in.Locale = user.LocaleFrom(r.GetHeader("Accept-Language"))
	if zone := f.pointer("timeZone"); zone != nil {
		f.also(user.Update{TimeZone: zone}.Validate())
		in.TimeZone = *zone
	}
	f.also(user.Update{Name: &in.Name, Image: in.Image}.Validate())
	if err := f.err(); err != nil {
		return nil, err
	}
	defer func() { d.count("sign_up", err) }()
	made, err := d.Users.SignUp(r.Request.Context(), in, r.visit())
	if err != nil {
		return nil, err
	}
	if made.Token == "" {
		return map[string]any{"token": nil, "user": showUser(made.User)}, nil
	}
	d.remember(r, made.Token, in.Brief)
	return map[string]any{"token": made.Token, "user": showUser(made.User)}, nil
}

func (d *Door) signIn(r *request) (answer any, err error) {
	f := r.object()
	email, given, brief := f.text("email"), f.text("password"), !f.truth("rememberMe", true)
	to := f.maybe("callbackURL")
	if err := f.err(); err != nil {
		return nil, err
	}
	if !user.ValidEmail(email) {
		return nil, errEmail
	}
	defer func() { d.count("sign_in", err) }()
	in, err := d.Users.SignIn(r.Request.Context(), email, given, brief, r.visit())
	if err != nil {
		return nil, err
	}
	d.remember(r, in.Token, brief)
	result := map[string]any{"redirect": to != "", "token": in.Token, "user": showUser(in.User)}
	if to != "" {
		r.Header("Location", to)
		result["url"] = to
	}
	return result, nil
}

func (d *Door) updateUser(r *request) (any, error) {
	body, ok := r.body.(map[string]any)
	if _, array := r.body.([]any); array {
		return nil, errNoObject
	} else if !ok {
		return nil, &failure{http.StatusBadRequest, "[body] Invalid input: expected record, received " + kind(r.body), "VALIDATION_ERROR"}
	}
	if email, ok := body["email"]; ok && email != nil && email != "" {
		return nil, errEmailFixed
	}
	f := r.object()
	var wish user.Update
	if image, ok := body["image"]; ok && image == nil {
		wish.ClearImage = true
	} else {
		wish.Image = f.pointer("image")
	}
	wish.Name, wish.TimeZone = f.pointer("name"), f.pointer("timeZone")
	f.also(wish.Validate())
	if err := f.err(); err != nil {
		return nil, err
	}
	in, token, err := d.who(r)
	if err != nil {
		return nil, err
	}
	if wish.Empty() {
		return nil, errNoFields
	}
	cause := user.Cause{RequestID: r.visit().RequestID, Source: "web"}
	if _, err := d.Users.Change(r.Request.Context(), in.User.ID, wish, cause); err != nil {
		return nil, err
	}
	d.remember(r, token, in.Session.Brief)
	return done, nil
}

func (d *Door) changePassword(r *request) (answer any, err error) {
	f := r.object()
	new, old, others := f.text("newPassword"), f.text("currentPassword"), f.truth("revokeOtherSessions", false)
	if err := f.err(); err != nil {
		return nil, err
	}
	in, _, err := d.who(r)
	if err != nil {
		return nil, err
	}
	defer func() { d.count("change_password", err) }()
	changed, err := d.Users.ChangePassword(r.Request.Context(), in, old, new, others, r.visit())
	if err != nil {
		return nil, err
	}
	result := map[string]any{"token": nil, "user": showUser(changed.User)}
	if changed.Token != "" {
		d.remember(r, changed.Token, changed.Session.Brief)
		result["token"] = changed.Token
	}
	return result, nil
}

func (d *Door) deleteUser(r *request) (answer any, err error) {
	f := r.object()
	given, token := f.maybe("password"), f.maybe("token")
	f.maybe("callbackURL")
	if err := f.err(); err != nil {
		return nil, err
	}
	in, _, err := d.who(r)
	if err != nil {
		return nil, err
	}
	if token != "" { // of a letter that we never write
		return nil, &failure{http.StatusNotFound, errToken.Message, errToken.Code}
	}
	defer func() { d.count("delete_user", err) }()
	if err := d.Users.Delete(r.Request.Context(), in, given, r.visit()); err != nil {
		return nil, err
	}
	d.forget(r)
	return map[string]any{"success": true, "message": "User deleted"}, nil
}

func (d *Door) listAccounts(r *request) (any, error) {
	in, _, err := d.who(r)
	if err != nil {
		return nil, err
	}
	return []map[string]any{{
		"id": in.User.ID, "accountId": in.User.ID, "providerId": "credential", "userId": in.User.ID,
		"createdAt": stamp(in.User.CreatedAt), "updatedAt": stamp(in.User.UpdatedAt), "scopes": []string{},
	}}, nil
}

func (d *Door) changeEmail(r *request) (any, error) {
	f := r.object()
	email, to := f.email("newEmail"), f.maybe("callbackURL")
	if err := f.err(); err != nil {
		return nil, err
	}
	in, _, err := d.who(r)
	if err != nil {
		return nil, err
	}
	if err := d.Users.AskMove(r.Request.Context(), in, email, to); errors.Is(err, user.ErrMailOff) {
		return nil, errMoveOff
	} else if err != nil {
		return nil, err
	}
	return done, nil
}
