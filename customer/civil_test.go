package customer_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/regulars-go/regulars/customer"
)

func date(year int, month time.Month, day int) customer.Date {
	return customer.Date{Year: year, Month: month, Day: day}
}

// midnight is the oracle's view of a date: the time package in UTC.
func midnight(d customer.Date) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC)
}

// drawDate draws any day that exists, month ends more often than by chance.
func drawDate(t *rapid.T, label string) customer.Date {
	day := rapid.Int64Range(midnight(date(1, 1, 1)).Unix()/86400, midnight(date(9999, 12, 31)).Unix()/86400).Draw(t, label)
	at := time.Unix(day*86400, 0).UTC()
	if rapid.Bool().Draw(t, label+" at a month's end") {
		at = time.Date(at.Year(), at.Month()+1, 0, 0, 0, 0, 0, time.UTC)
	}
	return customer.DateOf(at)
}

func TestDateOfTakesTheDayOfTheInstantsOwnLocation(t *testing.T) {
	t.Parallel()
	at := utc(t, "2026-03-31 23:30")
	assert.Equal(t, date(2026, 3, 31), customer.DateOf(at))
	assert.Equal(t, date(2026, 4, 1), customer.DateOf(at.In(zone(t, "Europe/Berlin"))))
	assert.Equal(t, date(1969, 12, 31), customer.DateOf(time.Unix(-1, 0).UTC()))
}

func TestDateString(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "2026-03-09", date(2026, 3, 9).String())
	assert.Equal(t, "0001-01-01", date(1, 1, 1).String())
	assert.True(t, customer.Date{}.IsZero())
	assert.False(t, date(1, 1, 1).IsZero())
}

func TestDateValidIsWhatTheCalendarHolds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := date(rapid.IntRange(-2, 10_001).Draw(t, "year"), time.Month(rapid.IntRange(-1, 14).Draw(t, "month")),
			rapid.IntRange(-1, 33).Draw(t, "day"))
		exists := customer.DateOf(midnight(d)) == d && d.Year >= 1 && d.Year <= 9999
		require.Equal(t, exists, d.Valid(), "%+v", d)
	})
	assert.True(t, date(2028, 2, 29).Valid())
	assert.True(t, date(2000, 2, 29).Valid())
	assert.False(t, date(2100, 2, 29).Valid())
	assert.False(t, date(2026, 2, 29).Valid())
	assert.False(t, customer.Date{}.Valid())
}

func TestDateAddAndSubWalkTheCalendar(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d, p := drawDate(t, "date"), drawPeriod(t)
		months, days := 12*p.Years+p.Months, 7*p.Weeks+p.Days
		require.Equal(t, customer.DateOf(slowDate(midnight(d), months, days)), d.Add(p), "%v + %v", d, p)
		require.Equal(t, customer.DateOf(slowDate(midnight(d), -months, -days)), d.Sub(p), "%v - %v", d, p)
	})
}

func TestDateSubLeavesTheFirstYear(t *testing.T) {
	t.Parallel()
	for months := range 40 {
		d := date(1, 2, 15)
		assert.Equal(t, customer.DateOf(midnight(d).AddDate(0, -months, 0)), d.Sub(customer.Months(months)), months)
	}
}

func TestDateAddDoesNotCountExactTime(t *testing.T) {
	t.Parallel()
	d := date(2026, 3, 9)
	assert.Equal(t, d, d.Add(customer.Hours(1000)))
	assert.Equal(t, date(2026, 3, 10), d.Add(customer.Period{Days: 1, Exact: 99 * time.Hour}))
}

func TestDaysUntilIsTheWalk(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d, e := drawDate(t, "from"), drawDate(t, "to")
		n := d.DaysUntil(e)
		require.Equal(t, e, customer.DateOf(midnight(d).AddDate(0, 0, n)))
		require.Equal(t, -n, e.DaysUntil(d))
		require.Zero(t, d.DaysUntil(d))
	})
	assert.Equal(t, 3_652_058, date(1, 1, 1).DaysUntil(date(9999, 12, 31)), "longer than a time.Duration")
	assert.Equal(t, 366, date(2028, 1, 1).DaysUntil(date(2029, 1, 1)))
	assert.Equal(t, -1, date(1970, 1, 1).DaysUntil(date(1969, 12, 31)))
}

func TestDateWeekday(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := drawDate(t, "date")
		require.Equal(t, midnight(d).Weekday(), d.Weekday())
	})
}

func TestAnniversaryOf29February(t *testing.T) {
	t.Parallel()
	leap := date(2000, 2, 29)
	assert.Equal(t, date(2026, 2, 28), leap.In(2026))
	assert.Equal(t, date(2028, 2, 29), leap.In(2028))
	assert.Equal(t, date(2100, 2, 28), leap.In(2100))
}

func TestAnniversaryKeepsMonthAndDay(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d, year := drawDate(t, "date"), rapid.IntRange(1, 9999).Draw(t, "year")
		got := d.In(year)
		require.True(t, got.Valid())
		require.Equal(t, year, got.Year)
		require.Equal(t, d.Month, got.Month)
		if d.Month != time.February || d.Day != 29 {
			require.Equal(t, d.Day, got.Day)
		}
	})
}

func TestDateAtIsWhatAClockWatchedMinuteByMinuteSays(t *testing.T) {
	t.Parallel()
	eachZone(t, func(t *rapid.T, loc *time.Location, changes []time.Time) {
		day := customer.DateOf(drawInstant(t, changes).In(loc))
		tod := customer.Clock(rapid.IntRange(0, 23).Draw(t, "hour"), rapid.IntRange(0, 59).Draw(t, "minute"))
		asked := midnight(day).Add(time.Duration(tod.Hour)*time.Hour + time.Duration(tod.Minute)*time.Minute)
		got := day.At(tod, loc)
		same(t, slowWall(asked, loc), got, loc)
		require.Equal(t, time.UTC, got.Location())
	})
}

func TestTimeOfDay(t *testing.T) {
	t.Parallel()
	assert.Equal(t, customer.TimeOfDay{Hour: 9, Minute: 5}, customer.Clock(9, 5))
	assert.Equal(t, "09:05", customer.Clock(9, 5).String())
	assert.Equal(t, "00:00", customer.TimeOfDay{}.String())
	for _, ok := range []customer.TimeOfDay{{}, customer.Clock(23, 59), customer.Clock(0, 59), customer.Clock(23, 0)} {
		assert.True(t, ok.Valid(), ok)
	}
	for _, bad := range []customer.TimeOfDay{customer.Clock(24, 0), customer.Clock(-1, 0), customer.Clock(0, 60), customer.Clock(0, -1), customer.Clock(99, 99)} {
		assert.False(t, bad.Valid(), bad)
	}
}
