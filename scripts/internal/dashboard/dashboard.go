// Package dashboard is Grafana's dashboards as code: what each panel asks, and how it is
// written as the JSON in ops/grafana/dashboards, which compose.yaml and the chart give to
// Grafana as it lies there.
package dashboard

import (
	"encoding/json"
	"strings"
)

// Dashboard is one page of panels.
type Dashboard struct {
	Name  string // of its file, and its uid behind "tickler-"
	Title string
	About string
	Rows  []Row
}

// Row is a title and what stands below it.
type Row struct {
	Title  string
	Panels []Panel
}

// Panel shows the answers to some queries over time.
type Panel struct {
	Title string
	Unit  string // Grafana's: s, reqps, short, bytes, percentunit…
	About string // what is good, and where to look if it is not
	Ask   []Query
	Wide  bool // over the whole width
	// Rare says when the panel is rightly empty; "" if it never is while people work.
	Rare string
}

// Query is one expression and the name of its lines. In it $job stands for the chosen
// services and $__rate_interval for a window that Grafana fits to the scrapes.
type Query struct{ Expr, Legend string }

// Filled is the query with Grafana's variables filled in, for whoever asks Prometheus itself.
func (q Query) Filled(window string) string {
	return strings.NewReplacer("$__rate_interval", window, "$job", ".+").Replace(q.Expr)
}

// All are the dashboards of the house.
func All() []Dashboard {
	return []Dashboard{overview(), services(), events(), consumers(), scheduler(), realtime(), stores()}
}

type object = map[string]any

var source = object{"type": "prometheus", "uid": "${datasource}"}

// Widths of Grafana's grid.
const (
	full   = 24
	half   = 8
	height = 8
)

// JSON is the dashboard as Grafana reads it.
func (d Dashboard) JSON() ([]byte, error) {
	panels := []object{}
	x, y, id := 0, 0, 1
	for _, row := range d.Rows {
		if x > 0 {
			x, y = 0, y+height
		}
		panels = append(panels, object{"id": id, "type": "row", "title": row.Title, "collapsed": false, "panels": []any{},
			"gridPos": object{"x": 0, "y": y, "w": full, "h": 1}})
		id, y = id+1, y+1
		for _, p := range row.Panels {
			width := half
			if p.Wide {
				width = full
			}
			if x+width > full {
				x, y = 0, y+height
			}
			panels = append(panels, p.object(id, object{"x": x, "y": y, "w": width, "h": height}))
			id, x = id+1, x+width
		}
	}
	out, err := json.MarshalIndent(object{
		"uid": "tickler-" + d.Name, "title": d.Title, "description": d.About, "tags": []string{"tickler"},
		"schemaVersion": 41, "version": 1, "editable": false, "graphTooltip": 1, "refresh": "30s", "timezone": "browser",
		"time": object{"from": "now-1h", "to": "now"}, "links": links(), "templating": object{"list": variables()}, "panels": panels,
		"annotations": object{"list": []object{{
			"name": "Releases", "enable": true, "datasource": source, "iconColor": "blue", "titleFormat": "{{job}} {{version}}",
			"expr": `count by (job, version) (tickler_build_info) unless count by (job, version) (tickler_build_info offset 5m)`,
		}}},
	}, "", " ")
	return append(out, '\n'), err
}

func (p Panel) object(id int, at object) object {
	about := p.About
	if p.Rare != "" {
		about += " Empty until " + p.Rare + "."
	}
	var targets []object
	for i, q := range p.Ask {
		targets = append(targets, object{"refId": string(rune('A' + i)), "datasource": source, "expr": q.Expr, "legendFormat": q.Legend,
			"exemplar": strings.Contains(q.Expr, "_bucket"), "range": true, "instant": false})
	}
	return object{
		"id": id, "type": "timeseries", "title": p.Title, "description": about, "datasource": source, "gridPos": at, "targets": targets,
		"fieldConfig": object{"defaults": object{"unit": p.Unit, "min": 0, "custom": object{"fillOpacity": 8, "showPoints": "never"}}, "overrides": []any{}},
		"options":     object{"legend": object{"displayMode": "list", "placement": "bottom", "showLegend": true}, "tooltip": object{"mode": "multi", "sort": "desc"}},
	}
}

// variables let a person choose where the numbers come from, and whose.
func variables() []object {
	return []object{
		{"name": "datasource", "label": "Prometheus", "type": "datasource", "query": "prometheus", "hide": 0},
		{"name": "job", "label": "Service", "type": "query", "datasource": source, "query": "label_values(tickler_build_info, job)",
			"definition": "label_values(tickler_build_info, job)", "refresh": 2, "sort": 1, "multi": true, "includeAll": true, "allValue": ".+"},
	}
}

func links() []object {
	return []object{{"title": "Tickler", "type": "dashboards", "tags": []string{"tickler"}, "asDropdown": true, "keepTime": true, "includeVars": true}}
}

// quantiles asks for the middle and the slow end of a histogram, by some labels. A bar in
// metric stands where _bucket belongs.
func quantiles(metric, by, legend string) []Query {
	var all []Query
	for _, q := range []string{"0.5", "0.99"} {
		labels := "le"
		if by != "" {
			labels = by + ", le"
		}
		all = append(all, Query{"histogram_quantile(" + q + ", sum by (" + labels + ") (rate(" + strings.Replace(metric, "|", "_bucket", 1) + "[$__rate_interval])))",
			strings.TrimSpace("p" + strings.TrimPrefix(q, "0.") + " " + legend)})
	}
	return all
}
