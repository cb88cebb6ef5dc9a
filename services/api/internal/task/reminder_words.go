package task

import (
	"regexp"
	"strconv"
	"strings"
)

// The words of wire-chat.md for a reminder.
var (
	beforeWords = regexp.MustCompile(`^(?:an? |(\d{1,4}) |half an? )?(minute|min|hour|day|week)s? (?:before|ahead|early)$`)
	dayWords    = regexp.MustCompile(`^(?:the day before|(?:a|1|one) day before|(\d{1,3}) days before|on the day|the same day)(?: at (\d{1,2})(?::(\d{2}))? ?(am|pm)?)?$`)
)

// reminderWords reads words such as "1 hour before" or "the day before at 18:00", as minutes
// before or as days before at a time.
func reminderWords(text string) (minutes, days *int, clock string, ok bool) {
	text = strings.TrimPrefix(strings.Join(strings.Fields(strings.ToLower(text)), " "), "remind me ")
	if text == "at due time" || text == "when due" || text == "on time" {
		zero := 0
		return &zero, nil, "", true
	}
	if m := dayWords.FindStringSubmatch(text); m != nil && (m[2] != "" || !strings.Contains(text, "days before") && !strings.Contains(text, "a day before") && !strings.Contains(text, "1 day before") && !strings.Contains(text, "one day before")) {
		n := 1
		if m[1] != "" {
			n, _ = strconv.Atoi(m[1]) // at most three digits
		} else if strings.HasPrefix(text, "on the day") || strings.HasPrefix(text, "the same day") {
			n = 0
		}
		if clock, ok = wordClock(m[2], m[3], m[4]); ok {
			return nil, &n, clock, true
		}
		return nil, nil, "", false
	}
	m := beforeWords.FindStringSubmatch(text)
	if m == nil {
		return nil, nil, "", false
	}
	unit := map[string]int{"minute": 1, "min": 1, "hour": 60, "day": 24 * 60, "week": 7 * 24 * 60}[m[2]]
	n := unit
	switch {
	case m[1] != "":
		count, _ := strconv.Atoi(m[1]) // at most four digits
		n = count * unit
	case strings.HasPrefix(text, "half"):
		n = unit / 2
	}
	return &n, nil, "", true
}

// wordClock writes a time of day as HH:MM; without one it is 09:00.
func wordClock(hour, minute, half string) (string, bool) {
	if hour == "" {
		return "09:00", true
	}
	h, _ := strconv.Atoi(hour)   // at most two digits
	m, _ := strconv.Atoi(minute) // or none
	switch {
	case half == "pm" && h < 12:
		h += 12
	case half == "am" && h == 12:
		h = 0
	}
	if h > 23 || m > 59 {
		return "", false
	}
	return strconv.Itoa(100 + h)[1:] + ":" + strconv.Itoa(100 + m)[1:], true
}
