package store

import "context"

// Tx is a [Store] as it is seen, and changed, inside a transaction of the caller's
// own: what the stores in SQL databases make with their InTx, and what an engine's
// ApplyTx takes. What is written is there for others once the transaction is
// committed, and never was where it is rolled back.
type Tx interface {
	Store

	// ViewOf fails where an engine on the store s cannot use the view: because it was
	// made without a transaction, or by another store of the same kind.
	ViewOf(s Store) error

	// KeepDefinitions is SaveDefinitions, but outside of the transaction where that
	// is possible: everybody who steps under a version needs its document, and would
	// wait for whoever has saved it to commit. It reports whether the document stays
	// even if the transaction is rolled back.
	KeepDefinitions(ctx context.Context, version string, document []byte) (stays bool, err error)
}
