package postgres_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/pipeline"
	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/store/postgres"
)

func TestApplyTxNeedsAViewOfTheEnginesStore(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	_, isView := any(s.store).(store.Tx)
	require.False(t, isView, "or ApplyTx would take the store itself, which commits on its own")
	require.ErrorContains(t, s.ApplyTx(t.Context(), s.store.InTx(nil), purchase("a")), "is nil")
	none := s.store.InTx(nil)
	_, err := none.Load(t.Context(), store.Request{Customer: "olga"})
	require.ErrorContains(t, err, "is nil")
	_, err = none.Prune(t.Context(), store.Pruning{Sent: noon, Limit: 1})
	require.ErrorContains(t, err, "is nil")
	_, err = none.Cuts(t.Context())
	require.ErrorContains(t, err, "is nil")
	_, _, err = none.NextDue(t.Context())
	require.ErrorContains(t, err, "is nil")
	for _, err := range none.Find(t.Context(), store.Query{}) {
		require.ErrorContains(t, err, "is nil")
	}
	for _, err := range none.Timeline(t.Context(), "olga") {
		require.ErrorContains(t, err, "is nil")
	}
	for _, err := range none.Deliveries(t.Context(), store.DeliveryQuery{}) {
		require.ErrorContains(t, err, "is nil")
	}

	other := newShop(t)
	tx := other.begin()
	require.ErrorContains(t, s.ApplyTx(t.Context(), other.store.InTx(tx), purchase("a")), "another store")
	require.NoError(t, tx.Commit(t.Context()))
	s.holds(0)
	other.holds(0)
}

// released returns an engine as a new release of the program has it.
func (s *shop) released() *pipeline.Engine {
	s.t.Helper()
	require.NoError(s.t, s.AddCustomer(s.t.Context(), customer.Customer{ID: "igor", Phones: []string{"+49170"}}))
	d := thanks()
	d.Segments = append(d.Segments, segment.Segment{ID: "x", Enter: segment.Spent(segment.AtLeast, 100)})
	e, err := pipeline.New(pipeline.Config{Store: s.store, Definitions: d})
	require.NoError(s.t, err)
	return e
}

// The first who buys after a release holds up nobody else, not even where every
// connection of the pool is in a transaction.
func TestApplyTxWithNewDefinitionsHoldsUpNobodyElse(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	e := s.released()
	var open []pgx.Tx
	for range 4 { // as many as the pool has
		open = append(open, s.begin())
	}
	igors := purchase("b")
	igors.Customer = "igor"
	require.NoError(t, e.ApplyTx(t.Context(), s.store.InTx(open[0]), purchase("a")))
	require.NoError(t, e.ApplyTx(t.Context(), s.store.InTx(open[1]), igors))
	for _, tx := range open {
		require.NoError(t, tx.Rollback(t.Context()))
	}
	version, err := e.Definitions().Version()
	require.NoError(t, err)
	_, err = s.store.Definitions(t.Context(), version)
	require.NoError(t, err, "it stays, though all was rolled back")
}

// The connection on which definitions are saved is made and set up as those of the
// pool are.
func TestDefinitionsOfATransactionAreSavedAsThePoolConnects(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	cfg := s.pool.Config()
	database, prepared := cfg.ConnConfig.Database, 0
	cfg.ConnConfig.Database = "to be named"
	cfg.BeforeConnect = func(_ context.Context, c *pgx.ConnConfig) error { c.Database = database; return nil }
	cfg.AfterConnect = func(context.Context, *pgx.Conn) error { prepared++; return nil }
	cfg.MaxConns = 1
	pool, err := pgxpool.NewWithConfig(t.Context(), cfg)
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	other, err := postgres.New(t.Context(), pool, postgres.Options{Schema: cfg.ConnConfig.RuntimeParams["search_path"]})
	require.NoError(t, err)
	t.Cleanup(other.Close)
	tx, err := pool.Begin(t.Context())
	require.NoError(t, err)
	defer func() { _ = tx.Rollback(t.Context()) }()
	stays, err := other.InTx(tx).KeepDefinitions(t.Context(), "v", []byte(`{}`))
	require.NoError(t, err)
	require.True(t, stays)
	require.Equal(t, 2, prepared)
	_, err = other.InTx(tx).Definitions(t.Context(), "v")
	require.NoError(t, err, "seen in the transaction")
}

// Savepoints of the host's own come and go around what the engine does.
func TestApplyTxBetweenSavepoints(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	tx := s.begin()
	view := s.store.InTx(tx)
	require.NoError(t, s.ApplyTx(t.Context(), view, purchase("a")))
	inner, err := tx.Begin(t.Context())
	require.NoError(t, err)
	require.NoError(t, s.ApplyTx(t.Context(), view, purchase("b")))
	require.NoError(t, inner.Rollback(t.Context()))
	require.NoError(t, s.ApplyTx(t.Context(), view, purchase("c")))
	require.NoError(t, tx.Commit(t.Context()))
	require.NoError(t, s.RecordPurchase(t.Context(), purchase("b")))
	rec, err := s.Customer(t.Context(), "olga")
	require.NoError(t, err)
	require.Equal(t, 3, rec.Totals.Count)
}

// A Redefine does not see who is added in a transaction that is still open; they come
// over with another, or when something happens to them.
func TestRedefineBesideAnOpenTransaction(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	tx := s.begin()
	require.NoError(t, s.ApplyTx(t.Context(), s.store.InTx(tx),
		customer.Customer{ID: "eva", Phones: []string{"+49170"}}, customer.Customer{ID: "ida", Phones: []string{"+49170"}}))
	d := thanks()
	d.Segments = append(d.Segments, segment.Segment{ID: "new", Enter: segment.Not(segment.Spent(segment.AtLeast, 100))})
	_, err := s.Redefine(t.Context(), d, pipeline.RedefineOptions{})
	require.NoError(t, err)
	require.NoError(t, tx.Commit(t.Context()))

	in := func(id string) bool {
		rec, err := s.Customer(t.Context(), id)
		require.NoError(t, err)
		return len(rec.Segments) == 1
	}
	require.False(t, in("eva"))
	require.NoError(t, s.Apply(t.Context(), customer.Assignment{Customer: "eva", Manager: "max"}))
	require.True(t, in("eva"))
	require.False(t, in("ida"))
	_, err = s.Redefine(t.Context(), d, pipeline.RedefineOptions{})
	require.NoError(t, err)
	require.True(t, in("ida"))
}
