package segment_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
)

func TestAMomentIsAskedToTheMicrosecond(t *testing.T) {
	t.Parallel()
	w := bought(time.UTC, utc("2026-03-01 12:00"), utc("2026-03-10 12:00"))
	w.act(customer.Activity{ID: "a1", Name: "view", At: utc("2026-03-01 12:00")})
	w.act(customer.Activity{ID: "a2", Name: "view", At: utc("2026-03-10 12:00")})
	w.card.Since = utc("2026-03-01 12:00")
	w.card.Fields = customer.Fields{{Name: "first", Value: customer.Instant(utc("2026-03-01 12:00"))}, {Name: "last", Value: customer.Instant(utc("2026-03-10 12:00"))}}
	w.plans = []plan{{
		cycle:  customer.Cycle{Pipeline: "p", Started: utc("2026-03-01 12:00"), Next: utc("2026-03-10 12:00")},
		starts: []stageStart{{at: utc("2026-03-10 12:00"), stage: "s"}},
	}}
	all := customer.Filter{MinAmount: 1}
	first := []segment.Moment{
		segment.Created(), segment.FirstPurchase(), segment.FirstPurchaseOf(all), segment.FirstActivity("view"), segment.DateIn("first"), segment.CycleStart("p"),
	}
	last := []segment.Moment{
		segment.LastPurchase(), segment.LastPurchaseOf(all), segment.LastActivity("view"), segment.DateIn("last"), segment.NextPurchase("p"), segment.StageStart("p"),
	}
	now, d := utc("2026-03-12 00:00"), customer.Days(3)
	for _, m := range first {
		assertStretches(t, w, m.Within(customer.Days(20)), stretch{now, true}, stretch{utc("2026-03-21 12:00"), false})
		assertStretches(t, w, m.Ago(customer.Days(20)), stretch{now, false}, stretch{utc("2026-03-21 12:00"), true})
	}
	for _, m := range last {
		assertStretches(t, w, m.Within(d), stretch{now, true}, stretch{utc("2026-03-13 12:00"), false})
		assertStretches(t, w, m.Ago(d), stretch{now, false}, stretch{utc("2026-03-13 12:00"), true})
	}
	for _, m := range []segment.Moment{segment.NextPurchase("p"), segment.DateIn("last")} { // what can lie ahead
		assertStretches(t, w, m.Ahead(d), stretch{utc("2026-03-05 00:00"), false}, stretch{utc("2026-03-07 12:00"), true}, stretch{utc("2026-03-10 12:00"), false})
		assertStretches(t, w, m.Within(d), stretch{utc("2026-03-05 00:00"), false}, stretch{utc("2026-03-10 12:00"), true}, stretch{utc("2026-03-13 12:00"), false})
	}
}

// The last purchase is the last one, also where an earlier one is within a month
// for longer.
func TestTheLastPurchaseIsTheLast(t *testing.T) {
	t.Parallel()
	w := bought(time.UTC, utc("2026-01-28 18:00"), utc("2026-01-31 09:00"))
	for _, m := range []segment.Moment{segment.LastPurchase(), segment.LastPurchaseOf(customer.Filter{MinAmount: 1})} {
		assertStretches(t, w, m.Within(customer.Months(1)), stretch{utc("2026-01-31 09:00"), true}, stretch{utc("2026-02-28 09:00"), false})
		assertStretches(t, w, m.Ago(customer.Months(1)), stretch{utc("2026-01-31 09:00"), false}, stretch{utc("2026-02-28 09:00"), true})
	}
	truth, _ := w.ask(t, segment.Purchases{Within: customer.Months(1)}.Count(segment.AtLeast, 1), utc("2026-02-28 12:00"))
	assert.True(t, truth, "there is one in the window")
}

// A period is taken from an instant by the rules of the calendar, which are not
// those of adding it the other way round.
func TestAheadGoesBackOnTheCalendar(t *testing.T) {
	t.Parallel()
	berlin := zone(t, "Europe/Berlin")
	w := &world{zone: berlin}
	w.card.Fields = customer.Fields{{Name: "x", Value: customer.Instant(local(berlin, "2026-03-31 12:00"))}}
	assertStretches(t, w, segment.DateIn("x").Ahead(customer.Months(1)),
		stretch{utc("2026-01-01 00:00"), false}, stretch{local(berlin, "2026-02-28 12:00"), true}, stretch{local(berlin, "2026-03-31 12:00"), false})
	assertStretches(t, w, segment.DateIn("x").Ahead(customer.Days(3)),
		stretch{utc("2026-01-01 00:00"), false}, stretch{local(berlin, "2026-03-28 12:00"), true})
	assertStretches(t, w, segment.DateIn("x").Ahead(customer.Hours(72)),
		stretch{utc("2026-01-01 00:00"), false}, stretch{local(berlin, "2026-03-28 11:00"), true})
}

// Only purchases and activities that are meant make a moment.
func TestAMomentOfSomething(t *testing.T) {
	t.Parallel()
	w := olga()
	cake, tea := customer.Filter{Categories: []string{"cake"}}, customer.Filter{Categories: []string{"tea"}}
	onTea := segment.Prop("page", segment.Equal, customer.Text("/tea"))
	for _, tt := range []struct {
		of segment.Moment
		on customer.Date
	}{
		{segment.FirstPurchase(), customer.Date{Year: 2026, Month: 1, Day: 1}},
		{segment.FirstPurchaseOf(cake), customer.Date{Year: 2026, Month: 3, Day: 2}},
		{segment.LastPurchase(), customer.Date{Year: 2026, Month: 5, Day: 21}},
		{segment.LastPurchaseOf(tea), customer.Date{Year: 2026, Month: 5, Day: 1}},
		{segment.FirstActivity("view"), customer.Date{Year: 2026, Month: 5, Day: 10}},
		{segment.LastActivity("view"), customer.Date{Year: 2026, Month: 5, Day: 30}},
		{segment.LastActivity("view", onTea), customer.Date{Year: 2026, Month: 5, Day: 10}},
		{segment.NextPurchase("tea"), customer.Date{Year: 2026, Month: 6, Day: 5}},
		{segment.CycleStart("cake"), customer.Date{Year: 2026, Month: 3, Day: 2}},
		{segment.StageStart("tea"), customer.Date{Year: 2026, Month: 5, Day: 29}},
		{segment.StageStart("cake"), customer.Date{Year: 2026, Month: 5, Day: 1}},
	} {
		p := tt.of.Between(tt.on, tt.on.Add(customer.Days(1)))
		truth, _ := w.ask(t, p, olgaNow)
		assert.True(t, truth, "%v", p)
	}
	// What was given back was not bought.
	w.purchases[3].Refunds = []customer.Refund{{ID: "r", Amount: 3000}}
	w.purchases[0].Refunds = []customer.Refund{{ID: "r", Amount: 500}}
	for _, p := range []segment.Predicate{
		segment.LastPurchase().Before(customer.Date{Year: 2026, Month: 5, Day: 2}),
		segment.LastPurchaseOf(cake).Before(customer.Date{Year: 2026, Month: 3, Day: 3}),
		segment.FirstPurchase().From(customer.Date{Year: 2026, Month: 3, Day: 2}),
		segment.FirstPurchaseOf(tea).From(customer.Date{Year: 2026, Month: 5, Day: 1}),
	} {
		truth, _ := w.ask(t, p, olgaNow)
		assert.True(t, truth, "%v", p)
	}
}
