package segment_test

import (
	"cmp"
	"slices"
	"strings"
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
	plans      []plan // of the cycles
	members    map[string]bool
	since      map[string]time.Time // of members
	zone       *time.Location
}

// rule is a predicate and what it means.
type rule interface {
	predicate() segment.Predicate
	holds(w *world, now time.Time) bool
	// edges returns the instants at which it may change, all of those between two
	// instants and maybe more.
	edges(w *world, from, to time.Time) []time.Time
}

// leaf is a predicate that is not made of others.
type leaf struct {
	of    segment.Predicate
	truth func(w *world, now time.Time) bool
	flips func(w *world, from, to time.Time) []time.Time // nil: time does not matter
}

func (l leaf) GoString() string                   { return l.of.String() }
func (l leaf) predicate() segment.Predicate       { return l.of }
func (l leaf) holds(w *world, now time.Time) bool { return l.truth(w, now) }

func (l leaf) edges(w *world, from, to time.Time) []time.Time {
	if l.flips == nil {
		return nil
	}
	return l.flips(w, from, to)
}

type (
	allOf  []rule
	anyOf  []rule
	someOf struct {
		n  int
		of []rule
	}
	notOf struct{ of rule }
)

func (r allOf) predicate() segment.Predicate  { return segment.All(predicates(r)...) }
func (r anyOf) predicate() segment.Predicate  { return segment.Any(predicates(r)...) }
func (r someOf) predicate() segment.Predicate { return segment.Some(r.n, predicates(r.of)...) }
func (r notOf) predicate() segment.Predicate  { return segment.Not(r.of.predicate()) }

func (r allOf) holds(w *world, now time.Time) bool  { return holding(r, w, now) == len(r) }
func (r anyOf) holds(w *world, now time.Time) bool  { return holding(r, w, now) > 0 }
func (r someOf) holds(w *world, now time.Time) bool { return holding(r.of, w, now) >= r.n }
func (r notOf) holds(w *world, now time.Time) bool  { return !r.of.holds(w, now) }

func (r allOf) edges(w *world, from, to time.Time) []time.Time  { return edgesOf(r, w, from, to) }
func (r anyOf) edges(w *world, from, to time.Time) []time.Time  { return edgesOf(r, w, from, to) }
func (r someOf) edges(w *world, from, to time.Time) []time.Time { return edgesOf(r.of, w, from, to) }
func (r notOf) edges(w *world, from, to time.Time) []time.Time  { return r.of.edges(w, from, to) }

func predicates(rules []rule) []segment.Predicate {
	var all []segment.Predicate
	for _, r := range rules {
		all = append(all, r.predicate())
	}
	return all
}

func holding(rules []rule, w *world, now time.Time) (n int) {
	for _, r := range rules {
		if r.holds(w, now) {
			n++
		}
	}
	return n
}

// edgesOf returns the edges of all rules, in order.
func edgesOf(rules []rule, w *world, from, to time.Time) []time.Time {
	var all []time.Time
	for _, r := range rules {
		all = append(all, r.edges(w, from, to)...)
	}
	slices.SortFunc(all, time.Time.Compare)
	return slices.CompactFunc(all, time.Time.Equal)
}

// passes is what every comparison of values in an order means.
func passes[T cmp.Ordered](a T, op segment.Op, b []T) bool {
	switch op {
	case segment.Equal:
		return a == b[0]
	case segment.NotEqual:
		return a != b[0]
	case segment.Less:
		return a < b[0]
	case segment.AtMost:
		return a <= b[0]
	case segment.AtLeast:
		return a >= b[0]
	case segment.More:
		return a > b[0]
	case segment.Between:
		return a >= b[0] && a <= b[1]
	case segment.OneOf:
		return slices.Contains(b, a)
	case segment.NoneOf:
		return !slices.Contains(b, a)
	}
	panic("no such op")
}

func passesText(a string, op segment.Op, b []string) bool {
	switch op {
	case segment.Contains:
		return strings.Contains(a, b[0])
	case segment.HasPrefix:
		return len(a) >= len(b[0]) && a[:len(b[0])] == b[0]
	case segment.HasSuffix:
		return len(a) >= len(b[0]) && a[len(a)-len(b[0]):] == b[0]
	}
	return passes(a, op, b)
}

// inside is the one sentence of the documentation on windows.
func (w *world) inside(t time.Time, d customer.Period, now time.Time) bool {
	return !now.Before(t) && (d.IsZero() || now.Before(d.After(t, w.zone)))
}

// midnight returns when a day begins.
func (w *world) midnight(d customer.Date) time.Time { return d.At(customer.TimeOfDay{}, w.zone) }

// facts returns what package segment is given of the world at an instant.
func (w *world) facts(f *segment.Facts, now time.Time) {
	totals, ok := customer.TotalsOf(w.purchases)
	if !ok {
		panic("overflow")
	}
	f.Customer, f.Totals, f.Zone = &w.card, &totals, w.zone
	f.Purchases, f.Activities, f.Cycles = w.purchases, w.activities, nil
	for i := range w.plans {
		f.Cycles = append(f.Cycles, w.plans[i].at(now))
	}
	f.At(now)
}
