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

// A store may page by key or read a snapshot: the rules allow both, and fail where
// a page is sought by offset, a cursor blocks the loop body, or a sequence meets
// what its own loop body adds behind the end.
var sequenceRules = []rule{
	{"sequence/find", "Who matches during the whole call is yielded exactly once, by ID, as of some instant during the call; nobody twice.", findMeanwhile},
	{"sequence/deliveries", "A delivery that matches during the whole call is yielded exactly once, in order, as of some instant during the call.", deliveriesMeanwhile},
	{"sequence/timeline", "What was committed before the call is yielded in order, each event once; later ones may follow.", timelineMeanwhile},
	{"sequence/ends", "Find and Deliveries go no further than the last customer there was when they began.", endsAtTheLast},
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

// meanwhile runs through a sequence, calls disturb behind its first item and in
// its middle, and returns the items. It checks that the keys ascend, and so that
// none comes twice, and that all of the steady ones are among them.
func meanwhile[T any](t *testing.T, seq iter.Seq2[T, error], disturb func(), key func(T) string, steady []string) []T {
	t.Helper()
	var items []T
	var keys []string
	for item, err := range seq {
		require.NoError(t, err)
		items, keys = append(items, item), append(keys, key(item))
		if len(items) == 1 || len(items) == len(steady)/2 {
			disturb()
		}
	}
	assert.IsIncreasing(t, keys, "in order, each once")
	assert.Subset(t, keys, steady, "what matches all the time")
	return items
}

func findMeanwhile(t *testing.T, s store.Store) {
	const n = 150
	crowd(t, s, n)
	steady, newcomer := []string{}, 0
	for i := 0; i < n; i += 2 {
		steady = append(steady, fmt.Sprintf("c%03d", i))
	}
	disturb := func() {
		for i := range n {
			c := change(t, s, fmt.Sprintf("c%03d", i))
			c.Record.Totals.Count = int(c.Record.Version)
			if i%2 > 0 && len(c.Record.Customer.Tags) > 0 {
				c.Record.Customer.Tags = nil
			} else {
				c.Record.Customer.Tags = []string{"old"}
			}
			commit(t, s, c)
		}
		newcomer++
		commit(t, s, created(fmt.Sprintf("c100-%d", newcomer)))
	}
	id := func(l store.Loaded) string { return l.Record.Customer.ID }
	for _, q := range []store.Query{{}, {Tag: "old"}, {Tag: "old", After: "c000"}} {
		before := record(t, s, "c000").Version
		for i, l := range meanwhile(t, s.Find(t.Context(), q), disturb, id, steady[min(len(q.After), 1):]) {
			r := l.Record
			if q.Tag != "" {
				assert.Equal(t, []string{"old"}, r.Customer.Tags, "as it matched")
			}
			if i == 0 || len(id(l)) > len("c000") {
				continue // had not changed yet, or is new
			}
			assert.GreaterOrEqual(t, r.Version, before, "as of some instant during the call")
			assert.EqualValues(t, r.Version-1, r.Totals.Count, "of one commit")
		}
	}
}

func deliveriesMeanwhile(t *testing.T, s store.Store) {
	const n = 150
	crowd(t, s, n)
	var steady, even []string
	for i := range n {
		steady = append(steady, fmt.Sprintf("c%03d/1", i))
		if i%2 == 0 {
			even = append(even, steady[i])
		}
	}
	disturb := func() {
		for i := 1; i < n; i += 2 {
			retag(t, s, fmt.Sprintf("c%03d", i))
		}
	}
	id := func(o store.Outgoing) string { return o.ID }
	waiting, sent := []store.DeliveryState{store.Waiting}, []store.DeliveryState{store.Waiting, store.Sent}
	meanwhile(t, s.Deliveries(t.Context(), store.DeliveryQuery{}), disturb, id, steady)
	meanwhile(t, s.Deliveries(t.Context(), store.DeliveryQuery{States: sent}), disturb, id, steady)
	for _, o := range meanwhile(t, s.Deliveries(t.Context(), store.DeliveryQuery{States: waiting}), disturb, id, even) {
		assert.Equal(t, store.Waiting, o.State, "as it matched")
	}
}

func timelineMeanwhile(t *testing.T, s store.Store) {
	commit(t, s, created("c"))
	add := func() {
		c := change(t, s, "c")
		for range 50 {
			c.Events = append(c.Events, customer.Event{Kind: customer.Tagged, At: t0, Cycle: int(c.Record.Version)})
		}
		commit(t, s, c)
	}
	add()
	add()
	before := timeline(t, s, "c")
	require.Len(t, before, 100)
	var got []customer.Event
	for e, err := range s.Timeline(t.Context(), "c") {
		require.NoError(t, err)
		if got = append(got, e); len(got) == 1 || len(got) == 99 {
			add()
		}
	}
	require.GreaterOrEqual(t, len(got), len(before))
	equal(t, timeline(t, s, "c")[:len(got)], got, "timeline")
}

func endsAtTheLast(t *testing.T, s store.Store) {
	const n = 100
	crowd(t, s, n)
	seen := 0
	for _, err := range s.Find(t.Context(), store.Query{Tag: "old"}) {
		require.NoError(t, err)
		seen++
		require.LessOrEqual(t, seen, n, "it goes on for ever")
		c := created(fmt.Sprintf("d%03d", seen))
		c.Record.Customer.Tags = []string{"old"}
		commit(t, s, c)
	}
	assert.Equal(t, n, seen, "customers")
	seen = 0
	for _, err := range s.Deliveries(t.Context(), store.DeliveryQuery{}) {
		require.NoError(t, err)
		seen++
		require.LessOrEqual(t, seen, n, "it goes on for ever")
		posted(t, s, fmt.Sprintf("e%03d", seen), "d")
	}
	assert.Equal(t, n, seen, "deliveries")
}

func anyMethod(t *testing.T, s store.Store) {
	crowd(t, s, 3)
	for l, err := range s.Find(t.Context(), store.Query{}) {
		require.NoError(t, err)
		retag(t, s, l.Record.Customer.ID)
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
	ends(t, func(ctx context.Context) iter.Seq2[store.Loaded, error] { return s.Find(ctx, store.Query{}) })
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
