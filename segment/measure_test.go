package segment_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
)

// basket returns a customer of three purchases: of tea and cake, of two teas and
// something unnamed with a discount, and of cake that was half refunded.
func basket() *world {
	w := &world{zone: time.UTC}
	buy := func(id, at, source string, amount int64, items ...customer.Item) {
		w.buy(customer.Purchase{ID: id, At: utc(at), Source: source, Amount: amount, Items: items})
	}
	buy("p1", "2026-01-01 12:00", "web", 900,
		customer.Item{SKU: "green", Category: "tea", Quantity: 3, Amount: 300}, customer.Item{SKU: "nut", Category: "cake", Amount: 600})
	buy("p2", "2026-01-11 12:00", "till", 400,
		customer.Item{SKU: "green", Category: "tea", Amount: 300}, customer.Item{SKU: "black", Category: "tea", Quantity: 2, Amount: 200}, customer.Item{Amount: 10})
	buy("p3", "2026-02-10 12:00", "web", 1000, customer.Item{SKU: "nut", Category: "cake", Quantity: 1, Amount: 800}, customer.Item{SKU: "box", Amount: 200})
	w.purchases[2].Refunds = []customer.Refund{{ID: "r", Amount: 500, At: utc("2026-02-11 12:00")}}
	return w
}

func TestMeasures(t *testing.T) {
	t.Parallel()
	tea, cake := customer.Filter{Categories: []string{"tea"}}, customer.Filter{Categories: []string{"cake"}}
	green, web := customer.Filter{SKUs: []string{"green"}}, customer.Filter{Sources: []string{"web"}}
	many := customer.Filter{Categories: []string{"tea"}, MinQuantity: 3}
	large := customer.Filter{MinAmount: 900, MaxAmount: 999}
	year := segment.Purchases{From: customer.Date{Year: 2026, Month: 1, Day: 1}}
	type row struct {
		of      customer.Filter
		measure func(p segment.Purchases, op segment.Op, n ...int64) segment.Predicate
		want    int64
	}
	for _, tt := range []row{
		{customer.Filter{}, segment.Purchases.Count, 3},
		{customer.Filter{}, segment.Purchases.Total, 1800},
		{customer.Filter{}, segment.Purchases.Average, 600},
		{customer.Filter{}, segment.Purchases.Largest, 900},
		{customer.Filter{}, segment.Purchases.Smallest, 400},
		{customer.Filter{}, segment.Purchases.Categories, 2},
		{customer.Filter{}, segment.Purchases.SKUs, 4},
		{tea, segment.Purchases.Count, 2},
		{tea, segment.Purchases.Total, 800},
		{tea, segment.Purchases.Average, 400},
		{tea, segment.Purchases.Largest, 500},
		{tea, segment.Purchases.Smallest, 300},
		{tea, segment.Purchases.Categories, 1},
		{tea, segment.Purchases.SKUs, 2},
		{tea, segment.Purchases.Share, 44}, // 800 of 1800
		{cake, segment.Purchases.Total, 1000},
		{cake, segment.Purchases.Average, 500},
		{cake, segment.Purchases.Smallest, 400},
		{cake, segment.Purchases.Categories, 1},
		{cake, segment.Purchases.SKUs, 1},
		{cake, segment.Purchases.Share, 55},
		{green, segment.Purchases.Total, 600},
		{green, segment.Purchases.Share, 33},
		{green, segment.Purchases.Categories, 1},
		{web, segment.Purchases.Count, 2},
		{web, segment.Purchases.Total, 1400},
		{web, segment.Purchases.Share, 77},
		{web, segment.Purchases.Categories, 2},
		{web, segment.Purchases.SKUs, 3},
		{many, segment.Purchases.Count, 2},
		{large, segment.Purchases.Count, 1},
		{large, segment.Purchases.Total, 900},
		{customer.Filter{Categories: []string{"milk"}}, segment.Purchases.Share, 0},
		{customer.Filter{Categories: []string{"milk"}}, segment.Purchases.SKUs, 0},
	} {
		for _, p := range []segment.Purchases{{Of: tt.of}, {Of: tt.of, Within: customer.Days(300)}, {Of: tt.of, From: year.From}} {
			for _, n := range []int64{tt.want - 1, tt.want, tt.want + 1} {
				for _, op := range []segment.Op{segment.Equal, segment.Less, segment.AtMost, segment.AtLeast, segment.More} {
					if n < 0 && op != segment.AtLeast && op != segment.More || n == 0 && op == segment.Less {
						continue // no number from 0 on is so, which is refused
					}
					truth, _ := basket().ask(t, tt.measure(p, op, n), utc("2026-03-01 00:00"))
					assert.Equal(t, passes(tt.want, op, []int64{n}), truth, "%v", tt.measure(p, op, n))
				}
			}
		}
	}
}

// Items may be said to be worth more than their purchase; more than all there is
// is all.
func TestAShareIsAtMostAHundred(t *testing.T) {
	t.Parallel()
	w := basket()
	w.purchases = w.purchases[1:2]
	w.purchases[0].Items[0].Amount = 900
	tea := segment.Purchases{Of: customer.Filter{Categories: []string{"tea"}}}
	for op, n := range map[segment.Op]int64{segment.Equal: 100, segment.AtMost: 100, segment.Less: 101} {
		truth, _ := w.ask(t, tea.Share(op, n), utc("2026-03-01 00:00"))
		assert.True(t, truth, "%v %d", op, n)
	}
	// Of nothing there is no share.
	w.purchases[0].Amount = 0
	truth, _ := w.ask(t, tea.Share(segment.AtLeast, 0), utc("2026-03-01 00:00"))
	assert.False(t, truth)
}

func TestIntervals(t *testing.T) {
	t.Parallel()
	now := utc("2026-06-01 00:00")
	check := func(w *world, p segment.Purchases, mean, median customer.Period) {
		t.Helper()
		for op, want := range map[segment.Op]bool{segment.Equal: true, segment.AtMost: true, segment.AtLeast: true, segment.Less: false, segment.More: false} {
			truth, _ := w.ask(t, p.MeanInterval(op, mean), now)
			assert.Equal(t, want, truth, "mean %v", op)
			truth, _ = w.ask(t, p.MedianInterval(op, median), now)
			assert.Equal(t, want, truth, "median %v", op)
		}
	}
	check(basket(), segment.Purchases{}, customer.Days(20), customer.Days(20))
	check(basket(), segment.Purchases{Of: customer.Filter{Sources: []string{"web"}}}, customer.Days(40), customer.Days(40))
	w := bought(time.UTC, utc("2026-01-01 00:00"), utc("2026-01-02 00:00"), utc("2026-01-04 00:00"), utc("2026-01-31 00:00"))
	check(w, segment.Purchases{}, customer.Days(10), customer.Days(2)) // 1, 2 and 27 days
	w = bought(time.UTC, utc("2026-01-01 00:00"), utc("2026-01-01 00:00"), utc("2026-01-02 00:00"))
	check(w, segment.Purchases{}, customer.Hours(12), customer.Hours(12)) // none and one day
	w = bought(time.UTC, utc("2026-01-01 00:00"), utc("2026-01-01 00:00").Add(tick), utc("2026-01-01 00:00").Add(3*tick))
	check(w, segment.Purchases{}, customer.Exact(tick), customer.Exact(tick)) // rounded down
	// What falls out of the window takes its intervals with it.
	w = bought(time.UTC, utc("2026-01-01 00:00"), utc("2026-01-03 00:00"), utc("2026-01-13 00:00"))
	in := segment.Purchases{Within: customer.Days(30)}
	truth, flip := w.ask(t, in.MedianInterval(segment.Equal, customer.Days(6)), utc("2026-01-13 00:00"))
	assert.True(t, truth)
	assert.Equal(t, utc("2026-01-31 00:00"), flip)
	truth, flip = w.ask(t, in.MeanInterval(segment.Equal, customer.Days(10)), flip)
	assert.True(t, truth)
	assert.Equal(t, utc("2026-02-02 00:00"), flip, "one purchase has no interval")
}

func TestLapsed(t *testing.T) {
	t.Parallel()
	w := bought(time.UTC, utc("2026-01-01 00:00"), utc("2026-01-11 00:00"), utc("2026-01-31 00:00")) // 10 and 20 days
	for times, due := range map[float64]string{0.5: "2026-02-07 12:00", 1: "2026-02-15 00:00", 2: "2026-03-02 00:00"} {
		p := segment.Lapsed(customer.Filter{}, times)
		assertStretches(t, w, p, stretch{utc("2026-01-31 00:00"), false}, stretch{utc(due), true})
		_, flip := w.ask(t, p, utc(due))
		assert.Zero(t, flip)
	}
	w = bought(time.UTC, utc("2026-01-01 00:00"), utc("2026-01-01 00:00"))
	truth, _ := w.ask(t, segment.Lapsed(customer.Filter{}, 3), utc("2026-01-01 00:00"))
	assert.True(t, truth, "three times nothing")
	w = bought(time.UTC, utc("2026-01-01 00:00"))
	truth, flip := w.ask(t, segment.Lapsed(customer.Filter{}, 3), utc("2030-01-01 00:00"))
	assert.False(t, truth)
	assert.Zero(t, flip)
}
