package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/regulars-go/regulars/pipeline"
)

// otherOrderError says that an order of that ID was placed, and is another.
type otherOrderError struct{ id, field string }

func (e *otherOrderError) Error() string {
	return fmt.Sprintf("order %q was placed already, with other %s; give a new order an ID of its own", e.id, e.field)
}

// soldOutError says that there is less of a product than was asked for.
type soldOutError struct{ sku string }

func (e *soldOutError) Error() string { return fmt.Sprintf("there is not enough %q left", e.sku) }

// place places an order: its rows, what it takes from stock, the customer's new
// state and the messages that come of it are committed together, or none of it is.
// An order that was placed before is returned as it was placed then; fresh tells
// which.
func (s *shop) place(ctx context.Context, o order) (p placed, fresh bool, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) (err error) {
		p, fresh, err = s.placeIn(ctx, tx, &o)
		return err
	})
	if err != nil {
		return placed{}, false, fmt.Errorf("place order %q: %w", o.ID, err)
	}
	if fresh {
		s.engine.Nudge() // now that it is there, there may be something to send
	}
	return p, fresh, nil
}

func (s *shop) placeIn(ctx context.Context, tx pgx.Tx, o *order) (p placed, fresh bool, err error) {
	p = placed{ID: o.ID, Customer: o.Customer, PlacedAt: time.Now().UTC().Truncate(time.Microsecond)}
	if fresh, err = insertOrder(ctx, tx, &p); err != nil {
		return p, false, err
	}
	if !fresh {
		p, err = samePlaced(ctx, tx, o)
		return p, false, err
	}
	return p, true, s.fill(ctx, tx, o, &p)
}

// samePlaced returns the order that was placed under the ID, which must be the same.
func samePlaced(ctx context.Context, tx pgx.Tx, o *order) (placed, error) {
	p, err := readPlaced(ctx, tx, o.ID)
	if err != nil {
		return p, err
	}
	if field := o.differs(&p); field != "" {
		return p, &otherOrderError{o.ID, field}
	}
	return p, nil
}

// placed returns an order as it was placed.
func (s *shop) placed(ctx context.Context, id string) (p placed, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) (err error) {
		p, err = readPlaced(ctx, tx, id)
		return err
	})
	return p, err
}

// fill does all that makes a row an order. The rows of products come last, because
// all customers share them: they are held until the commit.
func (s *shop) fill(ctx context.Context, tx pgx.Tx, o *order, p *placed) error {
	if err := price(ctx, tx, o, p); err != nil {
		return err
	}
	if err := insertItems(ctx, tx, p); err != nil {
		return err
	}
	err := s.engine.ApplyTx(ctx, s.store.InTx(tx), p.purchase())
	switch {
	case errors.Is(err, pipeline.ErrUnknownCustomer):
		return faults{fmt.Sprintf("customer: %q is not known; sign up with POST /customers first", o.Customer)}
	case errors.Is(err, pipeline.ErrUnsettled): // the purchase was taken in all the same
		s.log.ErrorContext(ctx, "definitions do not settle", "order", o.ID, "error", err)
	case err != nil:
		return err
	}
	return takeFromStock(ctx, tx, p)
}
