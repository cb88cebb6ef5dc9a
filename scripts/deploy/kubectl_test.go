package deploy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"text/template"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

// A cluster is what our scripts find behind kubectl here: objects as files of its folder, whose
// jobs run the built programs, and pods that answer what is written down. This test program
// is its kubectl.
type cluster struct {
	Folder  string
	Real    string            // kubectl itself, for what it does without a cluster
	Bin     string            // the programs of the images
	Answers map[string]string // of commands in pods, by a part of each
	Given   map[string]string // settings that lead elsewhere here
	Breaks  string            // a part of a call before which the connection breaks, once
}

// newCluster has the objects that the chart makes, and a kubectl in its folder.
func newCluster(t *testing.T, objects []object, c cluster) *cluster {
	t.Helper()
	real, err := exec.LookPath("kubectl")
	if err != nil {
		t.Skip("kubectl is not installed here")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c.Folder, c.Real = t.TempDir(), real
	text, err := json.Marshal(c)
	err = errors.Join(err, os.Symlink(self, filepath.Join(c.Folder, "kubectl")), os.WriteFile(c.file("cluster"), text, 0o600))
	for _, o := range objects {
		content, e := yaml.YAMLToJSON(o.Text)
		err = errors.Join(err, e, os.WriteFile(c.file(strings.ToLower(o.Kind), o.Name), content, 0o600))
	}
	if err != nil {
		t.Fatal(err)
	}
	return &c
}

// script runs one of ours in the cluster.
func (c *cluster) script(t *testing.T, args ...string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), filepath.Join(root, "scripts", args[0]), args[1:]...)
	cmd.Env = append(os.Environ(), "PATH="+c.Folder+":"+os.Getenv("PATH"), "TICKLER_CLUSTER="+c.Folder, "DATABASE_URL=", "KAFKA_BROKERS=")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func (c *cluster) file(name ...string) string {
	return filepath.Join(c.Folder, strings.Join(name, "-")+".json")
}

// read and write are for objects of any kind.
func (c *cluster) read(kind, name string) (o map[string]any, err error) {
	text, err := os.ReadFile(c.file(kind, name))
	if err == nil {
		err = json.Unmarshal(text, &o)
	}
	return o, err
}

func (c *cluster) write(kind, name string, o any) error {
	text, err := json.Marshal(o)
	return errors.Join(err, os.WriteFile(c.file(kind, name), text, 0o600))
}

// asKubectl is main, where this program is called kubectl.
func asKubectl() error {
	var c cluster
	text, err := os.ReadFile(filepath.Join(os.Getenv("TICKLER_CLUSTER"), "cluster.json"))
	if err := errors.Join(err, json.Unmarshal(text, &c)); err != nil {
		return err
	}
	args := os.Args[3:] // after -n tickler
	call, broken := strings.Join(args, " "), c.file("broken")
	if _, err := os.Stat(broken); err != nil && c.Breaks != "" && strings.Contains(call, c.Breaks) {
		return errors.Join(os.WriteFile(broken, nil, 0o600), errors.New("the connection is lost"))
	}
	if err := c.note(call); err != nil {
		return err
	}
	switch args[0] + " " + args[1] {
	case "patch --local":
		return syscall.Exec(c.Real, append([]string{"kubectl"}, args...), os.Environ())
	case "patch secret":
		return c.patch(args[2], args[4])
	case "annotate secret":
		return c.patch(args[2], `{"metadata": {"annotations": {"`+strings.TrimSuffix(args[3], "-")+`": null}}}`)
	case "annotate --overwrite":
		key, value, _ := strings.Cut(args[4], "=")
		return c.patch(args[3], `{"metadata": {"annotations": {"`+key+`": "`+value+`"}}}`)
	case "create job":
		return c.template(args[2], strings.TrimPrefix(args[3], "--from=cronjob/"))
	case "create -f":
		return c.runs()
	case "delete job":
		return os.Remove(c.file("job", args[2]))
	case "rollout restart":
		return c.rolls(strings.TrimPrefix(args[2], "deployment/"))
	case "rollout status":
		return nil
	case "get statefulset":
		if _, err := os.Stat(c.file("statefulset", args[2])); err == nil {
			fmt.Println("statefulset.apps/" + args[2])
		}
		return nil
	}
	switch args[0] {
	case "get":
		return c.shows(args[1], args[2], strings.TrimPrefix(args[4], "go-template="))
	case "logs":
		text, err := os.ReadFile(c.file("log", strings.TrimPrefix(args[1], "job/")))
		fmt.Print(string(text))
		return err
	case "exec":
		for part, answer := range c.Answers {
			if strings.Contains(call, part) {
				fmt.Print(answer)
				_, err := io.Copy(io.Discard, os.Stdin)
				return err
			}
		}
	}
	return fmt.Errorf("nobody here knows kubectl %s", call)
}

// note keeps what was asked for.
func (c *cluster) note(call string) error {
	file, err := os.OpenFile(c.file("calls"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(file, call)
	return errors.Join(err, file.Close())
}

func (c *cluster) shows(kind, name, how string) error {
	o, err := c.read(kind, name)
	if err != nil {
		return err
	}
	shape, err := template.New("").Parse(how)
	if err != nil {
		return err
	}
	return shape.Execute(os.Stdout, o)
}

// patch merges, as the API does with what a Secret holds, and refuses what is older.
func (c *cluster) patch(name, text string) error {
	o, err := c.read("secret", name)
	var change map[string]any
	if err := errors.Join(err, json.Unmarshal([]byte(text), &change)); err != nil {
		return err
	}
	meta, about := o["metadata"].(map[string]any), change["metadata"].(map[string]any)
	version, _ := meta["resourceVersion"].(string)
	if given, there := about["resourceVersion"]; there && given != version {
		return errors.New("the object has been modified")
	}
	merge(o, change)
	meta["resourceVersion"] = version + "1"
	return c.write("secret", name, o)
}

func merge(into, change map[string]any) {
	for key, value := range change {
		inner, nested := value.(map[string]any)
		switch old, there := into[key].(map[string]any); {
		case value == nil:
			delete(into, key)
		case nested && there:
			merge(old, inner)
		default:
			into[key] = value
		}
	}
}

// rolls keeps with which keys the next pods of a service begin.
func (c *cluster) rolls(deployment string) error {
	o, err := c.read("secret", deployment)
	if err != nil {
		return err
	}
	return c.note("pods of " + deployment + " begin with " + o["data"].(map[string]any)["secret-key"].(string))
}

// template prints the job that is made of a CronJob.
func (c *cluster) template(name, from string) error {
	var of batchv1.CronJob
	text, err := os.ReadFile(c.file("cronjob", from))
	if err := errors.Join(err, yaml.UnmarshalStrict(text, &of)); err != nil {
		return err
	}
	made := batchv1.Job{TypeMeta: of.TypeMeta, ObjectMeta: of.Spec.JobTemplate.ObjectMeta, Spec: of.Spec.JobTemplate.Spec}
	made.Kind, made.Name = "Job", name
	return json.NewEncoder(os.Stdout).Encode(made)
}

// runs is a job's pod: its program, with its settings, and the files of its Secrets.
func (c *cluster) runs() error {
	text, err := io.ReadAll(os.Stdin)
	var job batchv1.Job
	if err := errors.Join(err, yaml.UnmarshalStrict(text, &job)); err != nil {
		return err
	}
	container := job.Spec.Template.Spec.Containers[0]
	cmd := exec.Command(filepath.Join(c.Bin, container.Command[0]), container.Command[1:]...)
	cmd.Env = []string{}
	for _, e := range container.Env {
		if value, elsewhere := c.Given[e.Name]; elsewhere {
			e.Value = value
		}
		cmd.Env = append(cmd.Env, e.Name+"="+e.Value)
	}
	var said bytes.Buffer
	said.WriteString("level=WARN msg=\"a pod's log has its warnings too\"\n")
	cmd.Stdout, cmd.Stderr = &said, &said
	ended := batchv1.JobCondition{Type: batchv1.JobComplete, Status: corev1.ConditionTrue}
	if cmd.Run() != nil {
		ended.Type = batchv1.JobFailed
	}
	job.Status.Conditions = append(job.Status.Conditions, ended)
	return errors.Join(c.write("job", job.Name, job), os.WriteFile(c.file("log", job.Name), said.Bytes(), 0o600))
}
