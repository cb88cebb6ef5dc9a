package ws

import (
	"errors"
	"io"
	"net"
	"sync"
	"syscall"
	"time"
)

// writeWithin is how long a client may take for one write. Realtime sees a slow one by the
// same back pressure, and closes it with a reason; this is for one that is gone.
const writeWithin = 30 * time.Second

// bufferSize is enough for most frames.
const bufferSize = 4 << 10

var buffers = sync.Pool{New: func() any { return new([bufferSize]byte) }}

// patient ends the time limits that the server had for the request.
func patient(client net.Conn) error { return client.SetDeadline(time.Time{}) }

// toClient copies until one side ends.
func toClient(client net.Conn, target io.Reader) {
	buffer := buffers.Get().(*[bufferSize]byte)
	defer buffers.Put(buffer)
	for {
		n, err := target.Read(buffer[:])
		if n > 0 {
			_ = client.SetWriteDeadline(time.Now().Add(writeWithin)) // fails only on one that is closed
			if _, err := client.Write(buffer[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// fromClient copies until one side ends. Clients say next to nothing, so while one is silent
// this holds no buffer: the runtime's poller says when there is something to read.
func fromClient(target io.Writer, client net.Conn) {
	tcp, ok := client.(*net.TCPConn)
	if !ok {
		_, _ = io.CopyBuffer(struct{ io.Writer }{target}, struct{ io.Reader }{client}, make([]byte, bufferSize)) // either side may end
		return
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return
	}
	for {
		var (
			buffer *[bufferSize]byte
			n      int
			failed error
		)
		err := raw.Read(func(descriptor uintptr) bool {
			buffer = buffers.Get().(*[bufferSize]byte)
			for n, failed = syscall.Read(int(descriptor), buffer[:]); errors.Is(failed, syscall.EINTR); {
				n, failed = syscall.Read(int(descriptor), buffer[:])
			}
			if errors.Is(failed, syscall.EAGAIN) {
				buffers.Put(buffer)
				return false
			}
			return true
		})
		if err != nil { // the connection was closed by us
			return
		}
		if failed == nil && n > 0 {
			_, failed = target.Write(buffer[:n])
		}
		buffers.Put(buffer)
		if failed != nil || n <= 0 {
			return
		}
	}
}
