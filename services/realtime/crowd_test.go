package main

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

func (l *load) dial(token string) (net.Conn, error) {
	socket, err := net.Dial("tcp", l.addr)
	if err != nil {
		return nil, err
	}
	_, err = fmt.Fprintf(socket, "GET /ws HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"+
		"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: tickler.v1, bearer.%s\r\n\r\n", l.addr, token)
	if err != nil {
		return nil, err
	}
	answer := make([]byte, 0, 1024)
	for !strings.Contains(string(answer), `"type":"hello"`) {
		n, err := socket.Read(answer[len(answer):cap(answer)])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", answer, err)
		}
		answer = answer[:len(answer)+n]
	}
	return socket, nil
}

func (l *load) crowd(name string, n int) []net.Conn {
	l.Helper()
	sockets := make([]net.Conn, n)
	var hands sync.WaitGroup
	for hand := range 16 {
		hands.Go(func() {
			for person := hand; person*10 < n; person += 16 {
				token := l.tokens.Mint(fmt.Sprint(name, "-", person), nil)
				for i := person * 10; i < min(n, person*10+10); i++ {
					var err error
					if sockets[i], err = l.dial(token); err != nil {
						l.Error(err)
						return
					}
				}
			}
		})
	}
	hands.Wait()
	l.Cleanup(func() {
		for _, socket := range sockets {
			if socket != nil {
				socket.Close()
			}
		}
	})
	if l.Failed() {
		l.FailNow()
	}
	return sockets
}

func answerPings(socket net.Conn) {
	var ping [2 + 125]byte
	for {
		if _, err := io.ReadFull(socket, ping[:2]); err != nil {
			return
		}
		if _, err := io.ReadFull(socket, ping[2:2+ping[1]]); err != nil {
			return
		}
		pong := append([]byte{0x8a, 0x80 | ping[1], 0, 0, 0, 0}, ping[2:2+ping[1]]...) // masked, as a client must, with zero
		if _, err := socket.Write(pong); err != nil {
			return
		}
	}
}

func read(socket net.Conn, frames *atomic.Int64, n int) (late []time.Duration, err error) {
	in := bufio.NewReaderSize(socket, 16<<10)
	for i := range n {
		var head [4]byte
		if _, err := io.ReadFull(in, head[:2]); err != nil {
			return late, err
		}
		size := int(head[1])
		if size == 126 {
			if _, err := io.ReadFull(in, head[2:]); err != nil {
				return late, err
			}
			size = int(binary.BigEndian.Uint16(head[2:]))
		}
		data, err := in.Peek(size)
		if err != nil {
			return late, err
		}
		if i%10 == 0 {
			var frame struct {
				Notice struct {
					CreatedAt time.Time `json:"created_at"`
				}
			}
			if err := json.Unmarshal(data, &frame); err != nil {
				return late, fmt.Errorf("%s: %w", data, err)
			}
			late = append(late, time.Since(frame.Notice.CreatedAt))
		}
		if _, err := in.Discard(size); err != nil {
			return late, err
		}
		frames.Add(1)
	}
	return late, nil
}
