package e2e

import (
	"bytes"
	"cmp"
	"encoding/json"
	"flag"
	"io"
	"mime"
	"net/http"
	"os"
	"path"
	"strings"
	"time"

	"github.com/tickler-app/tickler/scripts/internal/contract"
	"github.com/tickler-app/tickler/scripts/internal/person"
)

var update = flag.Bool("update", false, "write what the house answers into the examples of /docs")

const examplesFile = "../../services/web/internal/rest/examples.json"

// asked are the calls that are recorded, in this order: service, operation, what stands in the
// path and the query, and the body, which is JSON unless it is of another media type. $name is the id
// of the answer that was kept under it. Files come in after they went out, since the ids of what they
// bring, and so its place in a file, follow from the person.
var asked = []struct{ call, with, body, keep, media string }{
	{"api.createTask", "", `{"title":"Pay rent","due_date":"2040-01-31T09:00","recurrence_rule":"every month on the last workday","reminders":["1 hour before"],"tags":["home"],"priority":"high"}`, "rent", ""},
	{"api.createTask", "", `{"title":"","due_date":"31.12.2040","priority":"urgent"}`, "", ""},
	{"api.quickTask", "", `{"text":"buy milk tomorrow #errands","now":"2040-06-04T09:00:00+02:00"}`, "milk", ""},
	{"api.parseTask", "", `{"text":"call Bob tomorrow 5pm !high","now":"2040-06-04T09:00:00+02:00"}`, "", ""},
	{"api.listTasks", "status=pending&limit=1", "", "", ""},
	{"api.getTask", "id=$rent", "", "", ""},
	{"api.updateTask", "id=$rent", `{"title":"Pay the rent"}`, "", ""},
	{"api.listOccurrences", "id=$rent&count=3", "", "", ""},
	{"api.previewRecurrence", "", `{"recurrence_rule":"every 2 weeks on monday","due_date":"2040-01-02","count":3}`, "", ""},
	{"api.addReminder", "id=$milk", `{"minutes_before":5}`, "", ""},
	{"api.completeTask", "id=$milk", "", "", ""},
	{"api.reopenTask", "id=$milk", "", "", ""},
	{"api.deleteTask", "id=$milk", "", "", ""},
	{"api.restoreTask", "id=$milk", "", "", ""},
	{"api.listTags", "", "", "", ""},
	{"api.renameTag", "tag=errands", `{"tag":"shopping"}`, "", ""},
	{"api.undoChanges", "", `{}`, "", ""},
	{"api.getChanges", "sync_token=0&limit=1", "", "", ""},
	{"api.syncCommands", "", `{"sync_token":null,"commands":[{"id":"c1","type":"task.add","task_id":"0198c5a0-0000-7000-8000-00000000c0de","args":{"title":"from the train"}}]}`, "", ""},
	{"api.getStats", "", "", "", ""},
	{"api.exportTasks", "format=json", "", "", ""},
	{"api.exportTasks", "format=csv", "", "", ""},
	{"api.exportTasks", "format=ics", "", "", ""},
	{"api.publishCalendar", "", "", "calendar", ""},
	{"api.getCalendar", "file=$calendar&form=todo", "", "", ""},
	{"api.importTasks", "format=todoist_csv", "TYPE,CONTENT,PRIORITY,DATE,TIMEZONE\ntask,Renew passport @home,1,2040-06-05,Europe/Berlin\ntask,Water the plants,4,every 3 days starting 2040-06-05,Europe/Berlin\ntask,Call Ann,4,the day Bob is back,Europe/Berlin\n", "", "text/csv"},
	{"audit.listAuditLogs", "task_id=$milk&event_type=task.created", "", "", ""},
	{"identity.showSettings", "", "", "", ""},
	{"identity.changeSettings", "", `{"week_start":"sunday"}`, "", ""},
	{"identity.addToken", "", `{"name":"my script","scopes":["tasks:read"]}`, "", ""},
	{"identity.listTokens", "", "", "", ""},
	{"notification.showPreferences", "", "", "", ""},
	{"notification.changePreferences", "", `{"channels":{"task.completed":["in_app"]},"quiet_hours":{"enabled":true}}`, "", ""},
	{"notification.addWebhook", "", `{"url":"https://127.0.0.1/tickler","events":["task.completed"]}`, "hook", ""},
	{"notification.listWebhooks", "", "", "", ""},
	{"notification.changeWebhook", "id=$hook", `{"enabled":false}`, "", ""},
	{"notification.listNotices", "", "", "", ""},
}

// What /docs shows as examples is what a house answers.
func theExamplesAreTheHouses(s *scene) {
	documents, err := contract.Read("../../services")
	if err != nil {
		s.Fatal(err)
	}
	ada := s.signUp()
	normal := &contract.Normal{UserID: ada.ID, Now: time.Now()}
	kept, examples := map[string]string{}, map[string]map[string]any{}
	for _, ask := range asked {
		service, id, _ := strings.Cut(ask.call, ".")
		call := contract.Find(documents, service, id)
		if call == nil {
			s.Fatalf("there is no %s", ask.call)
		}
		status, answer, file := s.record(ada, call, ask.with, ask.body, ask.media, kept)
		if ask.keep != "" {
			if url, ok := answer["url"].(string); ok && call.ID == "publishCalendar" {
				kept[ask.keep] = path.Base(url)
			} else if whole, ok := answer["task"].(map[string]any); ok {
				answer = map[string]any{"spans": answer["spans"], "task": whole}
				kept[ask.keep], _ = whole["id"].(string)
			} else {
				kept[ask.keep], _ = answer["id"].(string)
			}
		}
		shown := examples[ask.call]
		if shown == nil {
			shown = map[string]any{"answers": []any{}}
			examples[ask.call] = shown
			switch {
			case ask.media != "":
				shown["request"], shown["media"] = ask.body, ask.media
			case ask.body != "":
				shown["request"] = json.RawMessage(ask.body)
			}
		}
		if file.media != "" {
			shown["answers"] = append(shown["answers"].([]any), map[string]any{"status": status, "media": file.media, "body": normal.File(file.text)})
		} else if answer != nil {
			shown["answers"] = append(shown["answers"].([]any), map[string]any{"status": status, "body": normal.Of("", answer)})
		}
	}
	text, err := json.MarshalIndent(examples, "", " ")
	if err != nil {
		s.Fatal(err)
	}
	text = append(text, '\n')
	if *update {
		if err := os.WriteFile(examplesFile, text, 0o644); err != nil {
			s.Fatal(err)
		}
	}
	committed, err := os.ReadFile(examplesFile)
	if err != nil || !bytes.Equal(committed, text) {
		s.Errorf("%s is not what the house answers (%v); with -update it is written anew:\n%s", examplesFile, err, text)
	}
}

// file is an answer that is no JSON.
type file struct{ media, text string }

// record makes a call and returns its JSON, which must be as the document says, or a file.
func (s *scene) record(p *person.Person, call *contract.Call, with, body, as string, kept map[string]string) (status int, answer map[string]any, f file) {
	s.Helper()
	at, query := strings.ReplaceAll(call.Path, "{user_id}", p.ID), []string{}
	for pair := range strings.SplitSeq(with, "&") {
		name, value, _ := strings.Cut(pair, "=")
		if known, ok := strings.CutPrefix(value, "$"); ok {
			value = kept[known]
		}
		if filled := strings.ReplaceAll(at, "{"+name+"}", value); filled != at {
			at = filled
		} else if name != "" {
			query = append(query, name+"="+value)
		}
	}
	url := s.house.Public() + at + "?" + strings.Join(query, "&")
	s.eventually(call.ID+" answers", func() bool { // the trail is there a moment after what it tells
		answer = nil
		req, err := http.NewRequestWithContext(s.Context(), call.Method, url, strings.NewReader(body))
		if err != nil {
			s.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+p.Token)
		if body != "" {
			req.Header.Set("Content-Type", cmp.Or(as, "application/json"))
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			return false
		}
		defer res.Body.Close()
		content, err := io.ReadAll(res.Body)
		if err != nil {
			return false
		}
		if err := call.Answer(res.StatusCode, res.Header.Get("Content-Type"), content); err != nil {
			s.Fatal(err)
		}
		status = res.StatusCode
		if media, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type")); strings.HasPrefix(media, "text/") {
			f = file{media, string(content)}
			return true
		}
		if len(content) > 0 && json.Unmarshal(content, &answer) != nil {
			s.Fatalf("%s: %s", call.ID, content)
		}
		entries, listed := answer["audit_logs"].([]any)
		return !listed || len(entries) > 0
	})
	return status, answer, f
}
