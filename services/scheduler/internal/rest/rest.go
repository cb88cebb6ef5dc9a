// Package rest lets an operator look at the timers. It answers on the service's own port,
// which is not routed from outside, and it only shows: nothing here changes a timer.
package rest

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/httpd"
	"github.com/tickler-app/tickler/services/scheduler/internal/timer"
)

// Timers are what this process owns.
type Timers interface {
	Partitions() []timer.Partition
	Find(id string) (timer.Waiting, bool)
}

// View is the body of GET /timers.
type View struct {
	Partitions []Partition `json:"partitions"`
}

// Partition is how one stands. Times are absent where there is none.
type Partition struct {
	Number   int32      `json:"partition"`
	Restored bool       `json:"restored"`
	Took     float64    `json:"restore_seconds"`
	Pending  int        `json:"pending"`
	Overdue  int        `json:"overdue"`
	NextDue  *time.Time `json:"next_due,omitempty"`
	Cursor   int64      `json:"next_command"`
	Commit   *time.Time `json:"last_commit,omitempty"`
	Resync   string     `json:"resync_wanted,omitempty"`
	Error    string     `json:"error,omitempty"`
}

// Timer is the body of GET /timers/{id}.
type Timer struct {
	ID     string    `json:"id"`
	Rev    int64     `json:"rev"`
	State  string    `json:"state"` // pending or done
	Due    time.Time `json:"due"`   // of a done one, when it was done
	Offset int64     `json:"state_offset"`
}

// Route adds the operator's view to a router.
func Route(r gin.IRouter, timers Timers) {
	r.GET("/timers", func(c *gin.Context) {
		view := View{Partitions: []Partition{}}
		for _, p := range timers.Partitions() {
			view.Partitions = append(view.Partitions, Partition{
				Number: p.Number, Restored: p.Restored, Took: p.Took.Seconds(),
				Pending: p.Pending, Overdue: p.Overdue, NextDue: instant(p.Oldest),
				Cursor: p.Cursor, Commit: instant(p.Commit), Resync: p.Resync, Error: p.Error,
			})
		}
		c.JSON(http.StatusOK, view)
	})
	r.GET("/timers/:id", func(c *gin.Context) {
		found, ok := timers.Find(c.Param("id"))
		if !ok {
			httpd.Fail(c, fault.New(fault.NotFound, "no such timer in the partitions that are owned here"))
			return
		}
		one := Timer{ID: c.Param("id"), Rev: found.Rev, State: "pending", Due: time.UnixMilli(found.Due).UTC(), Offset: found.Offset}
		if found.Done {
			one.State = "done"
		}
		c.JSON(http.StatusOK, one)
	})
}

func instant(ms int64) *time.Time {
	if ms == 0 {
		return nil
	}
	t := time.UnixMilli(ms).UTC()
	return &t
}
