//go:build !race

package recurrence

// slowdown is how many times longer things may take.
const slowdown = 1
