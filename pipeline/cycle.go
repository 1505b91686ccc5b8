package pipeline

import (
	"slices"
	"time"

	"github.com/regulars-go/regulars/customer"
)

// maxGaps is how many of a customer's newest intervals a habit is learned from.
const maxGaps = 24

// openCycle makes bought the head of the cycle: its newest purchase.
func (p *Pipeline) openCycle(c *customer.Cycle, bought *customer.Purchase, card *customer.Customer, loc *time.Location) {
	if p.LearnAfter > 0 && c.Number > 0 {
		c.Gaps = withGap(c.Gaps, c.Started, bought.At, loc)
	}
	c.Pipeline = p.ID
	c.Number++
	c.Purchase, c.Started = bought.ID, bought.At
	p.setNext(c, bought, card, loc)
}

// rebuildCycle makes the cycle what it would be had all of the customer's
// purchases arrived in order. It returns false where the pipeline takes none of
// them.
func (p *Pipeline) rebuildCycle(c *customer.Cycle, purchases []customer.Purchase, card *customer.Customer, loc *time.Location) bool {
	c.Number, c.Gaps = 0, nil
	var head *customer.Purchase
	for i := range purchases {
		bought := &purchases[i]
		if !bought.Counts() || !p.Takes.Takes(bought) {
			continue
		}
		if p.LearnAfter > 0 && head != nil {
			c.Gaps = withGap(c.Gaps, head.At, bought.At, loc)
		}
		head = bought
		c.Number++
	}
	if head == nil {
		return false
	}
	c.Pipeline, c.Purchase, c.Started = p.ID, head.ID, head.At
	p.setNext(c, head, card, loc)
	return true
}

// withGap returns gaps and the days from one purchase to the next. Purchases of
// one day are one visit.
func withGap(gaps []int, from, to time.Time, loc *time.Location) []int {
	days := customer.DateOf(from.In(loc)).DaysUntil(customer.DateOf(to.In(loc)))
	if days == 0 {
		return gaps
	}
	if len(gaps) >= maxGaps {
		gaps = gaps[len(gaps)-maxGaps+1:]
	}
	return append(slices.Clone(gaps), days)
}

// median returns the median of gaps, the mean of the two middle ones rounded
// half up where their number is even.
func median(gaps []int) int {
	sorted := slices.Sorted(slices.Values(gaps))
	n := len(sorted)
	if n%2 == 1 {
		return sorted[n/2]
	}
	return (sorted[n/2-1] + sorted[n/2] + 1) / 2
}

// setNext sets the date that the cycle aims at, from the first source that has
// one.
func (p *Pipeline) setNext(c *customer.Cycle, head *customer.Purchase, card *customer.Customer, loc *time.Location) {
	if h := c.Hand; h != nil && h.Purchase == c.Purchase && !h.NextAt.IsZero() {
		c.Next, c.NextBy = p.dayOf(h.Next, loc), customer.ByHand
		return
	}
	if !head.Next.IsZero() {
		c.Next, c.NextBy = p.dayOf(head.Next, loc), customer.ByPurchase
		return
	}
	cadence, by := p.cadenceOf(c, head, card)
	c.Next, c.NextBy = cadence.Next(c.Started, p.DayStart, loc), by
}

// dayOf returns the day start of the day of t; zero stays zero.
func (p *Pipeline) dayOf(t time.Time, loc *time.Location) time.Time {
	if t.IsZero() {
		return t
	}
	return customer.DateOf(t.In(loc)).At(p.DayStart, loc)
}

func (p *Pipeline) cadenceOf(c *customer.Cycle, head *customer.Purchase, card *customer.Customer) (customer.Cadence, customer.NextBy) {
	if own := card.CadenceIn(p.ID); !own.IsZero() {
		return own, customer.ByCustomer
	}
	for i := range p.Items {
		if p.Items[i].Of.Takes(head) {
			return p.Items[i].Cadence, customer.ByItem
		}
	}
	if p.LearnAfter > 0 && len(c.Gaps) >= p.LearnAfter {
		return Every(customer.Days(median(c.Gaps))), customer.ByHabit
	}
	if !p.Cadence.IsZero() {
		return p.Cadence, customer.ByPipeline
	}
	return customer.Cadence{}, customer.ByNothing
}

// place derives where the cycle stands at the instant: its stage, whether it is
// over, and when the clock moves it on. It reads nothing but the dates, so
// that it does not matter how often or how late it is asked.
func (p *Pipeline) place(c *customer.Cycle, at time.Time, loc *time.Location) {
	c.Closed, c.Due = "", time.Time{}
	h := c.Hand
	if refused(c) {
		c.Stage, c.Entered, c.Closed = "", h.RefusedAt, h.Refused
		return
	}
	current, entered, after := -1, time.Time{}, time.Time{}
	if h != nil && h.Purchase == c.Purchase && p.stage(h.Stage) >= 0 {
		current, entered, after = p.stage(h.Stage), h.StageAt, h.StageAt
	}
	var due time.Time
	for i := range p.Stages {
		start := p.Stages[i].From.at(c, p.DayStart, loc)
		switch {
		case start.IsZero() || i <= current || (!after.IsZero() && !start.After(after)):
		case !start.After(at):
			current, entered = i, p.enteredAt(c, i, start)
			due = time.Time{} // whatever was to come lies before this stage
		case due.IsZero() || start.Before(due):
			due = start
		}
	}
	c.Stage, c.Entered = p.Stages[current].ID, entered
	if reason := p.Stages[current].Closes; reason != "" {
		c.Closed = reason
		return
	}
	c.Due = due
}

// enteredAt returns since when a customer is in a stage that starts at start:
// not before the purchase, and not before someone set the date that it is
// reckoned from.
func (p *Pipeline) enteredAt(c *customer.Cycle, stage int, start time.Time) time.Time {
	entered := latest(start, c.Started)
	if h := c.Hand; h != nil && c.NextBy == customer.ByHand && p.Stages[stage].From.Anchor != AfterPurchase {
		entered = latest(entered, h.NextAt)
	}
	return entered
}

// refused reports whether the customer refused in this cycle, or in one that a
// later purchase had opened and a refund has undone.
func refused(c *customer.Cycle) bool {
	h := c.Hand
	if h == nil || h.RefusedAt.IsZero() {
		return false
	}
	return c.Started.Before(h.RefusedAt) || (c.Started.Equal(h.RefusedAt) && h.RefusedIn == c.Purchase)
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// earliest returns the earlier of two instants, where zero is none.
func earliest(a, b time.Time) time.Time {
	if a.IsZero() || (!b.IsZero() && b.Before(a)) {
		return b
	}
	return a
}
