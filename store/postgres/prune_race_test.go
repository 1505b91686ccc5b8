package postgres

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/store/internal/pack"
	"github.com/regulars-go/regulars/store/postgres/postgrestest"
	"github.com/regulars-go/regulars/trigger"
)

// mailed is a store with one customer, whose deliveries were claimed.
func mailed(t *testing.T, t0 time.Time, ids ...string) *Store {
	t.Helper()
	s, err := Open(t.Context(), postgrestest.DSN(t), Options{Schema: postgrestest.Schema(t)})
	require.NoError(t, err)
	t.Cleanup(s.Close)
	c := store.Change{
		Record: store.Record{Customer: customer.Customer{ID: "olga", Since: t0}, AsOf: t0, Definitions: "x"},
		Events: []customer.Event{{Kind: customer.CustomerAdded, At: t0, Known: t0}},
	}
	for _, id := range ids {
		c.Deliveries = append(c.Deliveries, trigger.Delivery{ID: id, Customer: "olga", Trigger: "t", Kind: trigger.MessageKind, Channel: id, At: t0})
	}
	require.NoError(t, s.Commit(t.Context(), c))
	_, err = s.ClaimDeliveries(t.Context(), store.Claim{Now: t0, Limit: 10, Lease: time.Minute})
	require.NoError(t, err)
	return s
}

// settled settles a delivery and returns the row of the event that tells of it.
func settled(t *testing.T, s *Store, id string, at time.Time) (seq int64) {
	t.Helper()
	require.NoError(t, s.Settle(t.Context(), store.Outcome{
		Customer: "olga", Delivery: id, Attempt: 1, State: store.Sent, Due: at,
		Event: customer.Event{Kind: customer.DeliverySent, At: at, Known: at, Ref: id},
	}))
	require.NoError(t, s.db.QueryRow(t.Context(), inSchema(s.schema, `select max(seq) from {s}.timeline`)).Scan(&seq))
	return seq
}

func refs(t *testing.T, s *Store) (ids []string) {
	t.Helper()
	for e, err := range s.Timeline(t.Context(), "olga") {
		require.NoError(t, err)
		ids = append(ids, e.Ref)
	}
	return ids
}

// found is a Prune that has looked, and removed nothing yet.
func found(t *testing.T, s *Store, p *store.Pruning) *pruner {
	t.Helper()
	u := &pruner{view: &s.view, p: p, r: pack.NewReader(nil), w: pack.NewWriter(nil)}
	require.NoError(t, u.find(t.Context()))
	return u
}

// What one Prune has found, another removes. Each tells what it has removed
// itself, and nothing that has come meanwhile goes.
func TestPrunesThatOverlap(t *testing.T) {
	t.Parallel()
	t0 := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	s := mailed(t, t0, "one", "two", "three")
	old := store.Pruning{Timeline: t0.AddDate(0, 1, 0), Limit: 10}
	_, err := s.Prune(t.Context(), old)
	require.NoError(t, err)
	first := settled(t, s, "one", t0)
	slow := found(t, s, &old)
	out, err := s.Prune(t.Context(), old)
	require.NoError(t, err)
	assert.Equal(t, 1, out.Events)
	second := settled(t, s, "two", t0.AddDate(0, 2, 0))
	assert.Greater(t, second, first, "no row of a timeline comes twice")
	require.NoError(t, slow.drop(t.Context()))
	assert.Zero(t, slow.out.Events, "somebody else removed it")
	assert.Equal(t, []string{"two"}, refs(t, s))
}

// A row that was looked at has changed: nothing of it goes, whatever is told.
func TestPruneComparesWhatItLookedAt(t *testing.T) {
	t.Parallel()
	t0 := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	s := mailed(t, t0)
	slow := found(t, s, &store.Pruning{Timeline: t0.AddDate(0, 1, 0), Limit: 10})
	_, err := s.db.Exec(t.Context(), inSchema(s.schema, `update {s}.timeline set events = '[{"kind":"tagged","at":1}]'`))
	require.NoError(t, err)
	require.NoError(t, slow.drop(t.Context()))
	assert.Zero(t, slow.out.Events)
	assert.Len(t, refs(t, s), 1)
}
