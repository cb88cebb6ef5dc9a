package deploy

import (
	"slices"
	"strings"
	"testing"
)

// What Helm says after an install is rendered like all else, in each way to install.
func TestNotesTellWhereToLook(t *testing.T) {
	t.Parallel()
	for _, v := range variants {
		files, err := renderFiles(t, v)
		if err != nil {
			t.Errorf("%s: %v", v.name, err)
			continue
		}
		notes := files["tickler/templates/NOTES.txt"]
		for _, want := range []string{"helm -n tickler test tickler", "kubectl -n tickler get pods -l app.kubernetes.io/instance=tickler", "http"} {
			if !strings.Contains(notes, want) {
				t.Errorf("%s: the notes lack %q:\n%s", v.name, want, notes)
			}
		}
		for _, hole := range []string{"<no value>", "<nil>", "%!", "map["} {
			if strings.Contains(notes, hole) {
				t.Errorf("%s: the notes have a hole, %q:\n%s", v.name, hole, notes)
			}
		}
		lists := strings.Contains(notes, "tickler-identity: database-url, work-database-url")
		if want := slices.Contains([]string{"existing", "minikube", "inside-providers"}, v.name); lists != want {
			t.Errorf("%s: it lists Secrets that must be there: %v, want %v", v.name, lists, want)
		}
	}
}

// helm lint asks no more of Chart.yaml and of links than this, besides what the other tests
// decode strictly. Its own package would bring two modules more.
func TestTheChartIsWellFormed(t *testing.T) {
	t.Parallel()
	c := loadChart(t)
	if err := c.Validate(); err != nil {
		t.Error(err)
	}
	if c.Metadata.APIVersion != "v2" || c.Metadata.Type != "application" || c.Metadata.Description == "" || c.Metadata.AppVersion == "" || len(c.Schema) == 0 {
		t.Errorf("Chart.yaml: %+v", c.Metadata)
	}
	if len(c.Metadata.Dependencies) != len(c.Dependencies()) {
		t.Error("a chart that it depends on is not there")
	}
}
