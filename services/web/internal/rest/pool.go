package rest

import "sync"

// pool lends buffers; it implements httputil.BufferPool.
type pool struct{ buffers sync.Pool }

func newPool(size int) *pool {
	return &pool{sync.Pool{New: func() any { b := make([]byte, size); return &b }}}
}

// Get lends a buffer.
func (p *pool) Get() []byte { return *p.buffers.Get().(*[]byte) }

// Put takes a buffer back.
func (p *pool) Put(b []byte) { p.buffers.Put(&b) }
