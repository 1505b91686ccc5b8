package row

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/store"
)

// CheckChanges reports changes that no store could write.
func CheckChanges(changes []store.Change) error {
	seen := make(map[string]bool, len(changes))
	for i := range changes {
		id := changes[i].Record.Customer.ID
		if id == "" {
			return fmt.Errorf("commit: change %d has no customer ID", i)
		}
		if seen[id] {
			return fmt.Errorf("commit: two changes of customer %s; make them one", id)
		}
		seen[id] = true
	}
	return nil
}

// CheckClaim reports a claim that cannot be meant: without a limit nothing is
// leased for ever, and a lease of nothing hands out the same again at once.
func CheckClaim(what string, claim store.Claim) error {
	switch {
	case claim.Limit <= 0:
		return fmt.Errorf("claim %s: the limit is %d; it must be positive", what, claim.Limit)
	case claim.Lease < time.Microsecond:
		return fmt.Errorf("claim %s: the lease is %v; it must be a microsecond or more", what, claim.Lease)
	}
	return nil
}

// CheckOutcomes reports outcomes that are none.
func CheckOutcomes(outcomes []store.Outcome) error {
	for i := range outcomes {
		if o := &outcomes[i]; o.State > store.Dead {
			return fmt.Errorf("settle delivery %s: state %d does not exist", o.Delivery, o.State)
		}
	}
	return nil
}

// CheckQuery reports a query that cannot be meant.
func CheckQuery(q *store.Query) error {
	if q.Stage != "" && q.Pipeline == "" {
		return errors.New("find: Stage is set without Pipeline; name the pipeline")
	}
	return nil
}

// CheckDefinitions reports definitions that cannot be saved.
func CheckDefinitions(version string, document []byte) error {
	if version == "" || len(document) == 0 {
		return errors.New("save definitions: the version or the document is empty")
	}
	return nil
}

// Matches reports whether the query asks for the record. Indexes alone do not
// say, because they hold values, of which two texts may have one.
func Matches(q *store.Query, r *store.Record) bool {
	return (q.Pipeline == "" || inCycle(q, r.Cycles)) &&
		(q.Segment == "" || inSegments(q.Segment, r.Segments)) &&
		(q.Manager == "" || q.Manager == r.Customer.Manager) &&
		(q.Tag == "" || r.Customer.HasTag(q.Tag)) &&
		(q.Contact == "" || slices.Contains(r.Customer.Emails, q.Contact) ||
			slices.Contains(r.Customer.Phones, q.Contact)) &&
		(q.NotUnder == "" || q.NotUnder != r.Definitions)
}

func inCycle(q *store.Query, cycles []customer.Cycle) bool {
	c := customer.FindCycle(cycles, q.Pipeline)
	return c != nil && (q.Stage == "" || q.Stage == c.Stage)
}

func inSegments(id string, members []segment.Membership) bool {
	_, in := segment.Find(members, id)
	return in
}
