//go:build race

package log

// The race detector makes a month ten times as long, and finds nothing in it that is not
// found in some days.
const days = 4
