package recurrence

import (
	"testing"
	"time"
	_ "time/tzdata" // the zones, whatever machine the tests run on
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func civil(t *testing.T, s string) Civil {
	t.Helper()
	c, err := ParseCivil(s)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAClockTimeBecomesItsInstant(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ zone, local, utc string }{
		{"Europe/Berlin", "2026-01-15T09:00", "2026-01-15T08:00:00Z"},
		{"Europe/Berlin", "2026-07-15T09:00", "2026-07-15T07:00:00Z"},
		{"Europe/Berlin", "2026-03-29T01:59:59", "2026-03-29T00:59:59Z"},
		{"Europe/Berlin", "2026-03-29T02:00", "2026-03-29T01:00:00Z"}, // jumped over: 03:00
		{"Europe/Berlin", "2026-03-29T02:30", "2026-03-29T01:30:00Z"}, // 03:30
		{"Europe/Berlin", "2026-03-29T03:00", "2026-03-29T01:00:00Z"},
		{"Europe/Berlin", "2026-10-25T02:00", "2026-10-25T00:00:00Z"}, // twice: the first
		{"Europe/Berlin", "2026-10-25T02:59:59", "2026-10-25T00:59:59Z"},
		{"Europe/Berlin", "2026-10-25T03:00", "2026-10-25T02:00:00Z"},
		{"America/New_York", "2026-03-08T02:30", "2026-03-08T07:30:00Z"},
		{"America/New_York", "2026-11-01T01:30", "2026-11-01T05:30:00Z"},
		{"America/Santiago", "2026-09-06T00:30", "2026-09-06T04:30:00Z"}, // midnight jumped over: 01:30
		{"America/Santiago", "2026-04-04T23:30", "2026-04-05T02:30:00Z"}, // twice before midnight
		{"Australia/Sydney", "2026-10-04T02:30", "2026-10-03T16:30:00Z"},
		{"Australia/Sydney", "2026-04-05T02:30", "2026-04-04T15:30:00Z"},
		{"Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:45:00Z"}, // half an hour: 02:45
		{"Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-04T14:45:00Z"},
		{"Asia/Kolkata", "2026-03-29T02:30", "2026-03-28T21:00:00Z"},
		{"Africa/Casablanca", "2026-02-15T02:30", "2026-02-15T01:30:00Z"}, // winter time for Ramadan
		{"Africa/Casablanca", "2026-03-22T02:30", "2026-03-22T02:30:00Z"}, // 03:30 at +1
		{"Pacific/Apia", "2011-12-30T09:00", "2011-12-30T19:00:00Z"},      // a day that never was: the 31st
		{"UTC", "2026-03-29T02:30:15.25", "2026-03-29T02:30:15.25Z"},
	} {
		want, err := time.Parse(time.RFC3339, test.utc)
		if err != nil {
			t.Fatal(err)
		}
		if got := Resolve(civil(t, test.local), zone(t, test.zone)); !got.Equal(want) {
			t.Errorf("%s in %s: got %s, want %s", test.local, test.zone, got.UTC(), test.utc)
		}
	}
}

func TestADayEndsWithItsLastSecond(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ zone, day, utc string }{
		{"Europe/Berlin", "2026-12-31", "2026-12-31T22:59:59Z"},
		{"America/Santiago", "2026-09-05", "2026-09-06T03:59:59Z"}, // the next day begins at 01:00
		{"America/Santiago", "2026-04-04", "2026-04-05T03:59:59Z"}, // 23:59:59 comes twice
		{"America/St_Johns", "2010-11-06", "2010-11-07T03:29:59Z"}, // 00:00 came, and then 23:01 again
		{"America/Toronto", "1919-03-30", "1919-03-31T04:29:59Z"},  // 23:30 became 00:30
		{"Pacific/Apia", "2011-12-29", "2011-12-30T09:59:59Z"},
	} {
		want, err := time.Parse(time.RFC3339, test.utc)
		if err != nil {
			t.Fatal(err)
		}
		if got := Resolve(civil(t, test.day), zone(t, test.zone)); !got.Equal(want) {
			t.Errorf("%s in %s: got %s, want %s", test.day, test.zone, got.UTC(), test.utc)
		}
	}
}

// TestResolveAgreesWithEveryClock walks a year of each zone: what the clock shows at an instant is
// resolved to it, or to the first instant that shows the same.
func TestResolveAgreesWithEveryClock(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Europe/Berlin", "America/New_York", "America/Santiago", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Kolkata"} {
		loc := zone(t, name)
		seen := map[Civil]time.Time{}
		for at := time.Date(2025, 12, 31, 0, 0, 0, 0, time.UTC); at.Year() < 2027; at = at.Add(15 * time.Minute) {
			local := CivilOf(at.In(loc))
			if _, twice := seen[local]; !twice {
				seen[local] = at
			}
			if got := Resolve(local, loc); !got.Equal(seen[local]) {
				t.Fatalf("%s: %s became %s, not %s", name, local, got.UTC(), seen[local])
			}
		}
	}
}
