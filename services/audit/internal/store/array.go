package store

import (
	"database/sql/driver"
	"encoding/binary"
	"time"
)

// array is a one-dimensional array in PostgreSQL's binary form. As text, which lib/pq's own
// arrays are, messages would be sent as twice as many hex digits.
//
// The form is that of array_recv: dimensions, a flag for NULLs, the element's type, then for
// each dimension its length and first index, then each element behind its length.
type array struct {
	bytes []byte
	n     int
}

// Types of elements, as pg_type has them.
const (
	oidBytea       = 17
	oidText        = 25
	oidTimestamptz = 1184
	oidUUID        = 2950
)

const (
	nullsAt  = 4  // where the flag stands
	lengthAt = 12 // where the number of elements stands
)

// newArray returns an empty array for about n elements.
func newArray(element uint32, n int) *array {
	a := &array{bytes: make([]byte, 0, 20+n*24)}
	for _, word := range []uint32{1, 0, element, 0, 1} {
		a.bytes = binary.BigEndian.AppendUint32(a.bytes, word)
	}
	return a
}

func (a *array) add(value []byte) {
	a.n++
	a.bytes = append(binary.BigEndian.AppendUint32(a.bytes, uint32(len(value))), value...)
}

func (a *array) addNull() {
	a.n++
	a.bytes[nullsAt+3] = 1
	a.bytes = binary.BigEndian.AppendUint32(a.bytes, ^uint32(0))
}

// epoch is where PostgreSQL counts microseconds from.
var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

func (a *array) addTime(t time.Time) {
	a.n++
	a.bytes = binary.BigEndian.AppendUint32(a.bytes, 8)
	a.bytes = binary.BigEndian.AppendUint64(a.bytes, uint64(t.UnixMicro()-epoch.UnixMicro()))
}

// Value implements driver.Valuer. The connection sends bytes in binary, see postgres.Open.
func (a *array) Value() (driver.Value, error) {
	binary.BigEndian.PutUint32(a.bytes[lengthAt:], uint32(a.n))
	return a.bytes, nil
}
