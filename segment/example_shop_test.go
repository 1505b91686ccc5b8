package segment_test

import (
	"fmt"
	"time"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
)

// A cart is abandoned an hour after something was put in and nothing was
// bought, until something is bought after all, for three days at most.
func ExampleSequence_Unanswered() {
	abandoned := segment.Sequence{
		First:  segment.Did("cart_add"),
		Then:   segment.Buys(customer.Filter{}),
		In:     customer.Hours(1),
		Within: customer.Days(3),
	}.Unanswered()
	facts := segment.Facts{Totals: new(customer.Totals), Activities: []customer.Activity{
		{Name: "cart_add", At: time.Date(2026, 6, 1, 20, 15, 0, 0, time.UTC)},
	}}
	show(abandoned, time.Date(2026, 6, 1, 20, 30, 0, 0, time.UTC), facts)
	show(abandoned, time.Date(2026, 6, 2, 9, 0, 0, 0, time.UTC), facts)
	facts.Purchases = []customer.Purchase{{At: time.Date(2026, 6, 2, 10, 0, 0, 0, time.UTC), Amount: 4990}}
	show(abandoned, time.Date(2026, 6, 2, 10, 0, 0, 0, time.UTC), facts)
	// Output:
	// activity "cart_add" unanswered by purchase for PT1H within the last P3D: false until 2026-06-01 21:15:00
	// activity "cart_add" unanswered by purchase for PT1H within the last P3D: true until 2026-06-04 20:15:00
	// activity "cart_add" unanswered by purchase for PT1H within the last P3D: false until something happens
}

// A birthday is soon from a week before, and is still good for a wish two days
// later. One of 29 February is on the 28th in most years.
func ExampleMoment_Anniversary() {
	soon := segment.DateIn("birthday").Anniversary(customer.Days(7), customer.Days(2))
	facts := segment.Facts{Customer: &customer.Customer{ID: "ann", Fields: customer.Fields{
		{Name: "birthday", Value: customer.DateValue(1992, time.February, 29)},
	}}}
	show(soon, time.Date(2026, 2, 20, 23, 59, 0, 0, time.UTC), facts)
	show(soon, time.Date(2026, 2, 21, 0, 0, 0, 0, time.UTC), facts)
	show(soon, time.Date(2028, 2, 29, 12, 0, 0, 0, time.UTC), facts)
	// Output:
	// anniversary of date in field "birthday" within the next P7D until P2D after it: false until 2026-02-21 00:00:00
	// anniversary of date in field "birthday" within the next P7D until P2D after it: true until 2026-03-03 00:00:00
	// anniversary of date in field "birthday" within the next P7D until P2D after it: true until 2028-03-03 00:00:00
}

// Where customers are in their life with the shop: everybody who ever bought is
// in exactly one of these at any instant.
func Example_lifecycle() {
	within, ago := segment.PurchasedWithin, segment.NoPurchaseFor
	lifecycle := []segment.Segment{
		{ID: "new", Enter: segment.All(within(customer.Days(90)), segment.FirstPurchase().Within(customer.Days(90)))},
		{ID: "active", Enter: segment.All(within(customer.Days(90)), segment.FirstPurchase().Ago(customer.Days(90)))},
		{ID: "warm", Enter: segment.All(ago(customer.Days(90)), within(customer.Days(180)))},
		{ID: "cold", Enter: segment.All(ago(customer.Days(180)), within(customer.Days(365)))},
		{ID: "inactive", Enter: ago(customer.Days(365))},
	}
	set, err := segment.Compile(lifecycle, segment.Names{})
	if err != nil {
		fmt.Println(err)
		return
	}
	bought := time.Date(2026, 1, 10, 12, 0, 0, 0, time.UTC)
	facts := segment.Facts{
		Customer: &customer.Customer{ID: "ann"},
		Totals:   &customer.Totals{Count: 1, First: bought, Last: bought},
		Zone:     time.UTC,
	}
	state := set.NewState()
	state.Load(nil)
	for at := bought; !at.IsZero(); {
		facts.At(at)
		state.MarkAll()
		at = state.Settle(&facts, func(id string, entered bool) {
			if entered {
				fmt.Println(at.Format(time.DateOnly), id)
			}
		})
	}
	// Output:
	// 2026-01-10 new
	// 2026-04-10 warm
	// 2026-07-09 cold
	// 2027-01-10 inactive
}

// Eval looks ahead through everything a predicate reads; Explain says why.
func ExampleSet_Explain() {
	set, err := segment.Compile([]segment.Segment{{
		ID: "vip",
		Enter: segment.All(
			segment.Spent(segment.AtLeast, 100_000),
			segment.Purchases{Within: customer.Days(90)}.Count(segment.AtLeast, 2),
			segment.Not(segment.HasTag("staff")),
		),
	}}, segment.Names{})
	if err != nil {
		fmt.Println(err)
		return
	}
	facts := segment.Facts{
		Customer: &customer.Customer{ID: "ann", Tags: []string{"b2c"}},
		Totals:   new(customer.Totals),
		Zone:     time.UTC,
		Purchases: []customer.Purchase{
			{ID: "o-16", At: time.Date(2026, 1, 2, 18, 0, 0, 0, time.UTC), Amount: 70_000},
			{ID: "o-17", At: time.Date(2026, 4, 20, 18, 0, 0, 0, time.UTC), Amount: 45_000},
		},
	}
	for i := range facts.Purchases {
		facts.Totals.Add(&facts.Purchases[i])
	}
	facts.At(time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC))
	explanation, _ := set.Explain("vip", &facts, nil)
	fmt.Print(explanation)
	// Output:
	// ann is not in "vip" at 2026-05-01 12:00:00 UTC
	//   no  enter: all of
	//     yes total of purchases is at least 100000: has 115000 (purchase o-17 of 2026-04-20 18:00:00 UTC)
	//     no  number of purchases within P90D is at least 2: has 1 (purchase o-17 of 2026-04-20 18:00:00 UTC)
	//     yes not
	//       no  tagged "staff": has "b2c"
	//   to enter:
	//     number of purchases within P90D is at least 2: has 1; must become true
}
