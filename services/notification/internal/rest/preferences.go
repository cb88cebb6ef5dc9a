package rest

import (
	"context"
	"fmt"
	"net/url"

	"github.com/oapi-codegen/nullable"

	"github.com/tickler-app/tickler/pkg/auth"
	"github.com/tickler-app/tickler/services/notification/internal/notice"
)

// ShowPreferences answers how the person wants to be told.
func (s *server) ShowPreferences(ctx context.Context, _ ShowPreferencesRequestObject) (ShowPreferencesResponseObject, error) {
	p, err := s.desk.Preferences(ctx, auth.From(ctx).UserID)
	if err != nil {
		return nil, err
	}
	return ShowPreferences200JSONResponse{viewPreferences(p)}, nil
}

// ChangePreferences merges what the person changes.
func (s *server) ChangePreferences(ctx context.Context, request ChangePreferencesRequestObject) (ChangePreferencesResponseObject, error) {
	body := request.JSONBody
	if body == nil {
		body = request.ApplicationMergePatchPlusJSONBody
	}
	patch := notice.Patch{Channels: map[string]*[]notice.Channel{}}
	if body.Channels != nil {
		for kind, given := range *body.Channels {
			patch.Channels[kind] = nil
			if given != nil {
				channels := make([]notice.Channel, len(*given))
				for i, c := range *given {
					channels[i] = notice.Channel(c)
				}
				patch.Channels[kind] = &channels
			}
		}
	}
	if q := body.QuietHours; q != nil {
		patch.Quiet = &notice.QuietPatch{From: q.From, To: q.To, Enabled: q.Enabled}
	}
	if body.Phone.IsSpecified() {
		phone, _ := body.Phone.Get() // null is "", which is none
		patch.Phone = &phone
	}
	p, err := s.desk.Change(ctx, auth.From(ctx).UserID, patch)
	if err != nil {
		return nil, err
	}
	return ChangePreferences200JSONResponse{viewPreferences(p)}, nil
}

func viewPreferences(p notice.Preferences) PreferencesJSONResponse {
	shown := PreferencesJSONResponse{
		Channels: map[string][]Channel{}, Phone: nullable.NewNullNullable[string](),
		QuietHours: QuietHours{From: p.Quiet.From.String(), To: p.Quiet.To.String(), Enabled: p.Quiet.Enabled},
	}
	for kind, channels := range p.Shown() {
		shown.Channels[kind] = []Channel{}
		for _, c := range channels {
			shown.Channels[kind] = append(shown.Channels[kind], Channel(c))
		}
	}
	if p.Phone != "" {
		shown.Phone.Set(p.Phone)
	}
	return shown
}

// ShowPushKey answers the key that a browser subscribes with.
func (s *server) ShowPushKey(ctx context.Context, _ ShowPushKeyRequestObject) (ShowPushKeyResponseObject, error) {
	key, err := s.pushKey(ctx)
	if err != nil {
		return nil, fmt.Errorf("key for web push: %w", err)
	}
	return ShowPushKey200JSONResponse{Key: key}, nil
}

// AddSubscription keeps a browser.
func (s *server) AddSubscription(ctx context.Context, request AddSubscriptionRequestObject) (AddSubscriptionResponseObject, error) {
	user := auth.From(ctx).UserID
	kept, err := s.desk.Register(ctx, user, notice.Subscription{
		Endpoint: request.Body.Endpoint, P256dh: request.Body.Keys.P256dh, Auth: request.Body.Keys.Auth,
	})
	if err != nil {
		return nil, err
	}
	location, etag := "/api/"+url.PathEscape(user)+"/push/subscriptions", firstVersion
	return AddSubscription201JSONResponse{
		Body: Subscription{Id: kept.ID.String(), Endpoint: kept.Endpoint}, Headers: AddSubscription201ResponseHeaders{Location: &location, ETag: &etag},
	}, nil
}

// RemoveSubscription forgets a browser.
func (s *server) RemoveSubscription(ctx context.Context, request RemoveSubscriptionRequestObject) (RemoveSubscriptionResponseObject, error) {
	if err := s.desk.Unsubscribe(ctx, auth.From(ctx).UserID, request.Body.Endpoint); err != nil {
		return nil, err
	}
	return RemoveSubscription204Response{}, nil
}
