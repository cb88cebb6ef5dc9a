package session

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

var noon = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)

const week = 7 * 24 * time.Hour

func TestASessionGrowsStaleAndEnds(t *testing.T) {
	t.Parallel()
	s, token := Begin("ada", false, Visit{}, noon, week)
	if len(token) != TokenLength || strings.Contains(string(s.TokenHash), token) {
		t.Errorf("token %q", token)
	}
	for after, want := range map[time.Duration][3]bool{ // fresh, stale, ended
		0: {true, false, false}, UpdateAge - 1: {true, false, false}, UpdateAge: {false, true, false}, week - 1: {false, true, false}, week: {false, true, true},
	} {
		now := noon.Add(after)
		if got := [3]bool{s.Fresh(now), s.Stale(now, week), s.Ended(now)}; got != want {
			t.Errorf("after %v: %v", after, got)
		}
	}
	s.Prolong(noon.Add(UpdateAge), week)
	if s.Stale(noon.Add(UpdateAge), week) || s.Ended(noon.Add(week)) {
		t.Errorf("prolonged: %+v", s)
	}
}

func TestABriefSessionIsNeverProlonged(t *testing.T) {
	t.Parallel()
	s, _ := Begin("ada", true, Visit{}, noon, week)
	if !s.ExpiresAt.Equal(noon.Add(BriefLife)) || s.Stale(noon.Add(BriefLife), week) {
		t.Errorf("%+v", s)
	}
	if s, _ := Begin("ada", true, Visit{}, noon, time.Hour); !s.ExpiresAt.Equal(noon.Add(time.Hour)) {
		t.Errorf("brief, and shorter than a day: %v", s.ExpiresAt)
	}
}

func TestWhatABrowserSaysOfItselfIsCutShort(t *testing.T) {
	t.Parallel()
	s, _ := Begin("ada", false, Visit{Agent: strings.Repeat("ü", 300)}, noon, week)
	if len(s.Agent) > 500 || !utf8.ValidString(s.Agent) {
		t.Errorf("%d bytes, %q", len(s.Agent), s.Agent[490:])
	}
}
