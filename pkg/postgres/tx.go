package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// Tx is what may be done inside a transaction. GetContext is for a row that is found by its
// key: its plan is kept. The functions that are given one must not
// call anything but the database: a transaction that waits for a network holds up every
// relay's reading.
type Tx interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	GetContext(ctx context.Context, dest any, query string, args ...any) error
	SelectContext(ctx context.Context, dest any, query string, args ...any) error
	QueryxContext(ctx context.Context, query string, args ...any) (*sqlx.Rows, error)
}

// InTx runs f in a transaction of the role that db connects as; it is for the work role,
// which no row-level policy narrows. It commits if f returns nil, and rolls back otherwise.
func InTx(ctx context.Context, db *sqlx.DB, f func(Tx) error) error {
	return transact(ctx, db, opening{sql: "BEGIN"}, f)
}

// LockedTx is InTx behind an advisory lock of the name lock.
func LockedTx(ctx context.Context, db *sqlx.DB, lock string, f func(Tx) error) error {
	return transact(ctx, db, opening{sql: "BEGIN; " + advisory(lock)}, f)
}

// As runs f in a transaction that sees only the rows of user: every policy compares with
// the setting app.user_id. BEGIN and the setting are one round trip.
func As(ctx context.Context, db *sqlx.DB, user string, f func(Tx) error) error {
	return transact(ctx, db, opening{sql: "BEGIN; " + setUser(user)}, f)
}

// ReadAs is As for queries alone: what f reads is one snapshot, and it cannot write.
func ReadAs(ctx context.Context, db *sqlx.DB, user string, f func(Tx) error) error {
	return transact(ctx, db, opening{sql: readOnly + setUser(user)}, f)
}

// ReadRowAs is ReadAs that finds a row in the round trip of BEGIN. The query takes no
// arguments: whose row it is stands in the setting app.user_id. Its columns go into the
// fields of dest, which stays as it is if there is no row.
func ReadRowAs(ctx context.Context, db *sqlx.DB, user, query string, dest any, f func(Tx) error) error {
	return transact(ctx, db, opening{sql: readOnly + setUser(user) + "; " + query, dest: dest}, f)
}

const readOnly = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; "

// Locked is As behind an advisory lock of the name lock, taken in the same round trip and
// before anything else. That order matters: a transaction gets its xid with its first
// write, events are sent in the order of xids, so whoever gets the lock later must get the
// xid later. A row lock does not do that: a waiter on SELECT … FOR UPDATE has its xid
// before it has the row.
func Locked(ctx context.Context, db *sqlx.DB, user, lock string, f func(Tx) error) error {
	return transact(ctx, db, opening{sql: locked(user, lock)}, f)
}

// LockedRow is Locked that finds a row as ReadRowAs does, once it has the lock.
func LockedRow(ctx context.Context, db *sqlx.DB, user, lock, query string, dest any, f func(Tx) error) error {
	return transact(ctx, db, opening{sql: locked(user, lock) + "; " + query, skip: 1, dest: dest}, f)
}

func locked(user, lock string) string { return "BEGIN; " + setUser(user) + "; " + advisory(lock) }

func setUser(user string) string { return "SET LOCAL app.user_id = " + pq.QuoteLiteral(user) }

func advisory(lock string) string {
	return "SELECT pg_advisory_xact_lock(hashtextextended(" + pq.QuoteLiteral(lock) + ", 0))"
}

// opening is what a transaction begins with, in one round trip: several statements, and where the
// row of the last one goes, if that is asked for.
type opening struct {
	sql  string
	skip int // statements before the last that answer rows
	dest any
}

func (o opening) send(ctx context.Context, conn *sqlx.Conn) error {
	if o.dest == nil {
		_, err := conn.ExecContext(ctx, o.sql)
		return err
	}
	rows, err := conn.QueryxContext(ctx, o.sql)
	if err != nil {
		return err
	}
	defer rows.Close() // which reads to the end
	for range o.skip {
		for rows.Next() {
		}
		rows.NextResultSet()
	}
	if rows.Next() {
		if err := rows.StructScan(o.dest); err != nil {
			return err
		}
	}
	return errors.Join(rows.Err(), rows.Close())
}

func transact(ctx context.Context, db *sqlx.DB, begin opening, f func(Tx) error) (err error) {
	conn, err := db.Connx(ctx)
	if err != nil {
		return Fault(fmt.Errorf("connect: %w", err))
	}
	t := &tx{Conn: conn}
	committed := false
	defer func() { // also when f panics
		if !committed {
			rollback(conn)
		}
		_ = conn.Close() // only returns it to the pool
	}()
	if err := begin.send(ctx, conn); err != nil {
		return Fault(fmt.Errorf("begin: %w", err))
	}
	if err := f(t); err != nil {
		return Fault(err)
	}
	// PostgreSQL answers COMMIT of a failed transaction with a silent ROLLBACK.
	if t.failed != nil {
		return Fault(fmt.Errorf("a failed statement was passed over: %w", t.failed))
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := commit(ctx, conn); err != nil {
		return Fault(fmt.Errorf("commit: %w", err))
	}
	committed = true
	return nil
}

// commit is not cut short by the caller's going away: then nobody would know what became
// of the transaction.
func commit(ctx context.Context, conn *sqlx.Conn) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	_, err := conn.ExecContext(ctx, "COMMIT")
	return err
}

// rollback ends the transaction, or the connection where that fails: then the server does.
func rollback(conn *sqlx.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if _, err := conn.ExecContext(ctx, "ROLLBACK"); err != nil {
		_ = conn.Raw(func(any) error { return driver.ErrBadConn }) // throws the connection away
	}
}

// tx is a connection with an open transaction that remembers if a statement failed.
type tx struct {
	*sqlx.Conn
	failed error
}

func (t *tx) note(err error) error {
	if err != nil && !errors.Is(err, sql.ErrNoRows) && t.failed == nil {
		t.failed = err
	}
	return err
}

func (t *tx) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	result, err := t.Conn.ExecContext(ctx, query, args...)
	return result, t.note(err)
}

func (t *tx) GetContext(ctx context.Context, dest any, query string, args ...any) error {
	return t.note(t.Conn.GetContext(lookingUp(ctx), dest, query, args...))
}

func (t *tx) SelectContext(ctx context.Context, dest any, query string, args ...any) error {
	return t.note(t.Conn.SelectContext(ctx, dest, query, args...))
}

func (t *tx) QueryxContext(ctx context.Context, query string, args ...any) (*sqlx.Rows, error) {
	rows, err := t.Conn.QueryxContext(ctx, query, args...)
	return rows, t.note(err)
}
