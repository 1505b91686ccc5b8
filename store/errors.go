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
