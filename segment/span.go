package segment

import (
	"math"
	"time"

	"github.com/regulars-go/regulars/customer"
)

// span adds a period to instants, in microseconds since 1970.
type span struct {
	period   customer.Period
	calendar customer.Period // of the period, without its exact part
	days     int64           // where the calendar part is nothing but days
	exact    int64
	length   int64 // the sum of both
	onClock  bool  // the sum depends on the zone
	byMonth  bool  // the calendar part is more than days
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
	s.length = s.days + s.exact
	return s
}

// after returns at plus the span in the customer's zone.
func (s *span) after(f *Facts, at int64) int64 {
	if s.byMonth || s.onClock && f.Zone != time.UTC {
		return s.local(f, at)
	}
	return at + s.length
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

// before returns at minus the span in the customer's zone.
func (s *span) before(f *Facts, at int64) int64 {
	return s.period.Before(time.UnixMicro(at), f.Zone).UnixMicro()
}

// dayStart returns when, in the customer's zone, the day begins that begins in
// UTC at shown, or where the clocks skip its midnight, the first instant after
// that.
func (f *Facts) dayStart(shown int64) int64 {
	if f.Zone == time.UTC || shown == math.MinInt64 || shown == math.MaxInt64 {
		return shown
	}
	if shown < clockFrom+dayLength || shown >= clockTo-dayLength {
		return dateOf(shown).At(customer.TimeOfDay{}, f.Zone).UnixMicro()
	}
	c := f.local()
	return c.first(c.find(shown-dayLength), shown)
}

// dateOf returns the day that begins in UTC at shown.
func dateOf(shown int64) customer.Date { return customer.DateOf(time.UnixMicro(shown).UTC()) }

// dayOf returns the midnight with which, in the customer's zone, the day of an
// instant begins, as clocks that show UTC would show it. Where clocks go back
// over midnight, the day before does not come again.
func (f *Facts) dayOf(at int64) int64 {
	shown := at
	if f.Zone != time.UTC {
		_, offset := time.UnixMicro(at).In(f.Zone).Zone()
		shown += int64(offset) * 1e6
	}
	days := shown / dayLength
	if shown%dayLength < 0 {
		days--
	}
	if f.dayStart((days+1)*dayLength) <= at {
		days++
	}
	return days * dayLength
}

var dayLength = (24 * time.Hour).Microseconds()
