package outbox

import (
	"encoding/binary"
	"errors"

	"github.com/twmb/franz-go/pkg/kgo"
)

// errHeaders means bytes that encodeHeaders did not write.
var errHeaders = errors.New("the headers of an event are not readable")

// encodeHeaders writes each key and value as a length (uvarint) and its bytes: what a
// relay can read without parsing, a hundred thousand times a second.
func encodeHeaders(headers []Header) []byte {
	size := 0
	for _, h := range headers {
		size += 2*binary.MaxVarintLen16 + len(h.Key) + len(h.Value)
	}
	out := make([]byte, 0, size)
	for _, h := range headers {
		out = binary.AppendUvarint(out, uint64(len(h.Key)))
		out = append(out, h.Key...)
		out = binary.AppendUvarint(out, uint64(len(h.Value)))
		out = append(out, h.Value...)
	}
	return out
}

// names are the few keys that headers have, each kept once.
type names map[string]string

// maxNames bounds them, if somebody should make keys up.
const maxNames = 1000

func (n names) of(key []byte) string {
	if known, ok := n[string(key)]; ok { // which copies nothing
		return known
	}
	name := string(key)
	if len(n) < maxNames {
		n[name] = name
	}
	return name
}

// decodeHeaders returns headers whose values share memory with encoded.
func decodeHeaders(encoded []byte, keys names) ([]kgo.RecordHeader, error) {
	headers := make([]kgo.RecordHeader, 0, 12) // CloudEvents and a trace
	for at := 0; at < len(encoded); {
		keyFrom, keyTo, ok := field(encoded, at)
		if !ok {
			return nil, errHeaders
		}
		from, to, ok := field(encoded, keyTo)
		if !ok {
			return nil, errHeaders
		}
		headers = append(headers, kgo.RecordHeader{Key: keys.of(encoded[keyFrom:keyTo]), Value: encoded[from:to:to]})
		at = to
	}
	return headers, nil
}

// field finds the bytes of the length that stands at a place.
func field(encoded []byte, at int) (from, to int, ok bool) {
	size, n := binary.Uvarint(encoded[at:])
	if n <= 0 || size > uint64(len(encoded)-at-n) {
		return 0, 0, false
	}
	return at + n, at + n + int(size), true
}
