package customer_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/regulars-go/regulars/customer"
)

func TestDatesSurviveTheirText(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := drawDate(t, "date")
		got, err := customer.ParseDate(d.String())
		require.NoError(t, err)
		require.Equal(t, d, got)
	})
}

func TestOnlyDaysThatExistAreRead(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{
		"", "2026-02-29", "2026-13-01", "2026-00-10", "2026-01-00", "2026-01-32", "0000-01-01", "26-01-01", "2026-1-1",
		" 2026-01-01", "2026-01-01 ", "2026-01-01T00:00:00Z", "+2026-01-01", "-026-01-01", "2026/01/01", "10000-01-01",
	} {
		_, err := customer.ParseDate(bad)
		require.ErrorContains(t, err, "is no day of the calendar", bad)
	}
	_, err := customer.Date{Year: 2026, Month: 2, Day: 29}.MarshalText()
	require.EqualError(t, err, "date 2026-02-29 does not exist")
}

func TestTimesOfDaySurviveTheirText(t *testing.T) {
	t.Parallel()
	for minute := range 24 * 60 {
		tod := customer.Clock(minute/60, minute%60)
		got, err := customer.ParseTimeOfDay(tod.String())
		require.NoError(t, err)
		require.Equal(t, tod, got)
	}
}

func TestOnlyTimesThatAClockShowsAreRead(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "24:00", "23:60", "9:30", "09:5", "09:30:00", "0930", "09.30", " 9:30", "-1:30", "+9:30", "09:30 ", "99:99"} {
		_, err := customer.ParseTimeOfDay(bad)
		require.ErrorContains(t, err, "is not from 00:00 to 23:59", bad)
	}
	_, err := customer.Clock(24, 0).MarshalText()
	require.EqualError(t, err, "time of day 24:00 does not exist")
}

func TestDatesAndTimesAreTextInJSON(t *testing.T) {
	t.Parallel()
	type day struct {
		Date customer.Date
		At   customer.TimeOfDay
	}
	written, err := json.Marshal(day{customer.Date{Year: 2024, Month: 2, Day: 29}, customer.Clock(9, 5)})
	require.NoError(t, err)
	assert.Equal(t, `{"Date":"2024-02-29","At":"09:05"}`, string(written))
	var read day
	require.NoError(t, json.Unmarshal(written, &read))
	assert.Equal(t, day{customer.Date{Year: 2024, Month: 2, Day: 29}, customer.Clock(9, 5)}, read)
	before := read
	require.Error(t, json.Unmarshal([]byte(`{"Date":"2023-02-29"}`), &read))
	require.Error(t, json.Unmarshal([]byte(`{"At":"24:00"}`), &read))
	assert.Equal(t, before, read, "a fault changes nothing")
}
