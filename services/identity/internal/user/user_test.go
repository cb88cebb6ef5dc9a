package user

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	events "github.com/tickler-app/tickler/proto-events"
	"github.com/tickler-app/tickler/services/identity/internal/letter"
)

var noon = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)

func TestWhatIsAnAddress(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"a@b.co": true, "Ada.O'Neill+x@Mail.Example.COM": true, "a_b-c@x-y.example": true,
		"": false, "a": false, "a@b": false, "@b.co": false, ".a@b.co": false, "a..b@b.co": false, "a.@b.co": false, "a@b..co": false, "a@-b.co": false,
		"a b@c.de": false, "a@b.c": false, "ä@b.co": false, "a@b.co\n": false, "a@b.co\x00": false, strings.Repeat("a", 250) + "@b.co": false,
	} {
		if ValidEmail(text) != want {
			t.Errorf("%.30q: %v", text, !want)
		}
	}
}

func TestWhatIsAZone(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"UTC": true, "Europe/Berlin": true, "America/Argentina/Buenos_Aires": true, "Asia/Calcutta": true, "Etc/GMT+5": true,
		"": false, "Local": false, "localtime": false, "posixrules": false, "posix/Europe/Berlin": false, "Mars/Olympus": false,
		"../etc/passwd": false, "Europe/../UTC": false, "Europe": false, "europe/berlin": false, "UTC\x00": false,
	} {
		if ValidZone(name) != want {
			t.Errorf("%q: %v", name, !want)
		}
	}
}

func TestANewPersonHasWhatTheyDidNotSay(t *testing.T) {
	t.Parallel()
	u := New(Registration{Name: "Ada", Email: "Ada@Example.com", Locale: "nonsense of a locale"}, noon)
	id := u.ID
	want := User{ID: id, Email: "ada@example.com", Name: "Ada", TimeZone: "UTC", Locale: "en", WeekStart: Monday, Version: 1, CreatedAt: noon, UpdatedAt: noon}
	if u != want || len(id) != 32 {
		t.Errorf("got %+v", u)
	}
}

func TestOnlyAChangeIsAVersion(t *testing.T) {
	t.Parallel()
	u := New(Registration{Name: "Ada", Email: "ada@example.com"}, noon)
	later := noon.Add(time.Hour)
	name, zone, image := "Ada L", "Asia/Tokyo", "x"
	if changed := u.Apply(Update{Name: &u.Name, TimeZone: &u.TimeZone}, later); changed != nil || u.Version != 1 || u.UpdatedAt != noon {
		t.Errorf("the same again changed %v of %+v", changed, u)
	}
	if changed := u.Apply(Update{Name: &name, TimeZone: &zone, Image: &image}, later); !reflect.DeepEqual(changed, []string{"name", "time_zone", "image"}) || u.Version != 2 || u.UpdatedAt != later {
		t.Errorf("changed %v of %+v", changed, u)
	}
	if changed := u.Apply(Update{ClearImage: true}, later); !reflect.DeepEqual(changed, []string{"image"}) || u.Image != nil {
		t.Errorf("cleared: %v of %+v", changed, u)
	}
	if changed := u.Verify(later); len(changed) != 1 || u.Version != 4 || u.Verify(later) != nil {
		t.Errorf("verified: %v of %+v", changed, u)
	}
}

func TestAllThatIsWrongIsToldAtOnce(t *testing.T) {
	t.Parallel()
	name, bad := "\x00", "nonsense of a"
	wrong := Update{Name: &name, Image: &name, TimeZone: &bad, Locale: &bad, WeekStart: &bad}.Validate()
	var named []string
	for _, w := range wrong {
		named = append(named, w.Field)
	}
	if want := []string{"name", "image", "timeZone", "locale", "weekStart"}; !reflect.DeepEqual(named, want) {
		t.Errorf("named %v", named)
	}
}

func TestTheLocaleIsTheBrowsersFirst(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]string{"de-DE,de;q=0.9,en;q=0.8": "de-DE", "fr;q=0.5": "fr", "*": "", "": "", "\xff": ""} {
		if got := LocaleFrom(header); got != want {
			t.Errorf("%q: %q", header, got)
		}
	}
}

func TestEveryEventIsOneThatReadersTake(t *testing.T) {
	t.Parallel()
	u := New(Registration{Name: "Ada", Email: "ada@example.com"}, noon)
	c := Cause{RequestID: "r", Source: "web", At: noon}
	for kind, ev := range map[string]events.Event{
		events.UserRegistered: Registered(u, c), events.UserUpdated: Updated(u, u, []string{"name"}, c), events.UserDeleted: Deleted(u, c), events.SessionRevoked: Ended(u, "s", SignedOut, c),
	} {
		record, err := events.Encode(ev, "/tickler/identity", "")
		if err != nil || record.Key != u.ID || !reflect.DeepEqual(record.Topics, []string{events.UserEvents}) {
			t.Errorf("%s: %+v, %v", kind, record, err)
			continue
		}
		if back, err := events.Decode(kind, record.Value); err != nil || back.GetUserId() != u.ID {
			t.Errorf("%s: read as %v, %v", kind, back, err)
		}
	}
	one, two := Replayed(u), Replayed(u)
	if one.GetEventId() != two.GetEventId() || one.GetEventId()[14] != '7' {
		t.Errorf("replayed as %s and %s", one.GetEventId(), two.GetEventId())
	}
}

func TestALettersLinkSaysTheSameEachTimeItIsWritten(t *testing.T) {
	t.Parallel()
	links := Links{Secret: []byte("secret")}
	u := New(Registration{Name: "Ada", Email: "ada@example.com"}, noon)
	l, other := letter.New(letter.Move, u.Email, "", noon), letter.New(letter.Reset, u.Email, "", noon)
	l.NewEmail = "new@example.com"
	if token := links.Reset(l); token != links.Reset(l) || len(token) != 24 || token == links.Reset(other) {
		t.Errorf("reset tokens %s, %s", token, links.Reset(other))
	}
	one, err1 := links.Verify(l, u)
	two, err2 := links.Verify(l, u)
	if err := errors.Join(err1, err2); err != nil || one != two {
		t.Fatalf("%s, %s, %v", one, two, err)
	}
	want := Claims{Email: u.Email, UserID: u.ID, UpdateTo: "new@example.com", RequestType: changeEmail, IssuedAt: noon.Unix(), ExpiresAt: noon.Add(time.Hour).Unix()}
	if got, err := links.read(one, noon); err != nil || got != want {
		t.Errorf("read %+v, %v", got, err)
	}
	if _, err := links.read(one, noon.Add(time.Hour)); !errors.Is(err, ErrExpired) {
		t.Errorf("after an hour: %v", err)
	}
	for _, forged := range []string{"", "x", one + "x", strings.Replace(one, ".", "..", 1)} {
		if _, err := links.read(forged, noon); !errors.Is(err, ErrToken) {
			t.Errorf("%.10q…: %v", forged, err)
		}
	}
	if _, err := (Links{Secret: []byte("other")}).read(one, noon); !errors.Is(err, ErrToken) {
		t.Errorf("with another secret: %v", err)
	}
}
