package store

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
)

// What follows is for implementations of [Store]: each reports what a method must
// refuse before it does anything.

// CheckChanges reports changes that no store could write.
func CheckChanges(changes []Change) error {
	var seen map[string]bool
	if len(changes) > 1 {
		seen = make(map[string]bool, len(changes))
	}
	for i := range changes {
		id := changes[i].Record.Customer.ID
		if id == "" {
			return fmt.Errorf("commit: change %d has no customer ID", i)
		}
		if seen[id] {
			return fmt.Errorf("commit: two changes of customer %s; make them one", id)
		}
		if seen != nil {
			seen[id] = true
		}
	}
	return nil
}

// CheckOutcomes reports outcomes that are none.
func CheckOutcomes(outcomes []Outcome) error {
	for i := range outcomes {
		if o := &outcomes[i]; o.State > Dead {
			return fmt.Errorf("settle delivery %s: state %d does not exist", o.Delivery, o.State)
		}
	}
	return nil
}

// CheckDefinitions reports definitions that cannot be saved.
func CheckDefinitions(version string, document []byte) error {
	switch {
	case version == "":
		return errors.New("save definitions: the version is empty; name it")
	case len(document) == 0:
		return fmt.Errorf("save definitions %q: the document is empty", version)
	}
	return nil
}

// Check reports a claim that cannot be meant: without a limit nothing is leased for
// ever, and a lease of nothing hands out the same again at once.
func (c *Claim) Check() error {
	switch {
	case c.Limit <= 0:
		return fmt.Errorf("claim: the limit is %d; it must be positive", c.Limit)
	case c.Lease < time.Microsecond:
		return fmt.Errorf("claim: the lease is %v; it must be a microsecond or more", c.Lease)
	}
	return nil
}

// Check reports a query that cannot be meant.
func (q *Query) Check() error {
	if q.Stage != "" && q.Pipeline == "" {
		return errors.New("find: Stage is set without Pipeline; name the pipeline")
	}
	return nil
}

// Matches reports whether the query asks for the record, wherever it stands among
// the others: a store that looks up by an index of something less exact, or reads
// the record later, asks this in the end.
func (q *Query) Matches(r *Record) bool {
	return (q.Pipeline == "" || q.inCycle(r.Cycles)) &&
		(q.Segment == "" || inSegment(q.Segment, r.Segments)) &&
		(q.Manager == "" || q.Manager == r.Customer.Manager) &&
		(q.Tag == "" || r.Customer.HasTag(q.Tag)) &&
		(q.Contact == "" || slices.Contains(r.Customer.Emails, q.Contact) ||
			slices.Contains(r.Customer.Phones, q.Contact)) &&
		(q.NotUnder == "" || q.NotUnder != r.Definitions)
}

func (q *Query) inCycle(cycles []customer.Cycle) bool {
	c := customer.FindCycle(cycles, q.Pipeline)
	return c != nil && (q.Stage == "" || q.Stage == c.Stage)
}

func inSegment(id string, members []segment.Membership) bool {
	_, in := segment.Find(members, id)
	return in
}
