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

	// ErrIDReused is matched where an ID was already used for something else. The
	// same input again is no error.
	ErrIDReused = errors.New("the ID was already used for something else; give every input its own")

	// ErrNotInPipeline is matched where someone's cycle is to be changed in a
	// pipeline that is not defined or that took none of their purchases.
	ErrNotInPipeline = errors.New("the customer is not in the pipeline")

	// ErrUnsettled is matched where triggers kept changing a customer until they
	// were cut off. Everything else about the input or tick was done and
	// committed; the definitions want mending.
	ErrUnsettled = errors.New("triggers did not settle and were cut off")

	// ErrConflict is matched where others kept changing the same customers until
	// the engine gave up. Nothing was changed; try again.
	ErrConflict = store.ErrConflict
)

// InputError tells which input of a call was not taken in, and why.
type InputError struct {
	Index    int    // the place of the input in the call
	Kind     string // its type, as "customer.Purchase"
	Customer string // whose it is
	Err      error
}

// Error names the input and the cause.
func (e *InputError) Error() string {
	return fmt.Sprintf("input %d, %s of customer %q: %v", e.Index, e.Kind, e.Customer, e.Err)
}

// Unwrap returns the cause.
func (e *InputError) Unwrap() error { return e.Err }
