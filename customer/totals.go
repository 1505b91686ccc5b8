package customer

import (
	"math"
	"time"
)

// Totals sums up the purchases that count: those of which something is left
// after refunds. Amounts are minor units, net of refunds.
type Totals struct {
	Count       int
	Total       int64
	Max         int64     // the largest purchase
	First, Last time.Time // when the first and the last were made; zero: never
}

// Average returns the mean amount of a purchase, rounded down; zero where there
// is none.
func (t *Totals) Average() int64 {
	if t.Count == 0 {
		return 0
	}
	return t.Total / int64(t.Count)
}

// MeanInterval returns the mean time between two purchases, or false where
// there are fewer than two.
func (t *Totals) MeanInterval() (time.Duration, bool) {
	if t.Count < 2 {
		return 0, false
	}
	return t.Last.Sub(t.First) / time.Duration(t.Count-1), true
}

// Add counts p in, wherever in time it belongs. It reports false, and changes
// nothing, where the total would overflow.
func (t *Totals) Add(p *Purchase) bool {
	if !p.Counts() {
		return true
	}
	net := p.Net()
	if t.Total > math.MaxInt64-net {
		return false
	}
	t.Count++
	t.Total += net
	t.Max = max(t.Max, net)
	if t.First.IsZero() || p.At.Before(t.First) {
		t.First = p.At
	}
	if p.At.After(t.Last) {
		t.Last = p.At
	}
	return true
}

// TotalsOf sums up purchases; false where the total overflows.
func TotalsOf(purchases []Purchase) (Totals, bool) {
	var t Totals
	for i := range purchases {
		if !t.Add(&purchases[i]) {
			return t, false
		}
	}
	return t, true
}
