package segment

import (
	"fmt"
	"slices"

	"github.com/regulars-go/regulars/customer"
)

// Purchases says which purchases a predicate is about; the zero Purchases are
// all that were ever made. Purchases of which nothing is left after refunds do
// not count, and amounts are what is left. Its methods build the predicates:
//
//	segment.Purchases{Within: customer.Days(90)}.Count(segment.AtLeast, 3)
//
// Of Within, the days From and To, and Cycle, one kind at most is set. In a Cycle
// that the customer does not have, every comparison is false.
type Purchases struct {
	Of     customer.Filter `json:"of,omitzero" doc:"which purchases; where it picks items, amounts are those of the items"`
	Within customer.Period `json:"within,omitzero" document:"nonzero" doc:"only those in this trailing window"`
	From   customer.Date   `json:"from,omitzero" doc:"only those of this day, in the customer's zone, or later"`
	To     customer.Date   `json:"to,omitzero" doc:"only those before this day, in the customer's zone"`
	Cycle  string          `json:"cycle,omitzero" doc:"only those since the customer's cycle in this pipeline began"`
}

// Count compares how many purchases there are with n.
func (p Purchases) Count(op Op, n ...int64) Predicate { return p.measure(counted, op, n) }

// Total compares the sum of the purchases' amounts, zero where there are none,
// with amounts, in minor units.
func (p Purchases) Total(op Op, amount ...int64) Predicate { return p.measure(total, op, amount) }

// Average compares the mean amount, rounded down, with amounts, in minor units.
// It is false where there is no purchase.
func (p Purchases) Average(op Op, amount ...int64) Predicate { return p.measure(average, op, amount) }

// Largest compares the largest amount with amounts, in minor units. It is false
// where there is no purchase.
func (p Purchases) Largest(op Op, amount ...int64) Predicate { return p.measure(largest, op, amount) }

// Smallest compares the smallest amount with amounts, in minor units. It is
// false where there is no purchase.
func (p Purchases) Smallest(op Op, amount ...int64) Predicate { return p.measure(smallest, op, amount) }

// Categories compares of how many different categories the items are that Of
// picks with n. Items without a category do not count.
func (p Purchases) Categories(op Op, n ...int64) Predicate { return p.measure(categories, op, n) }

// SKUs compares how many different SKUs the items have that Of picks with n.
// Items without one do not count.
func (p Purchases) SKUs(op Op, n ...int64) Predicate { return p.measure(skus, op, n) }

// Share compares how many percent, rounded down, of all that was spent in the
// window went into the purchases that Of takes. It is false where nothing was
// spent.
func (p Purchases) Share(op Op, percent ...int64) Predicate { return p.measure(share, op, percent) }

// MeanInterval compares the mean time from one purchase to the next, rounded
// down to the microsecond, with lengths of time, of which a day has 24 hours.
// Purchases of one instant are no time apart. It is false where there are fewer
// than two purchases.
func (p Purchases) MeanInterval(op Op, d ...customer.Period) Predicate {
	return purchaseInterval{p.clone(), meanInterval, is(op, d)}
}

// MedianInterval compares the median time from one purchase to the next, as
// [Purchases.MeanInterval] does.
func (p Purchases) MedianInterval(op Op, d ...customer.Period) Predicate {
	return purchaseInterval{p.clone(), medianInterval, is(op, d)}
}

func (p Purchases) measure(m measure, op Op, n []int64) Predicate {
	return purchases{p.clone(), m, is(op, n)}
}

func (p Purchases) clone() Purchases {
	p.Of = p.Of.Clone()
	return p
}

func (p *Purchases) when() when { return when{p.Within, p.From, p.To, p.Cycle} }

// Spent compares all that the customer ever paid, less refunds, with amounts, in
// minor units.
func Spent(op Op, amount ...int64) Predicate { return Purchases{}.Total(op, amount...) }

// Bought is true of customers who bought something of the category within d;
// ever, where d is zero.
func Bought(category string, d customer.Period) Predicate {
	of := customer.Filter{Categories: []string{category}}
	return Purchases{Of: of, Within: d}.Count(AtLeast, 1)
}

// purchases compares an amount or a number reckoned of purchases.
type purchases struct {
	Purchases
	Measure measure           `json:"measure" doc:"what is reckoned"`
	Is      comparison[int64] `json:"is"`
}

func (purchases) key() string { return "purchases" }

func (p purchases) String() string {
	return fmt.Sprintf("%s of %s is %s", measureWords[p.Measure], &p.Purchases, p.Is)
}

// String tells which purchases are meant.
func (p *Purchases) String() string { return "purchases" + filterWords(&p.Of) + p.when().String() }

func filterWords(of *customer.Filter) string {
	var words string
	for _, part := range []struct {
		name string
		list []string
	}{{"category", of.Categories}, {"SKU", of.SKUs}, {"source", of.Sources}} {
		if len(part.list) > 0 {
			words += fmt.Sprintf(" of %s %s", part.name, list(part.list, "or"))
		}
	}
	for _, part := range []struct {
		words string
		n     int64
	}{{"at least", of.MinAmount}, {"at most", of.MaxAmount}} {
		if part.n != 0 {
			words += fmt.Sprintf(" of %s %d", part.words, part.n)
		}
	}
	if of.MinQuantity != 0 {
		words += fmt.Sprintf(" of at least %d pieces", of.MinQuantity)
	}
	return words
}

func (p purchases) compile(c *compiler, path string) eval {
	path += ".purchases"
	if !slices.Contains(amounts, p.Measure) {
		c.faults.Add(path+".measure", "%.40q is unknown", p.Measure)
		return unknown
	}
	if p.Measure == share && p.Of.IsZero() {
		c.faults.Add(path+".of", "takes every purchase, whose share is always 100; say the share of what")
	}
	if !p.Is.checkAmount(c, path+".is", 0) {
		return unknown
	}
	if p.plain() {
		c.reads.purchases.add(nil)
		return p.fromTotals()
	}
	p.check(c, path, p.Measure == share)
	w, every := newWindow(p.when(), p.Measure, p.Is.Op, p.Is.Values), p.Of.IsZero()
	enough := func(f *Facts) (bool, int64) { return p.enough(f, w, every) }
	return w.eval(enough, func(f *Facts) { p.gather(f, w) })
}

// plain reports whether what is kept of all purchases answers the question.
func (p *purchases) plain() bool {
	kept := p.Measure == counted || p.Measure == total || p.Measure == average || p.Measure == largest
	return kept && p.Of.IsZero() && p.when().isZero()
}

// check faults what makes no sense, and notes what is read: purchases that the
// filter takes, or all of them.
func (p *Purchases) check(c *compiler, path string, all bool) {
	c.filter(&p.Of, path+".of")
	p.when().check(c, path, &c.reads.bought.Purchases, &c.reads.bought.AllPurchases)
	if all {
		c.reads.purchases.add(nil)
	} else {
		c.reads.purchases.add(&p.Of)
	}
}

func (c *compiler) filter(of *customer.Filter, path string) {
	if err := of.Validate(); err != nil {
		c.faults.Add(path, "%v", err)
	}
}

// enough adds the purchases up, newest first, until there are enough.
func (p *Purchases) enough(f *Facts, w *window, every bool) (bool, int64) {
	from, to, ok := w.scope.bounds(f)
	if !ok {
		return false, never
	}
	sum, until := int64(0), never
	for i := len(f.Purchases) - 1; i >= 0 && sum < w.need; i-- {
		bought := &f.Purchases[i]
		at := bought.At.UnixMicro()
		if at < from {
			break
		}
		if at >= to || at > f.now || !bought.Counts() || !(every || p.Of.Takes(bought)) {
			continue
		}
		amount := bought.Amount
		if !every || len(bought.Refunds) > 0 {
			amount = p.Of.Amount(bought)
		}
		end := w.scope.until(f, at)
		if share := w.share(amount); share > 0 && end > f.now {
			sum, until = addClamped(sum, share), min(until, end)
		}
	}
	return w.verdict(sum, until)
}

// gather hands the purchases to the window.
func (p *Purchases) gather(f *Facts, w *window) {
	for i := len(f.Purchases) - 1; i >= 0; i-- {
		bought := &f.Purchases[i]
		at := bought.At.UnixMicro()
		if at < f.heap.from {
			return
		}
		if !bought.Counts() {
			continue
		}
		takes := p.Of.Takes(bought)
		switch {
		case w.measure == share:
			fact := inside{at: at, amount: bought.Net(), bought: bought}
			if takes {
				fact.part = p.Of.Amount(bought)
			}
			w.add(f, fact)
		case takes:
			w.add(f, inside{at: at, amount: p.Of.Amount(bought), bought: bought, of: &p.Of})
		}
	}
}

// fromTotals reads what is kept of all purchases.
func (p *purchases) fromTotals() eval {
	t := numbers(p.Is.Op, p.Is.Values)
	switch p.Measure {
	case counted:
		return steady(func(f *Facts) bool { return t.passes(int64(f.Totals.Count)) })
	case total:
		return steady(func(f *Facts) bool { return t.passes(f.Totals.Total) })
	case average:
		return steady(func(f *Facts) bool { return f.Totals.Count > 0 && t.passes(f.Totals.Average()) })
	}
	return steady(func(f *Facts) bool { return f.Totals.Count > 0 && t.passes(f.Totals.Max) })
}

// purchaseInterval compares the time between purchases.
type purchaseInterval struct {
	Purchases
	Measure measure                     `json:"measure" doc:"what is reckoned"`
	Is      comparison[customer.Period] `json:"is" doc:"lengths of time, of which a day has 24 hours"`
}

func (purchaseInterval) key() string { return "purchase_interval" }

func (p purchaseInterval) String() string {
	return fmt.Sprintf("%s between %s is %s", measureWords[p.Measure], &p.Purchases, p.Is)
}

func (p purchaseInterval) compile(c *compiler, path string) eval {
	path += ".purchase_interval"
	if !slices.Contains(intervals, p.Measure) {
		c.faults.Add(path+".measure", "%.40q is unknown", p.Measure)
	}
	p.check(c, path, false)
	if !p.Is.checkNumber(c, path+".is") {
		return unknown
	}
	lengths := c.lengths(p.Is.Values, path+".is")
	w := newWindow(p.when(), p.Measure, p.Is.Op, lengths)
	return w.eval(nil, func(f *Facts) { p.gather(f, w) })
}

// lengths turns periods into microseconds, where a day has 24 hours.
func (c *compiler) lengths(periods []customer.Period, path string) []int64 {
	lengths := make([]int64, len(periods))
	for i, p := range periods {
		c.period(p, path)
		if p.Years != 0 || p.Months != 0 {
			c.faults.Add(path, "%s has no fixed length; use days", p)
		}
		lengths[i] = lengthOf(p)
	}
	return lengths
}

// lengthOf returns the length of a period without years and months.
func lengthOf(p customer.Period) int64 {
	return int64(p.Weeks*7+p.Days)*dayLength + p.Exact.Microseconds()
}

// Lapsed is true from that many times the customer's own median interval after
// their last purchase on, of the purchases that the filter takes. It is false of
// customers with fewer than two such purchases. Where the median is no time at
// all, since most were made in one instant, it is true at once.
func Lapsed(of customer.Filter, times float64) Predicate { return lapsed{of.Clone(), times} }

type lapsed struct {
	Of    customer.Filter `json:"of,omitzero" doc:"which purchases"`
	Times float64         `json:"times" doc:"how many median intervals have passed since the last of them"`
}

func (lapsed) key() string { return "lapsed" }

func (l lapsed) String() string {
	return fmt.Sprintf("no purchase%s for %v times the median interval", filterWords(&l.Of), l.Times)
}

func (l lapsed) compile(c *compiler, path string) eval {
	path += ".lapsed"
	c.filter(&l.Of, path+".of")
	if !(l.Times > 0 && l.Times <= 1000) {
		c.faults.Add(path+".times", "%v is not above 0 and at most 1000", l.Times)
	}
	c.reads.purchases.add(&l.Of)
	c.reads.time, c.reads.bought.AllPurchases = true, true
	return timed(func(f *Facts) (bool, int64) {
		last, median, ok := l.habit(f)
		if !ok {
			return false, never
		}
		wait := min(l.Times*float64(median), float64(endOfTime)) // more would not fit
		if due := addClamped(last, int64(wait)); f.now < due {
			return false, due
		}
		return true, never
	})
}

// habit returns when the last purchase was made, and the median interval; false
// where there are fewer than two.
func (l *lapsed) habit(f *Facts) (last, median int64, ok bool) {
	t := &f.heap.tally
	t.reset()
	for i := range f.Purchases {
		if bought := &f.Purchases[i]; bought.Counts() && l.Of.Takes(bought) {
			last = bought.At.UnixMicro()
			if last <= f.now {
				t.time(last)
			}
		}
	}
	if len(t.times) == 0 {
		return 0, 0, false
	}
	median, ok = t.value(medianInterval)
	return t.times[len(t.times)-1], median, ok
}
