package main

import (
	"slices"
	"time"
)

// A keeping is what a keeper asked for, and what came of it.
type keeping struct {
	ID      string
	Bells   []*bell
	Notices map[string][]time.Time // when the person was told in the app, by task
	Ends    map[string]int         // reminder.sent on the log, by task
	Mails   map[string][]string    // the Message-IDs of the letters about it, by title
	Chain   chain
	Series  []occurrence // all of the chain, the trash included
}

// An occurrence is one task of the chain.
type occurrence struct {
	Due  string // a date
	Open bool
}

func (h *history) rings(v *verdict) {
	for _, k := range h.Keepings {
		for _, b := range k.Bells {
			v.Looked++
			notices, ends := k.Notices[b.Task], k.Ends[b.Task]
			if n := len(notices); n < b.Least || n > b.Most {
				v.violated("%s of %s rang %d times, not %d to %d", b.Title, k.ID, n, b.Least, b.Most)
			}
			if ends != len(notices) {
				v.violated("%s of %s rang %d times and ended %d times", b.Title, k.ID, len(notices), ends)
			}
			if early := slices.ContainsFunc(notices, func(t time.Time) bool { return t.Before(b.At) }); early {
				v.violated("%s of %s rang at %v, before %v", b.Title, k.ID, notices, b.At)
			}
		}
	}
}

// letters holds what left the house to what was promised of it: sent, and again only after a
// crash, with the same id.
func (h *history) letters(v *verdict) {
	for _, k := range h.Keepings {
		for _, b := range k.Bells {
			v.Looked++
			times := map[string]int{}
			for _, id := range k.Mails[b.Title] {
				times[id]++
			}
			if len(times) != len(k.Notices[b.Task]) {
				v.violated("%s of %s rang %d times, with %d letters", b.Title, k.ID, len(k.Notices[b.Task]), len(times))
			}
			for id, n := range times {
				if n-1 > h.Crashes {
					v.violated("letter %s of %s came %d times, after %d crashes", id, k.ID, n, h.Crashes)
				}
			}
		}
	}
}

func (h *history) series(v *verdict) {
	for _, k := range h.Keepings {
		v.Looked += k.Chain.Steps
		open, dues := 0, map[string]bool{}
		for _, o := range k.Series {
			if o.Open {
				open++
			}
			if dues[o.Due] {
				v.violated("%s of %s is due on %s twice", k.Chain.Title, k.ID, o.Due)
			}
			dues[o.Due] = true
		}
		if open != 1 {
			v.violated("%s of %s has %d open occurrences", k.Chain.Title, k.ID, open)
		}
		if len(k.Series) != k.Chain.Steps+1 {
			v.violated("%s of %s was done %d times and has %d occurrences", k.Chain.Title, k.ID, k.Chain.Steps, len(k.Series))
		}
		first, _ := time.Parse(time.DateOnly, "2030-01-01")
		for day := range len(dues) {
			if due := first.AddDate(0, 0, day).Format(time.DateOnly); !dues[due] {
				v.violated("%s of %s has none on %s", k.Chain.Title, k.ID, due)
			}
		}
	}
}
