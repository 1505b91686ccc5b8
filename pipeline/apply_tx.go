package pipeline

import (
	"context"
	"fmt"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/store"
)

// ApplyTx is [Engine.Apply] inside a transaction of the caller's own: an order,
// the new state of the customer who placed it, and the messages that come of it
// are committed together or not at all. The transaction is given as a view of
// the engine's store that reads and writes through it, a [store.Tx], which the
// stores in SQL databases make with their InTx:
//
//	tx, err := db.BeginTx(ctx, nil)
//	...
//	_, err = tx.ExecContext(ctx, "insert into orders ...")
//	...
//	err = engine.ApplyTx(ctx, shop.InTx(tx), purchase)
//	...
//	err = tx.Commit()
//	...
//	engine.Nudge()
//
// The view must be of Config.Store; where the stores can tell that it is of
// another, they do.
//
// The caller ends the transaction. As long as it is open it holds up whoever
// else changes the same customers, and on SQLite all who write: do nothing slow
// in it. After an error, [ErrUnsettled] apart, roll it back.
//
// A [Engine.Redefine] that runs meanwhile does not wait for the transaction. A
// customer who was changed under the old definitions and is committed only when it
// has gone past comes over when something happens to them, or with a Redefine that
// is called again.
func (e *Engine) ApplyTx(ctx context.Context, tx store.Tx, inputs ...customer.Input) error {
	if tx == nil {
		return fmt.Errorf("apply: the view of the transaction is nil; make one with the store's InTx")
	}
	if err := tx.ViewOf(e.cfg.Store); err != nil {
		return fmt.Errorf("apply: %w", err)
	}
	return e.on(tx).Apply(ctx, inputs...)
}

// Nudge has [Engine.Run] look at once what is due. The engine does so by itself
// after whatever it commits; call Nudge when a transaction that was handed to
// [Engine.ApplyTx] is committed, of which the engine does not know. Without it
// Run finds out within a minute.
func (e *Engine) Nudge() {
	e.wakes.wake()
	e.deliveries.wake()
}

// on returns the engine as it is now, on a view of its store. What it nudges is
// nobody: nothing is due before the transaction is committed.
func (e *Engine) on(tx store.Tx) *Engine {
	view := &Engine{cfg: e.cfg, rules: e.rules, steppers: e.steppers, tx: tx, wakes: newNudge(), deliveries: newNudge()}
	view.cfg.Store = tx
	return view
}
