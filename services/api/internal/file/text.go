package file

import (
	"bytes"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"github.com/tickler-app/tickler/pkg/fault"
)

var errNUL = fault.New(fault.Malformed, "the file is no text: it has NUL characters")

// decode turns a file into text: UTF-8 with or without a byte order mark, UTF-16 with one or
// recognised by the zero bytes of its Latin letters, else CP-1252, which any bytes could be.
func decode(content []byte) (string, error) {
	var from encoding.Encoding
	switch {
	case bytes.HasPrefix(content, []byte("\xef\xbb\xbf")):
		content = content[3:]
	case bytes.HasPrefix(content, []byte("\xff\xfe")), bytes.HasPrefix(content, []byte("\xfe\xff")):
		from = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	case zeros(content, 1):
		from = unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	case zeros(content, 0):
		from = unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	}
	if from == nil && !utf8.Valid(content) {
		from = charmap.Windows1252
	}
	if from != nil {
		plain, err := from.NewDecoder().Bytes(content)
		if err != nil {
			return "", fault.Wrap(fault.Malformed, err, "the file is no text in UTF-8, UTF-16 or CP-1252")
		}
		content = plain
	}
	if bytes.IndexByte(content, 0) >= 0 {
		return "", errNUL
	}
	return string(bytes.ToValidUTF8(content, []byte("\uFFFD"))), nil
}

// zeros reports whether the first characters have a zero in every second byte, from one on, and
// none in the others.
func zeros(content []byte, from int) bool {
	const look = 8
	if len(content) < look {
		return false
	}
	for i, b := range content[:look] {
		if (b == 0) != (i%2 == from) {
			return false
		}
	}
	return true
}
