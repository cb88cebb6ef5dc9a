package ws

import (
	"slices"
	"strconv"

	"github.com/coder/websocket"
	"github.com/prometheus/client_golang/prometheus"
)

type metrics struct {
	open        prometheus.Gauge
	connects    *prometheus.CounterVec
	disconnects *prometheus.CounterVec
	sent        prometheus.Counter
	dropped     *prometheus.CounterVec
	resyncs     prometheus.Counter
	latency     prometheus.Histogram
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{
		open: prometheus.NewGauge(prometheus.GaugeOpts{Name: "tickler_ws_connections", Help: "Sockets that are open."}),
		connects: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tickler_ws_connects_total", Help: "Attempts to connect, by how they went."}, []string{"result"}),
		disconnects: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tickler_ws_disconnects_total", Help: "Sockets that were closed, by the close code."}, []string{"code"}),
		sent: prometheus.NewCounter(prometheus.CounterOpts{Name: "tickler_ws_messages_sent_total", Help: "Frames that were written."}),
		dropped: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tickler_ws_messages_dropped_total", Help: "Sockets that were closed with changes unsent, by why."}, []string{"reason"}),
		resyncs: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "tickler_ws_resyncs_total", Help: "Times that a client was told to sync, since its changes are not kept here."}),
		latency: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "tickler_ws_e2e_latency_seconds", Help: "From a change to its frame's being written.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10, 60}, NativeHistogramBucketFactor: 1.1}),
	}
	if reg != nil {
		reg.MustRegister(m.open, m.connects, m.disconnects, m.sent, m.dropped, m.resyncs, m.latency)
	}
	return m
}

// Close codes of ours, see wire-api.md §5.
const (
	codeOver    websocket.StatusCode = 4401 // the token or the session ended
	codeSlow    websocket.StatusCode = 4408 // too slow; come back with your cursor
	codeCrowded websocket.StatusCode = 4429 // too many connections of this person
)

// closed counts a disconnect. A client may close with any number, a label only with these.
func (m *metrics) closed(code websocket.StatusCode) {
	label := "other"
	if slices.Contains([]websocket.StatusCode{codeOver, codeSlow, codeCrowded, websocket.StatusNormalClosure,
		websocket.StatusGoingAway, websocket.StatusNoStatusRcvd, websocket.StatusMessageTooBig}, code) {
		label = strconv.Itoa(int(code))
	}
	m.disconnects.WithLabelValues(label).Inc()
}
