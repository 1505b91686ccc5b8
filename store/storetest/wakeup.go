package storetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/store"
)

// A wake-up that is claimed and never committed, because an engine has died, must
// come again when the lease ends.
var wakeUpRules = []rule{
	{"wake-up/order", "Claimed are customers whose wake-up is due at Now, the earliest first, up to Limit.", wakeUpOrder},
	{"wake-up/loaded", "Claimed customers come loaded as far back as Reach says.", wakeUpLoaded},
	{"wake-up/lease", "Nobody else is handed a leased customer before the lease ends, at Now plus Lease.", wakeUpLease},
	{"wake-up/commit", "A commit ends the lease on the customer's wake-up.", wakeUpCommit},
	{"wake-up/moved", "A customer wakes when the latest commit says, or never.", wakeUpMoved},
	{"wake-up/bad-claim", "A claim without a positive limit and lease is an error and leases nothing.", badClaim},
	{"next-due", "NextDue returns the earliest instants at which a wake-up and a delivery can be claimed, zero where there is none.", nextDueRule},
}

func wakeUpOrder(t *testing.T, s store.Store) {
	commit(t, s, waking("late", at(2*time.Minute)), waking("b", at(time.Minute)), waking("early", at(-time.Hour)),
		created("never"), waking("a", at(time.Minute)), waking("future", at(time.Hour)))
	assert.Empty(t, claimWakeUps(t, s, at(-2*time.Hour), 9), "before anything is due")
	assert.Equal(t, []string{"early"}, claimWakeUps(t, s, at(time.Minute), 1), "one")
	assert.ElementsMatch(t, []string{"a", "b"}, claimWakeUps(t, s, at(time.Minute), 9), "due at that very instant")
	assert.Equal(t, []string{"late"}, claimWakeUps(t, s, at(2*time.Minute), 1))
	assert.Empty(t, claimWakeUps(t, s, at(2*time.Minute), 9))
}

func wakeUpLoaded(t *testing.T, s store.Store) {
	c := fullChange("c")
	c.Purchases = append(c.Purchases, purchase("old", at(-time.Hour)))
	c.Record.Customer.Name = "Ada"
	commit(t, s, c)
	claim := store.Claim{Now: t0, Limit: 1, Lease: lease, Reach: segment.Reach{Purchases: time.Minute}}
	loaded, err := s.ClaimWakeUps(t.Context(), claim)
	require.NoError(t, err)
	require.Len(t, loaded, 1)
	c.Record.Version = 1
	equal(t, c.Record, loaded[0].Record, "the record, which a claim does not change")
	assert.Equal(t, []string{"p"}, purchaseIDs(loaded[0].Purchases))
	assert.Empty(t, loaded[0].Activities)
}

func wakeUpLease(t *testing.T, s store.Store) {
	commit(t, s, waking("a", t0), waking("b", t0), waking("c", t0))
	first := claimWakeUps(t, s, t0, 2)
	second := claimWakeUps(t, s, at(time.Second), 2)
	assert.ElementsMatch(t, []string{"a", "b", "c"}, append(first, second...), "each customer once")
	assert.Empty(t, claimWakeUps(t, s, at(lease-time.Microsecond), 9), "all are leased")
	assert.ElementsMatch(t, first, claimWakeUps(t, s, at(lease), 9), "the first leases ended")
	assert.Equal(t, second, claimWakeUps(t, s, at(time.Second+lease), 9), "the second lease ended")
}

func wakeUpCommit(t *testing.T, s store.Store) {
	commit(t, s, waking("again", t0), waking("later", t0), waking("done", t0))
	require.Len(t, claimWakeUps(t, s, t0, 9), 3)
	again, later, done := change(t, s, "again"), change(t, s, "later"), change(t, s, "done")
	later.Record.Wake, done.Record.Wake = at(time.Second), time.Time{}
	commit(t, s, again, later, done)
	assert.Equal(t, []string{"again"}, claimWakeUps(t, s, t0, 9))
	assert.Equal(t, []string{"later"}, claimWakeUps(t, s, at(time.Second), 9))
	assert.ElementsMatch(t, []string{"again", "later"}, claimWakeUps(t, s, at(time.Hour), 9))
}

func wakeUpMoved(t *testing.T, s store.Store) {
	commit(t, s, waking("c", t0))
	for _, wake := range []time.Time{at(time.Hour), at(-time.Hour), {}, at(time.Minute), t0} {
		c := change(t, s, "c")
		c.Record.Wake = wake
		commit(t, s, c)
		dueNext(t, s, wake, never, "as committed")
		assert.Equal(t, wake, record(t, s, "c").Wake)
		if !wake.IsZero() {
			assert.Empty(t, claimWakeUps(t, s, wake.Add(-time.Microsecond), 9))
			assert.Equal(t, []string{"c"}, claimWakeUps(t, s, wake, 9))
		} else {
			assert.Empty(t, claimWakeUps(t, s, at(10_000*time.Hour), 9))
		}
	}
}

func badClaim(t *testing.T, s store.Store) {
	posted(t, s, "c", "d")
	commit(t, s, waking("w", t0))
	for _, claim := range []store.Claim{
		{Now: t0, Lease: lease}, {Now: t0, Lease: lease, Limit: -1}, {Now: t0, Limit: 1}, {Now: t0, Limit: 1, Lease: -lease},
	} {
		_, err := s.ClaimWakeUps(t.Context(), claim)
		require.Error(t, err, "wake-ups, %+v", claim)
		_, err = s.ClaimDeliveries(t.Context(), claim)
		require.Error(t, err, "deliveries, %+v", claim)
	}
	assert.Equal(t, []string{"w"}, claimWakeUps(t, s, t0, 9))
	assert.Equal(t, 1, claimDeliveries(t, s, t0, 9)[0].Attempts)
}

func nextDueRule(t *testing.T, s store.Store) {
	minute, hour := at(time.Minute), at(time.Hour)
	dueNext(t, s, never, never, "an empty store")
	commit(t, s, created("x"), waking("w", minute), waking("later", hour))
	dueNext(t, s, minute, never, "the earliest wake-up")
	posted(t, s, "c", "d", "behind")
	dueNext(t, s, minute, t0, "a delivery")
	claimDeliveries(t, s, t0, 9)
	dueNext(t, s, minute, at(lease), "the end of a delivery's lease")
	settle(t, s, store.Outcome{Customer: "c", Delivery: "d", Attempt: 1, State: store.Waiting, Due: hour})
	dueNext(t, s, minute, hour, "a retry, for which what stands behind it waits")
	claimWakeUps(t, s, minute, 9)
	dueNext(t, s, at(time.Minute+lease), hour, "the end of a wake-up's lease")
	w := change(t, s, "w")
	w.Record.Wake = never
	commit(t, s, w)
	dueNext(t, s, hour, hour, "the other wake-up")
	settle(t, s, sent("c", "d", 1))
	dueNext(t, s, hour, t0, "what stood behind the one that was sent")
	settle(t, s, sent("c", "behind", 0))
	dueNext(t, s, hour, never, "no delivery is left")
}
