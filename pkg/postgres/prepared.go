package postgres

import (
	"context"
	"database/sql/driver"
	"errors"

	"github.com/lib/pq"
)

// connector makes connections that keep prepared what transactions write and what they look
// up by its key. Such a statement is the same text each time, and reading and planning it
// costs the server as much again as doing it (a new task: 0.7 ms of processor time, against
// 1.1). Other queries are left alone: which plan is right depends on whose rows are looked
// for, and a kept one forgets that.
type connector struct{ driver.Connector }

// Connect implements driver.Connector.
func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	inner, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	whole, ok := inner.(connection)
	if !ok {
		return nil, errors.Join(errors.New("the driver's connection cannot do what it did"), inner.Close())
	}
	return &preparing{connection: whole, kept: map[string]statement{}}, nil
}

// connection is what lib/pq's connections can do; database/sql looks for each part.
type connection interface {
	driver.Conn
	driver.ConnPrepareContext
	driver.ConnBeginTx
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
	driver.NamedValueChecker
}

type statement interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

type preparing struct {
	connection
	kept map[string]statement // by text; they end with the connection
}

// maxKept bounds what a connection keeps, should statements be made up as they go.
const maxKept = 64

type lookup struct{}

// lookingUp marks a query as one that finds a row by its key.
func lookingUp(ctx context.Context) context.Context { return context.WithValue(ctx, lookup{}, true) }

// ExecContext implements driver.ExecerContext.
func (c *preparing) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	kept, err := c.keep(ctx, query, args)
	if err != nil {
		return nil, err
	} else if kept == nil {
		return c.connection.ExecContext(ctx, query, args)
	}
	result, err := kept.ExecContext(ctx, args)
	return result, c.drop(query, err)
}

// QueryContext implements driver.QueryerContext.
func (c *preparing) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if ctx.Value(lookup{}) == nil {
		return c.connection.QueryContext(ctx, query, args)
	}
	kept, err := c.keep(ctx, query, args)
	if err != nil {
		return nil, err
	} else if kept == nil {
		return c.connection.QueryContext(ctx, query, args)
	}
	rows, err := kept.QueryContext(ctx, args)
	return rows, c.drop(query, err)
}

// keep returns the statement prepared, or nil if this one is not worth it.
func (c *preparing) keep(ctx context.Context, query string, args []driver.NamedValue) (statement, error) {
	if kept := c.kept[query]; kept != nil {
		return kept, nil
	}
	if len(args) == 0 || len(c.kept) >= maxKept {
		return nil, nil
	}
	made, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	kept, ok := made.(statement)
	if !ok {
		return nil, errors.Join(errors.New("the driver's statements take no context"), made.Close())
	}
	c.kept[query] = kept
	return kept, nil
}

// drop forgets a statement that no longer fits, and returns the error as it is.
func (c *preparing) drop(query string, err error) error {
	if stale(err) {
		_ = c.kept[query].Close() // it may be what is gone
		delete(c.kept, query)
	}
	return err
}

// stale says whether a statement no longer fits: a migration changed a table below it
// (feature_not_supported), or somebody between us and the server forgot it
// (invalid_sql_statement_name). The next attempt prepares it anew.
func stale(err error) bool {
	said, ok := errors.AsType[*pq.Error](err)
	return ok && (said.Code == "0A000" || said.Code == "26000")
}
