package tool

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"

	"golang.org/x/sync/errgroup"

	"github.com/tickler-app/tickler/pkg/fault"
)

// each does something to the tasks that a call names: at once to one; to several only with
// the confirmation that this very call was asked for.
func (c call) each(ctx context.Context, verb, said string) (Result, error) {
	ids, err := c.args.ids()
	if err != nil {
		return Result{}, err
	}
	if len(ids) == 1 {
		return c.change(ctx, said, act(ids[0], verb))
	}
	switch {
	case c.args.flag("dry_run"):
		return c.wouldBe(ctx, ids, verb)
	case c.args.has("confirmation"):
		return c.confirmed(ctx, ids, verb, said)
	}
	return c.ask(ctx, ids, verb)
}

// ask shows what would be changed, and gives the confirmation that the change needs.
func (c call) ask(ctx context.Context, ids []string, verb string) (Result, error) {
	tasks, err := c.find(ctx, ids)
	if err != nil {
		return Result{}, err
	}
	what := map[string]string{"complete": "complete", "delete": "move to the trash"}[verb]
	summary := fmt.Sprintf("This would %s %d tasks.", what, len(tasks))
	return Result{
		Status: Confirm, Confirmation: c.Seal.give(c.binding(), c.Now()), Summary: summary, Tasks: tasks,
		Text: summary + " Nothing has changed yet. Ask the person; if they agree, call " + c.name +
			" again with the same arguments and this confirmation within 10 minutes.\n" + bullets(tasks),
	}, nil
}

// binding is what a confirmation is good for: this person's, this tool's, these arguments.
func (c call) binding() string { return c.caller.UserID + "\n" + c.print() }

// find reads tasks side by side, in their order.
func (c call) find(ctx context.Context, ids []string) ([]json.RawMessage, error) {
	tasks := make([]json.RawMessage, len(ids))
	var group errgroup.Group
	group.SetLimit(8)
	for i, id := range ids {
		group.Go(func() (err error) {
			tasks[i], err = c.look(ctx, []string{"tasks", id}, nil)
			return at(i, err)
		})
	}
	return tasks, group.Wait()
}

func (c call) wouldBe(ctx context.Context, ids []string, verb string) (Result, error) {
	tasks := make([]json.RawMessage, len(ids))
	for i, id := range ids {
		ask := act(id, verb)
		ask.Query = url.Values{"dry_run": {"true"}}
		answer, err := c.House.Ask(ctx, c.caller, ask)
		if err != nil {
			return Result{}, at(i, err)
		}
		tasks[i] = answer.Body
	}
	return c.several("", tasks, false)
}

// confirmed changes several tasks, each once, whatever is repeated: each call has a key that
// is made of the confirmation. One that was cut short goes on where it was when it is made
// again; one that was done answers what it did while that is still so.
func (c call) confirmed(ctx context.Context, ids []string, verb, said string) (Result, error) {
	confirmation := c.args.text("confirmation")
	if err := c.Seal.check(confirmation, c.binding(), c.Now()); err != nil {
		return Result{}, err
	}
	tasks, replayed := []json.RawMessage{}, 0
	for i, id := range ids {
		ask := act(id, verb)
		sum := sha256.Sum256([]byte(confirmation + "\n" + id))
		ask.Key = "confirmed:" + hex.EncodeToString(sum[:])
		answer, err := c.House.Ask(ctx, c.caller, ask)
		if fault.KindOf(err) == fault.NotFound { // it went meanwhile
			continue
		} else if err != nil {
			return Result{}, fault.Wrap(fault.KindOf(err), err,
				fmt.Sprintf("%d of %d tasks are done; call again with the same confirmation to go on", i, len(ids)))
		}
		tasks = append(tasks, answer.Body)
		if answer.Replayed {
			replayed++
		}
	}
	if len(tasks) == 0 {
		return Result{}, fault.New(fault.NotFound, "no such task: all of them are gone meanwhile")
	}
	again := replayed == len(tasks)
	if again {
		if err := c.still(ctx, tasks); err != nil {
			return Result{}, err
		}
	}
	result, err := c.several(said, tasks, again)
	if gone := len(ids) - len(tasks); gone > 0 {
		result.Text += fmt.Sprintf("\n%d of them had gone meanwhile.", gone)
	}
	return result, err
}

// still fails if one of the tasks is no longer as it was left: then a repeat is a new call,
// for which the confirmation is used up.
func (c call) still(ctx context.Context, tasks []json.RawMessage) error {
	ids := make([]string, len(tasks))
	for i, t := range tasks {
		ids[i] = seen(t).ID
	}
	now, err := c.find(ctx, ids)
	if err != nil {
		return err
	}
	for i := range now {
		if seen(now[i]).Version != seen(tasks[i]).Version {
			return errUsed
		}
	}
	return nil
}

// several is the result of a change of more than one task.
func (c call) several(said string, tasks []json.RawMessage, replayed bool) (Result, error) {
	data, err := json.Marshal(map[string]any{"tasks": tasks, "next_cursor": nil})
	return Result{
		Status: Success, Data: data, Idempotent: replayed, Changed: !c.args.flag("dry_run"),
		Text: c.saying(said, replayed) + "\n" + bullets(tasks),
	}, err
}

// at says which of several tasks an error is about.
func at(i int, err error) error {
	if fault.KindOf(err) != fault.NotFound {
		return err
	}
	return &fault.Error{Kind: fault.NotFound, Message: "no such task",
		Fields: []fault.Field{{Name: "/task_ids/" + strconv.Itoa(i), Code: "not_found", Detail: "no such task"}}}
}
