package storetest

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/trigger"
)

// Attempts end late, twice, and after somebody else has made the next one: what
// counts is decided by the number of the attempt alone.
var settleRules = []rule{
	{"settle/sent", "A delivery that was sent is not handed out again, and stays listed.", settleSent},
	{"settle/retry", "A delivery that waits again can be claimed at its Due, and holds its lane until then.", settleRetry},
	{"settle/dead", "A dead delivery is not handed out, and the one behind it is.", settleDead},
	{"settle/stale", "An outcome other than Sent is ignored where the attempt is not the latest.", settleStale},
	{"settle/late-sent", "Sent counts even where the attempt is not the latest.", settleLateSent},
	{"settle/ignored", "Any outcome of a delivery that is unknown, sent or dead is ignored and adds no event.", settleIgnored},
	{"settle/events", "Settle adds the events of its outcomes to the timelines, and does not change any record's version.", settleEvents},
	{"redrive/behind", "A redriven delivery is due at now, with no attempts, behind what is waiting in its lane.", redriveBehind},
	{"redrive/unknown", "Redrive fails with ErrUnknown, having changed nothing, where one is not there or not dead.", redriveUnknown},
	{"redrive/whose", "Deliveries of two customers that have one ID are told apart by the customer.", redriveWhose},
}

func sortedIDs(ids []string) []string { return slices.Sorted(slices.Values(ids)) }

// fate returns what is listed of a customer's only delivery.
func fate(t *testing.T, s store.Store, customerID string) store.Outgoing {
	t.Helper()
	out := deliveries(t, s, store.DeliveryQuery{Customer: customerID})
	require.Len(t, out, 1)
	return out[0]
}

func settleSent(t *testing.T, s store.Store) {
	posted(t, s, "c", "d")
	require.Len(t, claimDeliveries(t, s, t0, 9), 1)
	settle(t, s, sent("c", "d", 1))
	assert.Empty(t, claimedIDs(t, s, at(time.Hour), 9))
	dueNext(t, s, never, never, "it was sent")
	got := fate(t, s, "c")
	assert.Equal(t, store.Sent, got.State)
	assert.Equal(t, 1, got.Attempts)
	assert.Equal(t, at(time.Minute), got.Due)
}

func settleRetry(t *testing.T, s store.Store) {
	posted(t, s, "c", "d1", "d2")
	require.Len(t, claimDeliveries(t, s, t0, 9), 1)
	settle(t, s, failed("c", "d1", 1, store.Waiting))
	dueNext(t, s, never, at(time.Minute), "the retry")
	assert.Empty(t, claimedIDs(t, s, at(time.Minute-time.Microsecond), 9))
	out := claimDeliveries(t, s, at(time.Minute), 9)
	require.Equal(t, []string{"d1"}, deliveryIDs(out))
	assert.Equal(t, 2, out[0].Attempts)
	assert.Equal(t, "no answer", out[0].Error, "of the latest failed attempt")
}

func settleDead(t *testing.T, s store.Store) {
	posted(t, s, "c", "d1", "d2")
	require.Len(t, claimDeliveries(t, s, t0, 9), 1)
	settle(t, s, failed("c", "d1", 1, store.Dead))
	assert.Equal(t, []string{"d2"}, claimedIDs(t, s, t0, 9))
	assert.Empty(t, claimedIDs(t, s, at(lease-time.Microsecond), 9))
}

// outrun lets the lease on a customer's only delivery run out, so that attempt
// 1 is not the latest.
func outrun(t *testing.T, s store.Store) {
	t.Helper()
	posted(t, s, "c", "d")
	require.Len(t, claimDeliveries(t, s, t0, 9), 1)
	require.Len(t, claimDeliveries(t, s, at(lease), 9), 1)
}

func settleStale(t *testing.T, s store.Store) {
	outrun(t, s)
	before := fate(t, s, "c")
	settle(t, s, failed("c", "d", 1, store.Dead), failed("c", "d", 1, store.Waiting))
	equal(t, before, fate(t, s, "c"), "the delivery")
	assert.Empty(t, timeline(t, s, "c"), "no event")
	settle(t, s, failed("c", "d", 2, store.Dead))
	assert.Equal(t, store.Dead, fate(t, s, "c").State)
	assert.Len(t, timeline(t, s, "c"), 1)
}

func settleLateSent(t *testing.T, s store.Store) {
	outrun(t, s)
	settle(t, s, sent("c", "d", 1))
	assert.Equal(t, store.Sent, fate(t, s, "c").State)
	assert.Empty(t, claimedIDs(t, s, at(time.Hour), 9))
}

func settleIgnored(t *testing.T, s store.Store) {
	posted(t, s, "sent", "s")
	posted(t, s, "dead", "x")
	require.Len(t, claimDeliveries(t, s, t0, 9), 2)
	settle(t, s, sent("sent", "s", 1), failed("dead", "x", 1, store.Dead))
	before := deliveries(t, s, store.DeliveryQuery{})
	late := sent("dead", "x", 1)
	late.Event = customer.Event{Kind: customer.DeliverySent, At: t0}
	settle(t, s, late, failed("sent", "s", 1, store.Dead), failed("sent", "s", 1, store.Waiting),
		failed("sent", "none", 1, store.Dead), failed("nobody", "s", 1, store.Dead), failed("dead", "s", 1, store.Dead))
	equal(t, before, deliveries(t, s, store.DeliveryQuery{}), "deliveries")
	assert.Empty(t, timeline(t, s, "sent"))
	assert.Empty(t, timeline(t, s, "nobody"))
	assert.Len(t, timeline(t, s, "dead"), 1)
	assert.Equal(t, []string{"dead", "sent"}, found(t, s, store.Query{}), "customers")
}

func settleEvents(t *testing.T, s store.Store) {
	c := created("c")
	c.Deliveries = []trigger.Delivery{message("d1", "c", "email", t0), message("d2", "c", "sms", t0)}
	c.Events = []customer.Event{{Kind: customer.TriggerFired, At: t0, Ref: "r"}}
	commit(t, s, c)
	require.Len(t, claimDeliveries(t, s, t0, 9), 2)
	quiet, loud := sent("c", "d1", 1), sent("c", "d2", 1)
	loud.Event = customer.Event{Kind: customer.DeliverySent, At: at(time.Second), Known: at(time.Minute), Trigger: "welcome", Ref: "d2", Name: "sms"}
	settle(t, s, quiet, loud)
	equal(t, append(c.Events, loud.Event), timeline(t, s, "c"), "timeline")
	assert.EqualValues(t, 1, record(t, s, "c").Version)
	settle(t, s)
}

func redriveBehind(t *testing.T, s store.Store) {
	posted(t, s, "c", "d1", "d2", "d3")
	require.Equal(t, []string{"d1"}, claimedIDs(t, s, t0, 9))
	settle(t, s, failed("c", "d1", 1, store.Dead))
	require.NoError(t, s.Redrive(t.Context(), at(time.Hour), store.DeliveryRef{Customer: "c", ID: "d1"}))
	require.NoError(t, s.Redrive(t.Context(), at(time.Hour)), "of nothing")
	out := deliveries(t, s, store.DeliveryQuery{})
	assert.Equal(t, []string{"d1", "d2", "d3"}, deliveryIDs(out), "listed as they were committed")
	assert.Equal(t, store.Waiting, out[0].State)
	assert.Zero(t, out[0].Attempts)
	assert.Equal(t, at(time.Hour), out[0].Due)
	for _, id := range []string{"d2", "d3", "d1"} {
		out := claimDeliveries(t, s, at(time.Hour), 9)
		require.Equal(t, []string{id}, deliveryIDs(out))
		assert.Equal(t, 1, out[0].Attempts)
		settle(t, s, sent("c", id, 1))
	}
}

func redriveUnknown(t *testing.T, s store.Store) {
	posted(t, s, "a", "dead")
	posted(t, s, "b", "sent")
	posted(t, s, "c", "waiting")
	require.Len(t, claimDeliveries(t, s, t0, 9), 3)
	settle(t, s, failed("a", "dead", 1, store.Dead), sent("b", "sent", 1))
	dead := store.DeliveryRef{Customer: "a", ID: "dead"}
	for _, ref := range []store.DeliveryRef{
		{Customer: "b", ID: "sent"},
		{Customer: "c", ID: "waiting"},
		{Customer: "a", ID: "none"},
		{Customer: "b", ID: "dead"},
		{Customer: "nobody", ID: "dead"},
		{},
	} {
		require.ErrorIs(t, s.Redrive(t.Context(), t0, dead, ref), store.ErrUnknown, ref)
		assert.Equal(t, store.Dead, fate(t, s, "a").State, "nothing has changed")
	}
	require.NoError(t, s.Redrive(t.Context(), t0, dead, dead), "named twice")
	require.ErrorIs(t, s.Redrive(t.Context(), t0, dead), store.ErrUnknown, "it waits already")
	assert.Equal(t, []string{"dead"}, claimedIDs(t, s, t0, 9))
}

func redriveWhose(t *testing.T, s store.Store) {
	for _, id := range []string{"a", "b", "c"} {
		posted(t, s, id, "d")
	}
	require.Len(t, claimDeliveries(t, s, t0, 9), 3)
	settle(t, s, failed("a", "d", 1, store.Dead), failed("b", "d", 1, store.Dead), sent("c", "d", 1))
	dead := deliveries(t, s, store.DeliveryQuery{States: []store.DeliveryState{store.Dead}})
	require.Len(t, dead, 2)
	require.NoError(t, s.Redrive(t.Context(), t0, dead[1].Ref()))
	assert.Equal(t, store.Dead, fate(t, s, "a").State)
	assert.Equal(t, store.Waiting, fate(t, s, "b").State)
	assert.Equal(t, store.Sent, fate(t, s, "c").State)
}
