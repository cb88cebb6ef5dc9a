//go:build race

package recurrence

// slowdown is how many times longer things may take: the race detector's share.
const slowdown = 20
