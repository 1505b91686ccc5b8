package segment_test

import (
	"slices"
	"time"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
)

// A naive model of predicates: each goes through all of the history and does
// what the documentation says, an instant at a time. It shares no code with
// the package; only the calendar is that of package customer, which has a model
// of its own.

// world is a customer with everything that ever happened.
type world struct {
	card       customer.Customer
	purchases  []customer.Purchase
	activities []customer.Activity
	cycles     []customer.Cycle
	members    map[string]bool // of other segments
	zone       *time.Location
}

// rule is a predicate and what it means.
type rule interface {
	predicate() segment.Predicate
	holds(w *world, now time.Time) bool
}

// inside is the one sentence of the documentation on windows.
func (w *world) inside(t time.Time, d customer.Period, now time.Time) bool {
	return !now.Before(t) && (d.IsZero() || now.Before(d.After(t, w.zone)))
}

func passes(a int64, op segment.Op, b int64) bool {
	switch op {
	case segment.Equal:
		return a == b
	case segment.NotEqual:
		return a != b
	case segment.Less:
		return a < b
	case segment.AtMost:
		return a <= b
	case segment.AtLeast:
		return a >= b
	case segment.More:
		return a > b
	}
	panic("no such op")
}

type allOf []rule

func (r allOf) predicate() segment.Predicate { return segment.All(predicates(r)...) }

func (r allOf) holds(w *world, now time.Time) bool {
	return !slices.ContainsFunc(r, func(kid rule) bool { return !kid.holds(w, now) })
}

type anyOf []rule

func (r anyOf) predicate() segment.Predicate { return segment.Any(predicates(r)...) }

func (r anyOf) holds(w *world, now time.Time) bool {
	return slices.ContainsFunc(r, func(kid rule) bool { return kid.holds(w, now) })
}

func predicates(rules []rule) []segment.Predicate {
	var all []segment.Predicate
	for _, r := range rules {
		all = append(all, r.predicate())
	}
	return all
}

type notOf struct{ of rule }

func (r notOf) predicate() segment.Predicate       { return segment.Not(r.of.predicate()) }
func (r notOf) holds(w *world, now time.Time) bool { return !r.of.holds(w, now) }

// onCard is what reads the card, the cycles and other segments only.
type onCard struct {
	of    segment.Predicate
	truth func(w *world) bool
}

func (r onCard) predicate() segment.Predicate     { return r.of }
func (r onCard) holds(w *world, _ time.Time) bool { return r.truth(w) }

type recency struct {
	d      customer.Period
	within bool
}

func (r recency) predicate() segment.Predicate {
	if r.within {
		return segment.PurchasedWithin(r.d)
	}
	return segment.NoPurchaseFor(r.d)
}

func (r recency) holds(w *world, now time.Time) bool {
	var bought, recent bool
	for _, p := range w.purchases {
		if left(p) != gone {
			bought = true
			recent = recent || w.inside(p.At, r.d, now)
		}
	}
	return bought && recent == r.within
}

type buys struct {
	of     segment.Purchases
	metric string
	op     segment.Op
	n      int64
}

func (r buys) predicate() segment.Predicate {
	switch r.metric {
	case "count":
		return r.of.Count(r.op, r.n)
	case "total":
		return r.of.Total(r.op, r.n)
	case "average":
		return r.of.Average(r.op, r.n)
	}
	return r.of.Largest(r.op, r.n)
}

func (r buys) holds(w *world, now time.Time) bool {
	var count, sum, most int64
	for _, p := range w.purchases {
		if left(p) == gone || !w.inside(p.At, r.of.Within, now) || !takes(r.of.Of, p) {
			continue
		}
		amount := meant(r.of.Of, p)
		count++
		sum += amount
		most = max(most, amount)
	}
	switch {
	case r.metric == "count":
		return passes(count, r.op, r.n)
	case r.metric == "total":
		return passes(sum, r.op, r.n)
	case count == 0:
		return false
	case r.metric == "average":
		return passes(sum/count, r.op, r.n)
	}
	return passes(most, r.op, r.n)
}

// gone is what is left of a purchase that no longer counts.
const gone = int64(-1)

// left returns what is left of a purchase after its refunds.
func left(p customer.Purchase) int64 {
	net := p.Amount
	for _, r := range p.Refunds {
		net -= r.Amount
	}
	if len(p.Refunds) > 0 && net <= 0 {
		return gone
	}
	return net
}

func takes(of customer.Filter, p customer.Purchase) bool {
	if p.Amount < of.MinAmount || (len(of.Sources) > 0 && !slices.Contains(of.Sources, p.Source)) {
		return false
	}
	return len(of.Categories) == 0 || slices.ContainsFunc(p.Items, func(i customer.Item) bool {
		return slices.Contains(of.Categories, i.Category)
	})
}

// meant is what is left of the items in the categories, or of all.
func meant(of customer.Filter, p customer.Purchase) int64 {
	if len(of.Categories) == 0 {
		return left(p)
	}
	var sum int64
	for _, i := range p.Items {
		if slices.Contains(of.Categories, i.Category) {
			sum += i.Amount
		}
	}
	if len(p.Refunds) == 0 || p.Amount == 0 {
		return sum
	}
	return sum * left(p) / p.Amount
}

type acts struct {
	of segment.Activities
	op segment.Op
	n  int64
}

func (r acts) predicate() segment.Predicate { return r.of.Count(r.op, r.n) }

func (r acts) holds(w *world, now time.Time) bool {
	var count int64
	for _, a := range w.activities {
		if a.Name == r.of.Name && w.inside(a.At, r.of.Within, now) {
			count++
		}
	}
	return passes(count, r.op, r.n)
}

// facts returns what package segment is given of the world.
func (w *world) facts(f *segment.Facts) {
	totals, ok := customer.TotalsOf(w.purchases)
	if !ok {
		panic("overflow")
	}
	f.Customer, f.Totals, f.Zone = &w.card, &totals, w.zone
	f.Purchases, f.Activities, f.Cycles = w.purchases, w.activities, w.cycles
}
