package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// querier is what a pool and a transaction have in common.
type querier interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
	send(ctx context.Context, b *pgx.Batch) error
}

// within is a transaction as a querier.
type within struct{ pgx.Tx }

func (w within) send(ctx context.Context, b *pgx.Batch) error { return w.SendBatch(ctx, b).Close() }

// pooled is a pool as a querier that tells when no connection was to be had. The
// pool's own methods do not, and then nobody knows whether a statement was sent.
type pooled struct{ pool *pgxpool.Pool }

// unsentError is why there is no connection, so that nothing was sent.
type unsentError struct{ err error }

func (e *unsentError) Error() string { return "no connection: " + e.err.Error() }
func (e *unsentError) Unwrap() error { return e.err }

func (p pooled) acquire(ctx context.Context) (*pgxpool.Conn, error) {
	c, err := p.pool.Acquire(ctx)
	if err != nil {
		return nil, &unsentError{err}
	}
	return c, nil
}

func (p pooled) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	c, err := p.acquire(ctx)
	if err != nil {
		return pgconn.CommandTag{}, err
	}
	defer c.Release()
	return c.Exec(ctx, sql, args...)
}

func (p pooled) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	c, err := p.acquire(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := c.Query(ctx, sql, args...)
	if err != nil {
		c.Release()
		return nil, err
	}
	return pooledRows{rows, c}, nil
}

func (p pooled) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	c, err := p.acquire(ctx)
	if err != nil {
		return failed{err}
	}
	return pooledRow{c.QueryRow(ctx, sql, args...), c}
}

func (p pooled) send(ctx context.Context, b *pgx.Batch) error {
	c, err := p.acquire(ctx)
	if err != nil {
		return err
	}
	defer c.Release()
	return c.SendBatch(ctx, b).Close()
}

// pooledRows gives the connection back when all is read. To give it back twice does
// nothing.
type pooledRows struct {
	pgx.Rows
	c *pgxpool.Conn
}

func (r pooledRows) Close() {
	r.Rows.Close()
	r.c.Release()
}

func (r pooledRows) Next() bool {
	more := r.Rows.Next()
	if !more {
		r.Close()
	}
	return more
}

type pooledRow struct {
	pgx.Row
	c *pgxpool.Conn
}

func (r pooledRow) Scan(into ...any) error {
	defer r.c.Release()
	return r.Row.Scan(into...)
}

// failed is the row of a statement that was not sent.
type failed struct{ err error }

func (f failed) Scan(...any) error { return f.err }
