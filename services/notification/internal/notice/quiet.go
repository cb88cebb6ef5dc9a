package notice

import (
	"time"

	"github.com/tickler-app/tickler/pkg/fault"
)

// Quiet are the hours of the person's clock in which only what is urgent goes out.
type Quiet struct {
	From, To Clock
	Enabled  bool
}

// Clock is a time of day, in minutes.
type Clock int

// StandardQuiet is what who has not chosen is shown. It is not enabled.
var StandardQuiet = Quiet{From: 22 * 60, To: 7 * 60}

// String is the clock as HH:MM.
func (c Clock) String() string {
	return time.Time{}.Add(time.Duration(c) * time.Minute).Format("15:04")
}

// ParseClock reads HH:MM.
func ParseClock(text string) (Clock, bool) {
	at, err := time.Parse("15:04", text)
	if err != nil || len(text) != 5 {
		return 0, false
	}
	return Clock(at.Hour()*60 + at.Minute()), true
}

// Until returns when the quiet hours end that now is in, and false outside of them. Hours
// that begin when they end are none.
func (q Quiet) Until(now time.Time, zone *time.Location) (time.Time, bool) {
	if !q.Enabled || q.From == q.To {
		return time.Time{}, false
	}
	local := now.In(zone)
	clock := Clock(local.Hour()*60 + local.Minute())
	within := q.From <= clock && clock < q.To
	day := local.Day()
	if q.From > q.To { // over midnight
		within = clock >= q.From || clock < q.To
		if clock >= q.From {
			day++
		}
	}
	end := time.Date(local.Year(), local.Month(), day, int(q.To)/60, int(q.To)%60, 0, 0, zone)
	return end, within && end.After(now)
}

// QuietPatch is what a person changes of their quiet hours.
type QuietPatch struct {
	From, To *string
	Enabled  *bool
}

func (p QuietPatch) apply(q Quiet, wrong *[]fault.Field) Quiet {
	read := func(name string, text *string, into *Clock) {
		if text == nil {
			return
		}
		clock, ok := ParseClock(*text)
		if !ok {
			*wrong = append(*wrong, fault.Field{Name: "/quiet_hours/" + name, Code: "format", Detail: "is no time like 22:00"})
		}
		*into = clock
	}
	read("from", p.From, &q.From)
	read("to", p.To, &q.To)
	if p.Enabled != nil {
		q.Enabled = *p.Enabled
	}
	return q
}
