package main

import (
	"context"
	_ "embed"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// tables are those of the shop, and something to sell. They are where the
// search_path of the database says, beside the library's, which have a schema of
// their own.
//
//go:embed tables.sql
var tables string

// tablesLock is what processes that start at once wait for in turn: even "create
// table if not exists" fails where two do it together.
const tablesLock = 7_237_002

func makeTables(ctx context.Context, pool *pgxpool.Pool) error {
	return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "select pg_advisory_xact_lock($1)", tablesLock); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, tables)
		return err
	})
}
