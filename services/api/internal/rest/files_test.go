package rest_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	ics "github.com/arran4/golang-ical"
	"pgregory.net/rapid"
)

const todoist = "TYPE,CONTENT,PRIORITY,DATE,DATE_LANG\ntask,Pay rent @home,1,2026-12-31,en\ntask,\"Buy\nmilk\",4,,\n" +
	"task,Odd,2,the day after never,en\ntask,Same,3,,\ntask,Same,3,,\ntask,,1,,\n"

func (d *door) bring(format, content, more string, headers ...string) answer {
	d.Helper()
	return d.call("POST", "import?format="+format+more, content, append([]string{"Content-Type: text/plain"}, headers...)...)
}

func (d *door) total(query string) int {
	d.Helper()
	total, _ := d.call("GET", "tasks?"+query, "").body["total"].(float64)
	return int(total)
}

func counts(a answer) string {
	return fmt.Sprint(a.status, " ", a.body["created"], " ", a.body["updated"], " ", a.body["skipped"])
}

func TestAFileIsBroughtInOnce(t *testing.T) {
	d := open(t)
	if got := d.bring("todoist_csv", todoist, "&dry_run=true"); counts(got) != "200 5 0 1" || d.total("") != 0 {
		t.Errorf("dry: %s, %d tasks", counts(got), d.total(""))
	}
	first := d.bring("todoist_csv", todoist, "")
	want := []any{
		map[string]any{"line": 5.0, "field": "DATE", "value": "the day after never", "detail": "is no date that is understood: the task comes without one"},
		map[string]any{"line": 8.0, "field": "CONTENT", "value": "", "detail": "at least 1 character that is not a space"},
	}
	if counts(first) != "200 5 0 1" || !reflect.DeepEqual(first.body["problems"], want) {
		t.Errorf("%s %v", counts(first), first.body["problems"])
	}
	for priority, n := range map[string]int{"critical": 1, "high": 1, "normal": 2, "low": 1} {
		if got := d.total("priority=" + priority); got != n {
			t.Errorf("%s: %d, want %d", priority, got, n)
		}
	}
	if d.total("tag=home&due_from=2026-12-31&due_to=2026-12-31") != 1 || d.total("q=milk") != 1 {
		t.Error("a date, a tag or a title was not kept")
	}
	if again := d.bring("todoist_csv", todoist, ""); counts(again) != "200 0 0 6" || d.total("") != 5 {
		t.Errorf("again: %s, %d tasks", counts(again), d.total(""))
	}
	if more := d.bring("todoist_csv", "TYPE,CONTENT,PRIORITY,DATE,DATE_LANG\ntask,New,1,,\n"+strings.SplitN(todoist, "\n", 2)[1], ""); counts(more) != "200 1 0 6" {
		t.Errorf("with one more above: %s", counts(more))
	}
}

func TestAnImportIsUndoneAsAWholeAndItsEventsSayWhereTheyAreFrom(t *testing.T) {
	d := open(t)
	lines := "TYPE,CONTENT\n"
	for i := range 450 { // three batches
		lines += "task,Number " + strconv.Itoa(i) + "\n"
	}
	made := d.bring("todoist_csv", lines, "", "X-Request-Id: import-00001", "Idempotency-Key: i1")
	again := d.bring("todoist_csv", lines, "", "Idempotency-Key: i1")
	if counts(made) != "200 450 0 0" || counts(again) != counts(made) || again.header.Get("Idempotency-Replayed") != "true" || made.header.Get("Idempotency-Replayed") != "" {
		t.Errorf("%s, %s %v", counts(made), counts(again), again.header)
	}
	if other := d.bring("todoist_csv", lines+"task,x\n", "", "Idempotency-Key: i1"); other.status != 409 {
		t.Errorf("another file under the key: %d", other.status)
	}
	undone := d.call("POST", "undo", `{"request_id":"import-00001"}`)
	if undone.status != 200 || len(undone.body["undone"].([]any)) != 450 || d.total("") != 0 {
		t.Errorf("undone: %d, %d tasks left", undone.status, d.total(""))
	}
	if back := d.bring("todoist_csv", lines, ""); counts(back) != "200 0 0 450" || len(back.body["problems"].([]any)) != 450 {
		t.Errorf("brought in again: %s", counts(back))
	}
}

func TestATaskThatIsThereFollowsItsFileUntilItIsChangedHere(t *testing.T) {
	d := open(t)
	file := func(title, changed string) string {
		return "BEGIN:VCALENDAR\nBEGIN:VTODO\nUID:u1\nSUMMARY:" + title + "\nLAST-MODIFIED:" + changed + "\nEND:VTODO\nEND:VCALENDAR\n"
	}
	d.bring("ics", file("first", "20200101T000000Z"), "")
	if got := d.bring("ics", file("second", "20200102T000000Z"), ""); counts(got) != "200 0 1 0" || d.total("q=second") != 1 {
		t.Errorf("followed: %s", counts(got))
	}
	if got := d.bring("ics", file("third", "20200103T000000Z"), ""); counts(got) != "200 0 0 1" || len(got.body["problems"].([]any)) != 1 || d.total("q=second") != 1 {
		t.Errorf("changed here since: %s %v", counts(got), got.body["problems"])
	}
	if got := d.bring("ics", file("fourth", "21000101T000000Z"), ""); counts(got) != "200 0 1 0" {
		t.Errorf("newer: %s", counts(got))
	}
}

func TestWhatIsNoFileIsRefused(t *testing.T) {
	d := open(t)
	for _, test := range []struct {
		query, body, header string
		status              int
		fields              string
	}{
		{"", "x", "", 422, "format:required"}, {"?format=xlsx&color=red", "x", "", 422, "color:unknown format:not_allowed"},
		{"?format=json&dry_run=maybe", "x", "", 422, "dry_run:wrong_type"}, {"?format=json", "{", "", 400, ""},
		{"?format=todoist_csv", "<html>", "", 422, ":format"}, {"?format=ics", "\x00\x01\x02\x03", "", 400, ""},
		{"?format=json", strings.Repeat("x", 10<<20+1), "", 413, ""}, {"?format=json", "--x", "Content-Type: multipart/form-data; boundary=x", 415, ""},
		{"?format=todoist_csv", "", "", 422, ":format"},
	} {
		got := d.call("POST", "import"+test.query, test.body, append([]string{}, slices.DeleteFunc([]string{test.header}, func(h string) bool { return h == "" })...)...)
		if got.status != test.status || got.fields() != test.fields {
			t.Errorf("%s %.20q: %d %s, want %d %s", test.query, test.body, got.status, got.fields(), test.status, test.fields)
		}
	}
	if got := d.call("GET", "export", ""); got.status != 422 || got.fields() != "format:required" {
		t.Errorf("an export of no format: %d %s", got.status, got.fields())
	}
	if d.total("") != 0 {
		t.Error("something was brought in")
	}
}

// tasks are bodies of tasks with all that one may have.
var tasks = rapid.Custom(func(t *rapid.T) map[string]any {
	text := rapid.StringMatching(`[a-zäß漢🙂 ,;:"\\=+@\n-]{0,30}`)
	body := map[string]any{"title": "t" + strings.ReplaceAll(text.Draw(t, "title"), "\n", " ") + "!", "description": strings.TrimSpace(text.Draw(t, "description")),
		"priority": rapid.SampledFrom([]string{"low", "normal", "high", "critical"}).Draw(t, "priority"),
		"tags":     rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"home", "Büro, groß", "=1+1", `a\b;c`}), 0, 3, rapid.ID).Draw(t, "tags")}
	if zone := rapid.SampledFrom([]string{"", "America/New_York", "Asia/Kolkata"}).Draw(t, "zone"); zone != "" {
		body["time_zone"] = zone
	}
	due := rapid.SampledFrom([]string{"", "2030-03-31", "2030-03-31T02:30", "2030-10-27T01:30:15"}).Draw(t, "due")
	if due == "" {
		return body
	}
	body["due_date"] = due
	if rule := rapid.SampledFrom([]string{"", "every day", "FREQ=MONTHLY;BYMONTHDAY=31;COUNT=7", "every 2 weeks until 2031-01-01", "every last workday"}).Draw(t, "rule"); rule != "" {
		body["recurrence_rule"] = rule
	}
	if body["recurrence_rule"] == "every day" && rapid.Bool().Draw(t, "anchor") {
		body["recurrence_rule"] = map[string]any{"frequency": "daily", "interval": 3, "anchor": "completion"}
	}
	body["reminders"] = rapid.SliceOfN(rapid.SampledFrom([]any{"1 hour before", "2 days before", map[string]any{"days_before": 1, "time": "18:05"},
		map[string]any{"at": "2030-01-01T08:00:00Z", "channels": []string{"email", "push"}}}), 0, 3).Draw(t, "reminders")
	return body
})

// fill gives the person some tasks, one of them completed.
func (d *door) fill(seed int) {
	d.Helper()
	d.who.UserID = "from-" + strconv.Itoa(seed)
	for i := range 6 {
		body, err := json.Marshal(tasks.Example(seed*10 + i))
		if err != nil {
			d.Fatal(err)
		}
		id := d.add(string(body))
		if i == 0 {
			d.call("POST", "tasks/"+id+"/complete", "")
		}
	}
}

func TestJSONGoesOutAndInWithoutLoss(t *testing.T) {
	d := open(t)
	plain := func(exported answer) (list []map[string]any) {
		for _, one := range exported.body["tasks"].([]any) {
			task := one.(map[string]any)
			for _, given := range []string{"id", "user_id", "series_id", "version", "updated_at"} { // by the new home
				delete(task, given)
			}
			for _, r := range task["reminders"].([]any) {
				delete(r.(map[string]any), "id")
			}
			list = append(list, task)
		}
		slices.SortFunc(list, func(a, b map[string]any) int {
			return strings.Compare(fmt.Sprint(a["created_at"]), fmt.Sprint(b["created_at"]))
		})
		return list
	}
	for seed := range 6 {
		d.fill(seed)
		exported := d.call("GET", "export?format=json", "")
		if home := d.bring("json", exported.raw, ""); counts(home) != "200 0 0 6" || len(home.body["problems"].([]any)) != 0 {
			t.Errorf("where it came from: %s %v", counts(home), home.body["problems"])
		}
		d.who.UserID = "to-" + strconv.Itoa(seed)
		if brought := d.bring("json", exported.raw, ""); counts(brought) != "200 6 0 0" || len(brought.body["problems"].([]any)) != 0 {
			t.Errorf("brought in: %s %v", counts(brought), brought.body["problems"])
		}
		got, want := plain(d.call("GET", "export?format=json", "")), plain(exported)
		for i := range want {
			if !reflect.DeepEqual(got[i], want[i]) {
				t.Errorf("got\n%v\nwant\n%v", got[i], want[i])
			}
		}
	}
}

var given = regexp.MustCompile(`(?m)^(UID|DTSTAMP|LAST-MODIFIED):.*\r\n`)

func TestCalendarsGoOutAndInWithoutLoss(t *testing.T) {
	d := open(t)
	for seed := range 6 {
		d.fill(seed)
		exported := d.call("GET", "export?format=ics", "")
		if home := d.bring("ics", exported.raw, ""); counts(home) != "200 0 0 6" || len(home.body["problems"].([]any)) != 0 {
			t.Errorf("where it came from: %s %v", counts(home), home.body["problems"])
		}
		d.who.UserID = "to-" + strconv.Itoa(seed)
		if brought := d.bring("ics", exported.raw, ""); counts(brought) != "200 6 0 0" || len(brought.body["problems"].([]any)) != 0 {
			t.Errorf("brought in: %s %v\n%s", counts(brought), brought.body["problems"], exported.raw)
		}
		parts := func(text string) []string {
			all := strings.SplitAfter(given.ReplaceAllString(text, ""), "END:VTODO\r\n")
			for i, part := range all { // zones are defined where they are first named
				all[i] = part[max(0, strings.Index(part, "BEGIN:VTODO")):]
			}
			slices.Sort(all)
			return all
		}
		got, want := parts(d.call("GET", "export?format=ics", "").raw), parts(exported.raw)
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
		if _, err := ics.ParseCalendar(strings.NewReader(exported.raw)); err != nil {
			t.Errorf("another program's parser: %v", err)
		}
	}
}

func TestATableForSpreadsheetsHasNoFormulas(t *testing.T) {
	d := open(t)
	for _, title := range []string{"=HYPERLINK(1)", "+1", "-2", "@SUM(1)", " =1", "＝1", "plain, \\\"quoted\\\""} {
		d.add(`{"title":"` + title + `","description":"=cmd","tags":["=x"]}`)
	}
	got := d.call("GET", "export?format=csv", "")
	rows, err := csv.NewReader(strings.NewReader(got.raw)).ReadAll()
	if err != nil || len(rows) != 8 || got.header.Get("Content-Type") != "text/csv; charset=utf-8" || got.header.Get("Content-Disposition") != `attachment; filename="tickler.csv"` {
		t.Fatalf("%v %d rows, %v", err, len(rows), got.header)
	}
	for _, row := range rows[1:] {
		for _, cell := range row {
			if strings.ContainsAny(cell[:min(1, len(cell))], "=+-@") {
				t.Errorf("a formula: %q", cell)
			}
		}
	}
}
