package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/store"
)

// maxLost is how often something is done, at once, of which it is not known whether
// it was done.
const maxLost = 3

// retries is how often an operation was tried.
type retries struct {
	lost  int
	cause error // the latest error that leaves open whether it was done
}

// again reports whether to try again at once what failed with the error.
func (r *retries) again(ctx context.Context, err error) bool {
	if errors.Is(err, store.ErrOutcomeUnknown) {
		r.lost, r.cause = r.lost+1, err
		return r.lost < maxLost && ctx.Err() == nil
	}
	return errors.Is(err, errReplaced)
}

// tell returns the error of an operation whose last try failed with err. Where the
// answer to an earlier one was lost, it still is not known whether all was done.
func (r *retries) tell(err error) error {
	if r.cause == nil || err == nil || errors.Is(err, store.ErrOutcomeUnknown) {
		return err
	}
	return fmt.Errorf("%w; and then: %w", r.cause, err)
}

// attempt is what was, or was to be, committed at once.
type attempt struct {
	changes   []store.Change
	unsettled error
}

// outcome is what became of an attempt.
type outcome uint8

const (
	undone outcome = iota
	untold         // others have changed the customers since
	done
)

// outcome finds out from customers who were loaded since. A commit is atomic: any
// customer will do who tells.
func (a *attempt) outcome(loaded []store.Loaded) outcome {
	found := make(map[string]*store.Loaded, len(loaded))
	for i := range loaded {
		found[loaded[i].Record.Customer.ID] = &loaded[i]
	}
	if len(a.changes) == 0 {
		return undone
	}
	for i := range a.changes {
		c := &a.changes[i]
		l := found[c.Record.Customer.ID]
		if l == nil {
			l = new(store.Loaded) // nobody yet
		}
		switch {
		case l.Record.Version == c.Record.Version:
			return undone
		case l.Record.Version == c.Record.Version+1 && wrote(c, l):
			return done
		}
	}
	return untold
}

// wrote reports whether the change made the customer what was loaded. Another's
// commit would show in the record, if only in the instant of the step; but that of
// the same instant need not, where it brought another activity.
func wrote(c *store.Change, l *store.Loaded) bool {
	return c.Record.Same(&l.Record) &&
		!slices.ContainsFunc(c.Purchases, func(p customer.Purchase) bool {
			return find(l.FoundPurchases, func(f *customer.Purchase) bool { return f.Differs(&p) == "" && sameRefunds(f, &p) }) == nil
		}) &&
		!slices.ContainsFunc(c.Activities, func(a customer.Activity) bool {
			return find(l.FoundActivities, func(f *customer.Activity) bool { return f.Differs(&a) == "" }) == nil
		})
}

func sameRefunds(a, b *customer.Purchase) bool {
	return slices.EqualFunc(a.Refunds, b.Refunds, func(x, y customer.Refund) bool {
		return x.ID == y.ID && x.Amount == y.Amount && x.Reason == y.Reason && x.At.Equal(y.At)
	})
}

// errUntold is about customers of whom an attempt was made.
func (a *attempt) errUntold() error {
	ids := make([]string, len(a.changes))
	for i := range a.changes {
		ids[i] = a.changes[i].Record.Customer.ID
	}
	return fmt.Errorf("customers %s: others have changed them since", strings.Join(ids, ", "))
}
