package segment_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
)

func TestScoresOfOneCustomer(t *testing.T) {
	t.Parallel()
	scale := segment.Scale{
		Recency: []customer.Period{customer.Days(30), customer.Days(90), customer.Days(365)}, Frequency: []int64{2, 4, 6}, Money: []int64{250, 1000},
	}
	w := bought(time.UTC, utc("2026-01-01 00:00"), utc("2026-02-01 00:00"), utc("2026-03-01 00:00"))
	for _, tt := range []struct {
		now     string
		recency int64
	}{
		{"2026-03-01 00:00", 4},
		{"2026-03-30 23:59", 4},
		{"2026-03-31 00:00", 3},
		{"2026-05-29 23:59", 3},
		{"2026-05-30 00:00", 2},
		{"2027-02-28 23:59", 2},
		{"2027-03-01 00:00", 1},
		{"2040-01-01 00:00", 1},
	} {
		now := utc(tt.now)
		for n := int64(0); n <= 5; n++ {
			truth, _ := w.ask(t, scale.Recent(segment.Equal, n), now)
			assert.Equal(t, n == tt.recency, truth, "recency %d at %s", n, tt.now)
			truth, _ = w.ask(t, scale.Frequent(segment.Equal, n), now)
			assert.Equal(t, n == 2, truth, "frequency %d", n)
			truth, _ = w.ask(t, scale.Monetary(segment.Equal, n), now)
			assert.Equal(t, n == 2, truth, "money %d", n)
		}
		truth, _ := w.ask(t, scale.Cell(tt.recency, 2, 2), now)
		assert.True(t, truth)
		truth, _ = w.ask(t, scale.Cell(tt.recency, 2, 3), now)
		assert.False(t, truth)
	}
}

// In February a month is over before 30 days are.
func TestRecencyCountsTheSpansThatAreReached(t *testing.T) {
	t.Parallel()
	scale := segment.Scale{Recency: []customer.Period{customer.Days(30), customer.Months(1)}}
	w := bought(time.UTC, utc("2026-02-01 12:00"))
	for _, tt := range []struct {
		now   string
		score int64
	}{
		{"2026-02-28 12:00", 3}, {"2026-03-01 12:00", 2}, {"2026-03-03 12:00", 1},
	} {
		for n := int64(1); n <= 3; n++ {
			truth, _ := w.ask(t, scale.Recent(segment.Equal, n), utc(tt.now))
			assert.Equal(t, n == tt.score, truth, "%d at %s", n, tt.now)
		}
	}
}

// days returns the spans of so many days, one day and two and so on.
func days(n int) (all []customer.Period) {
	for i := range n {
		all = append(all, customer.Days(i+1))
	}
	return all
}

// Asking for every other score of a long scale flips day by day.
func TestALongScaleFlipsDayByDay(t *testing.T) {
	t.Parallel()
	scale, odd := segment.Scale{Recency: days(100)}, []int64{}
	for n := int64(1); n <= 101; n += 2 {
		odd = append(odd, n)
	}
	p := segment.Predicate(scale.Recent(segment.OneOf, odd...))
	w := bought(time.UTC, utc("2026-01-01 00:00"))
	truth, until := w.ask(t, p, utc("2026-01-02 12:00"))
	assert.False(t, truth, "99 spans are not over")
	assert.Equal(t, utc("2026-01-03 00:00"), until)
}
