package ws

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
)

// Buffers of a connection, instead of the two of 4 KiB that it would keep from net/http as
// long as it lives. Clients say little, and most frames are shorter than what is written at once.
const (
	readBuffer  = 512
	writeBuffer = 2 << 10
)

// slim is a ResponseWriter whose hijacked connection has small buffers.
type slim struct{ http.ResponseWriter }

// Hijack implements http.Hijacker.
func (s slim) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	hijacker, ok := s.ResponseWriter.(http.Hijacker)
	if !ok {
		return nil, nil, errors.New("this server's connections cannot be taken over")
	}
	conn, large, err := hijacker.Hijack()
	if err != nil {
		return nil, nil, err
	}
	// What the client has said already must be in the small buffer: the library takes it
	// from there, and reads on from the connection itself.
	early, err := large.Reader.Peek(large.Reader.Buffered())
	if err != nil {
		return nil, nil, err
	}
	in := bufio.NewReaderSize(io.MultiReader(bytes.NewReader(early), conn), max(readBuffer, len(early)))
	if _, err := in.Peek(len(early)); err != nil {
		return nil, nil, err
	}
	return conn, bufio.NewReadWriter(in, bufio.NewWriterSize(conn, writeBuffer)), nil
}

// WriteHeaderNow is what the library calls where gin would keep the status back.
func (s slim) WriteHeaderNow() {
	if w, ok := s.ResponseWriter.(interface{ WriteHeaderNow() }); ok {
		w.WriteHeaderNow()
	}
}
