package segment

import (
	"fmt"
	"math"
	"time"

	"github.com/regulars-go/regulars/customer"
)

// when says which facts count by the time at which they happened. Zero: all.
type when struct {
	within   customer.Period
	from, to customer.Date
	cycle    string
}

func (w when) String() string {
	var words string
	if !w.within.IsZero() {
		words += fmt.Sprintf(" within %s", w.within)
	}
	if !w.from.IsZero() {
		words += fmt.Sprintf(" from %s on", w.from)
	}
	if !w.to.IsZero() {
		words += fmt.Sprintf(" before %s", w.to)
	}
	if w.cycle != "" {
		words += fmt.Sprintf(" in the cycle of %q", w.cycle)
	}
	return words
}

func (w when) isZero() bool { return w == when{} }

// check faults what makes no sense, and notes what is read.
func (w when) check(c *compiler, path string, far *time.Duration, all *bool) {
	c.period(w.within, path+".within")
	c.adds(w.within)
	kinds := oneIf(!w.within.IsZero()) + oneIf(!w.from.IsZero() || !w.to.IsZero()) + oneIf(w.cycle != "")
	if kinds > 1 {
		c.faults.Add(path, "mixes a trailing window, days and a cycle; use one of the three")
	}
	if !w.from.IsZero() {
		c.day(w.from, path+".from")
	}
	if !w.to.IsZero() {
		c.day(w.to, path+".to")
	}
	c.days(w.from, w.to, path)
	if w.cycle != "" {
		c.pipeline(w.cycle, path+".cycle")
	}
	c.reach(w.within, far, all)
}

// scope is a when made ready to be asked often.
type scope struct {
	span     span
	trailing bool
	reach    int64 // no fact stays longer than this
	dated    bool
	from, to int64 // midnights, as clocks that show UTC would show them
	cycle    string
}

func newScope(w when) scope {
	s := scope{
		span:     newSpan(w.within),
		trailing: !w.within.IsZero(),
		reach:    w.within.AtMost().Microseconds(),
		dated:    !w.from.IsZero() || !w.to.IsZero(),
		from:     math.MinInt64,
		to:       math.MaxInt64,
		cycle:    w.cycle,
	}
	if w.within.AtMost() == math.MaxInt64 { // it did not fit
		s.reach = math.MaxInt64 / 2
	}
	if !w.from.IsZero() {
		s.from = midnight(w.from)
	}
	if !w.to.IsZero() {
		s.to = midnight(w.to)
	}
	return s
}

// midnight returns when a day begins in UTC.
func midnight(d customer.Date) int64 { return d.At(customer.TimeOfDay{}, time.UTC).UnixMicro() }

// bounds returns between which instants, the second excluded, facts count;
// false where they count within a cycle that the customer does not have.
func (s *scope) bounds(f *Facts) (from, to int64, ok bool) {
	switch {
	case s.cycle != "":
		c := f.cycle(s.cycle)
		if c == nil {
			return 0, 0, false
		}
		return c.Started.UnixMicro(), never, true
	case s.dated:
		return f.dayStart(s.from), f.dayStart(s.to), true
	case s.trailing:
		return f.now - s.reach, never, true
	}
	return math.MinInt64, never, true
}

// until returns when a fact within bounds falls out.
func (s *scope) until(f *Facts, at int64) int64 {
	if !s.trailing {
		return never
	}
	return s.span.after(f, at)
}
