package storetest

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/trigger"
)

// A commit is atomic, conflicts are named all at once, and values are copied: the
// engine relies on each when it makes a batch again.
var commitRules = []rule{
	{"load/unknown", "A customer that does not exist comes as a record of version 0, not as an error.", loadUnknown},
	{"load/order", "Load returns one Loaded per request, in the order of the requests.", loadOrder},
	{"commit/create", "A change of version 0 creates the record, whose version is then 1.", commitCreates},
	{"commit/update", "The version of every record grows by one.", commitUpdates},
	{"commit/nothing", "A commit of no changes changes nothing and is no error.", commitNothing},
	{"commit/conflict", "A commit with stale, existing or missing records names every such customer.", commitConflicts},
	{"commit/atomic", "Commit writes all the changes or none.", commitAtomic},
	{"commit/twice", "No two changes of a call may be of one customer.", commitTwice},
	{"commit/nameless", "A change without a customer ID is an error.", commitNameless},
	{"commit/cancelled", "A call whose context is done has changed nothing and returns its error.", commitCancelled},
	{"commit/copies", "What the caller does to its values after a call does not reach the store.", commitCopies},
}

func loadUnknown(t *testing.T, s store.Store) {
	l := load(t, s, store.Request{Customer: "nobody", Reach: everything, PurchaseIDs: []string{"p"}})
	equal(t, store.Loaded{Record: store.Record{Customer: customer.Customer{ID: "nobody"}}}, l, "an unknown customer")
	loaded, err := s.Load(t.Context())
	require.NoError(t, err)
	assert.Empty(t, loaded, "no requests")
}

func loadOrder(t *testing.T, s store.Store) {
	commit(t, s, created("a"), created("b"), created("c"))
	loaded, err := s.Load(t.Context(), store.Request{Customer: "c"}, store.Request{Customer: "x"},
		store.Request{Customer: "a"}, store.Request{Customer: "c"})
	require.NoError(t, err)
	var ids []string
	var versions []uint64
	for _, l := range loaded {
		ids, versions = append(ids, l.Record.Customer.ID), append(versions, l.Record.Version)
	}
	assert.Equal(t, []string{"c", "x", "a", "c"}, ids)
	assert.Equal(t, []uint64{1, 0, 1, 1}, versions)
}

func commitCreates(t *testing.T, s store.Store) {
	c := created("c")
	c.Record.Customer.Name = "Ada"
	commit(t, s, c)
	c.Record.Version = 1
	equal(t, c.Record, record(t, s, "c"), "the created record")
}

func commitUpdates(t *testing.T, s store.Store) {
	commit(t, s, created("c"), created("other"))
	for version := uint64(2); version < 5; version++ {
		c := change(t, s, "c")
		c.Record.Totals.Count++
		commit(t, s, c)
		c.Record.Version = version
		equal(t, c.Record, record(t, s, "c"), "the updated record")
	}
	assert.EqualValues(t, 1, record(t, s, "other").Version, "of another customer")
}

func commitNothing(t *testing.T, s store.Store) {
	commit(t, s)
	assert.Empty(t, found(t, s, store.Query{}))
}

func commitConflicts(t *testing.T, s store.Store) {
	commit(t, s, created("exists"), created("stale"), created("fine"))
	commit(t, s, change(t, s, "stale"))
	missing, stale, ahead := created("missing"), created("stale"), change(t, s, "fine")
	missing.Record.Version, stale.Record.Version = 3, 1
	err := s.Commit(t.Context(), missing, created("exists"), ahead, stale, created("new"))
	require.ErrorIs(t, err, store.ErrConflict)
	var conflict *store.ConflictError
	require.True(t, errors.As(err, &conflict), "a *ConflictError")
	assert.ElementsMatch(t, []string{"missing", "exists", "stale"}, conflict.Customers)
	ahead.Record.Version = 9
	require.ErrorIs(t, s.Commit(t.Context(), ahead), store.ErrConflict, "a version that is not reached yet")
}

// fullChange returns a change of everything that a change can change.
func fullChange(id string) store.Change {
	c := waking(id, t0)
	c.Record.Segments = inSegment("vip")
	c.Purchases = []customer.Purchase{purchase("p", t0)}
	c.Activities = []customer.Activity{activity("a", t0)}
	c.Events = []customer.Event{{Kind: customer.Purchased, At: t0, Ref: "p"}}
	c.Deliveries = []trigger.Delivery{message("d/"+id, id, "email", t0)}
	return c
}

func commitAtomic(t *testing.T, s store.Store) {
	commit(t, s, created("known"), created("stale"))
	before := record(t, s, "known")
	known := fullChange("known")
	known.Record.Version = 1
	err := s.Commit(t.Context(), fullChange("new"), known, created("stale"))
	require.ErrorIs(t, err, store.ErrConflict)
	equal(t, before, record(t, s, "known"), "an innocent record")
	for _, id := range []string{"new", "known"} {
		l := load(t, s, store.Request{Customer: id, Reach: everything, PurchaseIDs: []string{"p"}})
		assert.Empty(t, l.Purchases, "purchases of %s", id)
		assert.Empty(t, l.Activities, "activities of %s", id)
		assert.Empty(t, l.FoundPurchases, "purchases by ID of %s", id)
		assert.Empty(t, timeline(t, s, id), "timeline of %s", id)
	}
	assert.Equal(t, []string{"known", "stale"}, found(t, s, store.Query{}))
	assert.Empty(t, found(t, s, store.Query{Segment: "vip"}))
	assert.Empty(t, deliveries(t, s, store.DeliveryQuery{}))
	dueNext(t, s, never, never, "nothing was written")
}

func commitTwice(t *testing.T, s store.Store) {
	require.Error(t, s.Commit(t.Context(), created("c"), created("d"), created("c")))
	assert.Empty(t, found(t, s, store.Query{}), "nothing was written")
}

func commitNameless(t *testing.T, s store.Store) {
	require.Error(t, s.Commit(t.Context(), created("c"), created("")))
	assert.Empty(t, found(t, s, store.Query{}), "nothing was written")
}

func commitCancelled(t *testing.T, s store.Store) {
	posted(t, s, "c", "d")
	commit(t, s, waking("w", t0))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	claim := store.Claim{Now: t0, Limit: 1, Lease: lease}
	_, err := s.Load(ctx, store.Request{Customer: "c"})
	require.ErrorIs(t, err, context.Canceled, "Load")
	require.ErrorIs(t, s.Commit(ctx, created("new")), context.Canceled, "Commit")
	_, err = s.ClaimWakeUps(ctx, claim)
	require.ErrorIs(t, err, context.Canceled, "ClaimWakeUps")
	_, err = s.ClaimDeliveries(ctx, claim)
	require.ErrorIs(t, err, context.Canceled, "ClaimDeliveries")
	require.ErrorIs(t, s.Settle(ctx, store.Outcome{Customer: "c", Delivery: "d", State: store.Sent}), context.Canceled, "Settle")
	require.ErrorIs(t, s.Redrive(ctx, t0, store.DeliveryRef{Customer: "c", ID: "d"}), context.Canceled, "Redrive")
	_, _, err = s.NextDue(ctx)
	require.ErrorIs(t, err, context.Canceled, "NextDue")
	require.ErrorIs(t, s.SaveDefinitions(ctx, "v1", []byte(`{}`)), context.Canceled, "SaveDefinitions")
	_, err = s.Definitions(ctx, "v1")
	require.ErrorIs(t, err, context.Canceled, "Definitions")

	_, err = s.Definitions(t.Context(), "v1")
	require.ErrorIs(t, err, store.ErrUnknown, "SaveDefinitions has saved nothing")
	assert.Equal(t, []string{"c", "w"}, found(t, s, store.Query{}))
	assert.Equal(t, []string{"w"}, claimWakeUps(t, s, t0, 9))
	assert.Equal(t, []string{"d"}, claimedIDs(t, s, t0, 9))
}

func commitCopies(t *testing.T, s store.Store) {
	f := new(filler)
	c := store.Change{Record: fill[store.Record](f), Purchases: []customer.Purchase{fill[customer.Purchase](f)}}
	c.Record.Customer.ID, c.Record.Version, c.Purchases[0].Customer = "c", 0, "c"
	commit(t, s, c)
	want := load(t, s, store.Request{Customer: "c", Reach: everything})
	c.Record.Customer.Tags[0] = "changed"
	c.Record.Customer.Fields[0] = customer.Field{}
	c.Record.Cycles[0].Gaps[0] = -1
	c.Record.Cycles[0].Hand.Stage = "changed"
	c.Record.Segments[0] = segment.Membership{}
	c.Record.Runs[0].Cause.Ref = "changed"
	c.Purchases[0].Items[0].SKU = "changed"
	c.Purchases[0].Refunds[0].Amount = -1
	equal(t, want, load(t, s, store.Request{Customer: "c", Reach: everything}), "what was committed")
}
