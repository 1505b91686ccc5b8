package segment

import (
	"slices"

	"github.com/regulars-go/regulars/customer"
)

// settled is a predicate that can be past changing.
type settled interface {
	// isSettled reports whether nothing that still can happen makes the predicate
	// what it is not, where time alone does not.
	isSettled(f *Facts, to bool) bool
}

func (chance) isSettled(*Facts, bool) bool    { return true }
func (customers) isSettled(*Facts, bool) bool { return true }
func (p card) isSettled(*Facts, bool) bool    { return p.Attribute == CardID }

// isSettled knows that what was first stays so, and that what is last only moves
// on. Purchases may be refunded, but a first one is not reckoned with to be.
func (p moment) isSettled(f *Facts, to bool) bool {
	switch p.Of.Of.(type) {
	case created:
		return true
	case firstPurchase, firstActivity:
		if _, known := p.Of.Of.at(f); known {
			return true
		}
	case lastActivity:
	case lastPurchase:
		if _, known := p.Of.Of.at(f); known {
			return false
		}
	default:
		return false
	}
	return !p.Is.relative() && !p.comes(f, to)
}

// comes reports whether a moment from now on can make the answer so.
func (p *moment) comes(f *Facts, to bool) bool {
	ask := p.Is.ask()
	for _, at := range append(p.days(f), f.now) {
		if truth, _ := ask(f, point{at: at}, true); at >= f.now && truth == to {
			return true
		}
	}
	return false
}

// days returns when the days begin that the moment is compared with.
func (p *moment) days(f *Facts) []int64 {
	var days []customer.Date
	switch is := p.Is.(type) {
	case before:
		days = append(days, is.Day)
	case from:
		days = append(days, is.Day)
	case between:
		days = append(days, is.From, is.To)
	}
	begins := make([]int64, len(days))
	for i, d := range days {
		begins[i] = f.dayStart(midnight(d))
	}
	return begins
}

// isSettled knows that activities are not undone: outside a trailing window and a
// cycle there will only be more of them, and in days that are past not even that.
func (a activities) isSettled(f *Facts, to bool) bool {
	when := a.when()
	if !when.within.IsZero() || when.cycle != "" {
		return false
	}
	if past(f, when) {
		return true
	}
	w := newWindow(when, counted, Equal, []int64{0})
	w.begin(f)
	a.gather(f, w)
	test := numbers(a.Is.Op, a.Is.Values)
	return !reaches(&test, a.Is.Values, int64(len(f.heap.facts))+1, to)
}

// isSettled knows that there will be no more purchases in days that are past, so
// that refunds alone change what is reckoned of them: a number or a sum only goes
// down.
func (p purchases) isSettled(f *Facts, to bool) bool {
	if !past(f, p.when()) || !slices.Contains([]measure{counted, total}, p.Measure) {
		return false
	}
	w := newWindow(p.when(), p.Measure, Equal, []int64{0})
	w.begin(f)
	p.gather(f, w)
	h := &f.heap
	h.tally.reset()
	for i := range h.facts {
		h.tally.add(p.Measure, &h.facts[i])
	}
	have, _ := h.tally.value(p.Measure)
	test := numbers(p.Is.Op, p.Is.Values)
	for _, n := range marks(p.Is.Values, 0) {
		if n < have && test.passes(n) == to {
			return false
		}
	}
	return true
}

// past reports whether the days that count are over.
func past(f *Facts, w when) bool {
	return !w.to.IsZero() && f.dayStart(midnight(w.to)) <= f.now
}

// reaches reports whether a number of at least least makes a comparison so.
func reaches(t *test[int64], values []int64, least int64, to bool) bool {
	return slices.ContainsFunc(marks(values, least), func(n int64) bool { return n >= least && t.passes(n) == to })
}

// marks returns numbers between which a comparison with the values does not
// change: one, and each value with its neighbours.
func marks(values []int64, one int64) []int64 {
	all := []int64{one}
	for _, v := range values {
		all = append(all, v, addClamped(max(v, 0), 1))
		if v > 0 {
			all = append(all, v-1)
		}
	}
	return all
}
