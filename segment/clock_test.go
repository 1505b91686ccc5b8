package segment_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
)

// Sums on the calendar are those of customer.Period, in whatever order zones and
// years are asked about.
func TestWindowsEndWhereThePeriodSays(t *testing.T) {
	t.Parallel()
	names := append([]string{
		"Pacific/Apia", "Africa/Casablanca", "America/Sao_Paulo", "Asia/Tehran", "Asia/Kolkata",
		"Pacific/Chatham", "Europe/Volgograd", "America/Nuuk", "Antarctica/Troll",
	}, zoneNames...)
	rapid.Check(t, func(t *rapid.T) {
		p := customer.Period{
			Months: rapid.SampledFrom([]int{0, 0, 1, 13}).Draw(t, "months"),
			Days:   rapid.IntRange(1, 400).Draw(t, "days"),
			Exact:  time.Duration(rapid.IntRange(0, 3000).Draw(t, "minutes")) * time.Minute,
		}
		set, err := segment.Compile([]segment.Segment{{ID: "s", Enter: segment.PurchasedWithin(p)}}, anyStage)
		require.NoError(t, err)
		state := set.NewState()
		state.Load(nil)
		f := segment.Facts{Totals: &customer.Totals{Count: 1}}
		for range 8 {
			f.Zone = zone(t, rapid.SampledFrom(names).Draw(t, "zone"))
			f.Totals.Last = drawNearChange(t, f.Zone, p)
			f.At(f.Totals.Last)
			state.MarkTime()
			flip := state.Settle(&f, func(string, bool) {})
			want := p.After(f.Totals.Last, f.Zone)
			require.Equal(t, want.In(f.Zone).String(), flip.In(f.Zone).String(), "%v + %v", f.Totals.Last.In(f.Zone), p)
		}
	})
}

// drawNearChange draws an instant so that it, or it plus p, is often close to a
// change of the clocks.
func drawNearChange(t *rapid.T, loc *time.Location, p customer.Period) time.Time {
	at := utc("1965-01-01 00:00").Add(time.Duration(rapid.Int64Range(0, 145*365*24*60).Draw(t, "minute")) * time.Minute)
	_, change := at.In(loc).ZoneBounds()
	if change.IsZero() || rapid.IntRange(0, 3).Draw(t, "anywhere") == 0 {
		return at
	}
	at = change.Add(time.Duration(rapid.Int64Range(-180, 180).Draw(t, "beside")) * time.Minute).UTC()
	if rapid.Bool().Draw(t, "the sum is") {
		return p.Before(at, loc)
	}
	return at
}
