package house

import (
	"context"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// A balancer hands connections to a service's replicas in turn, as a cluster's Service does:
// it knows nothing of what is said on them, and one that is open stays where it is.
type balancer struct {
	address string
	targets func() []string // those that take connections now
	next    atomic.Uint64
}

// run listens, and hands through until the stage ends.
func (b *balancer) run(on *stage) error {
	ln, err := net.Listen("tcp", b.address)
	if err != nil {
		return err
	}
	on.wait.Go(func() {
		<-on.ctx.Done()
		_ = ln.Close()
	})
	on.wait.Go(func() {
		for {
			client, err := ln.Accept()
			if err != nil {
				return
			}
			on.wait.Go(func() { b.hand(on.ctx, client.(*net.TCPConn)) })
		}
	})
	return nil
}

// hand connects a client with one replica, until both sides have ended.
func (b *balancer) hand(ctx context.Context, client *net.TCPConn) {
	defer client.Close()
	target := b.dial()
	if target == nil {
		return
	}
	defer target.Close()
	defer context.AfterFunc(ctx, func() { _ = client.Close(); _ = target.Close() })()
	var both sync.WaitGroup
	copies := func(to, from *net.TCPConn) {
		_, _ = io.Copy(to, from) // either side may end
		_ = to.CloseWrite()
	}
	both.Go(func() { copies(target, client) })
	both.Go(func() { copies(client, target) })
	both.Wait()
}

// dial tries each replica once.
func (b *balancer) dial() *net.TCPConn {
	targets := b.targets()
	for range targets {
		at := targets[int(b.next.Add(1))%len(targets)]
		if conn, err := net.DialTimeout("tcp", at, time.Second); err == nil {
			return conn.(*net.TCPConn)
		}
	}
	return nil
}
