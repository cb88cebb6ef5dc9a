package timer

import (
	"bytes"
	"strconv"

	timerv1 "github.com/tickler-app/tickler/proto-events/gen/timer/v1"
)

// The headers of a timer that package events made all follow from its id, rev and key, and
// the type of what it delivers. They would be half of its record on the state topic, and
// so half of the time of a restore. So the state keeps one header without a name instead,
// whose value is the type. Any other headers are kept as they came.

func pack(s *timerv1.Schedule) []*timerv1.Header {
	for _, h := range s.GetHeaders() {
		if h.GetKey() == "ce_type" && same(s.GetHeaders(), standard(s.GetTimerId(), s.GetRev(), s.GetKey(), h.GetValue())) {
			return []*timerv1.Header{{Value: h.GetValue()}}
		}
	}
	return s.GetHeaders()
}

func unpack(id string, rev int64, state *timerv1.State) []*timerv1.Header {
	if all := state.GetHeaders(); len(all) != 1 || all[0].GetKey() != "" {
		return all
	}
	return standard(id, rev, state.GetKey(), state.GetHeaders()[0].GetValue())
}

func standard(id string, rev int64, key, kind []byte) []*timerv1.Header {
	return []*timerv1.Header{
		{Key: "ce_specversion", Value: []byte("1.0")},
		{Key: "ce_id", Value: strconv.AppendInt([]byte(id+"/"), rev, 10)},
		{Key: "ce_type", Value: kind},
		{Key: "ce_source", Value: []byte("/tickler/scheduler")},
		{Key: "ce_subject", Value: []byte(id)},
		{Key: "ce_dataschema", Value: []byte("tickler.timer.v1.Due")},
		{Key: "ce_partitionkey", Value: key},
		{Key: "content-type", Value: []byte("application/protobuf")},
	}
}

func same(a, b []*timerv1.Header) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].GetKey() != b[i].GetKey() || !bytes.Equal(a[i].GetValue(), b[i].GetValue()) {
			return false
		}
	}
	return true
}
