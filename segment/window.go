package segment

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/regulars-go/regulars/customer"
)

// span adds a period to instants, in microseconds since 1970.
type span struct {
	period   customer.Period
	calendar customer.Period // of the period, without its exact part
	days     int64           // where the calendar part is nothing but days
	exact    int64
	onClock  bool // the sum depends on the zone
	byMonth  bool // the calendar part is more than days
}

func newSpan(p customer.Period) span {
	s := span{
		period:   p,
		calendar: p,
		days:     int64(p.Weeks*7+p.Days) * (24 * time.Hour).Microseconds(),
		exact:    p.Exact.Microseconds(),
		onClock:  p.IsCalendar(),
		byMonth:  p.Years != 0 || p.Months != 0,
	}
	s.calendar.Exact = 0
	return s
}

// after returns at plus the span in the customer's zone.
func (s *span) after(f *Facts, at int64) int64 {
	if !s.byMonth && (!s.onClock || f.Zone == time.UTC) {
		return at + s.days + s.exact
	}
	return s.local(f, at)
}

func (s *span) local(f *Facts, at int64) int64 {
	if at < clockFrom || at >= clockTo {
		return s.period.After(time.UnixMicro(at), f.Zone).UnixMicro()
	}
	c := f.local()
	i := c.find(at)
	shown := at + c.eras[i].offset
	if s.byMonth {
		shown = s.calendar.After(time.UnixMicro(shown), time.UTC).UnixMicro()
	} else {
		shown += s.days
	}
	if shown >= clockTo {
		return s.period.After(time.UnixMicro(at), f.Zone).UnixMicro()
	}
	return c.first(i, shown) + s.exact
}

// window evaluates a metric over the facts in a trailing window, or over all
// facts where the window has no length. Facts are handed to it newest first,
// from begin on, as long as it wants more.
type window struct {
	span   span
	whole  bool
	reach  int64 // no fact stays longer than this
	metric metric
	test   test
	// Most questions are whether there is enough, or else too little, of something
	// that every fact adds to. The newest facts that are enough answer them.
	enough bool
	need   int64
	least  int64 // the amount at which a fact is the largest asked for
	less   bool  // too little passes
}

func newWindow(d customer.Period, m metric, op Op, n int64) *window {
	w := &window{span: newSpan(d), whole: d.IsZero(), reach: d.AtMost().Microseconds(), metric: m, test: op.test(n)}
	if d.AtMost() == math.MaxInt64 { // it did not fit
		w.reach = math.MaxInt64 / 2
	}
	w.less = op == Less || op == AtMost
	w.need = n
	if op == More || op == AtMost {
		w.need = addClamped(n, 1)
	}
	ordered := op != Equal && op != NotEqual && n < math.MaxInt64
	w.enough = ordered && (m == counted || m == total || (m == largest && !w.less))
	if m == largest {
		w.need, w.least = 1, w.need
	}
	return w
}

// heap is what a window has gathered of a customer's facts.
type heap struct {
	sum   int64 // of what adds up to enough
	until int64 // when the first of it falls out
	facts []inside
}

// inside is a fact that stands in a window.
type inside struct {
	until  int64 // when it falls out
	amount int64
}

func (w *window) begin(f *Facts) {
	f.heap = heap{until: never, facts: f.heap.facts[:0]}
}

// eval makes a predicate of what hands a customer's facts to the window.
func (w *window) eval(gather func(*Facts)) eval {
	if w.whole {
		return steady(func(f *Facts) bool {
			w.begin(f)
			gather(f)
			truth, _ := w.verdict(f)
			return truth
		})
	}
	return timed(func(f *Facts) (bool, int64) {
		w.begin(f)
		gather(f)
		return w.verdict(f)
	})
}

// wants reports whether a fact of that instant, or an older one, may matter.
func (w *window) wants(f *Facts, at int64) bool {
	return (w.whole || at >= f.now-w.reach) && !(w.enough && f.heap.sum >= w.need)
}

// add takes in a fact if it is inside.
func (w *window) add(f *Facts, at, amount int64) {
	until := never
	if !w.whole {
		until = w.span.after(f, at)
	}
	if until <= f.now || at > f.now {
		return
	}
	h := &f.heap
	if !w.enough {
		h.facts = append(h.facts, inside{until, amount})
	} else if share := w.share(amount); share > 0 {
		h.sum = addClamped(h.sum, share)
		h.until = min(h.until, until)
	}
}

// share is what a fact adds to enough.
func (w *window) share(amount int64) int64 {
	switch w.metric {
	case total:
		return amount
	case largest:
		return int64(index(amount >= w.least))
	}
	return 1
}

// verdict evaluates what was gathered, and finds the first instant at which
// enough has fallen out of the window to change it.
func (w *window) verdict(f *Facts) (bool, int64) {
	if !w.enough {
		return w.compared(f.heap.facts)
	}
	if f.heap.sum >= w.need {
		return !w.less, f.heap.until
	}
	return w.less, never // facts only ever fall out
}

// compared evaluates what has to be looked at as a whole.
func (w *window) compared(facts []inside) (bool, int64) {
	lastFirst := func(a, b inside) int { return cmp.Compare(b.until, a.until) }
	if !slices.IsSortedFunc(facts, lastFirst) { // the end of a month, or of summer time, can swap them
		slices.SortFunc(facts, lastFirst)
	}
	// From the fact that stays longest to the first to go: what was tallied before
	// a fact is what is left once it goes. Of those remainders on which the verdict
	// differs from the one on all, the largest is the first that time will bring.
	var t tally
	truth := t.passes(w)
	flips := [2]int64{never, never}
	for i, fact := range facts {
		if i == 0 || fact.until != facts[i-1].until {
			flips[index(truth)] = fact.until
		}
		t.add(fact.amount)
		truth = t.passes(w)
	}
	return truth, flips[index(!truth)]
}

func index(truth bool) int {
	if truth {
		return 1
	}
	return 0
}

// tally sums facts up.
type tally struct{ count, sum, most int64 }

func (t *tally) add(amount int64) {
	t.count++
	t.sum = addClamped(t.sum, amount)
	t.most = max(t.most, amount)
}

func (t *tally) passes(w *window) bool {
	switch w.metric {
	case counted:
		return w.test.passes(t.count)
	case total:
		return w.test.passes(t.sum)
	case average:
		return t.count > 0 && w.test.passes(t.sum/t.count)
	}
	return t.count > 0 && w.test.passes(t.most)
}

// addClamped adds amounts that are not negative.
func addClamped(a, b int64) int64 {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}
