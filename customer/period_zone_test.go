package customer_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/regulars-go/regulars/customer"
)

func TestAfterIsWhatAClockWatchedMinuteByMinuteSays(t *testing.T) {
	t.Parallel()
	eachZone(t, func(t *rapid.T, loc *time.Location, changes []time.Time) {
		at, p := drawInstant(t, changes), drawPeriod(t)
		same(t, slowShift(p, at, loc, 1), p.After(at, loc), loc)
	})
}

func TestBeforeIsWhatAClockWatchedMinuteByMinuteSays(t *testing.T) {
	t.Parallel()
	eachZone(t, func(t *rapid.T, loc *time.Location, changes []time.Time) {
		at, p := drawInstant(t, changes), drawPeriod(t)
		same(t, slowShift(p, at, loc, -1), p.Before(at, loc), loc)
	})
}

// Random instants seldom land inside a gap or an overlap; here the period is
// chosen so that the sum does.
func TestSumsThatLandOnAChangeOfTheClocks(t *testing.T) {
	t.Parallel()
	for _, name := range zoneNames {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			loc := zone(t, name)
			changes := transitions(loc)
			changes = changes[max(0, len(changes)-24):] // the older ones are the property's, by chance
			for i, change := range changes {
				for _, off := range []time.Duration{-90, -60, -59, -31, -30, -1, 0, 1, 29, 30, 31, 59, 60, 90} {
					// Ten days off the change, the wall clock shows what it will (or did) around it.
					asked := reading(change, loc).Add(off * time.Minute)
					from := slowWall(asked.AddDate(0, 0, -10), loc)
					if p := customer.Days(10); reading(from, loc).Equal(asked.AddDate(0, 0, -10)) {
						same(t, slowWall(asked, loc), p.After(from, loc), loc, "change %d, %v", i, off)
					}
					if from = slowWall(asked.AddDate(0, 0, 10), loc); reading(from, loc).Equal(asked.AddDate(0, 0, 10)) {
						same(t, slowWall(asked, loc), customer.Days(10).Before(from, loc), loc, "change %d, %v", i, off)
					}
				}
			}
		})
	}
}

func TestPeriodAfter(t *testing.T) {
	t.Parallel()
	tests := []struct {
		rule, zone, from string
		p                customer.Period
		want             string
	}{
		{"a skipped time is the first instant after the gap", "Europe/Berlin", "2026-03-28 02:30", customer.Days(1), "2026-03-29 01:00Z"},
		{"the last skipped second too", "Europe/Berlin", "2026-03-28 02:59:59", customer.Days(1), "2026-03-29 01:00Z"},
		{"the first instant after the gap is itself", "Europe/Berlin", "2026-03-28 03:00", customer.Days(1), "2026-03-29 01:00Z"},
		{"the second before the gap is itself", "Europe/Berlin", "2026-03-28 01:59:59", customer.Days(1), "2026-03-29 00:59:59Z"},
		{"a repeated time is the first of the two", "Europe/Berlin", "2026-10-24 02:30", customer.Days(1), "2026-10-25 00:30Z"},
		{"the start of the overlap too", "Europe/Berlin", "2026-10-24 02:00", customer.Days(1), "2026-10-25 00:00Z"},
		{"the end of the overlap comes once", "Europe/Berlin", "2026-10-24 03:00", customer.Days(1), "2026-10-25 02:00Z"},
		{"a time past the gap keeps the wall clock", "Europe/Berlin", "2026-03-28 10:00", customer.Days(1), "2026-03-29 08:00Z"},
		{"a time past the overlap keeps the wall clock", "Europe/Berlin", "2026-10-24 10:00", customer.Days(1), "2026-10-25 09:00Z"},
		{"a gap west of Greenwich", "America/New_York", "2026-03-07 02:30", customer.Days(1), "2026-03-08 07:00Z"},
		{"an overlap west of Greenwich", "America/New_York", "2026-10-31 01:30", customer.Days(1), "2026-11-01 05:30Z"},
		{"a gap from UTC itself", "Europe/London", "2026-03-28 01:30", customer.Days(1), "2026-03-29 01:00Z"},
		{"an overlap into UTC itself", "Europe/London", "2026-10-24 01:30", customer.Days(1), "2026-10-25 00:30Z"},
		{"a gap of half an hour", "Australia/Lord_Howe", "2026-10-03 02:15", customer.Days(1), "2026-10-03 15:30Z"},
		{"an overlap of half an hour", "Australia/Lord_Howe", "2026-04-04 01:45", customer.Days(1), "2026-04-04 14:45Z"},
		{"a day that was skipped", "Pacific/Apia", "2011-12-29 12:00", customer.Days(1), "2011-12-30 10:00Z"},
		{"the day after a skipped day", "Pacific/Apia", "2011-12-29 12:00", customer.Days(2), "2011-12-30 22:00Z"},
		{"a month onto a skipped day", "Pacific/Apia", "2011-11-30 23:59", customer.Months(1), "2011-12-30 10:00Z"},
		{"a midnight that was skipped", "America/Sao_Paulo", "2018-11-03 00:00", customer.Days(1), "2018-11-04 03:00Z"},
		{"half past a skipped midnight", "America/Sao_Paulo", "2018-11-03 00:30", customer.Days(1), "2018-11-04 03:00Z"},
		{"an evening that came twice", "America/Sao_Paulo", "2018-02-16 23:30", customer.Days(1), "2018-02-18 01:30Z"},
		{"Ramadan ends with a gap", "Africa/Casablanca", "2025-04-05 02:30", customer.Days(1), "2025-04-06 02:00Z"},
		{"Ramadan begins with an overlap", "Africa/Casablanca", "2025-02-22 02:30", customer.Days(1), "2025-02-23 01:30Z"},
		{"no daylight saving, no surprise", "Asia/Tokyo", "2026-03-28 02:30", customer.Days(1), "2026-03-28 17:30Z"},
		{"half-hour zones", "Asia/Kolkata", "2026-03-28 02:30", customer.Days(1), "2026-03-28 21:00Z"},
		{"31 January plus a month", "UTC", "2026-01-31 10:00", customer.Months(1), "2026-02-28 10:00Z"},
		{"31 January plus a month in a leap year", "UTC", "2028-01-31 10:00", customer.Months(1), "2028-02-29 10:00Z"},
		{"31 January plus two months", "UTC", "2026-01-31 10:00", customer.Months(2), "2026-03-31 10:00Z"},
		{"31 December plus two months", "UTC", "2026-12-31 10:00", customer.Months(2), "2027-02-28 10:00Z"},
		{"30 November plus three months", "Europe/Berlin", "2025-11-30 10:00", customer.Months(3), "2026-02-28 09:00Z"},
		{"29 February plus a year", "UTC", "2028-02-29 10:00", customer.Years(1), "2029-02-28 10:00Z"},
		{"29 February plus four years", "UTC", "2028-02-29 10:00", customer.Years(4), "2032-02-29 10:00Z"},
		{"29 February plus a century without one", "UTC", "2000-02-29 10:00", customer.Years(100), "2100-02-28 10:00Z"},
		{"months before days", "UTC", "2026-01-31 10:00", customer.Period{Months: 1, Days: 1}, "2026-03-01 10:00Z"},
		{"years and months clamp once", "UTC", "2028-02-29 10:00", customer.Period{Years: 1, Months: 1}, "2029-03-29 10:00Z"},
		{"the exact part last", "Europe/Berlin", "2026-03-28 02:30", customer.Period{Days: 1, Exact: time.Hour}, "2026-03-29 02:00Z"},
		{"hours do not follow the clock", "Europe/Berlin", "2026-03-28 02:30", customer.Hours(24), "2026-03-29 01:30Z"},
		{"no time at all stays even in the second of the two", "Europe/Berlin", "2026-10-25 01:30Z", customer.Period{}, "2026-10-25 01:30Z"},
		{"a day from the second of the two", "Europe/Berlin", "2026-10-25 01:30Z", customer.Days(1), "2026-10-26 01:30Z"},
	}
	for _, tt := range tests {
		t.Run(tt.rule, func(t *testing.T) {
			t.Parallel()
			loc := zone(t, tt.zone)
			same(t, utc(t, tt.want), tt.p.After(in(t, loc, tt.from), loc), loc)
		})
	}
}

func TestPeriodBefore(t *testing.T) {
	t.Parallel()
	tests := []struct {
		rule, zone, from string
		p                customer.Period
		want             string
	}{
		{"31 March minus a month", "UTC", "2026-03-31 10:00", customer.Months(1), "2026-02-28 10:00Z"},
		{"across the new year", "UTC", "2026-01-31 10:00", customer.Months(2), "2025-11-30 10:00Z"},
		{"29 February minus a year", "UTC", "2028-02-29 10:00", customer.Years(1), "2027-02-28 10:00Z"},
		{"a skipped time is after the gap, backwards too", "Europe/Berlin", "2026-03-30 02:30", customer.Days(1), "2026-03-29 01:00Z"},
		{"a repeated time is the first, backwards too", "Europe/Berlin", "2026-10-26 02:30", customer.Days(1), "2026-10-25 00:30Z"},
		{"7 days before are 7 calendar days", "Europe/Berlin", "2026-04-02 10:00", customer.Days(7), "2026-03-26 09:00Z"},
		{"a skipped day, backwards", "Pacific/Apia", "2011-12-31 12:00", customer.Days(1), "2011-12-30 10:00Z"},
		{"months, then days, then the exact part", "UTC", "2026-03-31 10:00", customer.Period{Months: 1, Days: 1, Exact: time.Hour}, "2026-02-27 09:00Z"},
	}
	for _, tt := range tests {
		t.Run(tt.rule, func(t *testing.T) {
			t.Parallel()
			loc := zone(t, tt.zone)
			same(t, utc(t, tt.want), tt.p.Before(in(t, loc, tt.from), loc), loc)
		})
	}
}

func TestTheSumDoesNotDependOnTheLocationOfTheInstant(t *testing.T) {
	t.Parallel()
	eachZone(t, func(t *rapid.T, loc *time.Location, changes []time.Time) {
		at, p := drawInstant(t, changes), drawPeriod(t)
		other := zone(t, rapid.SampledFrom(zoneNames).Draw(t, "other"))
		same(t, p.After(at, loc), p.After(at.In(other), loc), loc)
		require.Equal(t, time.UTC, p.After(at.In(other), loc).Location())
	})
}

func TestMultiplesOfTheAnchorDoNotDrift(t *testing.T) {
	t.Parallel()
	loc := zone(t, "Europe/Berlin")
	anchor := in(t, loc, "2026-01-31 02:30")
	month := customer.Months(1)
	want := []string{
		"2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31", "2026-06-30", "2026-07-31",
		"2026-08-31", "2026-09-30", "2026-10-31", "2026-11-30", "2026-12-31", "2027-01-31",
	}
	for n, day := range want {
		got := month.Times(n).After(anchor, loc).In(loc)
		assert.Equal(t, day+" 02:30", got.Format("2006-01-02 15:04"))
	}

	step := anchor
	for range 12 {
		step = month.After(step, loc)
	}
	assert.Equal(t, 28, step.In(loc).Day(), "adding to the last sum drifts, as the doc warns")
}

func TestAYearlyAnchorOn29FebruaryReturnsThere(t *testing.T) {
	t.Parallel()
	anchor := utc(t, "2024-02-29 09:00")
	for n := range 9 {
		got := customer.Years(1).Times(n).After(anchor, time.UTC)
		want := 28
		if got.Year()%4 == 0 {
			want = 29
		}
		assert.Equal(t, time.February, got.Month())
		assert.Equal(t, want, got.Day(), got.Year())
	}
}

func TestAWeekIsSevenDays(t *testing.T) {
	t.Parallel()
	assert.NotEqual(t, customer.Weeks(1), customer.Days(7), "they are written differently")
	eachZone(t, func(t *rapid.T, loc *time.Location, changes []time.Time) {
		at, n := drawInstant(t, changes), rapid.IntRange(0, 600).Draw(t, "weeks")
		same(t, customer.Weeks(n).After(at, loc), customer.Days(7*n).After(at, loc), loc)
		same(t, customer.Weeks(n).Before(at, loc), customer.Days(7*n).Before(at, loc), loc)
	})
}

func TestThirtyDaysAreNot720HoursAcrossDST(t *testing.T) {
	t.Parallel()
	berlin := zone(t, "Europe/Berlin")
	spring, autumn, summer := in(t, berlin, "2026-03-10 10:00"), in(t, berlin, "2026-10-10 10:00"), in(t, berlin, "2026-06-10 10:00")
	days := func(at time.Time) time.Duration { return customer.Days(30).After(at, berlin).Sub(at) }
	assert.Equal(t, 719*time.Hour, days(spring))
	assert.Equal(t, 721*time.Hour, days(autumn))
	assert.Equal(t, 720*time.Hour, days(summer))
	for _, at := range []time.Time{spring, autumn, summer} {
		assert.Equal(t, 720*time.Hour, customer.Hours(720).After(at, berlin).Sub(at))
		assert.Equal(t, 720*time.Hour, customer.Days(30).After(at, time.UTC).Sub(at))
	}
}

func TestAtMostIsNeverExceeded(t *testing.T) {
	t.Parallel()
	eachZone(t, func(t *rapid.T, loc *time.Location, changes []time.Time) {
		at, p := drawInstant(t, changes), drawPeriod(t)
		require.LessOrEqual(t, p.After(at, loc).Sub(at), p.AtMost(), "After")
		require.LessOrEqual(t, at.Sub(p.Before(at, loc)), p.AtMost(), "Before")
	})
}

func TestAtMostOfLongPeriodsSaturates(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.IntRange(0, 100_000)
		p := customer.Period{
			Years: parts.Draw(t, "y"), Months: parts.Draw(t, "m"), Weeks: parts.Draw(t, "w"), Days: parts.Draw(t, "d"),
			Exact: time.Duration(rapid.Int64Range(0, math.MaxInt64/1000).Draw(t, "exact")) * time.Microsecond,
		}
		require.NoError(t, p.Validate())
		at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		require.LessOrEqual(t, p.After(at, time.UTC).Sub(at), p.AtMost())
		require.True(t, !p.After(at, time.UTC).Before(at), "a sum never wraps round")
	})
}

func TestAtMostDoesNotWrapRound(t *testing.T) {
	t.Parallel()
	assert.Equal(t, time.Duration(math.MaxInt64), customer.Period{Days: 1, Exact: math.MaxInt64}.AtMost())
	assert.Equal(t, time.Duration(math.MaxInt64), customer.Years(100_000).AtMost())
}

func TestZonesThatNeverChange(t *testing.T) {
	t.Parallel()
	fixed := time.FixedZone("", 5*3600+1800)
	at := utc(t, "2026-03-09 18:30") // midnight there
	same(t, utc(t, "2026-03-10 18:30"), customer.Days(1).After(at, fixed), fixed)
	same(t, utc(t, "2026-03-10 03:30"), customer.DateOf(at.In(fixed)).At(customer.Clock(9, 0), fixed), fixed)
}

func TestAtMostOfExactTimeIsThatTime(t *testing.T) {
	t.Parallel()
	assert.Equal(t, 720*time.Hour, customer.Hours(720).AtMost())
	assert.Zero(t, customer.Period{}.AtMost())
}

// The calendar is added in UTC too, where a shortcut must not end with the 292
// years of a time.Duration.
func TestCalendarDaysInUTCDoNotEndWithDuration(t *testing.T) {
	t.Parallel()
	at := utc(t, "2026-01-01 00:00")
	want := time.Date(2026, 1, 1+700_000, 0, 0, 0, 0, time.UTC)
	same(t, want, customer.Weeks(100_000).After(at, time.UTC), time.UTC)
	same(t, want, customer.Days(100_000).Times(7).After(at, time.UTC), time.UTC)
	same(t, at, customer.Weeks(100_000).Before(want, time.UTC), time.UTC)

	both := customer.Period{Days: 100_000, Exact: math.MaxInt64}
	same(t, at.AddDate(0, 0, 100_000).Add(math.MaxInt64), both.After(at, time.UTC), time.UTC)
	same(t, at.AddDate(0, 0, -100_000).Add(-math.MaxInt64), both.Before(at, time.UTC), time.UTC)
}
