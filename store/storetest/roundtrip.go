package storetest

import (
	"fmt"
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/trigger"
)

// Whatever is committed comes back as it was. The values are filled by reflection,
// so that a field that was added to a type must be added to every store.
var roundTripRules = []rule{
	{"exact/record", "A record comes back as it was committed, in every field.", recordExact},
	{"exact/history", "Purchases, activities and events come back as they were committed, in every field.", historyExact},
	{"exact/delivery", "A delivery comes back as it was committed, in every field.", deliveryExact},
	{"exact/zero", "What is zero comes back zero; a zero time stays one.", zeroExact},
	{"exact/time", "Every instant comes back as the same instant, to the microsecond, in UTC.", timeExact},
	{"exact/numbers", "Numbers come back exactly, up to the ends of their range.", numbersExact},
	{"exact/ids", "IDs are any text: they are told apart byte by byte and come back as they were.", idsExact},
}

// filled returns a T in which no field is zero, which it makes sure of.
func filled[T any](t *testing.T, f *filler) T {
	t.Helper()
	v := fill[T](f)
	require.Empty(t, unset(reflect.TypeFor[T]().Name(), reflect.ValueOf(v)), "fields that the test does not fill")
	return v
}

func recordExact(t *testing.T, s store.Store) {
	f := new(filler)
	for i := range 3 {
		r := filled[store.Record](t, f)
		r.Version = 0
		commit(t, s, store.Change{Record: r})
		r.Version = 1
		equal(t, r, record(t, s, r.Customer.ID), fmt.Sprintf("record %d", i))
		equal(t, r, gather(t, s.Find(t.Context(), store.Query{}))[i].Record, fmt.Sprintf("record %d as it is found", i))
	}
}

func historyExact(t *testing.T, s store.Store) {
	f := new(filler)
	c := created("c")
	for range 5 {
		c.Purchases = append(c.Purchases, filled[customer.Purchase](t, f))
		c.Activities = append(c.Activities, filled[customer.Activity](t, f))
		c.Events = append(c.Events, filled[customer.Event](t, f))
	}
	for i := range c.Purchases {
		c.Purchases[i].Customer, c.Activities[i].Customer = "c", "c"
	}
	commit(t, s, c)
	l := load(t, s, store.Request{
		Customer: "c", Reach: everything,
		PurchaseIDs: []string{c.Purchases[3].ID}, ActivityIDs: []string{c.Activities[3].ID},
	})
	equal(t, c.Purchases, l.Purchases, "purchases")
	equal(t, c.Activities, l.Activities, "activities")
	equal(t, c.Purchases[3:4], l.FoundPurchases, "a purchase by ID")
	equal(t, c.Activities[3:4], l.FoundActivities, "an activity by ID")
	equal(t, c.Events, timeline(t, s, "c"), "events")
}

func deliveryExact(t *testing.T, s store.Store) {
	d := filled[trigger.Delivery](t, new(filler))
	d.Customer = "c"
	c := created("c")
	c.Deliveries = []trigger.Delivery{d}
	commit(t, s, c)
	want := store.Outgoing{Delivery: d, Due: d.At}
	equal(t, []store.Outgoing{want}, deliveries(t, s, store.DeliveryQuery{}), "as it is listed")
	want.Attempts, want.Due = 1, d.At.Add(lease)
	equal(t, []store.Outgoing{want}, claimDeliveries(t, s, d.At, 9), "as it is claimed")
	settle(t, s, store.Outcome{Customer: "c", Delivery: d.ID, Attempt: 1, State: store.Dead, Due: at(time.Hour), Error: "gone"})
	want.State, want.Due, want.Error = store.Dead, at(time.Hour), "gone"
	equal(t, []store.Outgoing{want}, deliveries(t, s, store.DeliveryQuery{}), "as it was settled")
}

func zeroExact(t *testing.T, s store.Store) {
	c := store.Change{
		Record:     store.Record{Customer: customer.Customer{ID: "c"}, Cycles: make([]customer.Cycle, 1)},
		Purchases:  []customer.Purchase{{ID: "p", Customer: "c", At: t0, Items: make([]customer.Item, 1)}},
		Activities: []customer.Activity{{ID: "a", Customer: "c", At: t0}},
		Events:     []customer.Event{{Kind: customer.Tagged, At: t0}, {Kind: customer.Tagged}, {Kind: customer.Tagged, At: t0, Known: t0}},
		Deliveries: []trigger.Delivery{{ID: "d", Customer: "c", Kind: trigger.TaskKind, At: t0}},
	}
	commit(t, s, c)
	c.Record.Version = 1
	l := load(t, s, store.Request{Customer: "c", Reach: everything})
	equal(t, c.Record, l.Record, "record")
	equal(t, c.Purchases, l.Purchases, "purchases")
	equal(t, c.Activities, l.Activities, "activities")
	equal(t, c.Events, timeline(t, s, "c"), "events")
	equal(t, []store.Outgoing{{Delivery: c.Deliveries[0], Due: t0}}, deliveries(t, s, store.DeliveryQuery{}), "deliveries")
}

func timeExact(t *testing.T, s store.Store) {
	for i, instant := range []time.Time{
		t0, t0.Add(time.Microsecond), time.Date(1900, 1, 1, 0, 0, 0, 1000, time.UTC),
		time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC), time.Unix(0, 0).UTC(), time.Unix(-1, 0).UTC(),
	} {
		id := fmt.Sprint(i)
		c := waking(id, instant)
		c.Record.Customer.Since, c.Record.AsOf = instant, instant
		c.Purchases = []customer.Purchase{{ID: "p", Customer: id, At: instant, Next: instant}}
		c.Events = []customer.Event{{Kind: customer.Purchased, At: instant, Known: instant.Add(-1e6)}}
		commit(t, s, c)
		c.Record.Version = 1
		l := load(t, s, store.Request{Customer: id, Reach: everything})
		equal(t, c.Record, l.Record, instant.String())
		equal(t, c.Purchases, l.Purchases, instant.String())
		equal(t, c.Events, timeline(t, s, id), instant.String())
	}
}

func numbersExact(t *testing.T, s store.Store) {
	c := created("c")
	c.Record.Totals = customer.Totals{Count: math.MaxInt32, Total: math.MaxInt64, Max: math.MinInt64}
	for i, n := range []float64{0, -1, 1 << 53, 1<<53 + 2, -1 << 62, 0.1, math.Inf(-1), math.SmallestNonzeroFloat64, math.MaxFloat64} {
		c.Record.Customer.Fields = append(c.Record.Customer.Fields,
			customer.Field{Name: fmt.Sprintf("n%d", i), Value: customer.Number(n)})
	}
	for i, n := range []int64{math.MinInt64, -1, 63, 64, 1 << 40, math.MaxInt64} {
		p := purchase(fmt.Sprint(i), t0)
		p.Amount = n
		c.Purchases = append(c.Purchases, p)
	}
	commit(t, s, c)
	c.Record.Version = 1
	l := load(t, s, store.Request{Customer: "c", Reach: everything})
	equal(t, c.Record, l.Record, "record")
	equal(t, c.Purchases, l.Purchases, "purchases")
}

func idsExact(t *testing.T, s store.Store) {
	ids := []string{"%", "'; drop", "A", "_", "a", "a/b", "a/b/c", "a_", "aa", "straße", "strasse", "Ж/ж", "ж", "\U0001F370", "e\u0301", "\u00e9", " ", "a "}
	for i, id := range ids {
		c := fullChange(id)
		c.Record.Customer.Name = fmt.Sprint(i)
		c.Purchases[0].ID, c.Purchases[0].Customer = id, id
		c.Activities[0].ID, c.Activities[0].Customer = id, id
		c.Deliveries[0].ID = id + "/" + id
		c.Record.Customer.Tags = []string{id}
		commit(t, s, c)
	}
	for i, id := range ids {
		l := load(t, s, store.Request{Customer: id, Reach: everything, PurchaseIDs: []string{id}, ActivityIDs: ids})
		assert.Equal(t, id, l.Record.Customer.ID)
		assert.Equal(t, fmt.Sprint(i), l.Record.Customer.Name, "of %q", id)
		assert.Equal(t, []string{id}, purchaseIDs(l.FoundPurchases))
		assert.Equal(t, []string{id}, activityIDs(l.FoundActivities))
		assert.Equal(t, []string{id}, found(t, s, store.Query{Tag: id}))
		assert.Equal(t, []string{id + "/" + id}, deliveryIDs(deliveries(t, s, store.DeliveryQuery{Customer: id})))
	}
	assert.ElementsMatch(t, ids, found(t, s, store.Query{}))
	assert.IsIncreasing(t, found(t, s, store.Query{}), "in the order of bytes")
	assert.ElementsMatch(t, ids, claimWakeUps(t, s, t0, 99))
}
