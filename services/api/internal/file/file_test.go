package file_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/services/api/internal/file"
	"github.com/tickler-app/tickler/services/api/internal/task"
)

// here is Tuesday 24 November 2026, 10:15 in Berlin.
func here(t testing.TB) task.Here {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return task.Here{UserID: "ada", Zone: zone, Now: time.Date(2026, 11, 24, 10, 15, 0, 0, zone)}
}

// said is what was read, an entry a line: its line, and the fields that say something.
func said(r task.Reading) string {
	var b strings.Builder
	for _, e := range r.Entries {
		f := e.Fields
		fmt.Fprintf(&b, "%d %s", e.Line, *f.Title)
		for _, part := range []struct{ sign, text string }{
			{"| \"", *f.Description}, {"| @", *f.Due}, {"| in ", *f.TimeZone}, {"| *", ruleOf(*f.Rule)}, {"| !", strings.TrimPrefix(*f.Priority, "normal")},
			{"| #", strings.Join(*f.Tags, ",")}, {"| ^", remindersOf(*f.Reminders)},
		} {
			if part.text != "" {
				b.WriteString(" " + part.sign + part.text)
			}
		}
		if *f.Completed {
			b.WriteString(" | done")
			if e.CompletedAt != nil {
				b.WriteString(" " + e.CompletedAt.Format(time.RFC3339))
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}

func ruleOf(spec *task.RuleSpec) string {
	switch {
	case spec == nil:
		return ""
	case spec.Simple != nil && spec.Simple.Anchor == "completion":
		return spec.Simple.RRule + " from completion"
	case spec.Simple != nil:
		return spec.Simple.RRule
	}
	return spec.Text
}

func remindersOf(specs []task.ReminderSpec) string {
	var all []string
	for _, s := range specs {
		switch {
		case s.MinutesBefore != nil:
			all = append(all, fmt.Sprint(*s.MinutesBefore))
		case s.DaysBefore != nil:
			all = append(all, fmt.Sprintf("%dd %s", *s.DaysBefore, *s.Time))
		case s.At != nil:
			all = append(all, *s.At)
		}
	}
	return strings.Join(all, ",")
}

// problems are a line each: where, of what, and what stood there.
func problems(r task.Reading) string {
	report := task.Report{Problems: r.Problems}
	report.SortProblems()
	var b strings.Builder
	for _, p := range report.Problems {
		fmt.Fprintf(&b, "%d %s %s\n", p.Line, p.Field, p.Value)
	}
	return b.String()
}

func read(t *testing.T, format file.Format, content string) task.Reading {
	t.Helper()
	r, err := file.Read(format, []byte(content), here(t))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func compare(t *testing.T, got, want string) {
	t.Helper()
	if got = strings.TrimSpace(got); got != strings.TrimSpace(want) {
		t.Errorf("got\n%s\nwant\n%s", got, strings.TrimSpace(want))
	}
}

const todoist = `TYPE,CONTENT,DESCRIPTION,PRIORITY,INDENT,AUTHOR,RESPONSIBLE,DATE,DATE_LANG,TIMEZONE,DURATION,DURATION_UNIT
meta,view_style=list,,,,,,,,,,
task,Pay rent @home,"two
lines",1,1,Ada (1),,2026-12-31,en,Europe/Berlin,,None
note,the landlord moved,,,,,,,,,,
task,Water plants,,4,2,Ada (1),,every! 3 days,en,,,
section,Work,,,,,,,,,,
task,Write report,,2,1,Ada (1),Bob,soonish,en,,45,minute
task,Call mum,,p3,1,Ada (1),,tomorrow at 5pm,en,America/New_York,,
task,@only,,,1,,,31.12.2026 um 9,de,,,
`

func TestATodoistProjectIsReadLineByLine(t *testing.T) {
	t.Parallel()
	r := read(t, file.Todoist, todoist)
	compare(t, said(r), `
3 Pay rent | "two
lines

the landlord moved | @2026-12-31 | !critical | #home
6 Water plants | @2026-11-24 | *FREQ=DAILY;INTERVAL=3 from completion | !low
8 Write report | !high
9 Call mum | @2026-11-25T17:00 | in America/New_York
10 @only`)
	compare(t, problems(r), `
6 INDENT 2
7 CONTENT Work
8 RESPONSIBLE Bob
8 DURATION 45
8 DATE soonish
10 DATE 31.12.2026 um 9`)
}

const tickTick = `"Date: 2026-11-24+0000"
"Version: 7.1"
"Status: 
0 Normal
1 Completed
2 Archived"
"Folder Name","List Name","Title","Kind","Tags","Content","Is Check list","Start Date","Due Date","Reminder","Repeat","Priority","Status","Created Time","Completed Time","Order","Timezone","Is All Day","Is Floating","Column Name","Column Order","View Mode","taskId","parentId"
"","Inbox","Pay rent","TEXT","home, money","by transfer","N","2026-12-30T23:00:00+0000","2026-12-30T23:00:00+0000","TRIGGER:P0DT9H0M0S","RRULE:FREQ=MONTHLY;INTERVAL=1","5","0","2026-11-01T08:00:00+0000","","-1","Europe/Berlin","true","false",,,"list","1",""
"","Work","Call Bob","TEXT","","","N","2026-12-01T08:00:00+0000","2026-12-01T09:00:00+0000","PT0S,-PT30M","RRULE:FREQ=WEEKLY;TT_SKIP=WEEKEND","3","1","2026-11-01T08:00:00+0000","2026-11-20T08:00:00+0000","-2","Europe/Berlin","false","true",,,"list","2","1"
"","Work","Broken","TEXT","","","N","","someday","","","7","9","yesterday","","-2","Mars/Base","false","false",,,"list","3",""
`

func TestATickTickBackupIsReadLineByLine(t *testing.T) {
	t.Parallel()
	r := read(t, file.TickTick, tickTick)
	compare(t, said(r), `
8 Pay rent | "by transfer | @2026-12-31 | *RRULE:FREQ=MONTHLY;INTERVAL=1 | !high | #home,money | ^0
9 Call Bob | @2026-12-01T10:00 | *RRULE:FREQ=WEEKLY | ^0,30 | done 2026-11-20T08:00:00Z
10 Broken`)
	compare(t, problems(r), `
9 List Name Work
9 parentId 1
9 Start Date 2026-12-01T08:00:00+0000
9 Repeat RRULE:FREQ=WEEKLY;TT_SKIP=WEEKEND
10 Priority 7
10 Status 9
10 Created Time yesterday
10 Timezone Mars/Base
10 Due Date someday`)
}

const calendar = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//EN\r\nX-COLOR:red\r\n" +
	"BEGIN:VTIMEZONE\r\nTZID:Custom\r\nX-LIC-LOCATION:Europe/Paris\r\nBEGIN:STANDARD\r\nDTSTART:nonsense\r\nTZOFFSETFROM:+9999\r\nRRULE:FREQ=NEVER\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n" +
	"BEGIN:VTODO\r\nUID:a\r\nSUMMARY:Pay rent\\, all\r\n  of it\r\nDESCRIPTION:two\\nlines\r\nDUE;TZID=Custom:20261231T090000\r\nRRULE:FREQ=MONTHLY\r\nPRIORITY:1\r\nCATEGORIES:home,mo\\,ney\r\n" +
	"BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT1H\r\nEND:VALARM\r\nBEGIN:VALARM\r\nTRIGGER;RELATED=END:PT1H\r\nEND:VALARM\r\nEND:VTODO\r\n" +
	"BEGIN:VTODO\r\nUID:b\r\nSUMMARY;LANGUAGE=en:Done, and dusted\r\nSTATUS:COMPLETED\r\nCOMPLETED:20261120T080000Z\r\nDUE;VALUE=DATE:20261130\r\nLOCATION:here\r\nBEGIN:VALARM\r\nTRIGGER;VALUE=DATE-TIME:20261130T080000Z\r\nEND:VALARM\r\nEND:VTODO\r\n" +
	"BEGIN:VTODO\r\nUID:c\r\nDUE:whenever\r\nPRIORITY:x\r\nno line\r\nDTSTART;TZID=Nowhere:20261201T080000\r\nEND:VTODO\r\n" +
	"BEGIN:VEVENT\r\nSUMMARY:a party\r\nEND:VEVENT\r\n" +
	"BEGIN:VTODO\r\nUID:d\r\nSUMMARY:called off\r\nSTATUS:CANCELLED\r\nEND:VTODO\r\n" +
	"BEGIN:VTODO\r\nUID:e\r\nSUMMARY:cut sho"

func TestACalendarsTasksAreReadOneByOne(t *testing.T) {
	t.Parallel()
	r := read(t, file.ICS, calendar)
	compare(t, said(r), `
14 Pay rent, all of it | "two
lines | @2026-12-31T09:00 | in Europe/Paris | *FREQ=MONTHLY | !critical | #home,mo,ney | ^60
31 Done, and dusted | @2026-11-30 | ^2026-11-30T08:00:00Z | done 2026-11-20T08:00:00Z
42 (without a title)`)
	compare(t, problems(r), `
4 X-COLOR red
14 TRIGGER PT1H
33 SUMMARY;LANGUAGE en
37 LOCATION here
42 SUMMARY 
44 DUE whenever
45 PRIORITY x
46 no line 
49 BEGIN VEVENT
55 STATUS CANCELLED
59 END`)
}

const jsonTasks = `{"exported": {"by": [1, 2]}, "tasks": [
  {"title": "Pay rent", "priority": "high", "tags": ["home"], "due_date": "2026-12-31T09:00:00+01:00",
   "recurrence_rule": "every month", "reminders": ["1 hour before", {"days_before": 1, "time": "18:00"}]},

  {"id": "7", "title": 7, "due_date": "31st of Nonember", "mood": "blue", "completed": "yes", "tags": [1], "reminders": [3]},
  {"title": "floats", "time_zone": null, "due_date": "2026-12-31T09:00:00+09:00", "completed_at": "2026-11-20T08:00:00Z"},
  {"title": "gone", "deleted_at": "2026-11-20T08:00:00Z"}, 8]
}`

func TestJSONIsReadFieldByField(t *testing.T) {
	t.Parallel()
	r := read(t, file.JSON, jsonTasks)
	compare(t, said(r), `
2 Pay rent | @2026-12-31T09:00:00+01:00 | *every month | !high | #home | ^1d 18:00
5 
6 floats | @2026-12-31T09:00:00 | done 2026-11-20T08:00:00Z`)
	compare(t, problems(r), `
5 mood "blue"
5 title 7
5 tags [1]
5 completed "yes"
5 due_date 31st of Nonember
5 reminders 3
7 deleted_at 2026-11-20T08:00:00Z
7  8`)
}

func TestAFileThatIsNoneOfItsFormatIsRefused(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		format  file.Format
		content string
		kind    fault.Kind
	}{
		{file.Todoist, "<html><body>hello", fault.Invalid}, {file.Todoist, "", fault.Invalid}, {file.Todoist, "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", fault.Malformed},
		{file.TickTick, "TYPE,CONTENT\ntask,x\n", fault.Invalid}, {file.ICS, "TYPE,CONTENT\ntask,x\n", fault.Invalid}, {file.ICS, "", fault.Invalid},
		{file.ICS, "BEGIN:VTODO\nEND:VTODO\n", fault.Invalid}, {file.JSON, "BEGIN:VCALENDAR", fault.Malformed}, {file.JSON, "", fault.Malformed},
		{file.JSON, `{"tasks":[{"title":"x"},`, fault.Malformed}, {file.JSON, `{"todos":[]}`, fault.Invalid}, {file.JSON, `7`, fault.Invalid},
		{file.JSON, strings.Repeat("[", 200_000), fault.Malformed}, {file.JSON, `{"tasks":[]} tail`, fault.Malformed},
	} {
		if r, err := file.Read(test.format, []byte(test.content), here(t)); fault.KindOf(err) != test.kind {
			t.Errorf("%s %.30q: %v, want %s (%d entries)", test.format, test.content, err, test.kind, len(r.Entries))
		}
	}
}
