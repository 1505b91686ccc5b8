package segment

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/regulars-go/regulars/customer"
)

// LeapDay says when the anniversary of 29 February is in a year that has none.
type LeapDay string

// The days that stand in for 29 February.
const (
	OnFebruary28 LeapDay = "february_28"
	OnMarch1     LeapDay = "march_1"
)

// Anniversary is true around the days on which a moment comes again: from before
// ahead of the day's midnight until after has passed since the day's end, in the
// customer's zone. With both zero it is true on the day. The first anniversary
// is in the year after the moment's own. One of 29 February is on the 28th in
// years that have none; see [AnniversaryOn].
func (m Moment) Anniversary(before, after customer.Period) Predicate {
	return m.AnniversaryOn(OnFebruary28, before, after)
}

// AnniversaryOn is [Moment.Anniversary] with a choice of what stands in for 29
// February.
func (m Moment) AnniversaryOn(leap LeapDay, before, after customer.Period) Predicate {
	if leap == OnFebruary28 {
		leap = ""
	}
	return anniversary{m, before, after, leap}
}

type anniversary struct {
	Of     Moment          `json:"of"`
	Before customer.Period `json:"before,omitzero" doc:"how long before the day it begins"`
	After  customer.Period `json:"after,omitzero" doc:"how long after the day it ends"`
	Leap   LeapDay         `json:"leap,omitzero" doc:"february_28, which is also meant where it is absent, or march_1"`
}

func (anniversary) key() string { return "anniversary" }

func (p anniversary) String() string {
	return fmt.Sprintf("anniversary of %v", p.Of.Of) + p.around()
}

// around tells how far around the day it reaches.
func (p *anniversary) around() string {
	var words string
	if !p.Before.IsZero() {
		words += fmt.Sprintf(" within the next %s", p.Before)
	}
	if !p.After.IsZero() {
		words += fmt.Sprintf(" until %s after it", p.After)
	}
	return words
}

func (p anniversary) compile(c *compiler, path string) eval {
	path += ".anniversary"
	if p.Of.Of == nil {
		c.faults.Add(path+".of", "names no moment; build it as in DateIn(field).Anniversary(before, after)")
		return unknown
	}
	p.Of.Of.check(c, path+".of", isKnown(true))
	c.period(p.Before, path+".before")
	c.period(p.After, path+".after")
	if !slices.Contains([]LeapDay{"", OnFebruary28, OnMarch1}, p.Leap) {
		c.faults.Add(path+".leap", "%.40q is unknown; use february_28 or march_1", p.Leap)
	}
	const most = 360 * 24 * time.Hour
	if before, after := p.Before.AtMost(), p.After.AtMost(); before > most || after > most || before+after > most {
		c.faults.Add(path, "lasts for more than the year after which it comes again; shorten before or after")
	}
	c.reads.time = true
	c.reads.card |= partZone
	return c.onMoment(p.Of, timed(p.ask))
}

func (p *anniversary) ask(f *Facts) (bool, int64) {
	at, known := p.Of.Of.at(f)
	if !known {
		return false, never
	}
	day := at.day
	if day.IsZero() {
		day = dateOf(f.dayOf(at.at))
	}
	for year := max(instantOf(f.now).In(f.Zone).Year()-2, day.Year+1); ; year++ {
		begin, end := p.bounds(p.in(day, year), f.Zone)
		if f.now < end && begin < end { // a zone can skip a whole day
			return fromUntil(f.now, begin, end)
		}
	}
}

// in returns the anniversary of a day in a year.
func (p *anniversary) in(day customer.Date, year int) customer.Date {
	date := day.In(year)
	if p.Leap == OnMarch1 && date.Day != day.Day {
		date = customer.Date{Year: year, Month: time.March, Day: 1}
	}
	return date
}

func (p *anniversary) bounds(day customer.Date, zone *time.Location) (begin, end int64) {
	midnight := customer.TimeOfDay{}
	begin = day.Sub(p.Before).At(midnight, zone).Add(-p.Before.Exact).UnixMicro()
	end = day.Add(customer.Days(1)).Add(p.After).At(midnight, zone).Add(p.After.Exact).UnixMicro()
	return begin, end
}

// Weekday is true on those days of the week, in the customer's zone. There a day
// begins at its midnight or, where the clocks skip that, at the first instant
// behind it. It begins once: where they go back over midnight, the day before
// does not come again.
func Weekday(days ...time.Weekday) Predicate { return weekday{customer.OnDays(days...)} }

// Month is true in those months, in the customer's zone, whose first day begins
// as [Weekday] says.
func Month(months ...time.Month) Predicate { return month{slices.Clone(months)} }

type (
	weekday struct {
		Days customer.Weekdays `document:"self"`
	}
	month struct {
		Months []time.Month `document:"self"`
	}
)

func (weekday) key() string { return "weekday" }
func (month) key() string   { return "month" }

func (p weekday) String() string { return "on " + p.Days.String() }

func (p month) String() string {
	words := make([]string, len(p.Months))
	for i, m := range p.Months {
		words[i] = m.String()
	}
	return "in " + strings.Join(words, " or ")
}

func (p weekday) compile(c *compiler, path string) eval {
	if p.Days == 0 {
		c.faults.Add(path+".weekday", "is empty and so never true; name a day")
	}
	return c.calendar(7, p.takes, func(d customer.Date) customer.Date { return d.Add(customer.Days(1)) })
}

func (p *weekday) takes(d customer.Date) bool { return p.Days.Has(d.Weekday()) }

func (p month) compile(c *compiler, path string) eval {
	if len(p.Months) == 0 {
		c.faults.Add(path+".month", "is empty and so never true; name a month")
	}
	for i, m := range p.Months {
		if m < time.January || m > time.December {
			c.faults.Add(fmt.Sprintf("%s.month[%d]", path, i), "%d is no month", m)
		}
	}
	return c.calendar(12, p.takes, func(d customer.Date) customer.Date {
		d.Day = 1
		return d.Add(customer.Months(1))
	})
}

func (p *month) takes(d customer.Date) bool { return slices.Contains(p.Months, d.Month) }

// calendar makes a predicate of what is true of some days. There are n kinds of
// days, and next returns the first of the next kind.
func (c *compiler) calendar(n int, has func(customer.Date) bool, next func(customer.Date) customer.Date) eval {
	c.reads.time = true
	c.reads.card |= partZone
	return timed(func(f *Facts) (bool, int64) {
		today := dateOf(f.dayOf(f.now))
		truth := has(today)
		day := today
		for range n {
			if day = next(day); has(day) != truth {
				return truth, day.At(customer.TimeOfDay{}, f.Zone).UnixMicro()
			}
		}
		return truth, never
	})
}
