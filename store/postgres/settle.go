package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/store/internal/pack"
	"github.com/regulars-go/regulars/store/internal/row"
)

// Settle implements [store.Store], in one round trip. The customers are locked, for
// the sake of the order of their timelines.
func (v *view) Settle(ctx context.Context, outcomes ...store.Outcome) error {
	if err := store.CheckOutcomes(outcomes); err != nil {
		return err
	}
	err := v.write(ctx, func() error { return v.settle(ctx, outcomes) })
	if err != nil {
		return fmt.Errorf("settle %d deliveries: %w", len(outcomes), err)
	}
	return nil
}

func (v *view) settle(ctx context.Context, outcomes []store.Outcome) error {
	if len(outcomes) == 0 {
		return nil
	}
	var ids []string
	for i := range outcomes {
		ids = append(ids, outcomes[i].Customer)
	}
	batch := new(pgx.Batch)
	batch.Queue(v.sql.Lock, ids)
	w := pack.NewWriter(nil)
	for len(outcomes) > 0 {
		n := differing(outcomes)
		batch.Queue(v.sql.Settle, settleArgs(w, outcomes[:n])...)
		outcomes = outcomes[n:]
	}
	return v.send(ctx, batch)
}

// differing returns how many of the first outcomes are of different deliveries:
// a statement can settle each once. Mostly that is all.
func differing(outcomes []store.Outcome) int {
	seen := make(map[store.DeliveryRef]bool, len(outcomes))
	for i := range outcomes {
		ref := store.DeliveryRef{Customer: outcomes[i].Customer, ID: outcomes[i].Delivery}
		if seen[ref] {
			return i
		}
		seen[ref] = true
	}
	return len(outcomes)
}

func settleArgs(w *pack.Writer, outcomes []store.Outcome) []any {
	n := len(outcomes)
	customers, ids, failures := make(texts, n), make(texts, n), make(texts, n)
	attempts, states, due := make([]int32, n), make([]int16, n), make(instants, n)
	events := make([]pgtype.Text, n)
	for i := range outcomes {
		o := &outcomes[i]
		customers[i], ids[i], failures[i] = o.Customer, o.Delivery, row.Text(o.Error)
		attempts[i], states[i], due[i] = int32(o.Attempt), int16(o.State), at(o.Due)
		if o.Event.Kind != customer.NoEvent {
			events[i] = pgtype.Text{String: string(row.AppendEvent(w, nil, o.Customer, &o.Event)), Valid: true}
		}
	}
	return []any{customers, ids, attempts, states, due, failures, events}
}

// Redrive implements [store.Store], in one round trip. Customers are locked, so
// that what is being committed to a lane stays in front.
func (v *view) Redrive(ctx context.Context, now time.Time, deliveries ...store.DeliveryRef) error {
	err := v.write(ctx, func() error { return v.redrive(ctx, now, deliveries) })
	if code(err) == codeUnknown {
		err = store.ErrUnknown
	}
	if err != nil {
		return fmt.Errorf("redrive %d deliveries: %w", len(deliveries), err)
	}
	return nil
}

func (v *view) redrive(ctx context.Context, now time.Time, deliveries []store.DeliveryRef) error {
	if len(deliveries) == 0 {
		return nil
	}
	customers, ids := make([]string, len(deliveries)), make([]string, len(deliveries))
	for i, d := range deliveries {
		customers[i], ids[i] = d.Customer, d.ID
	}
	batch := new(pgx.Batch)
	batch.Queue(v.sql.Lock, customers)
	batch.Queue(v.sql.Redrive, customers, ids, now)
	if v.tx {
		v.notify(batch)
	}
	err := v.send(ctx, batch)
	if err == nil {
		v.news.announce()
	}
	return err
}
