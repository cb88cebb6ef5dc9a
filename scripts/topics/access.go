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

// grants gives every service its rights, and a user for each whose password lies in a file
// of its name below secrets; empty means that the users are made elsewhere. Rights that it
// had before are left to it.
func grants(ctx context.Context, client *kgo.Client, secrets string, out io.Writer) error {
	admin := kadm.NewClient(client)
	for _, service := range events.Services() {
		if err := user(ctx, admin, secrets, service, out); err != nil {
			return err
		}
		n := 0
		for _, rule := range rules(events.AccessOf(service)) {
			created, err := admin.CreateACLs(ctx, rule.Allow("User:"+service).AllowHosts("*"))
			for _, one := range created {
				err = errors.Join(err, one.Err)
				n++
			}
			if err != nil {
				return fmt.Errorf("rights of %s: %w", service, err)
			}
		}
		fmt.Fprintf(out, "%s has its %d rights\n", service, n)
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

func literal() *kadm.ACLBuilder { return kadm.NewACLs().ResourcePatternType(kadm.ACLPatternLiteral) }

// user makes the SCRAM user of a service, or changes its password, if there is a file with it.
func user(ctx context.Context, admin *kadm.Client, secrets, service string, out io.Writer) error {
	if secrets == "" {
		return nil
	}
	password, err := os.ReadFile(filepath.Join(secrets, service))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	text := strings.TrimRight(string(password), "\r\n")
	// One request each: a broker refuses the same user twice in one. 4096 iterations are the
	// brokers' own default, and the only number that kfake tells its clients.
	for _, mechanism := range []kadm.ScramMechanism{kadm.ScramSha256, kadm.ScramSha512} {
		altered, err := admin.AlterUserSCRAMs(ctx, nil, []kadm.UpsertSCRAM{{User: service, Mechanism: mechanism, Iterations: 4096, Password: text}})
		for _, one := range altered {
			err = errors.Join(err, one.Err)
		}
		if err != nil {
			return fmt.Errorf("user %s: %w", service, err)
		}
	}
	fmt.Fprintf(out, "%s has its password\n", service)
	return nil
}
