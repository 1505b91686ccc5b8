package segment

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/regulars-go/regulars/customer"
)

// never is the flip of what time alone does not change.
const never int64 = math.MaxInt64

// span adds a period to instants, in microseconds since 1970.
type span struct {
	period customer.Period
	fixed  int64 // what is added where days are 24 hours
	always bool  // they are in every zone: the period is exact
	utc    bool  // they are in UTC: no months
}

func newSpan(p customer.Period) span {
	days := time.Duration(p.Weeks*7+p.Days) * 24 * time.Hour
	return span{
		period: p,
		fixed:  (days + p.Exact).Microseconds(),
		always: !p.IsCalendar(),
		utc:    p.Years == 0 && p.Months == 0,
	}
}

// after returns at plus the span in the customer's zone.
func (s *span) after(f *Facts, at int64) int64 {
	if s.always || (s.utc && f.Zone == time.UTC) {
		return at + s.fixed
	}
	return s.period.After(time.UnixMicro(at), f.Zone).UnixMicro()
}

// inside is a fact that stands in a window.
type inside struct {
	until  int64 // when it falls out
	amount int64
	sum    int64 // the amounts of this fact and those that fall out after it
	max    int64 // the largest of them
}

// window evaluates a metric over the facts in a trailing window, or over all
// facts where the window has no length.
type window struct {
	span   span
	whole  bool
	reach  int64 // no fact stays longer than this
	metric metric
	op     Op
	n      int64
}

func newWindow(d customer.Period, m metric, op Op, n int64) *window {
	return &window{newSpan(d), d.IsZero(), d.AtMost().Microseconds(), m, op, n}
}

// past reports whether a fact at the instant, and every older one, is outside.
func (w *window) past(at, now int64) bool { return !w.whole && at < now-w.reach }

// add puts a fact into f.scratch if it is inside. Facts come newest first.
func (w *window) add(f *Facts, at, amount int64) {
	if at > f.now {
		return
	}
	until := never
	if !w.whole {
		if until = w.span.after(f, at); until <= f.now {
			return
		}
	}
	f.scratch = append(f.scratch, inside{until: until, amount: amount})
}

// verdict evaluates what add gathered, and finds the first instant at which
// enough has fallen out of the window to change it.
func (w *window) verdict(f *Facts) (bool, int64) {
	facts := f.scratch
	slices.Reverse(facts)
	byUntil := func(a, b inside) int { return cmp.Compare(a.until, b.until) }
	if !slices.IsSortedFunc(facts, byUntil) { // the end of a month can swap them
		slices.SortFunc(facts, byUntil)
	}
	var sum, most int64
	for i := len(facts) - 1; i >= 0; i-- {
		sum = addClamped(sum, facts[i].amount)
		most = max(most, facts[i].amount)
		facts[i].sum, facts[i].max = sum, most
	}
	truth := w.holds(facts)
	for len(facts) > 0 && facts[0].until != never {
		until := facts[0].until
		for len(facts) > 0 && facts[0].until == until {
			facts = facts[1:]
		}
		if w.holds(facts) != truth {
			return truth, until
		}
	}
	return truth, never
}

func (w *window) holds(facts []inside) bool {
	n := int64(len(facts))
	switch {
	case w.metric == counted:
		return compare(n, w.op, w.n)
	case n == 0:
		return w.metric == total && compare(0, w.op, w.n)
	case w.metric == total:
		return compare(facts[0].sum, w.op, w.n)
	case w.metric == average:
		return compare(facts[0].sum/n, w.op, w.n)
	}
	return compare(facts[0].max, w.op, w.n)
}

// addClamped adds amounts that are not negative.
func addClamped(a, b int64) int64 {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}
