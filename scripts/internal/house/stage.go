package house

import (
	"context"
	"sync"

	"github.com/tickler-app/tickler/scripts/internal/supervise"
)

// A stage is what is stopped at once, and before what was started before it.
type stage struct {
	ctx  context.Context
	stop func()
	wait sync.WaitGroup
}

// newStage opens a stage. Its context does not end with that of the house, whose parts end
// one stage after the other.
func (h *House) newStage() *stage {
	ctx, stop := context.WithCancel(context.Background())
	s := &stage{ctx: ctx, stop: stop}
	h.stages = append(h.stages, s)
	return s
}

// run keeps a process running until its stage ends.
func (s *stage) run(p *supervise.Process) {
	s.wait.Go(func() { _ = p.Run(s.ctx) }) // which has no error to tell
}

// takeDown ends the stages, the last one first, and returns when all is gone.
func (h *House) takeDown() {
	if len(h.stages) > 0 {
		h.log.Printf("stopping")
	}
	for i := len(h.stages) - 1; i >= 0; i-- {
		h.stages[i].stop()
		h.stages[i].wait.Wait()
	}
}
