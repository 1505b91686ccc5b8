package customer_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/regulars-go/regulars/customer"
)

func boughtAt(t testing.TB, at string, amount int64, refunds ...int64) customer.Purchase {
	p := bought(amount, nil, refunds...)
	p.At = utc(t, at)
	return *p
}

func TestTotalsOf(t *testing.T) {
	t.Parallel()
	got, ok := customer.TotalsOf([]customer.Purchase{
		boughtAt(t, "2026-03-09 10:00", 500),
		boughtAt(t, "2026-01-09 10:00", 900, 800),
		boughtAt(t, "2026-01-01 10:00", 9000, 9000),
		boughtAt(t, "2026-05-09 10:00", 0),
		boughtAt(t, "2026-06-09 10:00", 0, 0),
	})
	require.True(t, ok)
	assert.Equal(t, customer.Totals{
		Count: 3, Total: 600, Max: 500, First: utc(t, "2026-01-09 10:00"), Last: utc(t, "2026-05-09 10:00"),
	}, got, "what is wholly refunded neither counts nor is first or last; a gift is")
}

func TestTotalsOfNothing(t *testing.T) {
	t.Parallel()
	for _, none := range [][]customer.Purchase{nil, {}, {boughtAt(t, "2026-01-01 10:00", 5, 5)}} {
		got, ok := customer.TotalsOf(none)
		require.True(t, ok)
		assert.Zero(t, got)
		assert.Zero(t, got.Average())
		_, ok = got.MeanInterval()
		assert.False(t, ok)
	}
}

// The model keeps the purchases and looks at all of them.
func TestTotalsInAnyOrderAreTheTotals(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		purchases := make([]customer.Purchase, rapid.IntRange(0, 12).Draw(t, "purchases"))
		var want customer.Totals
		for i := range purchases {
			p := bought(rapid.Int64Range(0, 1000).Draw(t, "amount"), nil)
			p.ID = fmt.Sprint(i)
			p.At = time.UnixMicro(rapid.Int64Range(-3e12, 3e12).Draw(t, "at")).UTC()
			if rapid.Bool().Draw(t, "refunded") {
				p.Refunds = []customer.Refund{{Amount: rapid.Int64Range(0, p.Amount).Draw(t, "refund")}}
			}
			purchases[i] = *p
			if len(p.Refunds) > 0 && p.Net() == 0 {
				continue
			}
			if want.Count == 0 || p.At.Before(want.First) {
				want.First = p.At
			}
			if want.Count == 0 || p.At.After(want.Last) {
				want.Last = p.At
			}
			want.Count++
			want.Total += p.Net()
			want.Max = max(want.Max, p.Net())
		}
		got, ok := customer.TotalsOf(purchases)
		require.True(t, ok)
		require.Equal(t, want, got)

		var added customer.Totals
		for _, p := range rapid.Permutation(purchases).Draw(t, "order") {
			require.True(t, added.Add(&p))
		}
		require.Equal(t, want, added)
	})
}

func TestTotalsReportOverflowAndChangeNothing(t *testing.T) {
	t.Parallel()
	most, cent, gift := boughtAt(t, "2026-01-09 10:00", math.MaxInt64), boughtAt(t, "2025-01-09 10:00", 1), boughtAt(t, "2027-01-09 10:00", 0)
	var totals customer.Totals
	require.True(t, totals.Add(&most), "the largest amount itself fits")
	before := totals
	assert.False(t, totals.Add(&cent))
	assert.False(t, totals.Add(&most))
	assert.Equal(t, before, totals)
	assert.True(t, totals.Add(&gift), "nothing more fits in, but nothing is")

	_, ok := customer.TotalsOf([]customer.Purchase{cent, most})
	assert.False(t, ok)
	refunded := boughtAt(t, "2026-01-09 10:00", math.MaxInt64, math.MaxInt64-5)
	got, ok := customer.TotalsOf([]customer.Purchase{cent, refunded})
	require.True(t, ok, "what was refunded does not overflow")
	assert.Equal(t, int64(6), got.Total)
}

func TestAverageRoundsDown(t *testing.T) {
	t.Parallel()
	assert.Equal(t, int64(3), (&customer.Totals{Count: 3, Total: 11}).Average())
	assert.Equal(t, int64(math.MaxInt64), (&customer.Totals{Count: 1, Total: math.MaxInt64}).Average())
}

func TestMeanInterval(t *testing.T) {
	t.Parallel()
	first := utc(t, "2026-01-01 00:00")
	_, ok := (&customer.Totals{Count: 1, First: first, Last: first}).MeanInterval()
	assert.False(t, ok, "one purchase has no interval")
	got, ok := (&customer.Totals{Count: 4, First: first, Last: first.Add(72 * time.Hour)}).MeanInterval()
	assert.True(t, ok)
	assert.Equal(t, 24*time.Hour, got)
	got, ok = (&customer.Totals{Count: 2, First: first, Last: first}).MeanInterval()
	assert.True(t, ok, "two at once have one of no length")
	assert.Zero(t, got)
}
