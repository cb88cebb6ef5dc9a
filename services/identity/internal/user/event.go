package user

import (
	"crypto/sha256"
	"encoding/binary"
	"strconv"
	"time"

	"github.com/google/uuid"
	events "github.com/tickler-app/tickler/proto-events"
	eventv1 "github.com/tickler-app/tickler/proto-events/gen/event/v1"
	sessionv1 "github.com/tickler-app/tickler/proto-events/gen/session/v1"
	userv1 "github.com/tickler-app/tickler/proto-events/gen/user/v1"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// Cause is where a change comes from, for its event.
type Cause struct {
	RequestID string
	Source    string // web or api
	At        time.Time
}

// Why a session ended, as session.revoked says it.
const (
	SignedOut       = "sign_out"
	Revoked         = "revoked"
	PasswordChanged = "password_changed"
	UserDeleted     = "user_deleted"
)

// Registered tells of a new person.
func Registered(u User, c Cause) events.Event {
	return &userv1.UserRegistered{
		EventId: eventID(), UserId: u.ID, Time: timestamppb.New(c.At), Actor: person(), Source: c.Source, RequestId: c.RequestID,
		Version: u.Version, Seq: u.Version, User: view(u),
	}
}

// Updated tells what changed.
func Updated(before, u User, changed []string, c Cause) events.Event {
	return &userv1.UserUpdated{
		EventId: eventID(), UserId: u.ID, Time: timestamppb.New(c.At), Actor: person(), Source: c.Source, RequestId: c.RequestID,
		Version: u.Version, Seq: u.Version, User: view(u), Before: view(before), Changed: changed,
	}
}

// Deleted tells that the person is gone. It is one version on, so that it is newer than
// everything else that was told of them.
func Deleted(u User, c Cause) events.Event {
	return &userv1.UserDeleted{
		EventId: eventID(), UserId: u.ID, Time: timestamppb.New(c.At), Actor: person(), Source: c.Source, RequestId: c.RequestID,
		Version: u.Version + 1, Seq: u.Version + 1,
	}
}

// Replayed tells the whole of a person again, for a reader that is new: who has this version
// already passes it over. Its id follows from person and version, so that replaying twice is
// replaying once where events are known by their ids.
func Replayed(u User) events.Event {
	sum := sha256.Sum256([]byte("replay/" + u.ID + "/" + strconv.FormatInt(u.Version, 10)))
	id := uuid.UUID(sum[:16])
	binary.BigEndian.PutUint64(id[:8], uint64(u.UpdatedAt.UnixMilli())<<16|uint64(id[6])<<8|uint64(id[7]))
	id[6], id[8] = id[6]&0x0F|0x70, id[8]&0x3F|0x80 // RFC 9562: version 7 and its variant
	return &userv1.UserRegistered{
		EventId: id.String(), UserId: u.ID, Time: timestamppb.New(u.UpdatedAt), Actor: &eventv1.Actor{Type: "system", Name: "identity"},
		Source: "api", Version: u.Version, Seq: u.Version, User: view(u),
	}
}

// Ended tells that a session ended before its time. The person did not change, so the version
// is the one that they have.
func Ended(u User, sessionID, reason string, c Cause) events.Event {
	return &sessionv1.SessionRevoked{
		EventId: eventID(), UserId: u.ID, Time: timestamppb.New(c.At), Actor: person(), Source: c.Source, RequestId: c.RequestID,
		Version: u.Version, Seq: u.Version, SessionId: sessionID, Reason: reason,
	}
}

func eventID() string { return uuid.Must(uuid.NewV7()).String() }

func person() *eventv1.Actor { return &eventv1.Actor{Type: "user"} }

func view(u User) *userv1.User {
	return &userv1.User{
		Email: u.Email, EmailVerified: u.EmailVerified, Name: u.Name, TimeZone: u.TimeZone, Locale: u.Locale,
		WeekStart: u.WeekStart, CreatedAt: timestamppb.New(u.CreatedAt),
	}
}
