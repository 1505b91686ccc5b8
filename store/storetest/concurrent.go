package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/trigger"
)

// What several engines on one store do to each other. These rules fail by chance
// and never without cause; run them with -race.
var concurrencyRules = []rule{
	{"concurrent/commits", "Of several commits that expect the same version, exactly one succeeds.", oneWins},
	{"concurrent/claims", "A wake-up or a delivery is handed to one claimer only.", claimedOnce},
	{"concurrent/loads", "A record is loaded with the history of the same commit, never of another.", loadsWhileCommitting},
	{"concurrent/finds", "A record is found with the history of the same commit, never of another.", findsWhileCommitting},
	{"concurrent/sequences", "Sequences may run while others commit, and see every customer once.", sequencesWhileCommitting},
	{"concurrent/prunes", "Prune may go on beside commits and settling, and other prunes, and takes nothing that is not old.", pruneWhileCommitting},
}

// together runs n functions at once and returns their errors.
func together(n int, f func(i int) error) []error {
	errs := make([]error, n)
	var begin, done sync.WaitGroup
	begin.Add(1)
	for i := range n {
		done.Go(func() {
			begin.Wait()
			errs[i] = f(i)
		})
	}
	begin.Done()
	done.Wait()
	return errs
}

func oneWins(t *testing.T, s store.Store) {
	const writers, rounds = 8, 25
	commit(t, s, created("c"), created("c2"))
	for round := range uint64(rounds) {
		c, c2 := change(t, s, "c"), change(t, s, "c2")
		errs := together(writers, func(i int) error {
			if i%2 == 0 {
				return s.Commit(t.Context(), c2, c)
			}
			return s.Commit(t.Context(), c, c2)
		})
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
				continue
			}
			require.ErrorIs(t, err, store.ErrConflict)
			var conflict *store.ConflictError
			require.True(t, errors.As(err, &conflict))
			assert.ElementsMatch(t, []string{"c", "c2"}, conflict.Customers)
		}
		require.Equal(t, 1, won, "commits that succeeded")
		require.Equal(t, round+2, record(t, s, "c").Version)
	}
}

func claimedOnce(t *testing.T, s store.Store) {
	const claimers, n = 6, 300
	want := wakingCrowd(t, s, n)
	var mu sync.Mutex
	var woken, handed []string
	claim := store.Claim{Now: t0, Limit: 7, Lease: lease}
	errs := together(claimers, func(int) error {
		for {
			loaded, err := s.ClaimWakeUps(t.Context(), claim)
			out, err2 := s.ClaimDeliveries(t.Context(), claim)
			if err := errors.Join(err, err2); err != nil || len(loaded)+len(out) == 0 {
				return err
			}
			mu.Lock()
			for _, l := range loaded {
				woken = append(woken, l.Record.Customer.ID)
			}
			for _, o := range out {
				handed = append(handed, o.Customer)
			}
			mu.Unlock()
		}
	})
	require.NoError(t, errors.Join(errs...))
	assert.Equal(t, want, slices.Sorted(slices.Values(woken)), "wake-ups")
	assert.Equal(t, want, slices.Sorted(slices.Values(handed)), "deliveries")
}

// wakingCrowd creates customers who wake and have a message at t0, and returns
// their IDs.
func wakingCrowd(t *testing.T, s store.Store, n int) (ids []string) {
	t.Helper()
	var changes []store.Change
	for i := range n {
		id := fmt.Sprintf("c%04d", i)
		ids, changes = append(ids, id), append(changes, fullChange(id))
	}
	commit(t, s, changes...)
	return ids
}

func loadsWhileCommitting(t *testing.T, s store.Store) {
	readsWhileCommitting(t, s, func() (l store.Loaded, err error) {
		loaded, err := s.Load(t.Context(), store.Request{Customer: "c", Reach: everything})
		if err != nil {
			return l, err
		}
		return loaded[0], nil
	})
}

func findsWhileCommitting(t *testing.T, s store.Store) {
	readsWhileCommitting(t, s, func() (store.Loaded, error) {
		for l, err := range s.Find(t.Context(), store.Query{Reach: everything}) {
			return l, err
		}
		return store.Loaded{}, errors.New("the customer was not found")
	})
}

// readsWhileCommitting reads the only customer, again and again, while purchases
// are committed.
func readsWhileCommitting(t *testing.T, s store.Store, read func() (store.Loaded, error)) {
	t.Helper()
	const n = 150
	commit(t, s, created("c"))
	errs := together(3, func(i int) error {
		for last := false; !last; {
			l, err := read()
			if err != nil {
				return err
			}
			r := l.Record
			if r.Totals.Count != len(l.Purchases) || r.Totals.Count != len(l.Activities) {
				return fmt.Errorf("a record of %d purchases came with %d and %d activities",
					r.Totals.Count, len(l.Purchases), len(l.Activities))
			}
			last = r.Totals.Count == n
			if i == 0 && !last {
				if err := s.Commit(t.Context(), bought(r)); err != nil {
					return err
				}
			}
		}
		return nil
	})
	require.NoError(t, errors.Join(errs...))
}

// bought returns a change by which there is one more purchase, which is not the
// latest, and another was refunded.
func bought(r store.Record) store.Change {
	n := r.Totals.Count
	at := func(i int) time.Time { return at(time.Duration(i*7%150) * time.Minute) }
	c := store.Change{Record: r}
	c.Purchases = []customer.Purchase{purchase(fmt.Sprint(n), at(n))}
	c.Activities = []customer.Activity{activity(fmt.Sprint(n), at(n))}
	if n > 0 {
		refunded := purchase(fmt.Sprint(n/2), at(n/2))
		refunded.Refunds = []customer.Refund{{ID: "r", Customer: "c", At: t0}}
		c.Purchases = append(c.Purchases, refunded)
	}
	c.Record.Totals.Count++
	return c
}

func sequencesWhileCommitting(t *testing.T, s store.Store) {
	const n = 100
	ids := wakingCrowd(t, s, n)
	errs := together(4, func(i int) error {
		for round := range 5 {
			if i%2 == 0 {
				if err := touchAll(t, s, ids[i*n/4:(i+2)*n/4], round); err != nil {
					return err
				}
				continue
			}
			var seen []string
			for l, err := range s.Find(t.Context(), store.Query{}) {
				if err != nil {
					return err
				}
				seen = append(seen, l.Record.Customer.ID)
			}
			if !slices.Equal(ids, seen) {
				return fmt.Errorf("saw %d customers of %d", len(seen), n)
			}
		}
		return nil
	})
	require.NoError(t, errors.Join(errs...))
}

// touchAll commits a change of each customer.
func touchAll(t *testing.T, s store.Store, ids []string, round int) error {
	for _, id := range ids {
		loaded, err := s.Load(t.Context(), store.Request{Customer: id})
		if err != nil {
			return err
		}
		c := store.Change{Record: loaded[0].Record}
		c.Record.Segments = inSegment(fmt.Sprint(round))
		if err := s.Commit(t.Context(), c); err != nil {
			return err
		}
	}
	return nil
}

// pruneWhileCommitting has engines add what is new while others remove what is
// old.
func pruneWhileCommitting(t *testing.T, s store.Store) {
	const rounds = 40
	ids := []string{"a", "b", "c", "d"}
	for _, id := range ids {
		commit(t, s, created(id))
	}
	horizon := at(time.Hour)
	errs := together(len(ids)+2, func(i int) error {
		if i >= len(ids) {
			for range rounds {
				if _, err := pruneAll(t.Context(), s, store.Pruning{Timeline: horizon, Activities: store.Cut{Before: horizon}, Sent: horizon, Limit: 1 + i%2}); err != nil {
					return err
				}
			}
			return nil
		}
		for round := range rounds {
			if err := liveAnHour(t.Context(), s, ids[i], round); err != nil {
				return err
			}
		}
		return nil
	})
	require.NoError(t, errors.Join(errs...))
	prune(t, s, store.Pruning{Timeline: horizon, Activities: store.Cut{Before: horizon}, Sent: horizon})
	for _, id := range ids {
		l := load(t, s, store.Request{Customer: id, Reach: everything})
		assert.EqualValues(t, rounds+1, l.Record.Version, "versions")
		require.Len(t, l.Activities, rounds-1, "activities")
		events := timeline(t, s, id)
		require.Len(t, events, rounds-1, "events")
		for i, e := range events {
			assert.Equal(t, fmt.Sprint(i+1), e.Ref, "the timeline in order")
		}
		assert.Len(t, deliveries(t, s, store.DeliveryQuery{Customer: id}), rounds-1, "deliveries")
	}
}

// liveAnHour commits what happens to a customer at an hour, and settles the
// delivery that comes of it.
func liveAnHour(ctx context.Context, s store.Store, id string, hour int) error {
	loaded, err := s.Load(ctx, store.Request{Customer: id})
	if err != nil {
		return err
	}
	when, name := at(time.Duration(hour)*time.Hour), fmt.Sprint(hour)
	c := store.Change{Record: loaded[0].Record}
	c.Activities = []customer.Activity{{ID: name, Customer: id, At: when, Name: "view"}}
	c.Events = []customer.Event{{Kind: customer.Acted, At: when, Known: when, Ref: name}}
	c.Deliveries = []trigger.Delivery{message(id+name, id, "sms", when)}
	if err := s.Commit(ctx, c); err != nil {
		return err
	}
	return s.Settle(ctx, store.Outcome{Customer: id, Delivery: id + name, State: store.Sent, Due: when})
}
