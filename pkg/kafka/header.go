package kafka

import "github.com/twmb/franz-go/pkg/kgo"

// Header returns the value of a record's header, or "" if it has none of that name.
func Header(rec *kgo.Record, name string) string {
	for _, h := range rec.Headers {
		if h.Key == name {
			return string(h.Value)
		}
	}
	return ""
}
