package segment

import (
	"cmp"
	"math"
	"slices"
)

// window evaluates a measure over the facts in a scope. Facts are handed to it
// newest first, from begin on, as long as it wants more.
type window struct {
	scope   scope
	measure measure
	test    test[int64]
	// Most questions are whether there is enough, or else too little, of something
	// that every fact adds to. The newest facts that are enough answer them.
	enough bool
	need   int64
	sums   bool // the amounts add up, not the facts whose amount is at least least
	least  int64
	less   bool    // too little passes
	scale  []int64 // where it is not nil, what is compared is how many of these are reached, and one
}

func newWindow(w when, m measure, op Op, values []int64) *window {
	n := values[0]
	win := &window{scope: newScope(w), measure: m, test: numbers(op, values)}
	win.less = op == Less || op == AtMost
	win.need = n
	if op == More || op == AtMost {
		win.need = addClamped(n, 1)
	}
	oneSided := win.less || op == AtLeast || op == More
	win.enough = oneSided && n < math.MaxInt64 && (m == counted || m == total || (m == largest && !win.less))
	win.sums, win.least = m == total, math.MinInt64
	if m == largest {
		win.need, win.least = 1, win.need
	}
	return win
}

// heap is what a window has gathered of a customer's facts.
type heap struct {
	from, to int64 // between which instants facts count
	missing  bool  // the window itself is not there
	facts    []inside
	tally    tally
}

func (w *window) begin(f *Facts) {
	h := &f.heap
	h.facts = h.facts[:0]
	var ok bool
	h.from, h.to, ok = w.scope.bounds(f)
	h.missing = !ok
}

// eval makes a predicate of two ways to evaluate the window: enough adds up no
// more facts than it must; gather hands all of them to add.
func (w *window) eval(enough func(*Facts) (bool, int64), gather func(*Facts)) eval {
	ask := enough
	if !w.enough {
		ask = func(f *Facts) (bool, int64) {
			w.begin(f)
			if f.heap.missing {
				return false, never
			}
			gather(f)
			return w.compared(&f.heap)
		}
	}
	if w.scope.trailing {
		return timed(ask)
	}
	return steady(func(f *Facts) bool {
		truth, _ := ask(f)
		return truth
	})
}

// add takes in a fact if it is inside.
func (w *window) add(f *Facts, fact inside) {
	h := &f.heap
	if fact.at > f.now || fact.at >= h.to || fact.at < h.from {
		return
	}
	fact.until = w.scope.until(f, fact.at)
	if fact.until > f.now {
		h.facts = append(h.facts, fact)
	}
}

// share is what a fact adds to enough.
func (w *window) share(amount int64) int64 {
	if w.sums {
		return amount
	}
	return int64(oneIf(amount >= w.least))
}

// verdict tells of what adds up to a sum, of which the first falls out at an
// instant, whether it is enough.
func (w *window) verdict(sum, until int64) (bool, int64) {
	if sum >= w.need {
		return !w.less, until
	}
	return w.less, never // facts only ever fall out
}

// compared evaluates what has to be looked at as a whole.
func (w *window) compared(h *heap) (bool, int64) {
	lastFirst := func(a, b inside) int { return cmp.Compare(b.until, a.until) }
	if !slices.IsSortedFunc(h.facts, lastFirst) { // the end of a month, or of summer time, can swap them
		slices.SortStableFunc(h.facts, lastFirst)
	}
	// From the fact that stays longest to the first to go: what was tallied before
	// a fact is what is left once it goes. Of those remainders on which the verdict
	// differs from the one on all, the largest is the first that time will bring.
	h.tally.reset()
	truth := w.passes(&h.tally)
	flips := [2]int64{never, never}
	for i := range h.facts {
		if fact := &h.facts[i]; i == 0 || fact.until != h.facts[i-1].until {
			flips[oneIf(truth)] = fact.until
		}
		h.tally.add(w.measure, &h.facts[i])
		truth = w.passes(&h.tally)
	}
	return truth, flips[oneIf(!truth)]
}

func (w *window) passes(t *tally) bool {
	n, ok := t.value(w.measure)
	if w.scale != nil {
		n = scored(w.scale, n)
	}
	return ok && w.test.passes(n)
}

func oneIf(truth bool) int {
	if truth {
		return 1
	}
	return 0
}
