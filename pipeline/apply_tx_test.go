package pipeline_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/pipeline"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/store/memory"
	"github.com/regulars-go/regulars/trigger"
)

// aside is a store beside the engine's own, as a transaction is one until it is
// committed.
type aside struct {
	store.Store
	fault error    // why it is no view
	stays bool     // what it saves is not rolled back
	saved []string // versions of definitions
}

func (a *aside) ViewOf(store.Store) error { return a.fault }

func (a *aside) KeepDefinitions(ctx context.Context, version string, document []byte) (bool, error) {
	a.saved = append(a.saved, version)
	return a.stays, a.SaveDefinitions(ctx, version, document)
}

func TestApplyTxGoesToTheViewAlone(t *testing.T) {
	t.Parallel()
	s := emptyShop(t, of(nails(), sends("thank", trigger.Purchase())))
	tx := &aside{Store: memory.New()}
	require.NoError(t, s.ApplyTx(t.Context(), tx, card(), bought("a", opening)))

	_, err := s.Customer(t.Context(), "olga")
	require.ErrorIs(t, err, pipeline.ErrUnknownCustomer, "in the engine's own store")
	loaded, err := tx.Load(t.Context(), store.Request{Customer: "olga"})
	require.NoError(t, err)
	assert.Equal(t, 1, loaded[0].Record.Totals.Count, "in the view")
}

// A transaction that is rolled back takes the document of the definitions along.
func TestApplyTxDoesNotRelyOnWhatATransactionSaved(t *testing.T) {
	t.Parallel()
	s := emptyShop(t, of(nails()))
	rolledBack, next := &aside{Store: memory.New()}, &aside{Store: memory.New()}
	require.NoError(t, s.ApplyTx(t.Context(), rolledBack, card()))
	require.NoError(t, s.ApplyTx(t.Context(), next, card()))
	require.Len(t, next.saved, 1)

	s.must(card())
	_, err := s.cfg.Store.Definitions(t.Context(), next.saved[0])
	require.NoError(t, err, "saved in the engine's own store")
	last := &aside{Store: memory.New()}
	require.NoError(t, s.ApplyTx(t.Context(), last, card()))
	assert.Empty(t, last.saved, "once the store has it, nobody saves it again")
}

// A process that never does anything but in transactions does not save the document
// with each of them.
func TestApplyTxSavesOnceWhatStays(t *testing.T) {
	t.Parallel()
	s := emptyShop(t, of(nails()))
	first, next := &aside{Store: memory.New(), stays: true}, &aside{Store: memory.New()}
	require.NoError(t, s.ApplyTx(t.Context(), first, card()))
	require.Len(t, first.saved, 1)
	require.NoError(t, s.ApplyTx(t.Context(), next, card()))
	assert.Empty(t, next.saved)
}

func TestApplyTxWithoutAView(t *testing.T) {
	t.Parallel()
	s := emptyShop(t, of(nails()))
	require.ErrorContains(t, s.ApplyTx(t.Context(), nil, card()), "InTx")
	other := &aside{Store: memory.New(), fault: errCut}
	require.ErrorIs(t, s.ApplyTx(t.Context(), other, card()), errCut)
	loaded, err := other.Load(t.Context(), store.Request{Customer: "olga"})
	require.NoError(t, err)
	assert.Zero(t, loaded[0].Record.Version)
}

func card() customer.Customer { return customer.Customer{ID: "olga", Phones: phones} }
