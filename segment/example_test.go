package segment_test

import (
	"fmt"
	"time"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
)

// show asks a predicate about a customer at an instant, as the engine does.
func show(p segment.Predicate, now time.Time, f segment.Facts) {
	set, err := segment.Compile([]segment.Segment{{ID: "s", Enter: p}}, segment.Names{})
	if err != nil {
		fmt.Println(err)
		return
	}
	f.Zone = time.UTC
	f.At(now)
	in := false
	state := set.NewState()
	state.Load(nil)
	state.MarkAll()
	flip := state.Settle(&f, func(_ string, entered bool) { in = entered })
	until := "something happens"
	if !flip.IsZero() {
		until = flip.Format(time.DateTime)
	}
	fmt.Printf("%s: %v until %s\n", p, in, until)
}

// VIPs spent much and are not our own people.
func ExampleAll() {
	vip := segment.All(segment.Spent(segment.AtLeast, 100_000), segment.Not(segment.HasTag("staff")))
	show(vip, time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC), segment.Facts{
		Customer: &customer.Customer{ID: "ann", Tags: []string{"b2c"}},
		Totals:   &customer.Totals{Count: 7, Total: 120_000},
	})
	// Output:
	// all of (total of purchases is at least 100000; not (tagged "staff")): true until something happens
}

// Who buys often is so until too many purchases are too old.
func ExamplePurchases_Count() {
	often := segment.Purchases{Within: customer.Days(90)}.Count(segment.AtLeast, 3)
	facts := segment.Facts{Totals: &customer.Totals{Count: 4}}
	for _, month := range []time.Month{time.January, time.March, time.April, time.May} {
		facts.Purchases = append(facts.Purchases, customer.Purchase{At: time.Date(2026, month, 1, 18, 0, 0, 0, time.UTC)})
	}
	show(often, time.Date(2026, 5, 10, 12, 0, 0, 0, time.UTC), facts)
	// Output:
	// number of purchases within P90D is at least 3: true until 2026-05-30 18:00:00
}

// A customer falls asleep 60 days after the last purchase, to the second.
func ExampleNoPurchaseFor() {
	asleep := segment.NoPurchaseFor(customer.Days(60))
	facts := segment.Facts{Totals: &customer.Totals{Count: 1, Last: time.Date(2026, 3, 1, 18, 30, 0, 0, time.UTC)}}
	show(asleep, time.Date(2026, 4, 30, 18, 29, 59, 0, time.UTC), facts)
	show(asleep, time.Date(2026, 4, 30, 18, 30, 0, 0, time.UTC), facts)
	// Output:
	// last purchase at least P60D ago: false until 2026-04-30 18:30:00
	// last purchase at least P60D ago: true until something happens
}

// Who bought tea lately is interested in it.
func ExampleBought() {
	interested := segment.Bought("tea", customer.Months(1))
	facts := segment.Facts{Totals: new(customer.Totals), Purchases: []customer.Purchase{{
		At:     time.Date(2026, 1, 31, 10, 0, 0, 0, time.UTC),
		Amount: 1500,
		Items:  []customer.Item{{SKU: "sencha", Category: "tea", Amount: 1500}},
	}}}
	show(interested, time.Date(2026, 2, 10, 12, 0, 0, 0, time.UTC), facts)
	// Output:
	// number of purchases of category "tea" within P1M is at least 1: true until 2026-02-28 10:00:00
}

// Who looked at the prices twice in two days is thinking about it.
func ExampleActivities_Count() {
	thinking := segment.Activities{Name: "price_page", Within: customer.Hours(48)}.Count(segment.AtLeast, 2)
	facts := segment.Facts{Activities: []customer.Activity{
		{Name: "price_page", At: time.Date(2026, 6, 1, 9, 0, 0, 0, time.UTC)},
		{Name: "review", At: time.Date(2026, 6, 1, 20, 0, 0, 0, time.UTC)},
		{Name: "price_page", At: time.Date(2026, 6, 2, 8, 0, 0, 0, time.UTC)},
	}}
	show(thinking, time.Date(2026, 6, 2, 12, 0, 0, 0, time.UTC), facts)
	// Output:
	// number of activities "price_page" within PT48H is at least 2: true until 2026-06-03 09:00:00
}

// With an Exit the way out lies elsewhere than the way in: a VIP stays one until
// half a year without a purchase.
func ExampleSegment() {
	set, err := segment.Compile([]segment.Segment{{
		ID:    "vip",
		Enter: segment.Purchases{Within: customer.Days(90)}.Total(segment.AtLeast, 50_000),
		Exit:  segment.NoPurchaseFor(customer.Months(6)),
	}}, segment.Names{})
	if err != nil {
		fmt.Println(err)
		return
	}
	bought := customer.Purchase{At: time.Date(2026, 1, 10, 12, 0, 0, 0, time.UTC), Amount: 60_000}
	facts := segment.Facts{Totals: new(customer.Totals), Purchases: []customer.Purchase{bought}, Zone: time.UTC}
	facts.Totals.Add(&bought)
	state := set.NewState()
	state.Load(nil)
	state.MarkAll()
	for at := bought.At; !at.IsZero(); {
		facts.At(at)
		flip := state.Settle(&facts, func(id string, entered bool) {
			fmt.Println(at.Format(time.DateTime), id, entered)
		})
		state.MarkTime()
		at = flip
	}
	// Output:
	// 2026-01-10 12:00:00 vip true
	// 2026-07-10 12:00:00 vip false
}
