package segment

import (
	"fmt"
	"slices"

	"github.com/regulars-go/regulars/customer"
)

// Scale scores customers by recency, frequency and money (RFM) with fixed
// thresholds. A score is 1 plus the number of thresholds that are reached: with
// four thresholds, from 1 to 5, where 5 is the best. Customers who never bought
// have no scores; every predicate is false of them.
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
	Within customer.Period `json:"within,omitzero" doc:"the trailing window that frequency and money look at; absent: all time"`
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
	quiet := *c
	quiet.faults = new(customer.Faults) // those of the thresholds were told
	return quiet.predicate(p.spelledOut(), path)
}

func (p *rfm) check(c *compiler, path string) bool {
	for i, d := range p.Scale.Recency {
		c.length(d, fmt.Sprintf("%s.scale.recency[%d]", path, i))
		if i > 0 && d.AtMost() <= p.Scale.Recency[i-1].AtMost() {
			c.faults.Add(fmt.Sprintf("%s.scale.recency[%d]", path, i), "%s is not longer than the one before; order them, the shortest first", d)
		}
	}
	for _, of := range []struct {
		name string
		list []int64
	}{{"frequency", p.Scale.Frequency}, {"money", p.Scale.Money}} {
		for i := 1; i < len(of.list); i++ {
			if of.list[i] <= of.list[i-1] {
				c.faults.Add(fmt.Sprintf("%s.scale.%s[%d]", path, of.name, i), "%d is not more than the one before; order them, the least first", of.list[i])
			}
		}
	}
	c.period(p.Scale.Within, path+".scale.within")
	if !p.Is.checkNumber(c, path+".is") {
		return false
	}
	switch n := len(p.thresholds()); {
	case p.Score != byRecency && p.Score != byFrequency && p.Score != byMoney:
		c.faults.Add(path+".score", "%.40q is unknown; use recency, frequency or money", p.Score)
	case n == 0:
		c.faults.Add(path+".scale."+string(p.Score), "is empty; give it thresholds")
	default:
		return true
	}
	return false
}

// thresholds returns a predicate for each point of the score, the easiest first.
func (p *rfm) thresholds() []Predicate {
	var points []Predicate
	of := Purchases{Within: p.Scale.Within}
	switch p.Score {
	case byRecency:
		for _, d := range slices.Backward(p.Scale.Recency) {
			points = append(points, PurchasedWithin(d))
		}
	case byFrequency:
		for _, n := range p.Scale.Frequency {
			points = append(points, of.Count(AtLeast, n))
		}
	case byMoney:
		for _, amount := range p.Scale.Money {
			points = append(points, of.Total(AtLeast, amount))
		}
	}
	return points
}

// spelledOut returns the predicate in terms of the thresholds: of each run of
// scores that pass, the least is reached, and what comes behind the most is not.
func (p *rfm) spelledOut() Predicate {
	points := p.thresholds()
	passing := numbers(p.Is.Op, p.Is.Values)
	best := len(points) + 1
	var runs []Predicate
	for low := 1; low <= best; low++ {
		if !passing.passes(int64(low)) {
			continue
		}
		run := []Predicate{Purchases{}.Count(AtLeast, 1)}
		if low > 1 {
			run = append(run, p.reached(points, low-1))
		}
		high := low
		for high < best && passing.passes(int64(high+1)) {
			high++
		}
		if high < best {
			run = append(run, Not(p.reached(points, high)))
		}
		runs = append(runs, All(run...))
		low = high
	}
	if len(runs) == 0 {
		return Not(All())
	}
	return Any(runs...)
}

// reached is true where at least n thresholds are: of amounts and numbers, the
// n-th. Of spans, any n: a month may be shorter than 30 days, and then it is not.
func (p *rfm) reached(points []Predicate, n int) Predicate {
	if p.Score == byRecency {
		return Some(n, points...)
	}
	return points[n-1]
}
