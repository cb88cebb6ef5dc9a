package supervise

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync"
)

// maxLine bounds what is kept of a line that does not end.
const maxLine = 64 << 10

// The colours of names, in the order in which names first speak; none is red, which is for
// trouble.
var colours = []int{36, 33, 35, 32, 34, 96, 93, 95, 92, 94}

// Log is one log of many writers. Whole lines are written, each after the name of who said
// it.
type Log struct {
	Out    io.Writer
	Colour bool   // it is for people at a terminal: with colours, and JSON made readable
	Name   string // who speaks in Printf
	Width  int    // of the names

	mu    sync.Mutex
	names map[string]int
}

// Printf writes a line, or several, of the supervisor's own.
func (l *Log) Printf(format string, args ...any) {
	var lines bytes.Buffer
	for line := range strings.SplitSeq(strings.TrimRight(fmt.Sprintf(format, args...), "\n"), "\n") {
		lines.WriteString(line + "\n")
	}
	l.write(l.Name, lines.Bytes())
}

// Plain writes text as it is, without a name, in one piece.
func (l *Log) Plain(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, _ = io.WriteString(l.Out, text)
}

// Writer returns where name writes. Flush it when name is gone.
func (l *Log) Writer(name string) *Writer { return &Writer{log: l, name: name} }

// write writes whole lines.
func (l *Log) write(name string, lines []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	label := l.label(name)
	var out bytes.Buffer
	for line := range bytes.Lines(lines) {
		out.WriteString(label)
		if l.Colour {
			line = readable(line)
		}
		out.Write(line)
	}
	_, _ = l.Out.Write(out.Bytes())
}

func (l *Log) label(name string) string {
	padded := fmt.Sprintf("%-*s", l.Width, name)
	if !l.Colour {
		return padded + " | "
	}
	if l.names == nil {
		l.names = map[string]int{}
	}
	if _, known := l.names[name]; !known {
		l.names[name] = len(l.names)
	}
	return fmt.Sprintf("\x1b[%dm%s |\x1b[0m ", colours[l.names[name]%len(colours)], padded)
}

// Writer passes on what one process says, line by line.
type Writer struct {
	log  *Log
	name string

	mu   sync.Mutex
	part []byte // a line that has not ended yet
}

// Write never fails: who runs must not stop because nobody listens.
func (w *Writer) Write(text []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.part = append(w.part, text...)
	if end := bytes.LastIndexByte(w.part, '\n') + 1; end > 0 {
		w.log.write(w.name, w.part[:end])
		w.part = append(w.part[:0], w.part[end:]...)
	}
	if len(w.part) > maxLine {
		w.log.write(w.name, append(w.part, '\n'))
		w.part = w.part[:0]
	}
	return len(text), nil
}

// Flush writes a last line that did not end.
func (w *Writer) Flush() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.part) > 0 {
		w.log.write(w.name, append(w.part, '\n'))
		w.part = nil
	}
}
