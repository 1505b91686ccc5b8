package postgres

import (
	"context"
	"iter"

	"github.com/jackc/pgx/v5"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/store/internal/pack"
	"github.com/regulars-go/regulars/store/internal/row"
)

// Timeline implements [store.Store]. It goes no further than the last event there
// was when it began.
func (v *view) Timeline(ctx context.Context, customerID string) iter.Seq2[customer.Event, error] {
	return func(yield func(customer.Event, error) bool) {
		t := &teller{view: v, id: customerID, r: pack.NewReader(nil)}
		pages(ctx, "timeline of customer "+customerID, t.page, yield)
	}
}

// teller is a Timeline under way.
type teller struct {
	*view
	id    string
	r     *pack.Reader
	after int64
	last  *int64 // the last row there was when it began; nil: it has not
}

func (t *teller) page(ctx context.Context) (page []customer.Event, more bool, err error) {
	err = t.read(ctx, func() error {
		page, more, err = t.fetch(ctx)
		return err
	})
	return page, more, err
}

func (t *teller) fetch(ctx context.Context) (page []customer.Event, more bool, err error) {
	batch := new(pgx.Batch)
	last, after := t.last, t.after
	if last == nil {
		last = new(int64)
		batch.Queue(t.sql.LastEvent, t.id).QueryRow(func(r pgx.Row) error { return r.Scan(last) })
	}
	n := 0
	batch.Queue(t.sql.TimelinePage, t.id, t.after, pageSize).Query(func(rows pgx.Rows) error {
		var packed []byte
		return each(rows, []any{&after, &packed}, func() error {
			if n++; after > *last {
				return nil
			}
			events, err := row.Events(t.r, t.id, packed)
			page = append(page, events...)
			return err
		})
	})
	if err := t.db.send(ctx, batch); err != nil {
		return nil, false, err
	}
	t.last, t.after = last, after
	return page, n == pageSize && after < *last, nil
}
