package storetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/store"
)

// Histories are loaded from an instant on, and searched by ID however long they
// are; the numbers of items go beyond what a store may keep in one piece.
var historyRules = []rule{
	{"history/reach", "Within reach is what happened at or after the record's AsOf minus the reach; zero reaches nothing.", reach},
	{"history/order", "History comes ordered by Compare, whatever the order in which it became known.", historyOrder},
	{"history/by-id", "Purchases and activities asked for by ID are found, however old, of that customer only.", findByID},
	{"history/one-instant", "Any number of purchases may be made at one instant; they are in reach together and found each.", manyAtOnce},
	{"history/replace", "A purchase of a known ID replaces that purchase, and moves if its time did.", replacePurchase},
	{"history/large", "A history of 10,000 purchases is kept, found and loaded like any other.", largeHistory},
	{"timeline/order", "The timeline is in the order in which events were committed, not in that of their times.", timelineOrder},
}

func reach(t *testing.T, s store.Store) {
	c := created("c")
	for i, ago := range []time.Duration{3 * time.Hour, 2 * time.Hour, 2*time.Hour - time.Microsecond, 0, -time.Hour} {
		c.Purchases = append(c.Purchases, purchase(fmt.Sprintf("p%d", i), at(-ago)))
		c.Activities = append(c.Activities, activity(fmt.Sprintf("a%d", i), at(-ago)))
	}
	commit(t, s, c, created("other"))
	for _, row := range []struct {
		reach                 segment.Reach
		purchases, activities []string
	}{
		{segment.Reach{}, []string{}, []string{}},
		{segment.Reach{Purchases: 2 * time.Hour}, []string{"p1", "p2", "p3", "p4"}, []string{}},
		{segment.Reach{Activities: 2*time.Hour - time.Microsecond}, []string{}, []string{"a2", "a3", "a4"}},
		{segment.Reach{Purchases: time.Microsecond, Activities: 1<<63 - 1}, []string{"p3", "p4"}, activityIDs(c.Activities)},
		{everything, purchaseIDs(c.Purchases), activityIDs(c.Activities)},
	} {
		l := load(t, s, store.Request{Customer: "c", Reach: row.reach})
		assert.Equal(t, row.purchases, purchaseIDs(l.Purchases), "purchases, %+v", row.reach)
		assert.Equal(t, row.activities, activityIDs(l.Activities), "activities, %+v", row.reach)
		assert.Empty(t, load(t, s, store.Request{Customer: "other", Reach: row.reach}).Purchases, "of another customer")
	}
}

func historyOrder(t *testing.T, s store.Store) {
	var want []customer.Purchase
	commit(t, s, created("c"))
	for i := range 200 { // several at one instant, in an order that is none
		c := change(t, s, "c")
		p := purchase(fmt.Sprintf("p%03d", i*73%200), at(time.Duration(i*31%40)*time.Minute))
		c.Purchases = []customer.Purchase{p}
		c.Activities = []customer.Activity{activity("a"+p.ID, p.At)}
		want = append(want, p)
		commit(t, s, c)
	}
	slices.SortFunc(want, func(a, b customer.Purchase) int { return a.Compare(&b) })
	l := load(t, s, store.Request{Customer: "c", Reach: everything})
	equal(t, want, l.Purchases, "purchases")
	assert.True(t, slices.IsSortedFunc(l.Activities, func(a, b customer.Activity) int { return a.Compare(&b) }), "activities in order")
	assert.Len(t, l.Activities, 200)
}

func findByID(t *testing.T, s store.Store) {
	c, other := created("c"), created("other")
	for i := range 150 {
		c.Purchases = append(c.Purchases, purchase(fmt.Sprintf("p%d", i), at(time.Duration(i)*time.Hour)))
		c.Activities = append(c.Activities, activity(fmt.Sprintf("a%d", i), at(time.Duration(i)*time.Hour)))
	}
	other.Purchases = []customer.Purchase{{ID: "theirs", Customer: "other", At: t0}}
	commit(t, s, c, other)
	for i := range 150 {
		q := store.Request{Customer: "c", PurchaseIDs: []string{"none", fmt.Sprintf("p%d", i)}, ActivityIDs: []string{fmt.Sprintf("a%d", i), "p1"}}
		l := load(t, s, q)
		equal(t, c.Purchases[i:i+1], l.FoundPurchases, "purchase by ID")
		equal(t, c.Activities[i:i+1], l.FoundActivities, "activity by ID")
		assert.Empty(t, l.Purchases, "none was in reach")
	}
	l := load(t, s, store.Request{Customer: "c", PurchaseIDs: []string{"theirs", "p1", "p0"}})
	assert.ElementsMatch(t, []string{"p0", "p1"}, purchaseIDs(l.FoundPurchases))
}

func manyAtOnce(t *testing.T, s store.Store) {
	const n = 150
	id := func(i int) string { return fmt.Sprintf("p%03d", i) }
	c := created("c")
	for i := range n {
		c.Purchases = append(c.Purchases, purchase(id(i), t0))
		c.Activities = append(c.Activities, activity(id(i), t0))
	}
	want := purchaseIDs(c.Purchases)
	c.Purchases = append(c.Purchases, purchase("earlier", at(-time.Microsecond)))
	commit(t, s, c)
	for i := range n {
		q := store.Request{Customer: "c", PurchaseIDs: []string{id(i)}, ActivityIDs: []string{id(i)}}
		l := load(t, s, q)
		assert.Equal(t, []string{id(i)}, purchaseIDs(l.FoundPurchases))
		assert.Equal(t, []string{id(i)}, activityIDs(l.FoundActivities))
	}
	later := change(t, s, "c")
	later.Record.AsOf = at(time.Hour)
	commit(t, s, later)
	l := load(t, s, store.Request{Customer: "c", Reach: segment.Reach{Purchases: time.Hour, Activities: time.Hour - time.Microsecond}})
	assert.Equal(t, want, purchaseIDs(l.Purchases))
	assert.Empty(t, l.Activities)
}

func replacePurchase(t *testing.T, s store.Store) {
	c := created("c")
	for i := range 120 {
		c.Purchases = append(c.Purchases, purchase(fmt.Sprintf("p%03d", i), at(time.Duration(i)*time.Hour)))
	}
	commit(t, s, c)
	want := slices.Clone(c.Purchases)
	for _, i := range []int{0, 31, 32, 64, 95, 119} {
		want[i].Refunds = []customer.Refund{{ID: "r", Customer: "c", Purchase: want[i].ID, At: t0, Amount: 50, Reason: "broken"}}
		refunded := change(t, s, "c")
		refunded.Purchases = want[i : i+1]
		commit(t, s, refunded)
	}
	equal(t, want, load(t, s, store.Request{Customer: "c", Reach: everything}).Purchases, "after refunds")

	moved := change(t, s, "c")
	moved.Purchases = []customer.Purchase{purchase("p005", at(time.Hour/2)), purchase("p006", at(1000*time.Hour))}
	commit(t, s, moved)
	want[5], want[6] = moved.Purchases[0], moved.Purchases[1]
	slices.SortFunc(want, func(a, b customer.Purchase) int { return a.Compare(&b) })
	l := load(t, s, store.Request{Customer: "c", Reach: everything, PurchaseIDs: []string{"p006"}})
	equal(t, want, l.Purchases, "after purchases moved in time")
	equal(t, moved.Purchases[1:], l.FoundPurchases, "by ID")
}

func largeHistory(t *testing.T, s store.Store) {
	const n = 10_000
	id := func(i int) string { return fmt.Sprintf("purchase-%05d", i) }
	c := created("c")
	for i := range n {
		c.Purchases = append(c.Purchases, purchase(id(i), at(time.Duration(i-n)*time.Hour)))
		c.Events = append(c.Events, customer.Event{Kind: customer.Purchased, At: t0, Ref: id(i)})
	}
	commit(t, s, c)
	late := change(t, s, "c")
	late.Purchases = []customer.Purchase{purchase("late", at(-n*time.Hour/2+1e6)), purchase("new", t0)}
	commit(t, s, late)

	l := load(t, s, store.Request{Customer: "c", Reach: segment.Reach{Purchases: 3 * time.Hour}, PurchaseIDs: []string{id(17), "late", "none"}})
	assert.Equal(t, []string{id(n - 3), id(n - 2), id(n - 1), "new"}, purchaseIDs(l.Purchases))
	assert.ElementsMatch(t, []string{id(17), "late"}, purchaseIDs(l.FoundPurchases))
	all := load(t, s, store.Request{Customer: "c", Reach: everything}).Purchases
	assert.Len(t, all, n+2)
	assert.Equal(t, "late", all[n/2+1].ID)
	assert.True(t, slices.IsSortedFunc(all, func(a, b customer.Purchase) int { return a.Compare(&b) }), "in order")
	events := timeline(t, s, "c")
	assert.Len(t, events, n)
	assert.Equal(t, id(n-1), events[n-1].Ref)
}

func timelineOrder(t *testing.T, s store.Store) {
	var want []customer.Event
	commit(t, s, created("c"), created("other"))
	for i := range 60 {
		c := change(t, s, "c")
		for j := range i % 4 { // some commits add none
			c.Events = append(c.Events, customer.Event{
				Kind: customer.StageEntered, At: at(time.Duration(-i*j) * time.Minute), Known: at(time.Duration(i) * time.Minute), Stage: fmt.Sprint(j), Cycle: i,
			})
		}
		want = append(want, c.Events...)
		commit(t, s, c)
	}
	equal(t, want, timeline(t, s, "c"), "timeline")
	assert.Empty(t, timeline(t, s, "other"), "of another customer")
	assert.Empty(t, timeline(t, s, "nobody"), "of an unknown customer")
}
