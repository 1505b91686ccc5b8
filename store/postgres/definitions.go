package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/regulars-go/regulars/store"
)

// SaveDefinitions implements [store.Store].
func (v *view) SaveDefinitions(ctx context.Context, version string, document []byte) error {
	if err := store.CheckDefinitions(version, document); err != nil {
		return err
	}
	err := v.write(ctx, func() error {
		_, err := v.db.Exec(ctx, v.sql.SaveDefinitions, version, string(document))
		return err
	})
	if err != nil {
		return fmt.Errorf("save definitions %q: %w", version, err)
	}
	return nil
}

// Definitions implements [store.Store].
func (v *view) Definitions(ctx context.Context, version string) ([]byte, error) {
	var document string
	err := v.read(ctx, func() error { return v.db.QueryRow(ctx, v.sql.Definitions, version).Scan(&document) })
	if errors.Is(err, pgx.ErrNoRows) {
		err = store.ErrUnknown
	}
	if err != nil {
		return nil, fmt.Errorf("definitions %q: %w", version, err)
	}
	return []byte(document), nil
}
