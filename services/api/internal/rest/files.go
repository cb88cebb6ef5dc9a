package rest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/services/api/internal/file"
	"github.com/tickler-app/tickler/services/api/internal/task"
)

// ImportTasks brings the tasks of a file in. Its body was bounded before it came here.
func (s *server) ImportTasks(ctx context.Context, request ImportTasksRequestObject) (ImportTasksResponseObject, error) {
	if request.Body == nil {
		return nil, fault.Fields(fault.Field{Name: "", Code: "required", Detail: "is needed: the file is the body"})
	}
	content, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, fault.Wrap(fault.Malformed, err, "the body ended early")
	}
	params := request.Params
	dry := params.DryRun != nil && *params.DryRun
	sum := sha256.Sum256(content)
	once, err := once(ctx, "import", string(params.Format), params.IdempotencyKey, params.IdempotencyWindow, []any{dry, hex.EncodeToString(sum[:])})
	if err != nil {
		return nil, err
	}
	who := author(ctx, params.XTicklerClient)
	who.Source = "import"
	report, replayed, err := s.porter.Import(ctx, who, once, dry, func(here task.Here) (task.Reading, error) {
		return file.Read(file.Format(params.Format), content, here)
	})
	if err != nil {
		return nil, err
	}
	report.SortProblems()
	answer := ImportTasks200JSONResponse{Body: ImportReport{Created: report.Created, Updated: report.Updated, Skipped: report.Skipped}}
	answer.Body.Problems = make([]ImportProblem, len(report.Problems))
	for i, p := range report.Problems {
		answer.Body.Problems[i] = ImportProblem{Line: p.Line, Field: p.Field, Value: p.Value, Detail: p.Detail}
	}
	if replayed {
		yes := "true"
		answer.Headers.IdempotencyReplayed = &yes
	}
	return answer, nil
}

// media are the types of what is exported.
var media = map[file.Format]string{file.JSON: "application/json", file.CSV: "text/csv; charset=utf-8", file.ICS: "text/calendar; charset=utf-8"}

// ExportTasks streams all tasks.
func (s *server) ExportTasks(ctx context.Context, request ExportTasksRequestObject) (ExportTasksResponseObject, error) {
	format := file.Format(request.Params.Format)
	return stream(func(w http.ResponseWriter) error {
		to := file.NewWriter(format, w, s.tasks.Now())
		return s.carry(ctx, author(ctx, nil), false, to, func() {
			w.Header().Set("Content-Type", media[format])
			w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="tickler.%s"`, format))
			w.Header().Set("X-Content-Type-Options", "nosniff")
			w.Header().Set("Cache-Control", "private, no-store")
		})
	}), nil
}

// stream is an answer that is written while it is read. What fails before it begins is a problem as
// any other; later only the connection's end can tell, since the status is out.
type stream func(http.ResponseWriter) error

// VisitExportTasksResponse writes it.
func (f stream) VisitExportTasksResponse(w http.ResponseWriter) error { return f(w) }

// VisitGetCalendarResponse writes it.
func (f stream) VisitGetCalendarResponse(w http.ResponseWriter) error { return f(w) }

func (s *server) carry(ctx context.Context, who task.Author, open bool, to file.Writer, begin func()) error {
	begun := false
	ready := func() error {
		begin()
		begun = true
		return to.Begin()
	}
	err := s.porter.Export(ctx, who, open, ready, to.Write)
	if err == nil {
		err = to.End()
	}
	if err != nil && begun {
		panic(http.ErrAbortHandler)
	}
	return err
}

// PublishCalendar makes the secret address of the person's calendar.
func (s *server) PublishCalendar(ctx context.Context, request PublishCalendarRequestObject) (PublishCalendarResponseObject, error) {
	once, err := once(ctx, "calendar", "", request.Params.IdempotencyKey, request.Params.IdempotencyWindow, nil)
	if err != nil {
		return nil, err
	}
	secret, replayed, err := s.calendars.Publish(ctx, author(ctx, nil), once)
	if err != nil {
		return nil, err
	}
	at := s.public + "/calendar/" + secret + calendarEnding
	answer := PublishCalendar201JSONResponse{Headers: PublishCalendar201ResponseHeaders{Location: &at}}
	answer.Body.Url = at
	if feed, err := s.calendars.Find(ctx, secret); err == nil { // a replayed one may be none any more
		tag := tagOf(feed, "")
		answer.Headers.ETag = &tag
	}
	if replayed {
		yes := "true"
		answer.Headers.IdempotencyReplayed = &yes
	}
	return answer, nil
}

// RevokeCalendar ends it.
func (s *server) RevokeCalendar(ctx context.Context, _ RevokeCalendarRequestObject) (RevokeCalendarResponseObject, error) {
	if err := s.calendars.Revoke(ctx, author(ctx, nil)); err != nil {
		return nil, err
	}
	return RevokeCalendar204Response{}, nil
}

const calendarEnding = ".ics"

// GetCalendar answers what is open, to whoever has the secret.
func (s *server) GetCalendar(ctx context.Context, request GetCalendarRequestObject) (GetCalendarResponseObject, error) {
	secret, ok := strings.CutSuffix(request.File, calendarEnding)
	if !ok {
		return nil, task.ErrNoCalendar
	}
	feed, err := s.calendars.Find(ctx, secret)
	if err != nil {
		return nil, err
	}
	form := ""
	if request.Params.Form != nil {
		form = string(*request.Params.Form)
	}
	tag := tagOf(feed, form)
	guard := func(w http.ResponseWriter) {
		w.Header().Set("ETag", tag)
		w.Header().Set("Cache-Control", "private, no-cache")
		w.Header().Set("Referrer-Policy", "no-referrer")
		w.Header().Set("X-Robots-Tag", "noindex")
	}
	if header := request.Params.IfNoneMatch; header != nil && names(*header, tag) {
		return stream(func(w http.ResponseWriter) error {
			guard(w)
			w.WriteHeader(http.StatusNotModified)
			return nil
		}), nil
	}
	return stream(func(w http.ResponseWriter) error {
		to := file.NewFeed(w, form != "event", form != "todo", feed.Now)
		return s.carry(ctx, feed.Author, true, to, func() {
			guard(w)
			w.Header().Set("Content-Type", media[file.ICS])
			w.Header().Set("X-Content-Type-Options", "nosniff")
		})
	}), nil
}

func tagOf(feed task.Subscription, form string) string { return `"` + feed.State + form + `"` }

// names reports whether an If-None-Match names a tag, weakly compared (RFC 9110, section 13.1.2).
func names(header, tag string) bool {
	for one := range strings.SplitSeq(header, ",") {
		if one = strings.TrimPrefix(strings.TrimSpace(one), "W/"); one == tag || one == "*" {
			return true
		}
	}
	return false
}
