package segment

import (
	"math"
	mathbits "math/bits"
	"slices"

	"github.com/regulars-go/regulars/customer"
)

// measure is what is reckoned of the facts in a window.
type measure string

const (
	counted        measure = "count"
	total          measure = "total"
	average        measure = "average"
	largest        measure = "largest"
	smallest       measure = "smallest"
	categories     measure = "categories"
	skus           measure = "skus"
	share          measure = "share"
	meanInterval   measure = "mean_interval"
	medianInterval measure = "median_interval"
)

var measureWords = map[measure]string{
	counted: "number", total: "total", average: "average", largest: "largest", smallest: "smallest",
	categories: "number of categories", skus: "number of SKUs", share: "percentage of spend",
	meanInterval: "mean interval", medianInterval: "median interval",
}

// amounts and intervals are the measures that a document may name.
var (
	amounts   = []measure{counted, total, average, largest, smallest, categories, skus, share}
	intervals = []measure{meanInterval, medianInterval}
)

// tally sums facts up, in the order in which they leave a window, the last
// first.
type tally struct {
	count, sum, most, least int64
	part                    int64    // of sum, what a share asks about
	names                   []string // in order, each once
	times, gaps             []int64  // in order
}

func (t *tally) reset() {
	*t = tally{least: math.MaxInt64, names: t.names[:0], times: t.times[:0], gaps: t.gaps[:0]}
}

func (t *tally) add(m measure, fact *inside) {
	t.count++
	t.sum = addClamped(t.sum, fact.amount)
	switch m {
	case largest:
		t.most = max(t.most, fact.amount)
	case smallest:
		t.least = min(t.least, fact.amount)
	case share:
		t.part = addClamped(t.part, fact.part)
	case categories, skus:
		t.name(m, fact)
	case meanInterval, medianInterval:
		t.time(fact.at)
	}
}

// name takes in what the items of a purchase are called.
func (t *tally) name(m measure, fact *inside) {
	for i := range fact.bought.Items {
		item := &fact.bought.Items[i]
		name := item.Category
		if m == skus {
			name = item.SKU
		}
		if name == "" || !fact.of.TakesItem(item) {
			continue
		}
		if at, found := slices.BinarySearch(t.names, name); !found {
			t.names = slices.Insert(t.names, at, name)
		}
	}
}

// time takes in when a purchase was made, and the intervals that come of it.
func (t *tally) time(at int64) {
	i, _ := slices.BinarySearch(t.times, at)
	hasBefore, hasAfter := i > 0, i < len(t.times)
	if hasBefore && hasAfter { // the interval that it parts
		whole, _ := slices.BinarySearch(t.gaps, t.times[i]-t.times[i-1])
		t.gaps = slices.Delete(t.gaps, whole, whole+1)
	}
	if hasBefore {
		t.gap(at - t.times[i-1])
	}
	if hasAfter {
		t.gap(t.times[i] - at)
	}
	t.times = slices.Insert(t.times, i, at)
}

func (t *tally) gap(length int64) {
	i, _ := slices.BinarySearch(t.gaps, length)
	t.gaps = slices.Insert(t.gaps, i, length)
}

// value returns the measure of what was taken in; false where it has none.
func (t *tally) value(m measure) (int64, bool) {
	switch m {
	case counted:
		return t.count, true
	case total:
		return t.sum, true
	case categories, skus:
		return int64(len(t.names)), true
	case share:
		return percent(t.part, t.sum)
	case meanInterval, medianInterval:
		return t.interval(m)
	}
	if t.count == 0 {
		return 0, false
	}
	switch m {
	case average:
		return t.sum / t.count, true
	case largest:
		return t.most, true
	}
	return t.least, true
}

// percent returns how much of the whole a part is, rounded down, at most 100:
// items may be said to be worth more than their purchase.
func percent(part, whole int64) (int64, bool) {
	switch {
	case whole == 0:
		return 0, false
	case part >= whole:
		return 100, true
	}
	hi, lo := mathbits.Mul64(uint64(part), 100)
	share, _ := mathbits.Div64(hi, lo, uint64(whole))
	return int64(share), true
}

func (t *tally) interval(m measure) (int64, bool) {
	n := len(t.gaps)
	if n == 0 {
		return 0, false
	}
	if m == meanInterval {
		return (t.times[n] - t.times[0]) / int64(n), true
	}
	return middle(t.gaps), true
}

// middle returns the median of lengths in order: of an even number of them, the
// mean of the two in the middle, rounded down.
func middle(gaps []int64) int64 {
	n := len(gaps)
	if n%2 == 1 {
		return gaps[n/2]
	}
	return gaps[n/2-1] + (gaps[n/2]-gaps[n/2-1])/2
}

// addClamped adds b, which is not negative.
func addClamped(a, b int64) int64 {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}

// inside is a fact that stands in a window.
type inside struct {
	until  int64 // when it falls out
	at     int64
	amount int64
	part   int64              // of the amount, what a share asks about
	bought *customer.Purchase // where it is one
	of     *customer.Filter   // which of its items count
	act    *customer.Activity // where it is one
}
