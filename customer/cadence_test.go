package customer_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/regulars-go/regulars/customer"
)

func every(p customer.Period) customer.Cadence { return customer.Cadence{Every: p} }

func on(days ...time.Weekday) customer.Cadence {
	return customer.Cadence{On: customer.OnDays(days...)}
}

func TestCadenceNext(t *testing.T) {
	t.Parallel()
	nine, midnight := customer.Clock(9, 0), customer.Clock(0, 0)
	tests := []struct {
		rule, zone, from string
		c                customer.Cadence
		start            customer.TimeOfDay
		want             string
	}{
		{"a calendar period ends at the day's start", "UTC", "2026-03-10 17:45", every(customer.Weeks(3)), nine, "2026-03-31 09:00Z"},
		{"even where that is less than the period", "UTC", "2026-03-10 23:59", every(customer.Days(1)), midnight, "2026-03-11 00:00Z"},
		{"a month after 31 January", "UTC", "2026-01-31 17:45", every(customer.Months(1)), nine, "2026-02-28 09:00Z"},
		{"the day is the customer's, not that of UTC", "Asia/Tokyo", "2026-03-11 01:00", every(customer.Days(1)), nine, "2026-03-12 00:00Z"},
		{"an exact period counts from the purchase itself", "Europe/Berlin", "2026-03-28 17:45", every(customer.Hours(24)), nine, "2026-03-29 16:45Z"},
		{"an exact part counts from the day's start", "UTC", "2026-03-10 17:45", every(customer.Period{Days: 1, Exact: 90 * time.Minute}), nine, "2026-03-11 10:30Z"},
		{"DST does not move the day's start in spring", "Europe/Berlin", "2026-03-28 17:45", every(customer.Days(1)), nine, "2026-03-29 07:00Z"},
		{"DST does not move the day's start in autumn", "Europe/Berlin", "2026-10-24 17:45", every(customer.Days(1)), nine, "2026-10-25 08:00Z"},
		{"a day's start inside the gap", "Europe/Berlin", "2026-03-28 17:45", every(customer.Days(1)), customer.Clock(2, 30), "2026-03-29 01:00Z"},
		{"a day's start inside the overlap", "Europe/Berlin", "2026-10-24 17:45", every(customer.Days(1)), customer.Clock(2, 30), "2026-10-25 00:30Z"},
		{"a day that has no midnight", "America/Sao_Paulo", "2018-11-03 17:45", every(customer.Days(1)), midnight, "2018-11-04 03:00Z"},
		{"a weekday after the purchase", "UTC", "2026-03-10 17:45", on(time.Saturday), nine, "2026-03-14 09:00Z"},
		{"never on the day of the purchase, however early", "UTC", "2026-03-14 00:00", on(time.Saturday), nine, "2026-03-21 09:00Z"},
		{"the weekday is the customer's, not that of UTC", "Asia/Tokyo", "2026-03-13 23:00", on(time.Saturday), nine, "2026-03-14 00:00Z"},
		{"the first of several weekdays", "UTC", "2026-03-10 17:45", on(time.Monday, time.Thursday), nine, "2026-03-12 09:00Z"},
		{"round the week's end", "UTC", "2026-03-13 17:45", on(time.Monday, time.Thursday), nine, "2026-03-16 09:00Z"},
		{"tomorrow, where every day is one", "UTC", "2026-03-10 17:45", on(0, 1, 2, 3, 4, 5, 6), nine, "2026-03-11 09:00Z"},
		{"a Sunday that springs forward", "Europe/Berlin", "2026-03-24 17:45", on(time.Sunday), customer.Clock(2, 30), "2026-03-29 01:00Z"},
		{"a Friday that never was", "Pacific/Apia", "2011-12-28 12:00", on(time.Friday), nine, "2011-12-30 10:00Z"},
	}
	for _, tt := range tests {
		t.Run(tt.rule, func(t *testing.T) {
			t.Parallel()
			require.NoError(t, tt.c.Validate())
			loc := zone(t, tt.zone)
			got := tt.c.Next(in(t, loc, tt.from), tt.start, loc)
			same(t, utc(t, tt.want), got, loc)
			assert.Equal(t, time.UTC, got.Location())
		})
	}
}

func TestNextOnWeekdaysIsTheFirstSuchDayAfterThePurchase(t *testing.T) {
	t.Parallel()
	eachZone(t, func(t *rapid.T, loc *time.Location, changes []time.Time) {
		at := drawInstant(t, changes)
		c := customer.Cadence{On: customer.Weekdays(rapid.IntRange(1, 127).Draw(t, "days"))}
		start := customer.Clock(rapid.IntRange(0, 23).Draw(t, "hour"), rapid.IntRange(0, 59).Draw(t, "minute"))

		day := reading(at, loc).Truncate(24*time.Hour).AddDate(0, 0, 1)
		for !c.On.Has(day.Weekday()) {
			day = day.AddDate(0, 0, 1)
		}
		asked := day.Add(time.Duration(start.Hour)*time.Hour + time.Duration(start.Minute)*time.Minute)
		same(t, slowWall(asked, loc), c.Next(at, start, loc), loc)
	})
}

func TestNextOfAPeriodIsOnItsDay(t *testing.T) {
	t.Parallel()
	eachZone(t, func(t *rapid.T, loc *time.Location, changes []time.Time) {
		at, p := drawInstant(t, changes), drawPeriod(t)
		start := customer.Clock(rapid.IntRange(0, 23).Draw(t, "hour"), rapid.IntRange(0, 59).Draw(t, "minute"))
		got := every(p).Next(at, start, loc)
		switch {
		case p.IsZero():
			require.Zero(t, got)
		case !p.IsCalendar():
			same(t, at.Add(p.Exact), got, loc)
		default:
			day := slowDate(reading(at, loc).Truncate(24*time.Hour), 12*p.Years+p.Months, 7*p.Weeks+p.Days)
			asked := day.Add(time.Duration(start.Hour)*time.Hour + time.Duration(start.Minute)*time.Minute)
			same(t, slowWall(asked, loc).Add(p.Exact), got, loc)
		}
	})
}

// Until 2011 Newfoundland went back at 00:01, so that a day began twice, an hour
// apart, with the evening before in between; what was bought in that evening has
// a Next an hour too early. No zone has done so since.
func TestNextIsAfterThePurchase(t *testing.T) {
	t.Parallel()
	eachZone(t, func(t *rapid.T, loc *time.Location, changes []time.Time) {
		at := drawInstant(t, changes)
		if at.Year() < 2012 {
			at = at.AddDate(30, 0, 0)
		}
		start := customer.Clock(rapid.IntRange(0, 23).Draw(t, "hour"), rapid.IntRange(0, 59).Draw(t, "minute"))
		c := every(customer.Days(rapid.IntRange(1, 3).Draw(t, "days")))
		if rapid.Bool().Draw(t, "weekdays") {
			c = customer.Cadence{On: customer.Weekdays(rapid.IntRange(1, 127).Draw(t, "on"))}
		}
		require.True(t, c.Next(at, start, loc).After(at), "%v from %v at %v gives %v", c, at.In(loc), start, c.Next(at, start, loc).In(loc))
	})
}

func TestNoCadenceHasNoNext(t *testing.T) {
	t.Parallel()
	assert.True(t, customer.Cadence{}.IsZero())
	assert.Zero(t, customer.Cadence{}.Next(utc(t, "2026-03-10 17:45"), customer.Clock(9, 0), time.UTC))
}

func TestCadenceValidate(t *testing.T) {
	t.Parallel()
	require.NoError(t, customer.Cadence{}.Validate())
	require.NoError(t, every(customer.Weeks(3)).Validate())
	require.NoError(t, on(0, 1, 2, 3, 4, 5, 6).Validate())
	require.ErrorContains(t, customer.Cadence{Every: customer.Days(1), On: 1}.Validate(), "both")
	require.ErrorContains(t, every(customer.Days(-1)).Validate(), "negative")
	require.ErrorContains(t, every(customer.Days(100_001)).Validate(), "longer")
	require.ErrorContains(t, customer.Cadence{On: 1 << 7}.Validate(), "does not exist")
}

// A faulty cadence must be found, and must not hang who did not look.
func TestADayThatDoesNotExistIsFoundAndNeverHangs(t *testing.T) {
	t.Parallel()
	at := utc(t, "2026-03-10 17:45")
	for _, day := range []time.Weekday{-1, 7, 8, 64, 1 << 20} {
		c := on(day)
		require.ErrorContains(t, c.Validate(), "does not exist", day)
		assert.Zero(t, c.Next(at, customer.Clock(9, 0), time.UTC))

		c = on(day, time.Saturday)
		require.Error(t, c.Validate())
		same(t, utc(t, "2026-03-14 09:00"), c.Next(at, customer.Clock(9, 0), time.UTC), time.UTC)
	}
}

func TestWeekdaysAreASet(t *testing.T) {
	t.Parallel()
	assert.Zero(t, customer.OnDays())
	assert.Equal(t, customer.OnDays(time.Monday, time.Friday), customer.OnDays(time.Friday, time.Monday, time.Friday))
	rapid.Check(t, func(t *rapid.T) {
		days := rapid.SliceOf(rapid.Custom(func(t *rapid.T) time.Weekday {
			return time.Weekday(rapid.IntRange(0, 6).Draw(t, "day"))
		})).Draw(t, "days")
		set := customer.OnDays(days...)
		for d := time.Sunday; d <= time.Saturday; d++ {
			require.Equal(t, slices.Contains(days, d), set.Has(d))
		}
	})
}

func TestCadenceString(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "none", customer.Cadence{}.String())
	assert.Equal(t, "P3W", every(customer.Weeks(3)).String())
	assert.Equal(t, "every Saturday", on(time.Saturday).String())
	assert.Equal(t, "every Sunday, Wednesday", on(time.Wednesday, time.Sunday).String())
}

func TestCadenceInAPipeline(t *testing.T) {
	t.Parallel()
	c := customer.Customer{Cadences: []customer.PipelineCadence{
		{Pipeline: "cakes", Cadence: every(customer.Months(1))}, {Pipeline: "tea", Cadence: on(time.Saturday)},
	}}
	assert.Equal(t, every(customer.Months(1)), c.CadenceIn("cakes"))
	assert.Equal(t, on(time.Saturday), c.CadenceIn("tea"))
	assert.Zero(t, c.CadenceIn("bread"))
	assert.Zero(t, (&customer.Customer{}).CadenceIn("cakes"))
}
