package notice_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/services/notification/internal/notice"
)

func TestQuietHours(t *testing.T) {
	t.Parallel()
	night := notice.Quiet{From: 22 * 60, To: 7 * 60, Enabled: true}
	for name, test := range map[string]struct {
		quiet notice.Quiet
		zone  string
		now   string
		until string // "" outside of them
	}{
		"in the evening":                   {night, "Europe/Berlin", "2026-12-01T22:30:00Z", "2026-12-02T06:00:00Z"},
		"at their beginning":               {night, "Europe/Berlin", "2026-12-01T21:00:00Z", "2026-12-02T06:00:00Z"},
		"after midnight":                   {night, "Europe/Berlin", "2026-12-02T02:00:00Z", "2026-12-02T06:00:00Z"},
		"at their end":                     {night, "Europe/Berlin", "2026-12-02T06:00:00Z", ""},
		"by day":                           {night, "Europe/Berlin", "2026-12-01T12:00:00Z", ""},
		"in another zone":                  {night, "Asia/Kolkata", "2026-12-01T17:00:00Z", "2026-12-02T01:30:00Z"},
		"over a change of clocks":          {night, "Europe/Berlin", "2026-03-28T22:00:00Z", "2026-03-29T05:00:00Z"},
		"until a time that does not exist": {notice.Quiet{From: 22 * 60, To: 2*60 + 30, Enabled: true}, "Europe/Berlin", "2026-03-28T22:00:00Z", "2026-03-29T01:30:00Z"},
		"over the new year":                {night, "UTC", "2026-12-31T23:00:00Z", "2027-01-01T07:00:00Z"},
		"of one day":                       {notice.Quiet{From: 9 * 60, To: 17 * 60, Enabled: true}, "UTC", "2026-12-01T12:00:00Z", "2026-12-01T17:00:00Z"},
		"that are none":                    {notice.Quiet{From: 60, To: 60, Enabled: true}, "UTC", "2026-12-01T01:00:00Z", ""},
		"turned off":                       {notice.StandardQuiet, "UTC", "2026-12-01T23:00:00Z", ""},
	} {
		zone, err1 := time.LoadLocation(test.zone)
		now, err2 := time.Parse(time.RFC3339, test.now)
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		until, quiet := test.quiet.Until(now, zone)
		if got := until.UTC().Format(time.RFC3339); quiet != (test.until != "") || quiet && got != test.until {
			t.Errorf("%s: %v until %s", name, quiet, got)
		}
	}
}

func TestChannelsOfAKind(t *testing.T) {
	t.Parallel()
	chosen := notice.Preferences{Chosen: map[string][]notice.Channel{
		"agent.task.*": {notice.Email}, "agent.task.deleted": {notice.SMS}, "reminder": {},
	}}
	for _, test := range []struct {
		p    notice.Preferences
		kind string
		want []notice.Channel
	}{
		{notice.Preferences{}, "reminder", []notice.Channel{notice.InApp, notice.Email}},
		{notice.Preferences{}, "task.created", nil},
		{notice.Preferences{}, "task.overdue", nil},
		{notice.Preferences{}, "agent.task.updated", []notice.Channel{notice.InApp}},
		{notice.Preferences{}, "system.task.created", []notice.Channel{notice.InApp}},
		{chosen, "reminder", []notice.Channel{}},
		{chosen, "agent.task.updated", []notice.Channel{notice.Email}},
		{chosen, "agent.task.deleted", []notice.Channel{notice.SMS}},
		{chosen, "system.task.deleted", []notice.Channel{notice.InApp}},
	} {
		if got := test.p.Channels(test.kind); !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", test.kind, got, test.want)
		}
	}
}

func TestAPatchIsMergedOrRefusedAsAWhole(t *testing.T) {
	t.Parallel()
	p := notice.Preferences{Quiet: notice.StandardQuiet, Chosen: map[string][]notice.Channel{"task.created": {notice.InApp}}, MailStopped: true}
	before := p
	bad, phone, late := "25:00", "0151", "23:15"
	err := p.Apply(notice.Patch{
		Channels: map[string]*[]notice.Channel{"task.eaten": {}, "reminder": {notice.Email}}, Phone: &phone, Quiet: &notice.QuietPatch{From: &late, To: &bad},
	})
	told, ok := err.(*fault.Error)
	if !ok || len(told.Fields) != 3 || !reflect.DeepEqual(p, before) {
		t.Errorf("%v, %+v", err, p)
	}
	if err := p.Apply(notice.Patch{Channels: map[string]*[]notice.Channel{"reminder": {notice.Push, notice.Email, notice.Push}, "task.created": nil}, Quiet: &notice.QuietPatch{From: &late}}); err != nil {
		t.Fatal(err)
	}
	want := notice.Preferences{Quiet: notice.Quiet{From: 23*60 + 15, To: 7 * 60}, Chosen: map[string][]notice.Channel{"reminder": {notice.Push, notice.Email}}}
	if !reflect.DeepEqual(p, want) {
		t.Errorf("%+v, want %+v", p, want)
	}
	p.StopMail()
	if got := p.Channels("reminder"); !slices.Equal(got, []notice.Channel{notice.Push}) || !p.MailStopped {
		t.Errorf("after the link in a mail: %v", got)
	}
}

func TestWhatAProvidersStatusSays(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		status int
		after  string
		kind   fault.Kind
		wait   time.Duration
	}{
		{200, "", "", 0}, {202, "", "", 0}, {301, "", fault.Unavailable, 0}, {400, "", fault.Invalid, 0}, {401, "", fault.Invalid, 0}, {404, "", fault.Invalid, 0},
		{408, "", fault.Unavailable, 0}, {425, "", fault.Unavailable, 0}, {429, "120", fault.RateLimited, 2 * time.Minute},
		{429, "Tue, 01 Dec 2026 12:00:30 GMT", fault.RateLimited, 30 * time.Second}, {429, "soon", fault.RateLimited, 0},
		{500, "", fault.Unavailable, 0}, {503, "-1", fault.Unavailable, 0}, {503, "99999999", fault.Unavailable, 7 * 24 * time.Hour},
	} {
		err := notice.Answered(test.status, test.after, now)
		if test.kind == "" {
			if err != nil {
				t.Errorf("%d: %v", test.status, err)
			}
			continue
		}
		told, ok := err.(*fault.Error)
		if !ok || told.Kind != test.kind || told.RetryAfter != test.wait {
			t.Errorf("%d, Retry-After %q: %+v", test.status, test.after, err)
		}
	}
}

func TestWordsOfANotice(t *testing.T) {
	t.Parallel()
	for kind, want := range map[string]string{
		"reminder": "Reminder: Pay rent", "task.overdue": "Overdue: Pay rent", "agent.task.completed": "Completed: Pay rent",
		"system.task.created": "Created: Pay rent", "task.updated": "Updated: Pay rent",
	} {
		n := notice.Notice{Kind: kind, Title: "Pay rent"}
		if short, long := n.Words(); short != want || long == "" {
			t.Errorf("%s: %q, %q", kind, short, long)
		}
	}
}
