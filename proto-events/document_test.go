package events

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"text/template"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// carries names what is on a topic; the names are those of goldens.
func carries(topic string) []string {
	switch topic {
	case TaskCommands:
		return []string{CreateOccurrence}
	case TimerCommands:
		return []string{ScheduleTimer, CancelTimer}
	case TimerState:
		return []string{"timer.state", "timer.cursor"}
	case Reminders:
		return []string{ReminderDue, DeliveryDue}
	}
	var all []string
	for _, ceType := range Types() {
		topics := TopicsOf(ceType)
		passedOn := topic == TaskUpdates && slices.Contains(topics, NotificationEvents)
		if passedOn || slices.Contains(topics, topic) {
			all = append(all, ceType)
		}
	}
	return all
}

func TestTheDocumentOfTopicsAndMessagesIsFresh(t *testing.T) {
	t.Parallel()
	page, err := template.New("asyncapi.tmpl").Funcs(template.FuncMap{
		"carries":   carries,
		"policy":    func(t Topic) string { return t.Settings()["cleanup.policy"] },
		"retention": func(t Topic) string { return t.Settings()["retention.ms"] },
		"sends":     func(t Topic) []string { return t.Writers },
		"receives": func(t Topic) []string {
			all := slices.Concat(t.Groups, t.Readers)
			slices.Sort(all)
			return all
		},
		"inGroup": func(t Topic, service string) bool { return slices.Contains(t.Groups, service) },
		"schema":  schema,
		"key":     key,
		"lines":   func(text string) []string { return strings.Split(strings.TrimSuffix(text, "\n"), "\n") },
	}).ParseFiles("testdata/asyncapi.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	var want bytes.Buffer
	err = page.Execute(&want, map[string]any{
		"Topics": Catalog(), "Messages": slices.DeleteFunc(goldens(), func(g golden) bool { return g.Name == "timer.due" }),
		"DevelopmentPartitions": DevelopmentPartitions, "ProductionPartitions": ProductionPartitions,
	})
	if err != nil {
		t.Fatal(err)
	}
	fresh(t, "asyncapi.yaml", want.Bytes())
}

// key says what a message is keyed by: the key of the topics that carry it, which all agree.
func key(message string) string {
	for _, t := range Catalog() {
		if slices.Contains(carries(t.Name), message) {
			return t.Key
		}
	}
	return ""
}

// schema is the message in the language of protobuf, and for what a timer delivers the envelope too.
func schema(g golden) string {
	var b strings.Builder
	if g.Name == ReminderDue || g.Name == DeliveryDue {
		i := slices.IndexFunc(goldens(), func(g golden) bool { return g.Name == "timer.due" })
		define(&b, goldens()[i].Message)
		fmt.Fprintf(&b, "// payload of %s:\n", goldens()[i].Message.ProtoReflect().Descriptor().Name())
	}
	define(&b, g.Message)
	return b.String()
}

func define(b *strings.Builder, m proto.Message) {
	d := m.ProtoReflect().Descriptor()
	fmt.Fprintf(b, "message %s {\n", d.Name())
	for i := range d.Fields().Len() {
		f := d.Fields().Get(i)
		kind := f.Kind().String()
		if f.Kind() == protoreflect.MessageKind {
			kind = string(f.Message().FullName())
		}
		switch {
		case f.IsList():
			kind = "repeated " + kind
		case f.HasOptionalKeyword():
			kind = "optional " + kind
		}
		fmt.Fprintf(b, "  %s %s = %d;\n", kind, f.Name(), f.Number())
	}
	b.WriteString("}\n")
}

func TestTheReadmesTableOfTopicsIsFresh(t *testing.T) {
	t.Parallel()
	const file, begin, end = "../README.md", "<!-- topics: make generate -->\n", "<!-- /topics -->"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(text), begin)
	_, after, ended := strings.Cut(rest, end)
	if !found || !ended {
		t.Fatalf("%s has no place for the topics: put in %q and %q", file, begin, end)
	}
	fresh(t, file, []byte(before+begin+table()+end+after))
}

func table() string {
	var b strings.Builder
	b.WriteString("| topic | key | kept | written by | read by |\n|---|---|---|---|---|\n")
	for _, t := range Catalog() {
		kept := fmt.Sprintf("%d days", t.Retention/(24*time.Hour))
		if t.Compact {
			kept = "the last of each key"
		}
		readers := t.Groups
		if len(t.Readers) > 0 {
			readers = append(slices.Clone(t.Groups), "without a group "+strings.Join(t.Readers, ", "))
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", t.Name, t.Key, kept, strings.Join(t.Writers, ", "), strings.Join(readers, ", "))
	}
	fmt.Fprintf(&b, "| `<topic>.<group>.dlq` | as the record | %d days | the group | `scripts/dlq` |\n", DeadLetters()[0].Retention/(24*time.Hour))
	return b.String()
}

// fresh compares the file with what it should be, or writes it with -update.
func fresh(t *testing.T, file string, want []byte) {
	t.Helper()
	got, err := os.ReadFile(file)
	if err == nil && bytes.Equal(got, want) {
		return
	}
	if !*update {
		t.Fatalf("%s is not what the catalog says (%v): make generate", file, err)
	}
	if err := os.WriteFile(file, want, 0o644); err != nil {
		t.Fatal(err)
	}
}
