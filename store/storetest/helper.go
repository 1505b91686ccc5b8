package storetest

import (
	"iter"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/trigger"
)

// t0 is when the tests play: an instant with microseconds, in UTC, a second before
// clocks go forward in Europe, so that a store that keeps local times shows it.
var t0 = time.Date(2026, time.March, 29, 0, 59, 59, 123_456_000, time.UTC)

const lease = 10 * time.Minute

var never time.Time

var everything = segment.Reach{AllPurchases: true, AllActivities: true}

// at returns t0 plus d.
func at(d time.Duration) time.Time { return t0.Add(d) }

// created returns the change that creates a customer.
func created(id string) store.Change {
	return store.Change{Record: store.Record{Customer: customer.Customer{ID: id}, AsOf: t0}}
}

// waking returns the change that creates a customer who wakes at t.
func waking(id string, t time.Time) store.Change {
	c := created(id)
	c.Record.Wake = t
	return c
}

func commit(t *testing.T, s store.Store, changes ...store.Change) {
	t.Helper()
	require.NoError(t, s.Commit(t.Context(), changes...), "commit")
}

func load(t *testing.T, s store.Store, q store.Request) store.Loaded {
	t.Helper()
	loaded, err := s.Load(t.Context(), q)
	require.NoError(t, err, "load")
	require.Len(t, loaded, 1, "one Loaded per request")
	return loaded[0]
}

// record loads a customer's record.
func record(t *testing.T, s store.Store, id string) store.Record {
	t.Helper()
	return load(t, s, store.Request{Customer: id}).Record
}

// change returns the next change of a customer, who exists.
func change(t *testing.T, s store.Store, id string) store.Change {
	t.Helper()
	r := record(t, s, id)
	require.NotZero(t, r.Version, "customer %q exists", id)
	return store.Change{Record: r}
}

func claimWakeUps(t *testing.T, s store.Store, now time.Time, limit int) []string {
	t.Helper()
	loaded, err := s.ClaimWakeUps(t.Context(), store.Claim{Now: now, Limit: limit, Lease: lease})
	require.NoError(t, err, "claim wake-ups")
	ids := []string{}
	for _, l := range loaded {
		ids = append(ids, l.Record.Customer.ID)
	}
	return ids
}

func claimDeliveries(t *testing.T, s store.Store, now time.Time, limit int) []store.Outgoing {
	t.Helper()
	out, err := s.ClaimDeliveries(t.Context(), store.Claim{Now: now, Limit: limit, Lease: lease})
	require.NoError(t, err, "claim deliveries")
	return out
}

func claimedIDs(t *testing.T, s store.Store, now time.Time, limit int) []string {
	t.Helper()
	return deliveryIDs(claimDeliveries(t, s, now, limit))
}

func deliveryIDs(out []store.Outgoing) []string {
	ids := []string{}
	for _, o := range out {
		ids = append(ids, o.ID)
	}
	return ids
}

func settle(t *testing.T, s store.Store, outcomes ...store.Outcome) {
	t.Helper()
	require.NoError(t, s.Settle(t.Context(), outcomes...), "settle")
}

// dueNext checks when the next wake-up and the next delivery can be claimed.
func dueNext(t *testing.T, s store.Store, wakeUp, delivery time.Time, why string) {
	t.Helper()
	gotWakeUp, gotDelivery, err := s.NextDue(t.Context())
	require.NoError(t, err, "next due")
	assert.Equal(t, wakeUp, gotWakeUp, "next wake-up: %s", why)
	assert.Equal(t, delivery, gotDelivery, "next delivery: %s", why)
}

// gather runs through a sequence that must not fail.
func gather[T any](t *testing.T, seq iter.Seq2[T, error]) []T {
	t.Helper()
	items := []T{}
	for item, err := range seq {
		require.NoError(t, err)
		items = append(items, item)
	}
	return items
}

func found(t *testing.T, s store.Store, q store.Query) []string {
	t.Helper()
	ids := []string{}
	for _, l := range gather(t, s.Find(t.Context(), q)) {
		ids = append(ids, l.Record.Customer.ID)
	}
	return ids
}

func deliveries(t *testing.T, s store.Store, q store.DeliveryQuery) []store.Outgoing {
	t.Helper()
	return gather(t, s.Deliveries(t.Context(), q))
}

func timeline(t *testing.T, s store.Store, id string) []customer.Event {
	t.Helper()
	return gather(t, s.Timeline(t.Context(), id))
}

// equal compares exactly, times with their zone, but for empty lists and nil.
func equal[T any](t *testing.T, want, got T, what string) {
	t.Helper()
	differences := differ(what, reflect.ValueOf(want), reflect.ValueOf(got))
	assert.Empty(t, strings.Join(differences[:min(5, len(differences))], "\n"), "what differs")
}

func purchase(id string, t time.Time) customer.Purchase {
	return customer.Purchase{ID: id, Customer: "c", At: t, Amount: 100}
}

func activity(id string, t time.Time) customer.Activity {
	return customer.Activity{ID: id, Customer: "c", At: t, Name: "page_view"}
}

func message(id, customerID, channel string, t time.Time) trigger.Delivery {
	return trigger.Delivery{
		ID: id, Customer: customerID, Trigger: "welcome", Kind: trigger.MessageKind, Channel: channel, Text: "hello", At: t,
	}
}

// posted creates a customer with deliveries over one channel, due at t0.
func posted(t *testing.T, s store.Store, customerID string, ids ...string) {
	t.Helper()
	c := created(customerID)
	for _, id := range ids {
		c.Deliveries = append(c.Deliveries, message(id, customerID, "email", t0))
	}
	commit(t, s, c)
}

func purchaseIDs(purchases []customer.Purchase) []string {
	ids := []string{}
	for _, p := range purchases {
		ids = append(ids, p.ID)
	}
	return ids
}

func activityIDs(activities []customer.Activity) []string {
	ids := []string{}
	for _, a := range activities {
		ids = append(ids, a.ID)
	}
	return ids
}

func inSegment(names ...string) (members []segment.Membership) {
	for _, name := range names {
		members = append(members, segment.Membership{Segment: name, Since: t0})
	}
	return members
}
