package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"

	"github.com/spf13/cobra"
)

func (s *session) list() *cobra.Command {
	var query struct {
		status, due, from, to, text, sort, order string
		priority, tag                            []string
		limit                                    int
		all                                      bool
	}
	cmd := &cobra.Command{
		Use: "list [WORDS…]", Aliases: []string{"ls"}, Short: "List tasks", Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			values := url.Values{"status": {query.status}, "limit": {strconv.Itoa(query.limit)}, "priority": query.priority, "tag": query.tag}
			for _, word := range args {
				query.text += " " + word
			}
			for name, value := range map[string]string{
				"due": query.due, "due_from": query.from, "due_to": query.to, "q": query.text, "sort": query.sort, "order": query.order,
			} {
				if value != "" {
					values.Set(name, value)
				}
			}
			return s.listed(cmd.Context(), values, query.all)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&query.status, "status", "pending", "pending, completed, all or deleted")
	flags.StringArrayVarP(&query.priority, "priority", "p", nil, "low, normal, high or critical; any of several")
	flags.StringArrayVarP(&query.tag, "tag", "t", nil, "with any of these tags")
	flags.StringVar(&query.due, "due", "", "overdue, today or week")
	flags.StringVar(&query.from, "from", "", "due then or later: a date or date-time")
	flags.StringVar(&query.to, "to", "", "due then or earlier")
	flags.StringVarP(&query.text, "search", "q", "", "every word in title, description or a tag")
	flags.StringVar(&query.sort, "sort", "", "due, priority, created, updated or title")
	flags.StringVar(&query.order, "order", "", "asc or desc")
	flags.IntVarP(&query.limit, "limit", "n", 50, "how many at once, 1 to 200")
	flags.BoolVar(&query.all, "all", false, "all of them, page after page")
	for name, choices := range map[string][]cobra.Completion{
		"status": {"pending", "completed", "all", "deleted"}, "priority": {"low", "normal", "high", "critical"}, "due": {"overdue", "today", "week"},
		"sort": {"due", "priority", "created", "updated", "title"}, "order": {"asc", "desc"},
	} {
		_ = cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(choices, cobra.ShellCompDirectiveNoFileComp)) // the flags are those above
	}
	return cmd
}

// page is one part of a list.
type page struct {
	Tasks []json.RawMessage `json:"tasks"`
	Total *int              `json:"total"`
	Next  *string           `json:"next_cursor"`
}

// listed prints a list, and keeps which number is which task.
func (s *session) listed(ctx context.Context, values url.Values, all bool) error {
	c, err := s.client(ctx)
	if err != nil {
		return err
	}
	ids := []string{}
	for {
		var raw json.RawMessage
		if err := c.call(ctx, "GET", "tasks?"+values.Encode(), nil, &raw); err != nil {
			return err
		}
		var part page
		if err := json.Unmarshal(raw, &part); err != nil {
			return err
		}
		for _, one := range part.Tasks {
			var t task
			if err := json.Unmarshal(one, &t); err != nil {
				return err
			}
			ids = append(ids, t.ID)
			if !s.json {
				s.row(len(ids), &t)
			}
		}
		if s.json {
			if err := s.print(raw); err != nil {
				return err
			}
		}
		if part.Next == nil || !all {
			s.foot(len(ids), &part)
			return s.keep(listFile, ids)
		}
		values.Set("cursor", *part.Next)
	}
}

// foot says what a list leaves out.
func (s *session) foot(shown int, last *page) {
	switch {
	case s.json:
	case shown == 0:
		fmt.Fprintln(s.out, "Nothing.")
	case last.Next != nil && last.Total != nil:
		fmt.Fprintf(s.out, "%d of %d; --all shows the rest.\n", shown, *last.Total)
	case last.Next != nil:
		fmt.Fprintf(s.out, "The first %d; --all shows the rest.\n", shown)
	}
}
