package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"slices"
	"strings"

	"github.com/lib/pq"
	"github.com/tickler-app/tickler/pkg/fault"
)

// away are the SQLSTATE classes and codes that say nothing about the statement: the server
// is going, full, or gave up waiting. Appendix A of PostgreSQL's manual lists them.
var away = []string{
	"08",    // connection exceptions
	"53",    // insufficient resources: disk full, too many connections
	"57P",   // operator intervention: shutdown, starting up
	"57014", // query cancelled, by a timeout of ours
	"25P03", // idle_in_transaction_session_timeout
	"25P04", // transaction_timeout
	"40001", // serialization failure
	"40P01", // deadlock
	"55P03", // lock not available
	"58030", // I/O error
}

// Fault gives an error that comes from a database that is away, or too busy, the kind
// fault.Unavailable; other errors are returned as they are. A cancelled context is no
// outage of the database.
func Fault(err error) error {
	if err == nil || errors.Is(err, context.Canceled) || fault.KindOf(err) != fault.Internal {
		return err
	}
	if isAway(err) {
		return fault.Wrap(fault.Unavailable, err, "the database is not available")
	}
	return err
}

func isAway(err error) bool {
	if answer, ok := errors.AsType[*pq.Error](err); ok {
		return slices.ContainsFunc(away, func(code string) bool { return strings.HasPrefix(string(answer.Code), code) })
	}
	_, network := errors.AsType[net.Error](err)
	return network || errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, context.DeadlineExceeded)
}
