package postgres

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"github.com/regulars-go/regulars/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

// table is where goose notes what was done; a host that uses goose has its own.
const table = "regulars_migrations"

// Migrate brings the schema to what this code needs, and creates it if need be. It
// is safe to call from several processes at once. It fails with [store.ErrNewerSchema],
// having changed nothing, where the schema is newer than the code.
func Migrate(ctx context.Context, pool *pgxpool.Pool, o Options) error {
	if err := o.fill(); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	current, needed, err := versions(ctx, pool, o.Schema)
	if err == nil && current < needed {
		err = up(ctx, pool, o.Schema)
	}
	if err == nil && current > needed {
		err = newer(o.Schema, current, needed)
	}
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// check fails where the schema is not as this code needs it.
func check(ctx context.Context, pool *pgxpool.Pool, o Options) error {
	current, needed, err := versions(ctx, pool, o.Schema)
	switch {
	case err != nil:
		return err
	case current < needed:
		return fmt.Errorf("schema %q has version %d and the code needs %d; call postgres.Migrate as a role that may create tables", o.Schema, current, needed)
	case current > needed:
		return newer(o.Schema, current, needed)
	}
	return nil
}

func newer(schema string, current, needed int64) error {
	return fmt.Errorf("%w: schema %q has version %d; this one knows %d", store.ErrNewerSchema, schema, current, needed)
}

// versions returns the version that the schema has, 0 where it does not exist, and
// the one that the code needs.
func versions(ctx context.Context, pool *pgxpool.Pool, schema string) (current, needed int64, err error) {
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return 0, 0, err
	}
	var exists bool
	in := pgx.Identifier{schema, table}.Sanitize()
	if err := pool.QueryRow(ctx, `select to_regclass($1) is not null`, in).Scan(&exists); err != nil {
		return 0, 0, fmt.Errorf("look for schema %q: %w", schema, err)
	}
	if exists {
		err = pool.QueryRow(ctx, `select coalesce(max(version_id), 0) from `+in).Scan(&current)
	}
	return current, int64(len(files)), err // they are numbered from 1
}

// up runs what is missing. One process at a time does: the lock of goose comes only
// behind its own table, and tries again once a second; this one waits in the
// database, and so not a moment too long. The schema is made under it too, because
// two that make it at once are in each other's way.
func up(ctx context.Context, pool *pgxpool.Pool, schema string) (err error) {
	db := open(pool, schema)
	defer func() { err = errors.Join(err, db.Close()) }()
	held, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, held.Close()) }() // with the connection, the lock is given back
	if _, err := held.ExecContext(ctx, "select pg_advisory_lock($1)", lockKey(schema)); err != nil {
		return err
	}
	if _, err := held.ExecContext(ctx, "create schema if not exists "+pgx.Identifier{schema}.Sanitize()); err != nil {
		return err
	}
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectPostgres, db, files, goose.WithTableName(table))
	if err != nil {
		return err
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("schema %q: %w", schema, err)
	}
	_, err = held.ExecContext(ctx, "select pg_advisory_unlock($1)", lockKey(schema))
	return err
}

func lockKey(schema string) int64 {
	h := fnv.New64a()
	fmt.Fprintf(h, "regulars migrations %s", schema)
	return int64(h.Sum64())
}

// open returns connections in which unqualified names are of the schema, and whoever
// waits for another migration, or has much to change, may take their time.
func open(pool *pgxpool.Pool, schema string) *sql.DB {
	in := pgx.Identifier{schema}.Sanitize()
	return stdlib.OpenDB(*pool.Config().ConnConfig, stdlib.OptionAfterConnect(func(ctx context.Context, c *pgx.Conn) error {
		_, err := c.Exec(ctx, "set search_path to "+in+"; set statement_timeout to 0")
		return err
	}))
}
