package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/store/internal/pack"
)

// The codes with which the statements of this package end a transaction, and
// those of PostgreSQL that mean something to it.
const (
	codeConflict      = "RG001"
	codeUnknown       = "RG002"
	uniqueViolation   = "23505"
	serialization     = "40001"
	deadlock          = "40P01"
	queryCancelled    = "57014" // by a statement_timeout, for one
	undefinedTable    = "42P01"
	insufficientRight = "42501"
)

// code returns the SQLSTATE of an error of the server; "" where it is none.
func code(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// broken reports whether err is that of a connection, or one with which the server
// ends it: those of classes 08 and 57. Whatever is not known to be something else
// is taken for one.
func broken(err error) bool {
	if err == nil || understood(err) {
		return false
	}
	c := code(err)
	return c == "" || strings.HasPrefix(c, "08") || strings.HasPrefix(c, "57") && c != queryCancelled
}

// understood reports whether err is about what the server has answered.
func understood(err error) bool {
	var scan pgx.ScanArgError
	return errors.Is(err, pgx.ErrNoRows) || errors.Is(err, store.ErrConflict) ||
		errors.Is(err, pack.ErrCorrupt) || errors.As(err, &scan)
}

// unsent reports whether nothing reached the server.
func unsent(err error) bool {
	var e *unsentError
	return errors.As(err, &e) || pgconn.SafeToRetry(err)
}

// attempts is how often something is tried that is safe to try again.
const attempts = 3

// read does what only reads, again if the connection broke.
func (v *view) read(ctx context.Context, do func() error) error {
	return v.try(ctx, broken, do)
}

// write does what writes, again if it was certainly not done. An error that leaves
// open whether it was done says so; in a transaction of the host's own, the host
// knows.
func (v *view) write(ctx context.Context, do func() error) error {
	err := v.try(ctx, func(error) bool { return false }, do)
	if !v.tx && broken(err) && !unsent(err) {
		return fmt.Errorf("%w: %w", store.ErrOutcomeUnknown, err)
	}
	return err
}

// try does something again that the server has rolled back because of what others
// did at the same time, or of which nothing was sent.
func (v *view) try(ctx context.Context, more func(error) bool, do func() error) (err error) {
	if err := ctx.Err(); err != nil {
		return err
	}
	if v.db == nil {
		return errNoTx
	}
	for range attempts {
		err = do()
		if broken(err) && (ctx.Err() == nil || !unsent(err)) { // and not just nothing free in time
			v.recent.clear()
		}
		c := code(err)
		again := c == serialization || c == deadlock || unsent(err) || more(err)
		if err == nil || v.tx || ctx.Err() != nil || !again {
			break
		}
	}
	return v.explain(err)
}

// explain says what to do where the server's message alone does not.
func (v *view) explain(err error) error {
	switch code(err) {
	case undefinedTable:
		return fmt.Errorf("schema %q was not migrated: %w", v.schema, err)
	case insufficientRight:
		return fmt.Errorf("the role may not use schema %q: %w", v.schema, err)
	}
	return err
}
