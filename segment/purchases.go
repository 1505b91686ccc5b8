package segment

import (
	"fmt"

	"github.com/regulars-go/regulars/customer"
)

// Purchases says which purchases a predicate is about; the zero Purchases are
// all that were ever made. Purchases of which nothing is left after refunds do
// not count, and amounts are what is left. Its methods build the predicates:
//
//	segment.Purchases{Within: customer.Days(90)}.Count(segment.AtLeast, 3)
type Purchases struct {
	Of     customer.Filter // which; where it picks items, amounts are those of the items
	Within customer.Period // only those in this trailing window; zero: of all time
}

// Count compares how many purchases there are with n.
func (p Purchases) Count(op Op, n int64) Predicate { return purchases{p, counted, op, n} }

// Total compares the sum of the purchases' amounts, zero where there are none,
// with amount, in minor units.
func (p Purchases) Total(op Op, amount int64) Predicate { return purchases{p, total, op, amount} }

// Average compares the mean amount, rounded down, with amount, in minor units.
// It is false where there is no purchase.
func (p Purchases) Average(op Op, amount int64) Predicate { return purchases{p, average, op, amount} }

// Largest compares the largest amount with amount, in minor units. It is false
// where there is no purchase.
func (p Purchases) Largest(op Op, amount int64) Predicate { return purchases{p, largest, op, amount} }

// Spent compares all that the customer ever paid, less refunds, with amount, in
// minor units.
func Spent(op Op, amount int64) Predicate { return Purchases{}.Total(op, amount) }

// Bought is true of customers who bought something of the category within d;
// ever, where d is zero.
func Bought(category string, d customer.Period) Predicate {
	of := customer.Filter{Categories: []string{category}}
	return Purchases{Of: of, Within: d}.Count(AtLeast, 1)
}

type metric uint8

const (
	counted metric = iota
	total
	average
	largest
)

var metricNames = [...]string{"number", "total", "average", "largest"}

type purchases struct {
	of     Purchases
	metric metric
	op     Op
	n      int64
}

func (p purchases) String() string {
	words := metricNames[p.metric] + " of purchases"
	of := &p.of.Of
	for _, part := range []struct {
		name string
		list []string
	}{{"category", of.Categories}, {"SKU", of.SKUs}, {"source", of.Sources}} {
		if len(part.list) > 0 {
			words += fmt.Sprintf(" of %s %s", part.name, list(part.list))
		}
	}
	if of.MinAmount != 0 {
		words += fmt.Sprintf(" of at least %d", of.MinAmount)
	}
	if !p.of.Within.IsZero() {
		words += fmt.Sprintf(" within %s", p.of.Within)
	}
	return fmt.Sprintf("%s is %s %d", words, p.op, p.n)
}

func (p purchases) compile(c *compiler, path string) eval {
	c.op(p.op, path)
	c.span(p.of.Within, path+".within")
	c.filter(&p.of.Of, path+".of")
	c.reads.purchases = true
	if p.of.Within.IsZero() && p.of.Of.IsZero() {
		return p.fromTotals()
	}
	c.reach(p.of.Within, &c.reads.reach.Purchases, &c.reads.reach.AllPurchases)
	w := newWindow(p.of.Within, p.metric, p.op, p.n)
	of := p.of.Of.Clone() // what was compiled, the caller may change
	return w.eval(func(f *Facts) {
		for i := len(f.Purchases) - 1; i >= 0; i-- {
			bought := &f.Purchases[i]
			at := bought.At.UnixMicro()
			if !w.wants(f, at) {
				break
			}
			if bought.Counts() && of.Takes(bought) {
				w.add(f, at, of.Amount(bought))
			}
		}
	})
}

func (c *compiler) filter(of *customer.Filter, path string) {
	if err := of.Validate(); err != nil {
		c.faults.Add(path, "%v", err)
	}
}

// fromTotals reads what is kept of all purchases.
func (p purchases) fromTotals() eval {
	t := p.op.test(p.n)
	switch p.metric {
	case counted:
		return steady(func(f *Facts) bool { return t.passes(int64(f.Totals.Count)) })
	case total:
		return steady(func(f *Facts) bool { return t.passes(f.Totals.Total) })
	case average:
		return steady(func(f *Facts) bool { return f.Totals.Count > 0 && t.passes(f.Totals.Average()) })
	}
	return steady(func(f *Facts) bool { return f.Totals.Count > 0 && t.passes(f.Totals.Max) })
}

// PurchasedWithin is true while the last purchase is less than d ago.
func PurchasedWithin(d customer.Period) Predicate { return recency{d, true} }

// NoPurchaseFor is true from d after the last purchase on. It is false of
// customers who never bought; Not(PurchasedWithin(d)) is true of them as well.
func NoPurchaseFor(d customer.Period) Predicate { return recency{d, false} }

type recency struct {
	d      customer.Period
	within bool
}

func (r recency) String() string {
	if r.within {
		return fmt.Sprintf("last purchase within %s", r.d)
	}
	return fmt.Sprintf("no purchase for %s", r.d)
}

func (r recency) compile(c *compiler, path string) eval {
	c.span(r.d, path)
	if r.d.IsZero() {
		c.faults.Add(path, "%s: the span is zero; give it a length", r)
	}
	c.reads.purchases, c.reads.time = true, true
	d := newSpan(r.d)
	return timed(func(f *Facts) (bool, int64) {
		if f.Totals.Count == 0 {
			return false, never
		}
		end := d.after(f, f.Totals.Last.UnixMicro())
		if f.now < end {
			return r.within, end
		}
		return !r.within, never
	})
}
