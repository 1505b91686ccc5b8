package main

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// insertOrder reports whether the ID was free. Of two who use it at once, the
// second waits until the first has committed or rolled back.
func insertOrder(ctx context.Context, tx pgx.Tx, p *placed) (bool, error) {
	done, err := tx.Exec(ctx, "insert into orders (id, customer, placed_at) values ($1, $2, $3) on conflict (id) do nothing",
		p.ID, p.Customer, p.PlacedAt)
	return done.RowsAffected() == 1, err
}

// readPlaced reads the order that was placed under an ID. It fails with
// [pgx.ErrNoRows] where none was.
func readPlaced(ctx context.Context, tx pgx.Tx, id string) (placed, error) {
	p := placed{ID: id}
	if err := tx.QueryRow(ctx, "select customer, placed_at from orders where id = $1", id).Scan(&p.Customer, &p.PlacedAt); err != nil {
		return p, err
	}
	p.PlacedAt = p.PlacedAt.UTC()
	rows, err := tx.Query(ctx, `select sku, quantity, amount from order_items where order_id = $1 order by sku collate "C"`, id)
	if err != nil {
		return p, err
	}
	p.Items, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (l line, err error) {
		return l, row.Scan(&l.SKU, &l.Quantity, &l.Amount)
	})
	for _, l := range p.Items {
		p.Total += l.Amount
	}
	return p, err
}

// price looks up what the items cost, and what they are.
func price(ctx context.Context, tx pgx.Tx, o *order, p *placed) error {
	type product struct {
		category string
		price    int64
	}
	skus := make([]string, len(o.Items))
	for i, it := range o.Items {
		skus[i] = it.SKU
	}
	rows, err := tx.Query(ctx, "select sku, category, price from products where sku = any($1)", skus)
	if err != nil {
		return err
	}
	sold := make(map[string]product)
	var sku string
	var found product
	if _, err := pgx.ForEachRow(rows, []any{&sku, &found.category, &found.price}, func() error {
		sold[sku] = found
		return nil
	}); err != nil {
		return err
	}
	var f faults
	for _, it := range o.Items {
		found, ok := sold[it.SKU]
		if !ok {
			f.add("items: %q is not sold here", it.SKU)
		}
		amount := it.Quantity * found.price
		p.Items = append(p.Items, line{item: it, Amount: amount, category: found.category})
		p.Total += amount
	}
	return f.err()
}

func insertItems(ctx context.Context, tx pgx.Tx, p *placed) error {
	var batch pgx.Batch
	for _, l := range p.Items {
		batch.Queue("insert into order_items (order_id, sku, quantity, amount) values ($1, $2, $3, $4)", p.ID, l.SKU, l.Quantity, l.Amount)
	}
	return tx.SendBatch(ctx, &batch).Close()
}

// takeFromStock takes the items in the order of their SKUs, so that no two orders
// wait for each other.
func takeFromStock(ctx context.Context, tx pgx.Tx, p *placed) error {
	var batch pgx.Batch
	for _, l := range p.Items {
		batch.Queue("update products set stock = stock - $2 where sku = $1 and stock >= $2", l.SKU, l.Quantity).
			Exec(func(done pgconn.CommandTag) error {
				if done.RowsAffected() == 0 {
					return &soldOutError{l.SKU}
				}
				return nil
			})
	}
	return tx.SendBatch(ctx, &batch).Close()
}
