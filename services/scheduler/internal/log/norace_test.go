//go:build !race

package log

const days = 30
