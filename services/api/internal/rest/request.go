package rest

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/oapi-codegen/nullable"

	"github.com/tickler-app/tickler/pkg/auth"
	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/telemetry"
	"github.com/tickler-app/tickler/services/api/internal/task"
)

// author is who makes a request. A token with act speaks for an agent: the last of those it
// passed through is the one that the person knows.
func author(ctx context.Context, client *string) task.Author {
	p := auth.From(ctx)
	a := task.Author{
		UserID: p.UserID, Zone: time.UTC, ActorType: "user", ActorName: p.Name, Source: "api",
		RequestID: telemetry.RequestID(ctx), Trace: telemetry.Traceparent(ctx),
	}
	if zone, err := task.LoadZone(p.TimeZone); err == nil {
		a.Zone = zone
	}
	switch {
	case len(p.Actors) > 0:
		a.ActorType, a.ActorName, a.Source = "agent", p.Actors[len(p.Actors)-1], "mcp"
		if slices.Contains(p.Actors, "chat") {
			a.Source = "chat"
		}
	case client != nil && *client == "web":
		a.Source = "web"
	}
	return a
}

// trial is the author of a call that may be a dry run.
func trial(ctx context.Context, client *string, dry *bool) task.Author {
	a := author(ctx, client)
	a.DryRun = dry != nil && *dry
	return a
}

// taskID reads a path's id. One that is no UUID is nobody's task.
func taskID(text string) (uuid.UUID, error) {
	id, err := uuid.Parse(text)
	if err != nil || len(text) != 36 {
		return uuid.UUID{}, task.ErrNotFound
	}
	return id, nil
}

// patch takes the fields that a body names. A null clears.
func patch(body *TaskPatch) (task.Patch, error) {
	fields := task.Patch{Title: body.Title, Completed: body.Completed,
		Description: cleared(body.Description), Due: cleared(body.DueDate), TimeZone: cleared(body.TimeZone), Tags: cleared(body.Tags)}
	if body.Priority.IsSpecified() {
		word := task.Normal.String()
		if given, err := body.Priority.Get(); err == nil {
			word = string(given)
		}
		fields.Priority = &word
	}
	if raw := cleared(body.RecurrenceRule); raw != nil {
		spec, err := ruleSpec(*raw)
		if err != nil {
			return fields, err
		}
		fields.Rule = &spec
	}
	if list := cleared(body.Reminders); list != nil {
		specs := make([]task.ReminderSpec, len(*list))
		for i, raw := range *list {
			var err error
			if specs[i], err = reminderSpec(raw); err != nil {
				return fields, err
			}
		}
		fields.Reminders = &specs
	}
	return fields, nil
}

// cleared points to a field's value, to nothing where it is null, and is nil without it.
func cleared[T any](field nullable.Nullable[T]) *T {
	if !field.IsSpecified() {
		return nil
	}
	value, err := field.Get()
	if err != nil { // null
		return new(T)
	}
	return &value
}

// Limits of wire-api.md §4.
const (
	maxKey        = 255
	defaultWindow = 24 * time.Hour
)

// mcpKey begins the keys of our mcp, which are prints of what was asked of it.
const mcpKey = "mcp:"

// once reads the headers under which a call has its effect at most once. Its print is of
// what the request means, so that white space in a body does not matter. To mcp, titles in
// other letters mean the same, so its key is the print (wire-api.md §7).
func once(ctx context.Context, call, id string, key, window *string, body any) (task.Once, error) {
	if key == nil {
		return task.Once{}, nil
	}
	if !utf8.ValidString(*key) {
		return task.Once{}, fault.New(fault.Malformed, "the Idempotency-Key is not UTF-8")
	}
	if *key == "" || len(*key) > maxKey || strings.ContainsRune(*key, 0) {
		return task.Once{}, fault.Fields(fault.Field{Name: "Idempotency-Key", Code: "too_long", Detail: "1 to 255 characters"})
	}
	o := task.Once{Key: *key, Window: defaultWindow}
	if window != nil {
		seconds, err := strconv.Atoi(*window)
		if err != nil || seconds < 1 || seconds > int(defaultWindow/time.Second) {
			return task.Once{}, fault.Fields(fault.Field{Name: "Idempotency-Window", Code: "not_allowed", Detail: "1 to 86400 seconds"})
		}
		o.Window = time.Duration(seconds) * time.Second
	}
	text, err := json.Marshal(body)
	if err != nil {
		return task.Once{}, fmt.Errorf("print the request: %w", err)
	}
	if actors := auth.From(ctx).Actors; len(actors) > 0 && actors[0] == "mcp" && strings.HasPrefix(*key, mcpKey) {
		o.Untouched, text = true, []byte(*key)
	}
	o.Print = sha256.Sum256([]byte(call + " " + id + " " + string(text)))
	return o, nil
}

func etag(version int64) string { return `"` + strconv.FormatInt(version, 10) + `"` }

// must reads If-Match (RFC 9110, section 13.1.1); without one any version will do.
func must(header *string) task.Precondition {
	if header == nil {
		return nil
	}
	return matches(*header, false)
}

// matches reports of which versions a list of entity tags speaks. A weak one counts only
// where that is enough.
func matches(header string, weak bool) task.Precondition {
	var versions []string
	for tag := range strings.SplitSeq(header, ",") {
		tag = strings.TrimSpace(tag)
		if weak {
			tag = strings.TrimPrefix(tag, "W/")
		}
		versions = append(versions, tag)
	}
	return func(version int64) bool {
		return slices.Contains(versions, "*") || slices.Contains(versions, etag(version))
	}
}
