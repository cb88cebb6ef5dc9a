package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	events "github.com/tickler-app/tickler/proto-events"
)

// keda is the user as which the autoscaler asks how far the groups are behind; the chart
// calls it the same.
const keda = "keda"

// users are all that sign in, the superuser apart.
func users() []string { return append(events.Services(), keda) }

// grants gives every service its rights, and keda those to look, and a user for each whose
// password lies in a file of its name below secrets; empty means that the users are made
// elsewhere. Rights that one had before are left to it.
func grants(ctx context.Context, client *kgo.Client, secrets string, out io.Writer) error {
	admin := kadm.NewClient(client)
	for _, name := range users() {
		if err := user(ctx, admin, secrets, name, out); err != nil {
			return err
		}
		least, n := watching(), 0
		if name != keda {
			least = rules(events.AccessOf(name))
		}
		for _, rule := range least {
			created, err := admin.CreateACLs(ctx, rule.Allow("User:"+name).AllowHosts("*"))
			for _, one := range created {
				err = errors.Join(err, one.Err)
				n++
			}
			if err != nil {
				return fmt.Errorf("rights of %s: %w", name, err)
			}
		}
		fmt.Fprintf(out, "%s has its %d rights\n", name, n)
	}
	return nil
}

// rules are the least that a service can work with.
func rules(a events.Access) []*kadm.ACLBuilder {
	look := []kadm.ACLOperation{kadm.OpDescribe, kadm.OpDescribeConfigs} // its check that topics are as the catalog says
	letters := slices.DeleteFunc(slices.Clone(a.Write), func(name string) bool { return !strings.HasSuffix(name, ".dlq") })
	all := []*kadm.ACLBuilder{literal().Topics(slices.Concat(a.Read, letters)...).Operations(append(look, kadm.OpRead)...)}
	if len(a.Write) > 0 {
		all = append(all,
			literal().Topics(a.Write...).Operations(append(look, kadm.OpWrite)...),
			literal().Clusters().Operations(kadm.OpIdempotentWrite)) // Redpanda asks for it
	}
	if a.Group != "" {
		all = append(all, literal().Groups(a.Group).Operations(kadm.OpRead, kadm.OpDescribe))
	}
	if a.Transactions != "" {
		// The outbox's are named after it first.
		ids := kadm.NewACLs().ResourcePatternType(kadm.ACLPatternPrefixed).TransactionalIDs(a.Transactions, "outbox-"+a.Transactions)
		all = append(all, ids.Operations(kadm.OpWrite, kadm.OpDescribe))
	}
	return all
}

// watching is the least with which lag can be told: where the topics of each group end, and
// how far the group has committed.
func watching() []*kadm.ACLBuilder {
	var topics, groups []string
	for _, topic := range events.Catalog() {
		if len(topic.Groups) > 0 {
			topics, groups = append(topics, topic.Name), append(groups, topic.Groups...)
		}
	}
	slices.Sort(groups)
	return []*kadm.ACLBuilder{
		literal().Topics(topics...).Operations(kadm.OpDescribe),
		literal().Groups(slices.Compact(groups)...).Operations(kadm.OpDescribe),
	}
}

func literal() *kadm.ACLBuilder { return kadm.NewACLs().ResourcePatternType(kadm.ACLPatternLiteral) }

// user makes a SCRAM user, or changes its password, if there is a file with it.
func user(ctx context.Context, admin *kadm.Client, secrets, name string, out io.Writer) error {
	if secrets == "" {
		return nil
	}
	password, err := os.ReadFile(filepath.Join(secrets, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	text := strings.TrimRight(string(password), "\r\n")
	// One request each: a broker refuses the same user twice in one. 4096 iterations are the
	// brokers' own default, and the only number that kfake tells its clients.
	for _, mechanism := range []kadm.ScramMechanism{kadm.ScramSha256, kadm.ScramSha512} {
		altered, err := admin.AlterUserSCRAMs(ctx, nil, []kadm.UpsertSCRAM{{User: name, Mechanism: mechanism, Iterations: 4096, Password: text}})
		for _, one := range altered {
			err = errors.Join(err, one.Err)
		}
		if err != nil {
			return fmt.Errorf("user %s: %w", name, err)
		}
	}
	fmt.Fprintf(out, "%s has its password\n", name)
	return nil
}
