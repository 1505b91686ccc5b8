package store

import (
	"slices"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/trigger"
)

// Same reports whether two records say the same, whatever their versions: by it an
// engine that lost the answer to a commit knows its own again.
func (r *Record) Same(o *Record) bool {
	return r.Customer.Equal(o.Customer) && sameTotals(&r.Totals, &o.Totals) &&
		slices.EqualFunc(r.Cycles, o.Cycles, sameCycle) &&
		slices.EqualFunc(r.Segments, o.Segments, sameMembership) &&
		slices.EqualFunc(r.Runs, o.Runs, sameRun) &&
		slices.EqualFunc(r.Counters, o.Counters, sameCounter) &&
		r.Added == o.Added && r.PausedUntil.Equal(o.PausedUntil) && r.QuietUntil.Equal(o.QuietUntil) &&
		r.AsOf.Equal(o.AsOf) && r.Wake.Equal(o.Wake) && r.Definitions == o.Definitions
}

func sameTotals(a, b *customer.Totals) bool {
	return a.Count == b.Count && a.Total == b.Total && a.Max == b.Max && a.First.Equal(b.First) && a.Last.Equal(b.Last)
}

func sameCycle(a, b customer.Cycle) bool {
	return a.Pipeline == b.Pipeline && a.Number == b.Number && a.Purchase == b.Purchase && a.Started.Equal(b.Started) &&
		a.Next.Equal(b.Next) && a.NextBy == b.NextBy && a.Stage == b.Stage && a.Entered.Equal(b.Entered) &&
		a.Furthest == b.Furthest && a.Due.Equal(b.Due) && a.Closed == b.Closed &&
		slices.Equal(a.Gaps, b.Gaps) && sameHand(a.Hand, b.Hand)
}

func sameHand(a, b *customer.Hand) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Purchase == b.Purchase && a.Stage == b.Stage && a.StageAt.Equal(b.StageAt) &&
		a.Next.Equal(b.Next) && a.NextAt.Equal(b.NextAt) &&
		a.Refused == b.Refused && a.RefusedAt.Equal(b.RefusedAt) && a.RefusedIn == b.RefusedIn
}

func sameMembership(a, b segment.Membership) bool {
	return a.Segment == b.Segment && a.Since.Equal(b.Since)
}

func sameRun(a, b trigger.Run) bool {
	return a.ID == b.ID && a.Trigger == b.Trigger && a.Step == b.Step && a.Due.Equal(b.Due) &&
		sameEvent(a.Cause, b.Cause) && a.Definitions == b.Definitions
}

func sameEvent(a, b customer.Event) bool {
	same := a.At.Equal(b.At) && a.Known.Equal(b.Known)
	a.At, a.Known = b.At, b.Known
	return same && a == b
}

func sameCounter(a, b trigger.Counter) bool {
	return a.Trigger == b.Trigger && a.Fired == b.Fired && a.Last.Equal(b.Last) && a.Cycle == b.Cycle
}
