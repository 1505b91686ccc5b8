package postgres_test

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/pipeline"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/store/postgres"
	"github.com/regulars-go/regulars/store/postgres/postgrestest"
	"github.com/regulars-go/regulars/trigger"
)

// shop is an engine beside a table of orders, in one database.
type shop struct {
	*pipeline.Engine
	t     *testing.T
	pool  *pgxpool.Pool
	store *postgres.Store
}

// thanks is definitions that thank for a purchase at once, and ask a day later.
func thanks() pipeline.Definitions {
	return pipeline.Definitions{
		Pipelines: []pipeline.Pipeline{{
			ID: "cakes", Cadence: pipeline.Every(customer.Days(30)),
			Stages: []pipeline.Stage{{ID: "thank", From: pipeline.SincePurchase(customer.Days(0))}},
		}},
		Triggers: []trigger.Trigger{{ID: "thank", On: trigger.Purchase(), Steps: []trigger.Step{
			trigger.Send("sms", "Thank you!"), trigger.Wait(customer.Days(1)), trigger.Send("sms", "How was it?"),
		}}},
	}
}

func newShop(t *testing.T) *shop {
	t.Helper()
	schema := postgrestest.Schema(t)
	pool := hostPool(t, "pool_max_conns=4 search_path="+schema)
	s, err := postgres.New(t.Context(), pool, postgres.Options{Schema: schema})
	require.NoError(t, err)
	t.Cleanup(s.Close)
	e, err := pipeline.New(pipeline.Config{Store: s, Definitions: thanks()})
	require.NoError(t, err)
	_, err = pool.Exec(t.Context(), `create table orders (id text primary key)`)
	require.NoError(t, err)
	require.NoError(t, e.AddCustomer(t.Context(), customer.Customer{ID: "olga", Phones: []string{"+49170"}}))
	return &shop{e, t, pool, s}
}

// hostPool returns a pool of the host's own, as New wants it.
func hostPool(t testing.TB, parameters string) *pgxpool.Pool {
	t.Helper()
	cfg, err := pgxpool.ParseConfig(postgrestest.With(postgrestest.DSN(t), parameters))
	require.NoError(t, err)
	cfg.AfterConnect = postgres.AfterConnect
	pool, err := pgxpool.NewWithConfig(t.Context(), cfg)
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	return pool
}

// newPool returns a pool with connections as they come.
func newPool(t testing.TB, parameters string) *pgxpool.Pool {
	t.Helper()
	pool, err := pgxpool.New(t.Context(), postgrestest.With(postgrestest.DSN(t), parameters))
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	return pool
}

func (s *shop) begin() pgx.Tx {
	s.t.Helper()
	tx, err := s.pool.Begin(s.t.Context())
	require.NoError(s.t, err)
	s.t.Cleanup(func() { _ = tx.Rollback(s.t.Context()) })
	return tx
}

// order places an order and tells the engine of it, in one transaction.
func (s *shop) order(tx pgx.Tx, id string) {
	s.t.Helper()
	_, err := tx.Exec(s.t.Context(), `insert into orders (id) values ($1)`, id)
	require.NoError(s.t, err)
	require.NoError(s.t, s.ApplyTx(s.t.Context(), s.store.InTx(tx), purchase(id)))
}

func purchase(id string) customer.Purchase {
	return customer.Purchase{ID: id, Customer: "olga", At: time.Now(), Amount: 100}
}

// holds checks how many orders, purchases and messages there are.
func (s *shop) holds(n int) {
	s.t.Helper()
	var orders int
	require.NoError(s.t, s.pool.QueryRow(s.t.Context(), `select count(*) from orders`).Scan(&orders))
	assert.Equal(s.t, n, orders, "orders")
	rec, err := s.Customer(s.t.Context(), "olga")
	require.NoError(s.t, err)
	assert.Equal(s.t, n, rec.Totals.Count, "purchases")
	assert.Len(s.t, outbox(s.t, s.store), n, "messages")
}

func outbox(t testing.TB, s store.Store) (out []store.Outgoing) {
	t.Helper()
	for o, err := range s.Deliveries(t.Context(), store.DeliveryQuery{}) {
		require.NoError(t, err)
		out = append(out, o)
	}
	return out
}

func TestApplyTxCommitsOrRollsBackWithTheOrder(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	tx := s.begin()
	s.order(tx, "o1")
	s.holds(0) // as others see it
	require.NoError(t, tx.Rollback(t.Context()))
	s.holds(0)

	tx = s.begin()
	s.order(tx, "o1")
	s.order(tx, "o2")
	require.NoError(t, tx.Commit(t.Context()))
	s.holds(2)

	require.NoError(t, s.RecordPurchase(t.Context(), purchase("o3")))
	tx = s.begin()
	require.NoError(t, s.ApplyTx(t.Context(), s.store.InTx(tx), purchase("o4")))
	require.NoError(t, tx.Rollback(t.Context()))
	rec, err := s.Customer(t.Context(), "olga")
	require.NoError(t, err)
	assert.Equal(t, 3, rec.Totals.Count, "what was rolled back is not remembered anywhere")
}

// What was read in a transaction that was rolled back may never have been: it must
// not be taken for what a later commit replaces.
func TestARolledBackRecordIsForgotten(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	tx := s.begin()
	edit := func(manager string) customer.Input { return customer.Assignment{Customer: "olga", Manager: manager} }
	require.NoError(t, s.ApplyTx(t.Context(), s.store.InTx(tx), edit("eva")))
	_, err := s.store.InTx(tx).Load(t.Context(), store.Request{Customer: "olga"})
	require.NoError(t, err)
	require.NoError(t, tx.Rollback(t.Context()))

	for _, manager := range []string{"max", "eva"} {
		require.NoError(t, s.Apply(t.Context(), edit(manager)))
		for _, m := range []string{"max", "eva"} {
			n := 0
			for _, err := range s.Customers(t.Context(), store.Query{Manager: m}) {
				require.NoError(t, err)
				n++
			}
			assert.Equal(t, m == manager, n == 1, "found by %s while assigned to %s", m, manager)
		}
	}
}

func TestAConflictLeavesTheTransactionUsable(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	tx := s.begin()
	view := s.store.InTx(tx)
	loaded, err := view.Load(t.Context(), store.Request{Customer: "olga"})
	require.NoError(t, err)
	require.NoError(t, s.RecordPurchase(t.Context(), purchase("meanwhile")))

	err = view.Commit(t.Context(), store.Change{Record: loaded[0].Record})
	require.ErrorIs(t, err, store.ErrConflict)
	require.ErrorIs(t, view.Redrive(t.Context(), time.Now(), store.DeliveryRef{Customer: "olga", ID: "none"}), store.ErrUnknown)
	require.ErrorIs(t, view.Commit(t.Context(), store.Change{Record: store.Record{Customer: customer.Customer{ID: "olga"}}}), store.ErrConflict)
	s.order(tx, "o1")
	require.NoError(t, tx.Commit(t.Context()))
	rec, err := s.Customer(t.Context(), "olga")
	require.NoError(t, err)
	assert.Equal(t, 2, rec.Totals.Count)
}

// Every method works inside a transaction, and sees what was done in it.
func TestAViewIsAStore(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	tx := s.begin()
	view := s.store.InTx(tx)
	s.order(tx, "o1")
	now := time.Now().UTC().Truncate(time.Microsecond).Add(time.Hour)
	claim := store.Claim{Now: now, Limit: 9, Lease: time.Minute}
	out, err := view.ClaimDeliveries(t.Context(), claim)
	require.NoError(t, err)
	require.Len(t, out, 1)
	require.NoError(t, view.Settle(t.Context(), store.Outcome{
		Customer: "olga", Delivery: out[0].ID, Attempt: 1, State: store.Dead, Due: now, Error: "no answer",
		Event: customer.Event{Kind: customer.DeliveryDead, At: now},
	}))
	require.NoError(t, view.Redrive(t.Context(), now, out[0].Ref()))
	claim.Now = now.Add(48 * time.Hour)
	woken, err := view.ClaimWakeUps(t.Context(), claim)
	require.NoError(t, err)
	require.Len(t, woken, 1)
	wake, delivery, err := view.NextDue(t.Context())
	require.NoError(t, err)
	assert.Equal(t, claim.Now.Add(time.Minute), wake)
	assert.Equal(t, now, delivery)
	last := customer.NoEvent
	for e, err := range view.Timeline(t.Context(), "olga") {
		require.NoError(t, err)
		last = e.Kind
	}
	assert.Equal(t, customer.DeliveryDead, last)
	n := 0
	for _, err := range view.Find(t.Context(), store.Query{Pipeline: "cakes"}) {
		require.NoError(t, err)
		n++
	}
	assert.Equal(t, 1, n)
	require.NoError(t, view.SaveDefinitions(t.Context(), "v", []byte(`{}`)))
	document, err := view.Definitions(t.Context(), "v")
	require.NoError(t, err)
	assert.Equal(t, `{}`, string(document))
	require.NoError(t, tx.Rollback(t.Context()))
	s.holds(0)
	_, err = s.store.Definitions(t.Context(), "v")
	require.ErrorIs(t, err, store.ErrUnknown)
}

// A commit that lets a wake-up stand does not write it. Who claims meanwhile passes
// the customer over, and would otherwise be handed a record that is about to be no
// more, under a lease that nobody ends.
func TestClaimPassesOverWhoIsBeingCommitted(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	c := created("eva")
	c.Record.Wake = noon
	require.NoError(t, s.store.Commit(t.Context(), c))
	claim := store.Claim{Now: noon, Limit: 9, Lease: time.Hour}
	tx := s.begin()
	loaded, err := s.store.InTx(tx).Load(t.Context(), store.Request{Customer: "eva"})
	require.NoError(t, err)
	require.NoError(t, s.store.InTx(tx).Commit(t.Context(), store.Change{Record: loaded[0].Record}))

	got, err := s.store.ClaimWakeUps(t.Context(), claim)
	require.NoError(t, err)
	assert.Empty(t, got)
	require.NoError(t, tx.Commit(t.Context()))
	got, err = s.store.ClaimWakeUps(t.Context(), claim)
	require.NoError(t, err)
	require.Len(t, got, 1)
	assert.EqualValues(t, 2, got[0].Record.Version)
}
