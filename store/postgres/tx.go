package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/regulars-go/regulars/store"
)

// txView is the store in a transaction of the host's own.
type txView struct {
	view
	of *Store
}

var _ store.Tx = (*txView)(nil)

var (
	errNoTx    = errors.New("InTx was given no transaction: it is nil")
	errOtherTx = errors.New("the view of the transaction is of another store than the engine's; make it with the InTx of that one")
)

// ViewOf implements [store.Tx].
func (v *txView) ViewOf(s store.Store) error {
	if v.db == nil {
		return errNoTx
	}
	if other, ok := s.(*Store); ok && other != v.of {
		return errOtherTx
	}
	return nil
}

// KeepDefinitions implements [store.Tx]. An insert in the transaction would hold up
// all others who insert the same.
func (v *txView) KeepDefinitions(ctx context.Context, version string, document []byte) (stays bool, err error) {
	_, err = v.Definitions(ctx, version)
	if errors.Is(err, store.ErrUnknown) {
		err = v.of.saveAside(ctx, version, document)
	}
	return err == nil, err
}

// saveAside saves definitions over a connection of its own: those of the pool may
// all be in transactions that wait for this.
func (s *Store) saveAside(ctx context.Context, version string, document []byte) error {
	if err := store.CheckDefinitions(version, document); err != nil {
		return err
	}
	cfg := s.pool.Config() // a copy
	if cfg.BeforeConnect != nil {
		if err := cfg.BeforeConnect(ctx, cfg.ConnConfig); err != nil {
			return err
		}
	}
	conn, err := pgx.ConnectConfig(ctx, cfg.ConnConfig)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }() // whatever it says, what was saved is saved
	if cfg.AfterConnect != nil {
		if err := cfg.AfterConnect(ctx, conn); err != nil {
			return err
		}
	}
	_, err = conn.Exec(ctx, s.sql.SaveDefinitions, version, string(document))
	return s.explain(err)
}
