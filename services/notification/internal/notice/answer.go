package notice

import (
	"strconv"
	"time"

	"github.com/tickler-app/tickler/pkg/fault"
)

// Answered is what a provider's HTTP status says of an attempt: nil for 2xx; lasting for what
// the provider will never take (4xx); else when it asks to come back, as Retry-After said
// (RFC 9110, section 10.2.3).
func Answered(status int, retryAfter string, now time.Time) error {
	switch {
	case status >= 200 && status < 300:
		return nil
	case status == 429:
		return &fault.Error{Kind: fault.RateLimited, Message: "the provider asks to come back later (429)", RetryAfter: wait(retryAfter, now)}
	case status >= 400 && status < 500 && status != 408 && status != 425:
		return fault.New(fault.Invalid, "the provider refuses it (%d)", status)
	}
	return &fault.Error{Kind: fault.Unavailable, Message: "the provider is in trouble (" + strconv.Itoa(status) + ")", RetryAfter: wait(retryAfter, now)}
}

// imfFixdate is HTTP's form of a date.
const imfFixdate = "Mon, 02 Jan 2006 15:04:05 GMT"

func wait(retryAfter string, now time.Time) time.Duration {
	if seconds, err := strconv.Atoi(retryAfter); err == nil && seconds > 0 {
		return time.Duration(min(seconds, 7*24*60*60)) * time.Second
	}
	if at, err := time.Parse(imfFixdate, retryAfter); err == nil && at.After(now) {
		return at.Sub(now)
	}
	return 0
}
