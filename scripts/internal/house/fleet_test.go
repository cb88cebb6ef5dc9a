package house

import (
	"testing"

	"github.com/tickler-app/tickler/scripts/internal/supervise"
)

func TestAReplicaIsFoundByItsName(t *testing.T) {
	t.Parallel()
	h, err := New(Options{Replicas: 2})
	if err != nil {
		t.Fatal(err)
	}
	api, audit := &supervise.Process{Name: "api-2"}, &supervise.Process{Name: "audit-2"}
	h.fleets.Store("api", &fleet{replicas: []*replica{{process: &supervise.Process{Name: "api-1"}}, {process: api}}})
	h.fleets.Store("audit", &fleet{replicas: []*replica{{process: audit}}})
	if h.Process("api-2") != api || h.Process("audit-2") != audit || h.Process("api-3") != nil || h.Process("api") != nil {
		t.Error("another process, or none")
	}
}
