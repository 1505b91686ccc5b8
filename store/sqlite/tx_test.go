package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/pipeline"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/store/sqlite"
	"github.com/regulars-go/regulars/trigger"
)

// shop is an engine beside a table of orders, in one database.
func shop(t *testing.T, s *sqlite.Store) *pipeline.Engine {
	t.Helper()
	e, err := pipeline.New(pipeline.Config{
		Store: s,
		Definitions: pipeline.Definitions{
			Pipelines: []pipeline.Pipeline{{
				ID: "cakes", Cadence: pipeline.Every(customer.Days(30)),
				Stages: []pipeline.Stage{{ID: "thank", From: pipeline.SincePurchase(customer.Days(0))}},
			}},
			Triggers: []trigger.Trigger{{
				ID: "thank", On: trigger.Purchase(), Steps: []trigger.Step{trigger.Send("sms", "Thank you!")},
			}},
		},
	})
	require.NoError(t, err)
	_, err = s.DB().ExecContext(t.Context(), `create table orders (id text primary key)`)
	require.NoError(t, err)
	require.NoError(t, e.AddCustomer(t.Context(), customer.Customer{ID: "olga", Phones: []string{"+49170"}}))
	return e
}

// order places an order and tells the engine of it, in one transaction.
func order(t *testing.T, s *sqlite.Store, e *pipeline.Engine, id string) *sql.Tx {
	t.Helper()
	tx, err := s.DB().BeginTx(t.Context(), nil)
	require.NoError(t, err)
	_, err = tx.ExecContext(t.Context(), `insert into orders (id) values (?)`, id)
	require.NoError(t, err)
	require.NoError(t, e.ApplyTx(t.Context(), s.InTx(tx), customer.Purchase{ID: id, Customer: "olga", At: time.Now(), Amount: 100}))
	return tx
}

func orders(t *testing.T, s *sqlite.Store) (n int) {
	t.Helper()
	require.NoError(t, s.DB().QueryRowContext(t.Context(), `select count(*) from orders`).Scan(&n))
	return n
}

func TestApplyTxCommitsOrRollsBackWithTheOrder(t *testing.T) {
	t.Parallel()
	eachDriver(t, func(t *testing.T, open open) {
		s := open(t, inDir(t))
		e := shop(t, s)

		require.NoError(t, order(t, s, e, "o1").Rollback())
		rec, err := e.Customer(t.Context(), "olga")
		require.NoError(t, err)
		assert.Zero(t, rec.Totals.Count)
		assert.Zero(t, orders(t, s))
		assert.Empty(t, gather(t, s.Deliveries(t.Context(), store.DeliveryQuery{})))

		tx := order(t, s, e, "o1")
		rec, err = e.Customer(t.Context(), "olga")
		require.NoError(t, err, "others read meanwhile")
		assert.Zero(t, rec.Totals.Count, "what was committed")
		inside, err := s.InTx(tx).Load(t.Context(), store.Request{Customer: "olga"})
		require.NoError(t, err)
		assert.Equal(t, 1, inside[0].Record.Totals.Count, "the transaction sees what it did")
		require.NoError(t, tx.Commit())
		e.Nudge()

		rec, err = e.Customer(t.Context(), "olga")
		require.NoError(t, err)
		assert.Equal(t, 1, rec.Totals.Count)
		assert.Equal(t, 1, orders(t, s))
		assert.Len(t, gather(t, s.Deliveries(t.Context(), store.DeliveryQuery{})), 1)
		require.NoError(t, e.RecordPurchase(t.Context(), customer.Purchase{ID: "o2", Customer: "olga", At: time.Now(), Amount: 100}))
	})
}

// A method of the view that fails leaves the transaction as it was.
func TestViewOfATransactionUndoesWhatFails(t *testing.T) {
	t.Parallel()
	eachDriver(t, func(t *testing.T, open open) {
		s := open(t, inDir(t))
		require.NoError(t, s.Commit(t.Context(), olga()))
		tx, err := s.DB().BeginTx(t.Context(), nil)
		require.NoError(t, err)
		view := s.InTx(tx)
		igor, stale := olga(), olga()
		igor.Record.Customer.ID = "igor"
		stale.Record.Version = 7
		require.NoError(t, view.Commit(t.Context(), igor))
		var conflict *store.ConflictError
		require.True(t, errors.As(view.Commit(t.Context(), stale), &conflict))
		require.ErrorIs(t, view.Redrive(t.Context(), noon, store.DeliveryRef{Customer: "olga", ID: "d1"}), store.ErrUnknown)
		require.NoError(t, tx.Commit())
		assert.Len(t, gather(t, s.Find(t.Context(), store.Query{})), 2)
		assert.Len(t, gather(t, s.Deliveries(t.Context(), store.DeliveryQuery{})), 4)
	})
}

// The view is a store like any other.
func TestViewOfATransactionKeepsTheContract(t *testing.T) {
	t.Parallel()
	s := modernc(t, inDir(t))
	tx, err := s.DB().BeginTx(t.Context(), nil)
	require.NoError(t, err)
	view := s.InTx(tx)
	require.NoError(t, view.Commit(t.Context(), olga()))
	before := contents(t, view)
	require.NoError(t, tx.Commit())
	assert.Equal(t, before, contents(t, s))
}

func TestApplyTxNeedsAViewOfTheEnginesStore(t *testing.T) {
	t.Parallel()
	s := modernc(t, inDir(t))
	e := shop(t, s)
	_, isView := any(s).(store.Tx)
	require.False(t, isView, "or ApplyTx would take the store itself, which commits on its own")
	bought := customer.Purchase{ID: "o1", Customer: "olga", At: time.Now(), Amount: 100}
	require.ErrorContains(t, e.ApplyTx(t.Context(), s.InTx(nil), bought), "is nil")
	_, err := s.InTx(nil).Load(t.Context(), store.Request{Customer: "olga"})
	require.ErrorContains(t, err, "is nil")

	other := modernc(t, inDir(t))
	tx, err := other.DB().BeginTx(t.Context(), nil)
	require.NoError(t, err)
	require.ErrorContains(t, e.ApplyTx(t.Context(), other.InTx(tx), bought), "another store")
	require.NoError(t, tx.Commit())
}

// The document of definitions that was saved in a transaction stays as long as that
// is not rolled back.
func TestViewKeepsDefinitions(t *testing.T) {
	t.Parallel()
	s := modernc(t, inDir(t))
	keep := func() (*sql.Tx, bool) {
		tx, err := s.DB().BeginTx(t.Context(), nil)
		require.NoError(t, err)
		view := s.InTx(tx)
		stays, err := view.KeepDefinitions(t.Context(), "v", []byte(`{}`))
		require.NoError(t, err)
		_, err = view.Definitions(t.Context(), "v")
		require.NoError(t, err)
		return tx, stays
	}
	tx, stays := keep()
	assert.False(t, stays)
	require.NoError(t, tx.Rollback())
	tx, stays = keep()
	assert.False(t, stays, "it was rolled back")
	require.NoError(t, tx.Commit())
	tx, stays = keep()
	assert.True(t, stays)
	require.NoError(t, tx.Rollback())
}

// Who writes while a transaction is open does not wait longer than their context,
// and is told what to do if it is their own.
func TestWhoWaitsForATransactionHeedsTheirContext(t *testing.T) {
	t.Parallel()
	eachDriver(t, func(t *testing.T, open open) {
		s := open(t, inDir(t))
		e := shop(t, s)
		bought := customer.Purchase{ID: "o2", Customer: "olga", At: time.Now(), Amount: 100}
		tx := order(t, s, e, "o1")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := s.SaveDefinitions(ctx, "v", []byte(`{}`))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorContains(t, err, "ApplyTx")
		require.NotErrorIs(t, err, store.ErrOutcomeUnknown)

		patient := make(chan error, 1)
		go func() { patient <- e.RecordPurchase(t.Context(), bought) }()
		require.NoError(t, tx.Commit())
		require.NoError(t, <-patient)
		rec, err := e.Customer(t.Context(), "olga")
		require.NoError(t, err)
		assert.Equal(t, 2, rec.Totals.Count)
	})
}

func TestViewOfATransactionThatHasEnded(t *testing.T) {
	t.Parallel()
	eachDriver(t, func(t *testing.T, open open) {
		s := open(t, inDir(t))
		for _, used := range []bool{true, false} {
			tx, err := s.DB().BeginTx(t.Context(), nil)
			require.NoError(t, err)
			view := s.InTx(tx)
			if used {
				_, err := view.Load(t.Context(), store.Request{Customer: "olga"})
				require.NoError(t, err)
			}
			require.NoError(t, tx.Rollback())
			_, err = view.Load(t.Context(), store.Request{Customer: "olga"})
			require.ErrorIs(t, err, sql.ErrTxDone)
			require.ErrorIs(t, view.Commit(t.Context(), olga()), sql.ErrTxDone)
		}
	})
}

func TestViewOfATransactionOfAnotherDatabase(t *testing.T) {
	t.Parallel()
	eachDriver(t, func(t *testing.T, open open) {
		s := open(t, inDir(t))
		tables := open(t, inDir(t)).DB() // the same as here
		none, err := sql.Open("sqlite", filepath.Join(t.TempDir(), "shop.db"))
		require.NoError(t, err)
		defer func() { require.NoError(t, none.Close()) }()
		for _, db := range []*sql.DB{tables, none} {
			tx, err := db.BeginTx(t.Context(), nil)
			require.NoError(t, err)
			require.ErrorContains(t, s.InTx(tx).Commit(t.Context(), olga()), "another database")
			require.NoError(t, tx.Rollback())
		}
	})
}
