package store

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
)

// Pruning says what [Store.Prune] removes. A zero time removes nothing of its
// kind.
type Pruning struct {
	// Timeline removes events that became known before this, from the first that
	// was committed on up to the first that became known later. Those of the kinds
	// in Keep stay.
	Timeline time.Time
	Keep     []customer.EventKind

	Sent time.Time // deliveries that were sent before this
	Dead time.Time // deliveries that were given up before this

	Activities Cut

	After string // only customers whose ID is greater, to go on behind Pruned.Next
	Limit int    // how many customers to look at, at most; it must be positive
}

// Check reports what cannot be meant.
func (p *Pruning) Check() error {
	byName := func(a, b segment.Sight) int { return strings.Compare(a.Activity, b.Activity) }
	switch {
	case p.Limit <= 0:
		return fmt.Errorf("prune: the limit is %d; it must be positive", p.Limit)
	case !slices.IsSortedFunc(p.Activities.Keep, byName):
		return errors.New("prune: Activities.Keep is not ordered by name")
	}
	return nil
}

// OldEvents takes out of events, which follow in a timeline on some that were all
// old, those that are removed. It reports whether all of these are old as well, so
// that of those behind them some may be.
func (p *Pruning) OldEvents(events []customer.Event) (left []customer.Event, old bool) {
	old = true
	left = slices.DeleteFunc(events, func(e customer.Event) bool {
		old = old && e.Known.Before(p.Timeline)
		return old && !slices.Contains(p.Keep, e.Kind)
	})
	return left, old
}

// Pruned is what a [Store.Prune] has removed.
type Pruned struct {
	Customers  int // who were looked at to the end
	Events     int // of timelines
	Deliveries int
	Activities int

	More bool   // there is more to look at, behind Next
	Next string // After of the call that goes on; it may be the After of this one
}

// Cut says which activities are removed: all that happened before an instant,
// but for those that predicates can still see.
type Cut struct {
	Before time.Time       // zero: none are removed
	Keep   []segment.Sight // counted back from the record's AsOf, ordered by name
}

// Takes reports whether the cut takes an activity of a customer who was stepped
// up to an instant. As that only moves on, so does what a cut takes: what it has
// taken once, it takes ever after.
func (c *Cut) Takes(a *customer.Activity, asOf time.Time) bool {
	if !a.At.Before(c.Before) {
		return false
	}
	kept := c.Keeps(a.Name)
	return kept == nil || !kept.Sees(a.At, asOf)
}

// Keeps returns how far back activities of the name are kept, or nil: all that
// happened before the instant are removed.
func (c *Cut) Keeps(name string) *segment.Sight {
	i, kept := slices.BinarySearchFunc(c.Keep, name, func(s segment.Sight, name string) int { return strings.Compare(s.Activity, name) })
	if !kept {
		return nil
	}
	return &c.Keep[i]
}
