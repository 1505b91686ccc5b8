package row

import (
	"slices"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/store"
)

// Changed is what a commit changes of the readable copies of a record.
type Changed struct {
	Card   bool              // the card is to be written
	Put    []*customer.Cycle // to be written, of the new record
	Gone   []string          // pipelines in which there is no cycle any more
	Add    []Lookup          // to be written; one that is there gets another Since
	Remove []Lookup
}

// Diff compares the record that was committed with the new one. The old is nil
// where there is none.
func Diff(old, now *store.Record) (c Changed) {
	if old == nil {
		c.Card = true
		old = none
	} else {
		c.Card = !sameCard(&old.Customer, &now.Customer)
	}
	c.cycles(old.Cycles, now.Cycles)
	switch {
	case c.Card:
		c.lookups(Lookups(old), Lookups(now))
	case !slices.Equal(old.Segments, now.Segments): // the others are as they were
		c.lookups(segments(old, nil), segments(now, nil))
	}
	return c
}

var none = new(store.Record)

// sameCard compares what is readable of two cards.
func sameCard(a, b *customer.Customer) bool {
	return a.Name == b.Name && a.Source == b.Source && a.Manager == b.Manager && a.Zone == b.Zone &&
		a.Locale == b.Locale && a.Since.Equal(b.Since) && slices.Equal(a.Emails, b.Emails) &&
		slices.Equal(a.Phones, b.Phones) && slices.Equal(a.Tags, b.Tags)
}

// cycles compares the cycles in each pipeline, of which a record has one; of several
// the first counts, as when it is looked up.
func (c *Changed) cycles(old, now []customer.Cycle) {
	for i := range now {
		y := &now[i]
		if customer.FindCycle(now, y.Pipeline) != y {
			continue
		}
		if was := customer.FindCycle(old, y.Pipeline); was == nil || !sameCycle(was, y) {
			c.Put = append(c.Put, y)
		}
	}
	for i := range old {
		if customer.FindCycle(now, old[i].Pipeline) == nil {
			c.Gone = append(c.Gone, old[i].Pipeline)
		}
	}
}

// sameCycle compares what is readable of two cycles in one pipeline.
func sameCycle(a, b *customer.Cycle) bool {
	return a.Number == b.Number && a.Stage == b.Stage && a.Entered.Equal(b.Entered) &&
		a.Next.Equal(b.Next) && a.Closed == b.Closed && a.Purchase == b.Purchase
}

// lookups goes through both lists, which are in order, at once.
func (c *Changed) lookups(old, now []Lookup) {
	for len(old) > 0 || len(now) > 0 {
		order := -1
		if len(old) == 0 {
			order = 1
		} else if len(now) > 0 {
			order = old[0].compare(now[0])
		}
		switch {
		case order < 0:
			c.Remove, old = append(c.Remove, old[0]), old[1:]
		case order > 0:
			c.Add, now = append(c.Add, now[0]), now[1:]
		default:
			if !old[0].Since.Equal(now[0].Since) {
				c.Add = append(c.Add, now[0])
			}
			old, now = old[1:], now[1:]
		}
	}
}
