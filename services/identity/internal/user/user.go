// Package user is the people: who they are, how they sign in, and what they may change.
package user

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tickler-app/tickler/services/identity/internal/secret"
)

// User is a person.
type User struct {
	ID            string  `db:"user_id"` // 32 letters and digits
	Email         string  `db:"email"`   // in lower case
	EmailVerified bool    `db:"email_verified"`
	Name          string  `db:"name"`
	Image         *string `db:"image"`
	TimeZone      string  `db:"time_zone"` // IANA
	Locale        string  `db:"locale"`    // BCP 47
	WeekStart     string  `db:"week_start"`
	// Version grows by one with each change that the other services are told: they take an
	// event only if its version is above the one they have.
	Version   int64     `db:"version"`
	CreatedAt time.Time `db:"created_at"`
	UpdatedAt time.Time `db:"updated_at"`
}

// Account is a person with their password.
type Account struct {
	User
	Password string `db:"password"` // see package password; empty if there is none
}

// Registration is what a new person says of themselves.
type Registration struct {
	Name     string
	Email    string
	Image    *string
	TimeZone string // empty: UTC
	Locale   string // empty: en
}

// New returns a new person. The wishes must be valid, see ValidEmail and Update.Validate.
func New(r Registration, now time.Time) User {
	u := User{
		ID: secret.Text(32), Email: Normal(r.Email), Name: r.Name, Image: r.Image,
		TimeZone: r.TimeZone, Locale: r.Locale, WeekStart: Monday,
		Version: 1, CreatedAt: now, UpdatedAt: now,
	}
	if u.TimeZone == "" {
		u.TimeZone = "UTC"
	}
	if !validLocale(u.Locale) {
		u.Locale = "en"
	}
	return u
}

// Wrong is what is wrong with a field, by its better-auth name.
type Wrong struct{ Field, Detail string }

// Update is what a person changes of themselves; nil leaves a field as it is.
type Update struct {
	Name       *string
	Image      *string
	ClearImage bool
	TimeZone   *string
	Locale     *string
	WeekStart  *string
}

// Empty reports whether nothing is asked for.
func (p Update) Empty() bool { return p == Update{} }

// Validate returns what is wrong with the wishes, all at once.
func (p Update) Validate() (wrong []Wrong) {
	if p.Name != nil && !plain(*p.Name, 255) {
		wrong = append(wrong, Wrong{"name", "Invalid input: at most 255 characters, none of them NUL"})
	}
	if p.Image != nil && !plain(*p.Image, 2048) {
		wrong = append(wrong, Wrong{"image", "Invalid input: at most 2048 characters, none of them NUL"})
	}
	if p.TimeZone != nil && !ValidZone(*p.TimeZone) {
		wrong = append(wrong, Wrong{"timeZone", "Invalid time zone: expected an IANA name"})
	}
	if p.Locale != nil && !validLocale(*p.Locale) {
		wrong = append(wrong, Wrong{"locale", "Invalid locale: expected a BCP 47 tag such as en-GB"})
	}
	if p.WeekStart != nil && *p.WeekStart != Monday && *p.WeekStart != Sunday {
		wrong = append(wrong, Wrong{"weekStart", "Invalid week start: monday or sunday"})
	}
	return wrong
}

// Apply makes the valid wishes true and returns which of the wire's fields changed.
func (u *User) Apply(p Update, now time.Time) (changed []string) {
	set := func(field string, to *string, is *string) {
		if to != nil && *to != *is {
			*is = *to
			changed = append(changed, field)
		}
	}
	set("name", p.Name, &u.Name)
	set("time_zone", p.TimeZone, &u.TimeZone)
	set("locale", p.Locale, &u.Locale)
	set("week_start", p.WeekStart, &u.WeekStart)
	if image := p.Image; (image != nil || p.ClearImage) && !same(image, u.Image) {
		u.Image = image
		changed = append(changed, "image")
	}
	u.touch(now, changed)
	return changed
}

// Verify marks the address as the person's own.
func (u *User) Verify(now time.Time) (changed []string) {
	if !u.EmailVerified {
		u.EmailVerified, changed = true, []string{"email_verified"}
	}
	u.touch(now, changed)
	return changed
}

// Move gives the person another address, which they have shown to be theirs.
func (u *User) Move(email string, now time.Time) (changed []string) {
	if u.Email != email {
		u.Email, u.EmailVerified, changed = email, true, []string{"email", "email_verified"}
	}
	u.touch(now, changed)
	return changed
}

func (u *User) touch(now time.Time, changed []string) {
	if len(changed) > 0 {
		u.Version++
		u.UpdatedAt = now
	}
}

// plain reports whether text is short enough and can be kept: PostgreSQL takes no NUL.
func plain(text string, most int) bool {
	return utf8.RuneCountInString(text) <= most && !strings.ContainsRune(text, 0)
}

func same(a, b *string) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}
