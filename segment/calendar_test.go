package segment_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
)

// stretch is what a predicate is from an instant on, until the next.
type stretch struct {
	from  time.Time
	truth bool
}

// assertStretches checks what a predicate is, and that each flip is where the
// next stretch begins.
func assertStretches(t *testing.T, w *world, p segment.Predicate, stretches ...stretch) {
	t.Helper()
	for i, s := range stretches {
		var end time.Time
		if i+1 < len(stretches) {
			end = stretches[i+1].from
		}
		var f segment.Facts
		w.facts(&f, s.from)
		truth, flip := ask(t, &f, p)
		assert.Equal(t, s.truth, truth, "%v at %v", p, s.from.In(w.zone))
		if !end.IsZero() {
			assert.Equal(t, end.In(w.zone).String(), flip.In(w.zone).String(), "%v at %v", p, s.from.In(w.zone))
			f.At(end.Add(-tick))
			truth, _ = ask(t, &f, p)
			assert.Equal(t, s.truth, truth, "%v just before %v", p, end.In(w.zone))
		}
	}
}

// born returns a customer with a date in the field "birthday".
func born(zone *time.Location, year int, month time.Month, day int) *world {
	w := &world{zone: zone}
	w.card.Fields = customer.Fields{{Name: "birthday", Value: customer.DateValue(year, month, day)}}
	return w
}

func TestABirthdayIsADayLong(t *testing.T) {
	t.Parallel()
	berlin := zone(t, "Europe/Berlin")
	w := born(berlin, 1990, time.March, 28) // in 2027 clocks go forward that night
	day := segment.DateIn("birthday").Anniversary(customer.Period{}, customer.Period{})
	assertStretches(t, w, day,
		stretch{utc("2026-07-01 00:00"), false},
		stretch{local(berlin, "2027-03-28 00:00"), true},
		stretch{local(berlin, "2027-03-29 00:00"), false},
		stretch{local(berlin, "2028-03-28 00:00"), true})
	around := segment.DateIn("birthday").Anniversary(customer.Days(7), customer.Exact(36*time.Hour))
	assertStretches(t, w, around,
		stretch{utc("2026-07-01 00:00"), false},
		stretch{local(berlin, "2027-03-21 00:00"), true},
		stretch{local(berlin, "2027-03-30 12:00"), false},
		stretch{local(berlin, "2028-03-21 00:00"), true})
}

func TestAnAnniversaryReachesOverTheEndOfTheYear(t *testing.T) {
	t.Parallel()
	for _, w := range []*world{born(time.UTC, 1990, time.January, 1), born(time.UTC, 1990, time.December, 31)} {
		p := segment.DateIn("birthday").Anniversary(customer.Days(10), customer.Days(10))
		first := 22 // of December
		if v, _ := w.dateIn("birthday"); v.day.Month == time.December {
			first = 21
		}
		assertStretches(t, w, p,
			stretch{utc("2026-06-01 00:00"), false},
			stretch{time.Date(2026, 12, first, 0, 0, 0, 0, time.UTC), true},
			stretch{time.Date(2026, 12, first+21, 0, 0, 0, 0, time.UTC), false},
			stretch{time.Date(2027, 12, first, 0, 0, 0, 0, time.UTC), true})
	}
	// So long that it all but meets itself.
	w := born(time.UTC, 1990, time.January, 1)
	assertStretches(t, w, segment.DateIn("birthday").Anniversary(customer.Exact(359*24*time.Hour), customer.Period{}),
		stretch{utc("2026-01-02 00:00"), false},
		stretch{utc("2026-01-07 00:00"), true},
		stretch{utc("2027-01-02 00:00"), false},
		stretch{utc("2027-01-07 00:00"), true})
	assertStretches(t, w, segment.DateIn("birthday").Anniversary(customer.Period{}, customer.Exact(359*24*time.Hour)),
		stretch{utc("2026-12-31 00:00"), false},
		stretch{utc("2027-01-01 00:00"), true},
		stretch{utc("2027-12-27 00:00"), false},
		stretch{utc("2028-01-01 00:00"), true})
}

func TestTheLeapDayComesEveryYear(t *testing.T) {
	t.Parallel()
	w := born(time.UTC, 2024, time.February, 29)
	for leap, day := range map[segment.LeapDay]string{segment.OnFebruary28: "2027-02-28", segment.OnMarch1: "2027-03-01", "": "2027-02-28"} {
		p := segment.DateIn("birthday").AnniversaryOn(leap, customer.Period{}, customer.Period{})
		assertStretches(t, w, p,
			stretch{utc("2026-12-01 00:00"), false},
			stretch{utc(day + " 00:00"), true},
			stretch{utc(day+" 00:00").AddDate(0, 0, 1), false},
			stretch{utc("2028-02-29 00:00"), true},
			stretch{utc("2028-03-01 00:00"), false})
	}
}

func TestTheFirstAnniversaryIsInTheNextYear(t *testing.T) {
	t.Parallel()
	w := born(time.UTC, 2026, time.May, 1)
	p := segment.DateIn("birthday").Anniversary(customer.Period{}, customer.Period{})
	assertStretches(t, w, p, stretch{utc("2026-04-01 00:00"), false}, stretch{utc("2027-05-01 00:00"), true})
	assertStretches(t, w, p, stretch{utc("2026-05-01 12:00"), false}, stretch{utc("2027-05-01 00:00"), true})
	w = born(time.UTC, 2040, time.May, 1)
	assertStretches(t, w, p, stretch{utc("2026-05-01 12:00"), false}, stretch{utc("2041-05-01 00:00"), true})
	// It may begin in the year before.
	before := segment.DateIn("birthday").Anniversary(customer.Months(6), customer.Period{})
	assertStretches(t, w, before, stretch{utc("2040-03-01 00:00"), false}, stretch{utc("2040-11-01 00:00"), true}, stretch{utc("2041-05-02 00:00"), false})
}

func TestTheAnniversaryOfAnInstantIsOnItsDayInTheZone(t *testing.T) {
	t.Parallel()
	w := bought(zone(t, "America/New_York"), utc("2026-01-01 03:00")) // New Year's Eve there
	p := segment.LastPurchase().Anniversary(customer.Period{}, customer.Period{})
	assertStretches(t, w, p,
		stretch{utc("2026-06-01 00:00"), false},
		stretch{local(w.zone, "2026-12-31 00:00"), true},
		stretch{local(w.zone, "2027-01-01 00:00"), false})
}

// Samoa had no 30 December 2011.
func TestADayThatAZoneSkips(t *testing.T) {
	t.Parallel()
	w := born(zone(t, "Pacific/Apia"), 1990, time.December, 30)
	p := segment.DateIn("birthday").Anniversary(customer.Period{}, customer.Period{})
	assertStretches(t, w, p,
		stretch{local(w.zone, "2011-12-01 00:00"), false},
		stretch{local(w.zone, "2012-12-30 00:00"), true})
	friday := segment.Weekday(time.Friday) // as it would have been
	for _, at := range []string{"2011-12-29 23:59", "2011-12-31 00:00"} {
		truth, _ := w.ask(t, friday, local(w.zone, at))
		assert.False(t, truth)
	}
}

// Until 2011 clocks in St John's went back from 00:01 to 23:01. The day that had
// begun goes on; the one before does not come again.
func TestADayBeginsOnce(t *testing.T) {
	t.Parallel()
	w := &world{zone: zone(t, "America/St_Johns")}
	saturday, sunday := utc("2010-11-06 02:30"), utc("2010-11-07 02:30")
	assertStretches(t, w, segment.Weekday(time.Saturday),
		stretch{saturday.Add(-time.Hour), false}, stretch{saturday, true}, stretch{sunday, false}, stretch{utc("2010-11-13 03:30"), true})
	assertStretches(t, w, segment.Weekday(time.Sunday),
		stretch{saturday, false}, stretch{sunday, true}, stretch{utc("2010-11-08 03:30"), false})
	for _, minute := range []int{0, 1, 30, 59} { // 23:01 to 23:59 are shown again
		truth, flip := w.ask(t, segment.Weekday(time.Sunday), sunday.Add(time.Duration(minute)*time.Minute))
		assert.True(t, truth, minute)
		assert.Equal(t, utc("2010-11-08 03:30"), flip, minute)
	}
	w.card.Since = sunday.Add(30 * time.Minute)
	on := func(day int) customer.Date { return customer.Date{Year: 2010, Month: 11, Day: day} }
	truth, _ := w.ask(t, segment.Created().Between(on(7), on(8)), utc("2011-01-01 00:00"))
	assert.True(t, truth, "on Sunday, and so its anniversaries")
	assertStretches(t, w, segment.Created().Anniversary(customer.Period{}, customer.Period{}),
		stretch{utc("2011-06-01 00:00"), false}, stretch{local(w.zone, "2011-11-07 00:00"), true})
}

func TestMonthsAndWeekdays(t *testing.T) {
	t.Parallel()
	w := &world{zone: zone(t, "Europe/Berlin")}
	assertStretches(t, w, segment.Month(time.December, time.January, time.March),
		stretch{utc("2026-11-30 22:59"), false},
		stretch{utc("2026-11-30 23:00"), true},
		stretch{utc("2027-01-31 23:00"), false},
		stretch{utc("2027-02-28 23:00"), true},
		stretch{utc("2027-03-31 22:00"), false})
	assertStretches(t, w, segment.Weekday(time.Saturday, time.Sunday),
		stretch{utc("2026-10-23 21:59"), false},
		stretch{utc("2026-10-23 22:00"), true},
		stretch{utc("2026-10-25 23:00"), false}) // summer time ends that Sunday
	var all []time.Weekday
	for d := time.Sunday; d <= time.Saturday; d++ {
		all = append(all, d)
	}
	_, flip := w.ask(t, segment.Weekday(all...), utc("2026-10-23 21:59"))
	assert.Zero(t, flip)
	assertStretches(t, &world{zone: time.UTC}, segment.Weekday(time.Thursday), // before 1970
		stretch{utc("1969-12-24 12:00"), false}, stretch{utc("1969-12-25 00:00"), true}, stretch{utc("1969-12-26 00:00"), false})
}

// A date in a field is moved on the calendar, not its midnight, which in Beirut
// does not exist on every day.
func TestADateIsMovedOnTheCalendar(t *testing.T) {
	t.Parallel()
	w := born(zone(t, "Asia/Beirut"), 2026, time.March, 29) // begins at 01:00
	date := segment.DateIn("birthday")
	assertStretches(t, w, date.Within(customer.Days(1)),
		stretch{utc("2026-03-01 00:00"), false},
		stretch{utc("2026-03-28 22:00"), true},
		stretch{local(w.zone, "2026-03-30 00:00"), false})
	assertStretches(t, w, date.Ahead(customer.Weeks(1)),
		stretch{utc("2026-03-01 00:00"), false},
		stretch{local(w.zone, "2026-03-22 00:00"), true},
		stretch{utc("2026-03-28 22:00"), false})
	assertStretches(t, w, date.Ago(customer.Period{Months: 1, Exact: time.Hour}),
		stretch{utc("2026-03-01 00:00"), false},
		stretch{local(w.zone, "2026-04-29 01:00"), true})
	assertStretches(t, w, date.Ahead(customer.Exact(time.Hour)),
		stretch{utc("2026-03-01 00:00"), false},
		stretch{utc("2026-03-28 21:00"), true},
		stretch{utc("2026-03-28 22:00"), false})
}
