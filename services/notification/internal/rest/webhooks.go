package rest

import (
	"context"
	"net/url"

	"github.com/google/uuid"
	"github.com/oapi-codegen/nullable"

	"github.com/tickler-app/tickler/pkg/auth"
	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/services/notification/internal/notice"
)

func viewHook(h notice.Hook) Webhook {
	return Webhook{Id: h.ID.String(), Url: h.URL, Events: append([]string{}, h.Events...), Enabled: h.Enabled, CreatedAt: h.CreatedAt}
}

// hookID reads a path's id. One that is no UUID is nobody's.
func hookID(text string, otherwise error) (uuid.UUID, error) {
	id, err := uuid.Parse(text)
	if err != nil || len(text) != 36 {
		return uuid.Nil, otherwise
	}
	return id, nil
}

// ListWebhooks answers the person's webhooks.
func (s *server) ListWebhooks(ctx context.Context, _ ListWebhooksRequestObject) (ListWebhooksResponseObject, error) {
	hooks, err := s.desk.Hooks.Hooks(ctx, auth.From(ctx).UserID)
	if err != nil {
		return nil, err
	}
	answer := ListWebhooks200JSONResponse{Webhooks: make([]Webhook, len(hooks)), NextCursor: nullable.NewNullNullable[string]()}
	for i, h := range hooks {
		answer.Webhooks[i] = viewHook(h)
	}
	return answer, nil
}

// firstVersion is the ETag of what was just made.
const firstVersion = `"1"`

// maxKey is how long an Idempotency-Key may be.
const maxKey = 255

// AddWebhook makes a webhook.
func (s *server) AddWebhook(ctx context.Context, request AddWebhookRequestObject) (AddWebhookResponseObject, error) {
	user, key := auth.From(ctx).UserID, ""
	if given := request.Params.IdempotencyKey; given != nil {
		if key = *given; key == "" || len(key) > maxKey {
			return nil, fault.Fields(fault.Field{Name: "Idempotency-Key", Code: "too_long", Detail: "1 to 255 characters"})
		}
	}
	h, replayed, err := s.desk.AddHook(ctx, user, notice.HookPatch{URL: &request.Body.Url, Events: request.Body.Events}, key)
	if err != nil {
		return nil, err
	}
	location, etag := "/api/"+url.PathEscape(user)+"/webhooks/"+h.ID.String(), firstVersion
	answer := AddWebhook201JSONResponse{Headers: AddWebhook201ResponseHeaders{Location: &location, ETag: &etag}, Body: WebhookMade{
		Id: h.ID.String(), Url: h.URL, Events: append([]string{}, h.Events...), Enabled: h.Enabled, CreatedAt: h.CreatedAt, Secret: h.Secret,
	}}
	if replayed {
		yes := "true"
		answer.Headers.IdempotencyReplayed = &yes
	}
	return answer, nil
}

// ChangeWebhook merges what the person changes.
func (s *server) ChangeWebhook(ctx context.Context, request ChangeWebhookRequestObject) (ChangeWebhookResponseObject, error) {
	id, err := hookID(request.Id, notice.ErrNoHook)
	if err != nil {
		return nil, err
	}
	body := request.JSONBody
	if body == nil {
		body = request.ApplicationMergePatchPlusJSONBody
	}
	h, err := s.desk.ChangeHook(ctx, auth.From(ctx).UserID, id, notice.HookPatch{URL: body.Url, Events: body.Events, Enabled: body.Enabled})
	if err != nil {
		return nil, err
	}
	return ChangeWebhook200JSONResponse(viewHook(h)), nil
}

// RemoveWebhook removes a webhook.
func (s *server) RemoveWebhook(ctx context.Context, request RemoveWebhookRequestObject) (RemoveWebhookResponseObject, error) {
	id, err := hookID(request.Id, notice.ErrNoHook)
	if err == nil {
		err = s.desk.Hooks.RemoveHook(ctx, auth.From(ctx).UserID, id)
	}
	if err != nil {
		return nil, err
	}
	return RemoveWebhook204Response{}, nil
}

func viewDelivery(d notice.Delivery) Delivery {
	return Delivery{Id: d.ID.String(), EventId: d.EventID.String(), Status: string(d.Status), Attempts: d.Attempts, CreatedAt: d.CreatedAt}
}

// ListDeliveries answers what a webhook was told.
func (s *server) ListDeliveries(ctx context.Context, request ListDeliveriesRequestObject) (ListDeliveriesResponseObject, error) {
	id, err := hookID(request.Id, notice.ErrNoHook)
	if err != nil {
		return nil, err
	}
	page := notice.Page{Limit: defaultLimit}
	if request.Params.Limit != nil {
		page.Limit = *request.Params.Limit
	}
	if request.Params.Cursor != nil {
		if page.After, err = parseCursor(*request.Params.Cursor, nil); err != nil {
			return nil, err
		}
	}
	told, next, err := s.desk.Hooks.Told(ctx, auth.From(ctx).UserID, id, page)
	if err != nil {
		return nil, err
	}
	answer := ListDeliveries200JSONResponse{Deliveries: make([]Delivery, len(told)), NextCursor: nullable.NewNullNullable[string]()}
	for i, d := range told {
		answer.Deliveries[i] = viewDelivery(d)
	}
	if next != uuid.Nil {
		answer.NextCursor.Set(cursor(next, nil))
	}
	return answer, nil
}

// ReplayDelivery makes a delivery due once more.
func (s *server) ReplayDelivery(ctx context.Context, request ReplayDeliveryRequestObject) (ReplayDeliveryResponseObject, error) {
	hook, err := hookID(request.Id, notice.ErrNoHook)
	if err != nil {
		return nil, err
	}
	id, err := hookID(request.DeliveryId, notice.ErrNoDelivery)
	if err != nil {
		return nil, err
	}
	d, err := s.desk.Hooks.Replay(ctx, auth.From(ctx).UserID, hook, id, s.desk.Now())
	if err != nil {
		return nil, err
	}
	return ReplayDelivery200JSONResponse(viewDelivery(d)), nil
}
