package segment_test

import (
	"fmt"
	"math"
	"time"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
)

// The same hundred rules twice: as segments, and as closures written by hand
// over a flat struct, which is the least that evaluating them can cost. To the
// closures a tag is a bit, a stage a number, and every day has 24 hours.

const (
	never = int64(math.MaxInt64)
	day   = 24 * time.Hour
)

// flat is a customer as the prototype knows one; instants are microseconds.
type flat struct {
	now, last         int64
	count, total, max int64
	tags              uint64
	size              float64
	stage             int
	buys              []flatFact
	views             []flatFact
}

type flatFact struct {
	at, amount int64
	name       int
}

type closure func(*flat) (bool, int64)

type twin struct {
	of   segment.Predicate
	hand closure
}

// hundred returns rules of one to four leaves, as shops write them.
func hundred() []twin {
	rules := thirty()
	for i := range int64(10) {
		rich := twin{
			segment.Spent(segment.AtLeast, i*10_000),
			func(f *flat) (bool, int64) { return f.total >= i*10_000, never },
		}
		often := twin{
			segment.Purchases{}.Count(segment.AtLeast, 2*i),
			func(f *flat) (bool, int64) { return f.count >= 2*i, never },
		}
		average := twin{
			segment.Purchases{}.Average(segment.More, i*3000),
			func(f *flat) (bool, int64) { return f.count > 0 && f.total/f.count > i*3000, never },
		}
		large := twin{
			segment.Purchases{}.Largest(segment.AtLeast, i*1000),
			func(f *flat) (bool, int64) { return f.count > 0 && f.max >= i*1000, never },
		}
		tag, stage := tagged(int(i)), staged(int(i))
		rules = append(rules,
			both(rich, often),
			both(rich, not(tag)),
			both(often, both(average, not(tagged(int(i+3)%10)))),
			one(large, one(stage, average)),
			both(stage, both(rich, one(often, large))),
			one(tag, stage),
			sized(float64(i)),
		)
	}
	return rules
}

// thirty are those of the hundred that depend on time.
func thirty() []twin {
	var rules []twin
	for i := range 10 {
		d := 10 * (i + 1)
		asleep := twin{segment.NoPurchaseFor(customer.Days(d)), asleepFor(d)}
		rules = append(rules, asleep)
		if i < 6 {
			rules = append(rules, both(asleep, not(tagged(i))))
		}
	}
	for i := range 3 {
		d := 30 * (i + 1)
		rules = append(rules,
			one(twin{segment.Purchases{Within: customer.Days(d)}.Count(segment.AtLeast, 3), countWithin(d, 3)}, staged(i)),
			both(twin{segment.Purchases{Within: customer.Days(d)}.Total(segment.AtLeast, 20_000), totalWithin(d, 20_000)}, not(tagged(i))))
	}
	for i := range 8 {
		d := 2 * (i + 1)
		viewed := twin{segment.Activities{Name: "page_view", Within: customer.Days(d)}.Count(segment.AtLeast, 2), viewsWithin(d, 2)}
		rules = append(rules, both(viewed, not(tagged(i))))
	}
	return rules
}

func tagged(i int) twin {
	return twin{segment.HasTag(tagName(i)), func(f *flat) (bool, int64) { return f.tags&(1<<i) != 0, never }}
}

func staged(i int) twin {
	return twin{segment.InStage("p", stageName(i)), func(f *flat) (bool, int64) { return f.stage == i, never }}
}

func sized(x float64) twin {
	return twin{segment.Field("size", segment.AtLeast, customer.Number(x)), func(f *flat) (bool, int64) { return f.size >= x, never }}
}

func not(t twin) twin {
	return twin{segment.Not(t.of), func(f *flat) (bool, int64) {
		truth, until := t.hand(f)
		return !truth, until
	}}
}

// both is the conjunction as one writes it for two: false as long as either is.
func both(a, b twin) twin {
	return twin{segment.All(a.of, b.of), func(f *flat) (bool, int64) {
		truthA, untilA := a.hand(f)
		if !truthA && untilA == never {
			return false, never
		}
		truthB, untilB := b.hand(f)
		switch {
		case truthA && truthB:
			return true, min(untilA, untilB)
		case truthA:
			return false, untilB
		case truthB:
			return false, untilA
		}
		return false, max(untilA, untilB)
	}}
}

func one(a, b twin) twin { return not(both(not(a), not(b))).as(segment.Any(a.of, b.of)) }

func (t twin) as(p segment.Predicate) twin { return twin{p, t.hand} }

func asleepFor(days int) closure {
	d := micros(days)
	return func(f *flat) (bool, int64) {
		if f.count == 0 {
			return false, never
		}
		if end := f.last + d; f.now < end {
			return false, end
		}
		return true, never
	}
}

func micros(days int) int64 { return (time.Duration(days) * day).Microseconds() }

// countWithin is true until the n-th newest falls out of the window.
func countWithin(days, n int) closure {
	d := micros(days)
	return func(f *flat) (bool, int64) {
		have := 0
		for i := len(f.buys) - 1; i >= 0 && f.buys[i].at+d > f.now; i-- {
			if have++; have == n {
				return true, f.buys[i].at + d
			}
		}
		return false, never
	}
}

func totalWithin(days int, amount int64) closure {
	d := micros(days)
	return func(f *flat) (bool, int64) {
		var sum int64
		for i := len(f.buys) - 1; i >= 0 && f.buys[i].at+d > f.now; i-- {
			if sum += f.buys[i].amount; sum >= amount {
				return true, f.buys[i].at + d
			}
		}
		return false, never
	}
}

func viewsWithin(days, n int) closure {
	d := micros(days)
	return func(f *flat) (bool, int64) {
		have := 0
		for i := len(f.views) - 1; i >= 0 && f.views[i].at+d > f.now; i-- {
			if f.views[i].name != 0 {
				continue
			}
			if have++; have == n {
				return true, f.views[i].at + d
			}
		}
		return false, never
	}
}

func tagName(i int) string   { return fmt.Sprintf("tag%02d", i) }
func stageName(i int) string { return fmt.Sprintf("stage%02d", i) }
