package file

import "strings"

// Limits of a line of iCalendar once it is unfolded: a description of 10,000 characters fits, and
// no parameter is as long as a page.
const (
	maxLine   = 128 << 10
	maxParams = 2 << 10
)

// content is a content line of RFC 5545, section 3.1, and where it stands.
type content struct {
	line int // physical, where it begins
	name string
	text string // unfolded
}

// unfold splits a file into content lines. Those that are no content lines, or longer than
// anybody would write, are told and left out.
func unfold(text string, say func(line int, field, detail string)) []content {
	var all []content
	var b strings.Builder
	began, long := 0, false
	end := func() {
		switch line := strings.TrimRight(b.String(), " "); {
		case long:
			say(began, nameOf(line), "is longer than any line may be: left out")
		case line != "":
			if name, ok := checked(line); ok {
				all = append(all, content{began, name, line})
			} else {
				say(began, nameOf(line), "is no line of iCalendar: left out")
			}
		}
		b.Reset()
		long = false
	}
	number := 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimRight(line, "\r\n")
		if rest, folded := strings.CutPrefix(strings.Replace(line, "\t", " ", 1), " "); folded && (line[0] == ' ' || line[0] == '\t') {
			line = rest
		} else {
			end()
			began = number
		}
		if b.Len()+len(line) > maxLine {
			long = true
		} else {
			b.WriteString(line)
		}
	}
	end()
	return all
}

// nameOf is what stands before the first sign, as far as anybody wants to see it.
func nameOf(line string) string {
	if i := strings.IndexAny(line, ";:"); i >= 0 {
		line = line[:i]
	}
	return line[:min(len(line), 40)]
}

// checked reports whether a line has a name, parameters that a parser can read, and a value.
func checked(line string) (name string, ok bool) {
	i := strings.IndexAny(line, ";:")
	if i < 1 {
		return "", false
	}
	name = strings.ToUpper(line[:i])
	for _, c := range name {
		if (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' {
			return "", false
		}
	}
	quoted, equals := false, true
	for ; i < len(line) && i < maxParams; i++ {
		switch c := line[i]; {
		case c == '"':
			if !quoted && strings.IndexByte("=,", line[i-1]) < 0 || quoted && i+1 < len(line) && strings.IndexByte(";:,", line[i+1]) < 0 {
				return "", false
			}
			quoted = !quoted
		case quoted:
		case c == ':':
			return name, equals
		case c == ';':
			if !equals {
				return "", false
			}
			equals = false
		case c == '=':
			if line[i-1] == ';' {
				return "", false
			}
			equals = true
		}
	}
	return "", false
}

// unescaped is a value of the type TEXT (section 3.3.11). Signs that should have been escaped and
// were not stand for themselves: too many programs forget them.
func unescaped(value string) string {
	var b strings.Builder
	for i := 0; i < len(value); i++ {
		if value[i] != '\\' || i+1 == len(value) {
			b.WriteByte(value[i])
			continue
		}
		i++
		switch c := value[i]; c {
		case 'n', 'N':
			b.WriteByte('\n')
		case '\\', ';', ',', ':', '"':
			b.WriteByte(c)
		default:
			b.WriteByte('\\')
			b.WriteByte(c)
		}
	}
	return b.String()
}

// listed splits a value at the commas that are not escaped.
func listed(value string) (parts []string) {
	from := 0
	for i := 0; i < len(value); i++ {
		switch value[i] {
		case '\\':
			i++
		case ',':
			parts, from = append(parts, unescaped(value[from:i])), i+1
		}
	}
	return append(parts, unescaped(value[from:]))
}
