package pipeline

import (
	"errors"
	"fmt"

	"github.com/regulars-go/regulars/store"
)

var (
	// ErrUnknownCustomer is matched where the customer does not exist; add the
	// card first.
	ErrUnknownCustomer = errors.New("unknown customer; add the card first")

	// ErrUnknownPurchase is matched where a refund names a purchase that the
	// customer did not make.
	ErrUnknownPurchase = errors.New("unknown purchase; record it before its refund")

	// ErrUnknownSegment is matched where no such segment is defined.
	ErrUnknownSegment = errors.New("unknown segment; check its ID against the definitions")

	// ErrIDReused is matched where something else was recorded under the ID; the
	// text names what differs. To make a call again, make it with the very same
	// input, its time included.
	ErrIDReused = errors.New("something else was recorded under this ID")

	// ErrNotInPipeline is matched where someone's cycle is to be changed in a
	// pipeline that is not defined or that took none of their purchases.
	ErrNotInPipeline = errors.New("the customer is not in the pipeline")

	// ErrUnsettled is matched where triggers kept changing a customer until they
	// were cut off. Everything else about the input or tick was done and
	// committed; the definitions want mending.
	ErrUnsettled = errors.New("triggers did not settle and were cut off")

	// ErrConflict is matched where others kept changing the same customers until
	// the engine gave up. Nothing was changed, unless the error matches
	// ErrOutcomeUnknown too; try again.
	ErrConflict = store.ErrConflict

	// ErrOutcomeUnknown is matched where a commit broke off and it could not be seen
	// afterwards what became of it: all of it was done, or nothing. Look at it before
	// anything else that the error matches, which is about what was tried then.
	ErrOutcomeUnknown = store.ErrOutcomeUnknown
)

// InputError tells which input of a call was not taken in, and why.
type InputError struct {
	Index    int    // the place of the input in the call
	Kind     string // what it is, as "purchase"
	Customer string // whose it is
	Err      error
}

// Error names the input and the cause.
func (e *InputError) Error() string {
	return fmt.Sprintf("input %d, %s of customer %q: %v", e.Index, e.Kind, e.Customer, e.Err)
}

// Unwrap returns the cause.
func (e *InputError) Unwrap() error { return e.Err }
