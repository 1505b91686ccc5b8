package store

import (
	"errors"
	"fmt"
	"strings"
)

var (
	// ErrConflict is matched by a *ConflictError.
	ErrConflict = errors.New("record changed since it was loaded")

	// ErrUnknown is matched where something asked for by ID does not exist.
	ErrUnknown = errors.New("not known")

	// ErrOutcomeUnknown is matched where something broke while the store was
	// committing: all of it was done, or nothing. Load again to see which. A Commit
	// that is made again is not done twice: it fails with a *ConflictError if the
	// first was done.
	ErrOutcomeUnknown = errors.New("it broke during the commit; whether it was done is not known")

	// ErrNewerSchema is matched where the tables of a database were made by a newer
	// release than this one: update the program, not the database.
	ErrNewerSchema = errors.New("the tables are of a newer release")
)

// ConflictError names the customers whose records did not have the version
// that a commit expected. Nothing was written; load them and step again.
type ConflictError struct{ Customers []string }

// Error names the customers.
func (e *ConflictError) Error() string {
	return fmt.Sprintf("commit of customers %s: %v", strings.Join(e.Customers, ", "), ErrConflict)
}

// Is reports whether target is [ErrConflict].
func (e *ConflictError) Is(target error) bool { return target == ErrConflict }
