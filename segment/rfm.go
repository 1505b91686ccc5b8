package segment

import (
	"fmt"
	"slices"

	"github.com/regulars-go/regulars/customer"
)

// Scale scores customers by recency, frequency and money (RFM) with fixed
// thresholds. A score is 1 plus the number of thresholds that are reached: with
// four thresholds, from 1 to 5, where 5 is the best. Customers who never bought
// have no scores; every predicate is false of them. Thresholds are at most 100, in
// order, the least first.
type Scale struct {
	// Recency are spans within which the last purchase lies, each a point, the
	// shortest first.
	Recency []customer.Period `json:"recency,omitzero" doc:"the last purchase lies within these, each a point"`
	// Frequency are numbers of purchases within Within that are reached.
	Frequency []int64 `json:"frequency,omitzero" doc:"there are at least so many purchases, each a point"`
	// Money are amounts, in minor units, spent within Within that are reached.
	Money []int64 `json:"money,omitzero" doc:"at least so much was spent, in minor units, each a point"`
	// Within is the trailing window that Frequency and Money look at; zero: all
	// time.
	Within customer.Period `json:"within,omitzero" document:"nonzero" doc:"the trailing window that frequency and money look at; absent: all time"`
}

// Recent compares the recency score with n.
func (s Scale) Recent(op Op, n ...int64) Predicate { return rfm{s.clone(), byRecency, is(op, n)} }

// Frequent compares the frequency score with n.
func (s Scale) Frequent(op Op, n ...int64) Predicate { return rfm{s.clone(), byFrequency, is(op, n)} }

// Monetary compares the money score with n.
func (s Scale) Monetary(op Op, n ...int64) Predicate { return rfm{s.clone(), byMoney, is(op, n)} }

// Cell is true of customers with exactly those scores.
func (s Scale) Cell(recency, frequency, money int64) Predicate {
	return All(s.Recent(Equal, recency), s.Frequent(Equal, frequency), s.Monetary(Equal, money))
}

func (s Scale) clone() Scale {
	s.Recency, s.Frequency, s.Money = slices.Clone(s.Recency), slices.Clone(s.Frequency), slices.Clone(s.Money)
	return s
}

type score string

const (
	byRecency   score = "recency"
	byFrequency score = "frequency"
	byMoney     score = "money"
)

type rfm struct {
	Scale Scale             `json:"scale"`
	Score score             `json:"score" doc:"recency, frequency or money"`
	Is    comparison[int64] `json:"is"`
}

func (rfm) key() string      { return "rfm" }
func (p rfm) String() string { return fmt.Sprintf("%s score is %s", p.Score, p.Is) }

func (p rfm) compile(c *compiler, path string) eval {
	path += ".rfm"
	if !p.check(c, path) {
		return unknown
	}
	c.reads.purchases.add(nil)
	if p.Score == byRecency {
		c.reads.time = true
		for _, d := range p.Scale.Recency {
			c.adds(d)
		}
		return p.ofRecency()
	}
	if p.Scale.Within.IsZero() {
		t := numbers(p.Is.Op, p.Is.Values)
		return steady(func(f *Facts) bool { return f.Totals.Count > 0 && t.passes(p.ofTotals(f)) })
	}
	c.adds(p.Scale.Within)
	c.reach(p.Scale.Within, &c.reads.bought.Purchases, &c.reads.bought.AllPurchases)
	return p.inWindow()
}

// maxThresholds bounds a list of thresholds.
const maxThresholds = 100

func (p *rfm) check(c *compiler, path string) bool {
	p.checkRecency(c, path)
	p.checkAmounts(c, path)
	c.period(p.Scale.Within, path+".scale.within")
	if !p.Is.checkNumber(c, path+".is") {
		return false
	}
	points := map[score]int{byRecency: len(p.Scale.Recency), byFrequency: len(p.Scale.Frequency), byMoney: len(p.Scale.Money)}
	switch n, known := points[p.Score]; {
	case !known:
		c.faults.Add(path+".score", "%.40q is unknown; use recency, frequency or money", p.Score)
	case n == 0:
		c.faults.Add(path+".scale."+string(p.Score), "is empty; give it thresholds")
	default:
		return true
	}
	return false
}

func (p *rfm) checkRecency(c *compiler, path string) {
	path += ".scale.recency"
	if n := len(p.Scale.Recency); n > maxThresholds {
		c.faults.Add(path, "has %d thresholds; a scale has at most %d", n, maxThresholds)
		return
	}
	for i, d := range p.Scale.Recency {
		c.length(d, fmt.Sprintf("%s[%d]", path, i))
		if i > 0 && d.AtMost() <= p.Scale.Recency[i-1].AtMost() {
			c.faults.Add(fmt.Sprintf("%s[%d]", path, i), "%s is not longer than the one before; order them, the shortest first", d)
		}
	}
}

func (p *rfm) checkAmounts(c *compiler, path string) {
	for _, of := range []struct {
		name string
		list []int64
	}{{"frequency", p.Scale.Frequency}, {"money", p.Scale.Money}} {
		below := fmt.Sprintf("%s.scale.%s", path, of.name)
		if n := len(of.list); n > maxThresholds {
			c.faults.Add(below, "has %d thresholds; a scale has at most %d", n, maxThresholds)
			continue
		}
		for i, n := range of.list {
			switch {
			case n <= 0:
				c.faults.Add(fmt.Sprintf("%s[%d]", below, i), "%d is reached by everyone; thresholds are above zero", n)
			case i > 0 && n <= of.list[i-1]:
				c.faults.Add(fmt.Sprintf("%s[%d]", below, i), "%d is not more than the one before; order them, the least first", n)
			}
		}
	}
}

// ofRecency counts the spans that are not over yet, each of which takes a point
// along when it is.
func (p *rfm) ofRecency() eval {
	spans := make([]span, len(p.Scale.Recency))
	for i, d := range p.Scale.Recency {
		spans[i] = newSpan(d)
	}
	passing := numbers(p.Is.Op, p.Is.Values)
	return timed(func(f *Facts) (bool, int64) {
		if f.Totals.Count == 0 {
			return false, never
		}
		ends := endsOf(f, spans)
		slices.Sort(ends)
		left := len(ends)
		truth := passing.passes(int64(1 + left))
		for i, end := range ends {
			left--
			if i+1 < len(ends) && ends[i+1] == end {
				continue // both are over at once
			}
			if passing.passes(int64(1+left)) != truth {
				return truth, end
			}
		}
		return truth, never
	})
}

// endsOf returns when the spans since the last purchase are over, of those that
// are not.
func endsOf(f *Facts, spans []span) []int64 {
	ends := f.ends[:0]
	last := f.Totals.Last.UnixMicro()
	for i := range spans {
		if end := spans[i].after(f, last); f.now < end {
			ends = append(ends, end)
		}
	}
	f.ends = ends // to be used again
	return ends
}

// amounts returns the measure and the thresholds of the score.
func (p *rfm) amounts() (measure, []int64) {
	if p.Score == byMoney {
		return total, p.Scale.Money
	}
	return counted, p.Scale.Frequency
}

// ofTotals scores what is kept of all purchases.
func (p *rfm) ofTotals(f *Facts) int64 {
	m, thresholds := p.amounts()
	if m == total {
		return scored(thresholds, f.Totals.Total)
	}
	return scored(thresholds, int64(f.Totals.Count))
}

// scored returns the score of an amount.
func scored(thresholds []int64, n int64) int64 {
	i, found := slices.BinarySearch(thresholds, n)
	return int64(1 + i + oneIf(found))
}

// inWindow scores what was bought in the window.
func (p *rfm) inWindow() eval {
	of, w := p.window()
	inside := w.eval(nil, func(f *Facts) { of.gather(f, w) })
	return timed(func(f *Facts) (bool, int64) {
		if f.Totals.Count == 0 {
			return false, never
		}
		return inside.ask(f)
	})
}

func (p *rfm) window() (*Purchases, *window) {
	of := &Purchases{Within: p.Scale.Within}
	m, thresholds := p.amounts()
	w := newWindow(of.when(), m, p.Is.Op, p.Is.Values)
	w.enough, w.scale = false, thresholds
	return of, w
}
