package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/spf13/cobra"
)

// span is a piece of a line and what it was read as.
type span struct{ Field, Text, Value string }

func (s *session) add() *cobra.Command {
	var dry, literal bool
	cmd := &cobra.Command{
		Use: "add TEXT…", Short: "Add a task from a line, and say how it was understood", Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			path, body := "tasks/quick", map[string]any{"text": strings.Join(args, " ")}
			switch {
			case dry:
				path = "tasks/parse"
			case literal:
				path, body = "tasks", map[string]any{"title": strings.Join(args, " ")}
			}
			var raw json.RawMessage
			if err := s.post(cmd.Context(), path, body, &raw); err != nil || s.json {
				return errors.Join(err, s.print(raw))
			}
			var made struct {
				Task  task
				Spans []span
			}
			into := any(&made)
			if literal {
				into = &made.Task
			}
			if err := json.Unmarshal(raw, into); err != nil {
				return err
			}
			verb := "Added"
			if dry {
				verb = "Would add"
			}
			s.understood(verb, &made.Task, made.Spans)
			return nil
		},
	}
	cmd.Flags().BoolVar(&dry, "dry-run", false, "only say how it would be understood")
	cmd.Flags().BoolVar(&literal, "literal", false, "take the text as the title, as it stands")
	cmd.MarkFlagsMutuallyExclusive("dry-run", "literal")
	return cmd
}

func (s *session) done() *cobra.Command {
	return s.each("done", "Mark tasks done", "Done", "open", func(ctx context.Context, c *client, id string, answer any) error {
		return c.call(ctx, "POST", "tasks/"+id+"/complete", nil, answer)
	})
}

func (s *session) reopen() *cobra.Command {
	return s.each("reopen", "Mark tasks as to be done again", "Open again", "completed", func(ctx context.Context, c *client, id string, answer any) error {
		return c.call(ctx, "POST", "tasks/"+id+"/reopen", nil, answer)
	})
}

func (s *session) rm() *cobra.Command {
	return s.each("rm", "Put tasks into the trash; undo takes them out", "In the trash", "open", func(ctx context.Context, c *client, id string, answer any) error {
		if err := c.call(ctx, "DELETE", "tasks/"+id, nil, nil); err != nil {
			return err
		}
		return c.call(ctx, "GET", "tasks/"+id, nil, answer)
	})
}

// each is a command that does one thing to each task that is named.
func (s *session) each(name, short, did, among string, do func(context.Context, *client, string, any) error) *cobra.Command {
	return &cobra.Command{
		Use: name + " TASK…", Short: short, Args: cobra.MinimumNArgs(1), ValidArgsFunction: s.complete(among),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := s.client(cmd.Context())
			if err != nil {
				return err
			}
			ids := make([]string, len(args))
			for i, arg := range args { // all are found before any is changed
				if ids[i], err = s.find(cmd.Context(), c, arg, among); err != nil {
					return err
				}
			}
			for _, id := range ids {
				var raw json.RawMessage
				if err := do(cmd.Context(), c, id, &raw); err != nil {
					return err
				}
				if err := s.tell(did, raw); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

func (s *session) undo() *cobra.Command {
	return &cobra.Command{
		Use: "undo [EVENT]", Short: "Take back the last change, or that of an event of the trail", Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			body := map[string]any{}
			if len(args) > 0 {
				body["event_id"] = args[0]
			}
			var raw json.RawMessage
			if err := s.post(cmd.Context(), "undo", body, &raw); err != nil || s.json {
				return errors.Join(err, s.print(raw))
			}
			var undone struct{ Tasks []task }
			if err := json.Unmarshal(raw, &undone); err != nil {
				return err
			}
			for _, t := range undone.Tasks {
				did := "As before"
				if t.DeletedAt != nil { // what was taken back is that it was made
					did = "In the trash"
				}
				fmt.Fprintf(s.out, "%s: %s\n", did, s.line(&t))
			}
			return nil
		},
	}
}

// post makes a call of who is signed in.
func (s *session) post(ctx context.Context, path string, body, answer any) error {
	c, err := s.client(ctx)
	if err != nil {
		return err
	}
	return c.call(ctx, "POST", path, body, answer)
}

// errNoTask says that a name leads to no task, or to several.
var errNoTask = errors.New("no such task")

// find reads what a person calls a task: a number of the last list, an id, or words.
func (s *session) find(ctx context.Context, c *client, name, among string) (string, error) {
	if id, err := uuid.Parse(name); err == nil {
		return id.String(), nil
	}
	if n, err := strconv.Atoi(name); err == nil {
		var last []string
		if err := s.kept(listFile, &last); err != nil {
			return "", err
		}
		if n < 1 || n > len(last) {
			return "", fmt.Errorf("%w: the last list had %d", errNoTask, len(last))
		}
		return last[n-1], nil
	}
	var found struct{ Tasks []task }
	query := url.Values{"q": {name}, "status": {statusOf(among)}, "limit": {"5"}}
	if err := c.call(ctx, "GET", "tasks?"+query.Encode(), nil, &found); err != nil {
		return "", err
	}
	switch len(found.Tasks) {
	case 0:
		return "", fmt.Errorf("%w: none that is %s has %q", errNoTask, among, name)
	case 1:
		return found.Tasks[0].ID, nil
	}
	titles := make([]string, len(found.Tasks))
	for i, t := range found.Tasks {
		titles[i] = strconv.Quote(t.Title)
	}
	return "", fmt.Errorf("%w alone: %q could be %s", errNoTask, name, strings.Join(titles, ", "))
}

func statusOf(among string) string {
	if among == "open" {
		return "pending"
	}
	return among
}

// complete offers the ids of tasks to a shell, with their titles.
func (s *session) complete(among string) cobra.CompletionFunc {
	return func(cmd *cobra.Command, _ []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
		c, err := s.client(cmd.Context())
		if err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		var found struct{ Tasks []task }
		if err := c.call(cmd.Context(), "GET", "tasks?limit=50&status="+statusOf(among), nil, &found); err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		offers := make([]cobra.Completion, len(found.Tasks))
		for i, t := range found.Tasks {
			offers[i] = cobra.CompletionWithDesc(t.ID, plain(t.Title))
		}
		return offers, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
	}
}
