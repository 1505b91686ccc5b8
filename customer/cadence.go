package customer

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Cadence is the time between two purchases: a period ("3 weeks") or days of
// the week ("every Saturday"). Exactly one of the two is set; the zero Cadence
// is none.
type Cadence struct {
	Every Period
	On    Weekdays
}

// IsZero reports whether c is no cadence.
func (c Cadence) IsZero() bool { return c == Cadence{} }

// Validate reports what is wrong with c. The zero Cadence is valid.
func (c Cadence) Validate() error {
	if !c.Every.IsZero() && c.On != 0 {
		return fmt.Errorf("has both a period and weekdays; a cadence is one of the two")
	}
	if c.On&^everyDay != 0 {
		return fmt.Errorf("names a day of the week that does not exist")
	}
	return c.Every.Validate()
}

// Next returns when the purchase after the one at t is expected, on the
// calendar of loc: the day of t plus the calendar period, or the first of the
// weekdays after the day of t, at dayStart of that day. A period's exact part is
// added to that; a period that is exact throughout is added to t itself. The
// zero Cadence gives the zero time.
func (c Cadence) Next(t time.Time, dayStart TimeOfDay, loc *time.Location) time.Time {
	switch {
	case c.Every.IsZero() && c.On&everyDay == 0:
		return time.Time{}
	case c.On&everyDay != 0:
		day := DateOf(t.In(loc)).Add(Days(1))
		for !c.On.Has(day.Weekday()) {
			day = day.Add(Days(1))
		}
		return day.At(dayStart, loc)
	case !c.Every.IsCalendar():
		return c.Every.After(t, loc)
	}
	return DateOf(t.In(loc)).Add(c.Every).At(dayStart, loc).Add(c.Every.Exact)
}

// String describes c, as in "P3W" or "every Saturday".
func (c Cadence) String() string {
	switch {
	case c.IsZero():
		return "none"
	case c.On != 0:
		return "every " + c.On.String()
	}
	return c.Every.String()
}

// Weekdays is a set of days of the week.
type Weekdays uint8

const (
	everyDay  Weekdays = 1<<7 - 1
	noSuchDay Weekdays = 1 << 7
)

// OnDays returns the set of the given days. A day that does not exist makes the
// [Cadence] invalid.
func OnDays(days ...time.Weekday) Weekdays {
	var w Weekdays
	for _, d := range days {
		if d < time.Sunday || d > time.Saturday {
			w |= noSuchDay
		} else {
			w |= 1 << uint(d)
		}
	}
	return w
}

// Has reports whether d is in w.
func (w Weekdays) Has(d time.Weekday) bool { return w&(1<<uint(d)) != 0 }

// String lists the days of w, Sunday first.
func (w Weekdays) String() string {
	var names []string
	for d := time.Sunday; d <= time.Saturday; d++ {
		if w.Has(d) {
			names = append(names, d.String())
		}
	}
	return strings.Join(names, ", ")
}

// PipelineCadence is a customer's own cadence in one pipeline.
type PipelineCadence struct {
	Pipeline string
	Cadence  Cadence
}

// CadenceIn returns the customer's own cadence in the pipeline; zero is none.
func (c *Customer) CadenceIn(pipeline string) Cadence {
	i := slices.IndexFunc(c.Cadences, func(p PipelineCadence) bool { return p.Pipeline == pipeline })
	if i < 0 {
		return Cadence{}
	}
	return c.Cadences[i].Cadence
}
