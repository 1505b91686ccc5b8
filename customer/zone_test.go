package customer_test

import (
	"testing"
	"time"
	_ "time/tzdata" // the tests need no zone data of the machine

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/regulars-go/regulars/customer"
)

// zoneNames are zones whose clocks do something that a naive sum gets wrong.
var zoneNames = []string{
	"UTC",
	"Europe/Berlin",       // the usual hour, at 02:00 and 03:00
	"Europe/London",       // winter time is UTC itself
	"America/New_York",    // the usual hour, west of Greenwich
	"Asia/Tokyo",          // never moves
	"Asia/Kolkata",        // half an hour off, never moves
	"Australia/Lord_Howe", // moves by half an hour
	"Pacific/Apia",        // had no 30 December 2011
	"Pacific/Kwajalein",   // had no 21 August 1993
	"America/Sao_Paulo",   // sprang at midnight until 2018: some days begin at 01:00
	"America/St_Johns",    // sprang at 00:01 until 2011
	"Africa/Casablanca",   // moves around Ramadan, by a negative amount
	"Asia/Tehran",         // sprang at midnight until 2022
	"America/Nuuk",        // sprang on Saturday evening
	"Pacific/Chatham",     // three quarters of an hour off
	"Europe/Volgograd",    // changed its standard time and back
}

func zone(t require.TestingT, name string) *time.Location {
	loc, err := time.LoadLocation(name)
	require.NoError(t, err)
	return loc
}

// in reads a local time such as "2026-03-29 02:30" or "2026-03-29 02:30:15" in
// a zone. A "Z" at the end makes it a time in UTC.
func in(t require.TestingT, loc *time.Location, s string) time.Time {
	layout := "2006-01-02 15:04:05"
	if s[len(s)-1] == 'Z' {
		loc, s = time.UTC, s[:len(s)-1]
	}
	got, err := time.ParseInLocation(layout[:len(s)], s, loc)
	require.NoError(t, err)
	return got
}

func utc(t require.TestingT, s string) time.Time { return in(t, time.UTC, s) }

// same says that two instants are one, and shows both readings if they are not.
func same(t require.TestingT, want, got time.Time, loc *time.Location, msg ...any) {
	if !want.Equal(got) {
		require.Equal(t, want.In(loc).String(), got.In(loc).String(), msg...)
	}
}

// reading is what a wall clock in loc shows at t, as if it were UTC: readings
// compare, subtract and take days without a thought of zones.
func reading(t time.Time, loc *time.Location) time.Time {
	_, offset := t.In(loc).Zone()
	return t.UTC().Add(time.Duration(offset) * time.Second)
}

// slowWall is the oracle of all wall clock arithmetic. It watches a clock in
// loc minute by minute and returns the first instant at which it shows asked or
// more. That is asked itself; where a gap swallowed it, the first instant after
// the gap; and where it comes twice, the first of the two.
func slowWall(asked time.Time, loc *time.Location) time.Time {
	minute := asked.Truncate(time.Minute)
	at := minute.Add(-16 * time.Hour) // no zone is further ahead
	for reading(at, loc).Before(minute) {
		at = at.Add(time.Minute)
	}
	if reading(at, loc).Equal(minute) {
		return at.Add(asked.Sub(minute))
	}
	return at
}

// slowDate moves a date by months and then by days, one at a time.
func slowDate(day time.Time, months, days int) time.Time {
	want := day.Day()
	first := day.AddDate(0, 0, 1-want)
	for ; months > 0; months-- {
		first = first.AddDate(0, 1, 0)
	}
	for ; months < 0; months++ {
		first = first.AddDate(0, -1, 0)
	}
	day = first
	for day.Day() < want && day.AddDate(0, 0, 1).Month() == first.Month() {
		day = day.AddDate(0, 0, 1)
	}
	for ; days > 0; days-- {
		day = day.AddDate(0, 0, 1)
	}
	for ; days < 0; days++ {
		day = day.AddDate(0, 0, -1)
	}
	return day
}

// slowShift is the oracle of Period.After (sign 1) and Period.Before (sign -1).
func slowShift(p customer.Period, t time.Time, loc *time.Location, sign int) time.Time {
	exact := time.Duration(sign) * p.Exact
	if !p.IsCalendar() {
		return t.Add(exact)
	}
	shown := reading(t, loc)
	midnight := shown.Truncate(24 * time.Hour)
	day := slowDate(midnight, sign*(12*p.Years+p.Months), sign*(7*p.Weeks+p.Days))
	return slowWall(day.Add(shown.Sub(midnight)), loc).Add(exact)
}

// transitions are the instants at which clocks in loc change, from 1972 (when
// the last odd minutes were gone) until 2038.
func transitions(loc *time.Location) []time.Time {
	var all []time.Time
	at := time.Date(1972, 6, 1, 0, 0, 0, 0, time.UTC)
	for {
		_, end := at.In(loc).ZoneBounds()
		if end.IsZero() || end.Year() >= 2038 {
			return all
		}
		all = append(all, end.UTC())
		at = end
	}
}

// drawInstant draws an instant of the last fifty years; half of them lie within
// two days of a change of the clocks.
func drawInstant(t *rapid.T, changes []time.Time) time.Time {
	nanos := rapid.Int64Range(0, 1e9-1).Draw(t, "nanos")
	if len(changes) > 0 && rapid.Bool().Draw(t, "near a change") {
		change := rapid.SampledFrom(changes).Draw(t, "change")
		sec := rapid.Int64Range(-2*86400, 2*86400).Draw(t, "seconds")
		return change.Add(time.Duration(sec)*time.Second + time.Duration(nanos))
	}
	from, to := time.Date(1975, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2036, 1, 1, 0, 0, 0, 0, time.UTC)
	return time.Unix(rapid.Int64Range(from.Unix(), to.Unix()).Draw(t, "unix"), nanos).UTC()
}

// drawPeriod draws a period short enough for the oracles to walk.
func drawPeriod(t *rapid.T) customer.Period {
	return customer.Period{
		Years:  rapid.IntRange(0, 3).Draw(t, "years"),
		Months: rapid.IntRange(0, 30).Draw(t, "months"),
		Weeks:  rapid.IntRange(0, 10).Draw(t, "weeks"),
		Days:   rapid.IntRange(0, 60).Draw(t, "days"),
		Exact:  time.Duration(rapid.Int64Range(0, int64(100*time.Hour)).Draw(t, "exact")),
	}
}

// eachZone runs a property in every zone, in parallel.
func eachZone(t *testing.T, rule func(t *rapid.T, loc *time.Location, changes []time.Time)) {
	t.Helper()
	for _, name := range zoneNames {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			loc := zone(t, name)
			changes := transitions(loc)
			rapid.Check(t, func(t *rapid.T) { rule(t, loc, changes) })
		})
	}
}
