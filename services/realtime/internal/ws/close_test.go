package ws

import (
	"bytes"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// After its close frame an endpoint sends no more (RFC 6455, 5.5.1), not even an answer to the
// client's: a browser that gets one takes the socket for broken and tells its page 1006.
func TestACloseIsSaidOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	socket, err := net.Dial("tcp", strings.TrimPrefix(b.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	handshake := "GET /ws?token=" + b.tokens.Mint("ada", nil) + " HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
	if _, err := io.WriteString(socket, handshake); err != nil {
		t.Fatal(err)
	}
	if err := socket.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	closing := append([]byte{0x88, byte(2 + len("the session ended")), 0x11, 0x31}, "the session ended"...) // 4401
	var heard []byte
	hear := func(until []byte) {
		for part := make([]byte, 4096); !bytes.Contains(heard, until); {
			n, err := socket.Read(part)
			if err != nil {
				t.Fatalf("%q: %v", heard, err)
			}
			heard = append(heard, part[:n]...)
		}
	}
	hear([]byte(`"hello"`))
	b.feed.EndSession("ada", "session-of-ada")
	hear(closing)
	if _, err := socket.Write([]byte{0x88, 0x82, 0, 0, 0, 0, 0x11, 0x31}); err != nil { // masked with zero
		t.Fatal(err)
	}
	rest, err := io.ReadAll(socket)
	if _, after, _ := bytes.Cut(heard, closing); err != nil || len(after)+len(rest) > 0 {
		t.Errorf("after the close came %q%q, %v", after, rest, err)
	}
}
