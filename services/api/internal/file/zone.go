package file

import (
	"strings"
	"time"

	"github.com/tickler-app/tickler/services/api/internal/task"
)

// zoneYears is how far ahead a zone's changes are written. Programs know the zones of the IANA
// database by their names; this is for those that do not.
const zoneYears = 10

// zone defines a time zone (RFC 5545, section 3.6.5) the first time that it is named: each pair of
// offsets once, with the days on which the one became the other.
func (c *Calendar) zone(name string) {
	if c.zones[name] {
		return
	}
	c.zones[name], c.some = true, true
	zone, err := task.LoadZone(name)
	if err != nil {
		zone = time.UTC
	}
	c.line("BEGIN", "VTIMEZONE")
	c.line("TZID", name)
	from := time.Date(c.now.Year()-1, 1, 1, 0, 0, 0, 0, zone)
	changes := changesOf(from, from.AddDate(zoneYears+1, 0, 0))
	if len(changes) == 0 {
		changes = []*change{{part: "STANDARD", from: from.Format("-0700"), to: from.Format("-0700"), days: []string{"19700101T000000"}}}
	}
	for _, ch := range changes {
		c.line("BEGIN", ch.part)
		c.line("DTSTART", ch.days[0])
		if len(ch.days) > 1 {
			c.line("RDATE", strings.Join(ch.days[1:], ","))
		}
		c.line("TZOFFSETFROM", ch.from)
		c.line("TZOFFSETTO", ch.to)
		c.line("END", ch.part)
	}
	c.line("END", "VTIMEZONE")
}

// change is from one offset to another.
type change struct {
	part, from, to string
	days           []string // on the clock before it
}

func changesOf(from, til time.Time) (changes []*change) {
	met := map[[3]string]*change{}
	for at := from; ; {
		_, end := at.ZoneBounds()
		if end.IsZero() || end.After(til) {
			return changes
		}
		_, before := end.Add(-time.Second).Zone()
		part := "STANDARD"
		if end.IsDST() {
			part = "DAYLIGHT"
		}
		key := [3]string{part, end.Add(-time.Second).Format("-0700"), end.Format("-0700")}
		if met[key] == nil {
			met[key] = &change{part: part, from: key[1], to: key[2]}
			changes = append(changes, met[key])
		}
		met[key].days = append(met[key].days, end.UTC().Add(time.Duration(before)*time.Second).Format("20060102T150405"))
		at = end
	}
}
