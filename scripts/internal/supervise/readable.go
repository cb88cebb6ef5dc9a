package supervise

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// readable turns a line of slog's JSON into one for people: time, level, message, and the
// rest as name=value. Other lines stay as they are.
func readable(line []byte) []byte {
	decoder := json.NewDecoder(bytes.NewReader(line))
	if start, err := decoder.Token(); err != nil || start != json.Delim('{') {
		return line
	}
	var when, level, message string
	var rest strings.Builder
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return line
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return line
		}
		text := string(value)
		var plain string
		if json.Unmarshal(value, &plain) == nil {
			text = plain
		}
		switch name {
		case "time":
			when = clock(text)
		case "level":
			level = text
		case "msg":
			message = text
		case "service": // stands before the line
		default:
			if strings.ContainsAny(text, " \"\n\t") {
				text = string(value)
			}
			fmt.Fprintf(&rest, " %s=%s", name, text)
		}
	}
	if message == "" {
		return line
	}
	return fmt.Appendf(nil, "%s %s %s\x1b[2m%s\x1b[0m\n", when, shade(level), message, &rest)
}

// clock is the time of day where the reader is.
func clock(text string) string {
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return text
	}
	return at.Local().Format("15:04:05.000")
}

// shade makes trouble stand out.
func shade(level string) string {
	switch level {
	case "ERROR":
		return "\x1b[31mERROR\x1b[0m"
	case "WARN":
		return "\x1b[33mWARN \x1b[0m"
	}
	return fmt.Sprintf("%-5s", level)
}
