package task

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/tickler-app/tickler/pkg/recurrence"
)

// Due is when a task should be done: a date, which is that date everywhere, or a date with a
// wall-clock time. It belongs to no zone by itself. The zero Due is none.
type Due struct{ Wall recurrence.Civil }

// None reports whether there is no due date.
func (d Due) None() bool { return d.Wall.IsZero() }

// First and last year of a due date.
const (
	firstYear = 1970
	lastYear  = 9999
)

var errDue = errors.New("is no date (2026-12-31), local date-time (2026-12-31T09:00) or date-time with offset (2026-12-31T09:00:00+01:00) of the years 1970 to 9999")

// ParseDue reads a due date as it comes on the wire: a date, a local date-time, or a
// date-time with an offset, which is converted to zone. "" is none.
func ParseDue(text string, zone *time.Location) (Due, error) {
	if text == "" {
		return Due{}, nil
	}
	wall, err := recurrence.ParseCivil(text)
	if err != nil {
		at, ok := parseInstant(text)
		if !ok {
			return Due{}, errDue
		}
		wall = recurrence.CivilOf(at.In(zone))
	}
	wall.Nanos -= wall.Nanos % int(time.Millisecond)
	if wall.Year < firstYear || wall.Year > lastYear {
		return Due{}, errDue
	}
	return Due{wall}, nil
}

// parseInstant reads RFC 3339, with or without seconds. A leap second counts as the next.
func parseInstant(text string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z07:00"} {
		if at, err := time.Parse(layout, strings.ToUpper(text)); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}

// At is the instant of d in zone: of a date, the last second of that day.
func (d Due) At(zone *time.Location) time.Time {
	wall := d.Wall
	if !wall.Timed {
		wall = recurrence.Day(wall.Year, wall.Month, wall.Day)
		wall.Timed, wall.Hour, wall.Minute, wall.Sec = true, 23, 59, 59
	}
	return bounded(recurrence.Resolve(wall, zone).UTC())
}

// First and last instant that are written: a wall-clock at the edge of the years may lie
// beyond them in a zone, where neither JSON nor a timer could say it.
var (
	firstInstant = time.Unix(1, 0).UTC()
	lastInstant  = time.Date(lastYear, 12, 31, 23, 59, 59, 0, time.UTC)
)

func bounded(at time.Time) time.Time {
	switch {
	case at.Before(firstInstant):
		return firstInstant
	case at.After(lastInstant):
		return lastInstant
	}
	return at
}

// Text is d as it goes out: the date, or the wall-clock with the offset that zone has then.
func (d Due) Text(zone *time.Location) string {
	if !d.Wall.Timed {
		return d.Wall.String()
	}
	return recurrence.Resolve(d.Wall, zone).In(zone).Format("2006-01-02T15:04:05.999-07:00")
}

var errZone = errors.New("no such time zone")

// notZones are files that time.LoadLocation finds beside the zones of a Unix system; its own
// "Local" means wherever the server stands.
var notZones = []string{"", "Local", "localtime", "posixrules", "Factory"}

// LoadZone finds a zone of the IANA database by its name.
func LoadZone(name string) (*time.Location, error) {
	if slices.Contains(notZones, name) || strings.HasPrefix(name, "posix/") || strings.HasPrefix(name, "right/") || len(name) > 64 {
		return nil, errZone
	}
	return zones.load(name)
}
