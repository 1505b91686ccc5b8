package storetest

import (
	"context"
	"fmt"
	"iter"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/trigger"
)

var sequenceRules = []rule{
	{"sequence/instant", "A sequence sees the state of some instant during the call, whatever is committed while it runs.", oneInstant},
	{"sequence/body", "The loop body may call any method of the store.", anyMethod},
	{"sequence/break", "Breaking off frees everything: the store works on, and the sequence can be run through again.", breakOff},
	{"sequence/cancelled", "Cancelling ctx ends a sequence with its error, which comes last, with a zero value.", cancelled},
}

// crowd creates n customers who have a tag, a message and an event each.
func crowd(t *testing.T, s store.Store, n int) {
	t.Helper()
	var changes []store.Change
	for i := range n {
		c := created(fmt.Sprintf("c%03d", i))
		id := c.Record.Customer.ID
		c.Record.Customer.Tags = []string{"old"}
		c.Deliveries = []trigger.Delivery{message(id+"/1", id, "email", t0)}
		changes = append(changes, c)
	}
	commit(t, s, changes...)
}

// retag gives a customer another tag, an event and a message, and settles the
// message before.
func retag(t *testing.T, s store.Store, id string) {
	t.Helper()
	c := change(t, s, id)
	n := c.Record.Version + 1
	c.Record.Customer.Tags = []string{fmt.Sprintf("tag %d", n)}
	c.Events = []customer.Event{{Kind: customer.Tagged, At: t0, Cycle: int(n)}}
	c.Deliveries = []trigger.Delivery{message(fmt.Sprintf("%s/%d", id, n), id, "email", t0)}
	commit(t, s, c)
	settle(t, s, sent(id, fmt.Sprintf("%s/%d", id, n-1), 0))
}

func oneInstant(t *testing.T, s store.Store) {
	const n = 150
	crowd(t, s, n)
	disturb := func() {
		for i := range n {
			retag(t, s, fmt.Sprintf("c%03d", i))
			retag(t, s, fmt.Sprintf("c%03d", i))
		}
		retag(t, s, "c149x")
	}
	commit(t, s, created("c149x"))
	frozen(t, s.Find(t.Context(), store.Query{}), disturb, "everybody")
	frozen(t, s.Find(t.Context(), store.Query{Tag: "tag 3"}), disturb, "those with a tag")
	frozen(t, s.Deliveries(t.Context(), store.DeliveryQuery{}), disturb, "deliveries")
	frozen(t, s.Timeline(t.Context(), "c007"), disturb, "timeline")
	assert.Len(t, found(t, s, store.Query{Tag: "tag 9"}), n, "what a new sequence sees")
}

// frozen checks that a sequence that has begun yields what it would have
// without the disturbance.
func frozen[T any](t *testing.T, seq iter.Seq2[T, error], disturb func(), what string) {
	t.Helper()
	want, got := gather(t, seq), []T{}
	require.NotEmpty(t, want, what)
	for item, err := range seq {
		require.NoError(t, err, what)
		if got = append(got, item); len(got) == 1 {
			disturb()
		}
	}
	equal(t, want, got, what)
}

func anyMethod(t *testing.T, s store.Store) {
	crowd(t, s, 3)
	for r, err := range s.Find(t.Context(), store.Query{}) {
		require.NoError(t, err)
		retag(t, s, r.Customer.ID)
		for _, err := range s.Find(t.Context(), store.Query{Tag: "tag 2"}) {
			require.NoError(t, err)
			claimWakeUps(t, s, t0, 9)
		}
		dueNext(t, s, never, t0, "the message of another")
	}
	for o, err := range s.Deliveries(t.Context(), store.DeliveryQuery{}) {
		require.NoError(t, err)
		claimDeliveries(t, s, t0, 9)
		settle(t, s, failed(o.Customer, o.ID, 1, store.Dead))
	}
	for _, err := range s.Timeline(t.Context(), "c001") {
		require.NoError(t, err)
		retag(t, s, "c002")
	}
	assert.Len(t, deliveries(t, s, store.DeliveryQuery{States: []store.DeliveryState{store.Dead}}), 3)
}

func breakOff(t *testing.T, s store.Store) {
	crowd(t, s, 100)
	retag(t, s, "c007")
	retag(t, s, "c007")
	again(t, s.Find(t.Context(), store.Query{}))
	again(t, s.Deliveries(t.Context(), store.DeliveryQuery{}))
	again(t, s.Timeline(t.Context(), "c007"))
	retag(t, s, "c000")
	assert.Len(t, found(t, s, store.Query{Tag: "old"}), 98)
}

// again breaks off after one item, three times.
func again[T any](t *testing.T, seq iter.Seq2[T, error]) {
	t.Helper()
	var firsts []T
	for range 3 {
		for item, err := range seq {
			require.NoError(t, err)
			firsts = append(firsts, item)
			break
		}
	}
	require.Len(t, firsts, 3)
	assert.Equal(t, firsts[0], firsts[1])
	assert.Equal(t, firsts[0], firsts[2])
}

func cancelled(t *testing.T, s store.Store) {
	crowd(t, s, 100)
	retag(t, s, "c007")
	retag(t, s, "c007")
	ends(t, func(ctx context.Context) iter.Seq2[store.Record, error] { return s.Find(ctx, store.Query{}) })
	ends(t, func(ctx context.Context) iter.Seq2[store.Outgoing, error] {
		return s.Deliveries(ctx, store.DeliveryQuery{})
	})
	ends(t, func(ctx context.Context) iter.Seq2[customer.Event, error] { return s.Timeline(ctx, "c007") })
}

// ends cancels a sequence before it begins and after its first item.
func ends[T any](t *testing.T, open func(ctx context.Context) iter.Seq2[T, error]) {
	t.Helper()
	for _, before := range []int{0, 1} {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		if before == 0 {
			cancel()
		}
		items, errs := 0, 0
		for item, err := range open(ctx) {
			assert.Zero(t, errs, "nothing comes after the error")
			if err != nil {
				require.ErrorIs(t, err, context.Canceled)
				assert.Zero(t, item, "beside the error")
				errs++
				continue
			}
			items++
			cancel()
		}
		assert.Equal(t, before, items, "items before the error")
		assert.Equal(t, 1, errs, "errors")
	}
}
