package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/scripts/internal/house"
	"github.com/tickler-app/tickler/scripts/internal/person"
)

// importLines is how many lines an import has that is measured.
const importLines = 10_000

// files measures what comes and goes in bulk: commands of a client that was away, a file in, and all
// tasks out, with what that adds to api's memory.
func files(ctx context.Context, b *bench) ([]Row, error) {
	crowdOf, err := b.crowd(ctx, 3)
	if err != nil {
		return nil, err
	}
	synced, err := commands(ctx, crowdOf[0])
	if err != nil {
		return nil, err
	}
	lines := make([]map[string]any, importLines)
	for i := range lines {
		lines[i] = map[string]any{"title": fmt.Sprintf("Water plant %d in the garden", i), "description": "as every week", "due_date": "2030-01-02", "tags": []string{"home"}}
	}
	text, err := json.Marshal(map[string]any{"tasks": lines})
	if err != nil {
		return nil, err
	}
	began := time.Now()
	if _, err := carry(ctx, crowdOf[1], http.MethodPost, "import?format=json", text); err != nil {
		return nil, err
	}
	imported := time.Since(began)
	exported, err := b.export(ctx, crowdOf[2])
	if err != nil {
		return nil, err
	}
	parsed, err := gobench(ctx, "services/api/internal/quick", "BenchmarkParse")
	if err != nil {
		return nil, err
	}
	return []Row{
		{"sync of 100 commands", "≤ 150 ms", synced.String(), "", ""},
		{fmt.Sprintf("import of %d,000 lines", importLines/1000), "≤ 10 s", fmt.Sprintf("%.1f s", imported.Seconds()), "", ""},
		exported,
		{"a line of English read", "≤ 1 ms", fmt.Sprintf("%.3f ms, the first time", one(parsed, "Parse")["ns/op"]/1e6), "", ""},
	}, nil
}

// commands times lists of 100 commands.
func commands(ctx context.Context, p *person.Person) (*times, error) {
	took := &times{}
	for range 20 {
		list := make([]map[string]any, 100)
		for i := range list {
			id, err := uuid.NewV7()
			if err != nil {
				return nil, err
			}
			list[i] = map[string]any{"id": id.String(), "type": "task.add", "task_id": id.String(), "args": map[string]any{"title": "from the train", "due_date": "2030-12-31"}}
		}
		began := time.Now()
		if _, err := p.Call(ctx, "POST", "sync", map[string]any{"commands": list}, "", nil); err != nil {
			return nil, fmt.Errorf("sync: %w", err)
		}
		took.add(time.Since(began))
	}
	return took, nil
}

// export measures carrying 100,000 tasks out, and by how much api's memory rose at most.
func (b *bench) export(ctx context.Context, p *person.Person) (Row, error) {
	admin, err := postgres.Open(b.house.AdminURL())
	if err != nil {
		return Row{}, err
	}
	defer admin.Close()
	full := town{db: admin, seqs: map[string]int{}}
	for range ownTasks / perCopy {
		if err := full.copy(ctx, perCopy, func(int) string { return p.ID }); err != nil {
			return Row{}, err
		}
	}
	if _, err := admin.ExecContext(ctx, `VACUUM ANALYZE api.tasks`); err != nil {
		return Row{}, err
	}
	// From here on the highest counts afresh (proc(5), clear_refs): the import had its own.
	if err := os.WriteFile("/proc/"+strconv.Itoa(b.house.Process("api").Pid())+"/clear_refs", []byte("5"), 0); err != nil {
		return Row{}, err
	}
	before := highest(b.house, "api")
	began := time.Now()
	var size int64
	for _, format := range []string{"json", "csv", "ics"} {
		n, err := carry(ctx, p, http.MethodGet, "export?format="+format, nil)
		if err != nil {
			return Row{}, err
		}
		size += n
	}
	return Row{"export of 100,000 tasks as json, csv and ics", "constant memory",
		fmt.Sprintf("%.0f MB in %.1f s; api's memory rose by %.0f MB", float64(size)/1e6, time.Since(began).Seconds(), max(0, highest(b.house, "api")-before)), "", ""}, nil
}

// carry makes a call that may take long, and returns how many bytes its answer has.
func carry(ctx context.Context, p *person.Person, method, path string, body []byte) (n int64, err error) {
	request, err := http.NewRequestWithContext(ctx, method, p.API+"/api/"+p.ID+"/"+path, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	request.Header.Set("Authorization", "Bearer "+p.Token)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", path, err)
	}
	defer response.Body.Close()
	if n, err = io.Copy(io.Discard, response.Body); err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: answered %d", path, response.StatusCode)
	}
	return n, err
}

// highest is the most memory that a service had, in MB.
func highest(h *house.House, name string) float64 {
	status, err := os.ReadFile("/proc/" + strconv.Itoa(h.Process(name).Pid()) + "/status")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	kilobytes, _ := strconv.ParseFloat(strings.Fields(rest)[0], 64)
	return kilobytes / 1024
}
