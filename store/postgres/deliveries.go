package postgres

import (
	"context"
	"fmt"
	"iter"

	"github.com/jackc/pgx/v5"

	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/store/internal/pack"
)

// Deliveries implements [store.Store], as Find does.
func (v *view) Deliveries(ctx context.Context, q store.DeliveryQuery) iter.Seq2[store.Outgoing, error] {
	return func(yield func(store.Outgoing, error) bool) {
		l := &lister{view: v, q: q, r: pack.NewReader(nil)}
		pages(ctx, "list deliveries", l.page, yield)
	}
}

// lister is a Deliveries under way.
type lister struct {
	*view
	q     store.DeliveryQuery
	r     *pack.Reader
	after string // customer
	seq   int64  // of their deliveries
	last  *string
}

func (l *lister) page(ctx context.Context) (page []store.Outgoing, more bool, err error) {
	err = l.read(ctx, func() error {
		page, more, err = l.fetch(ctx)
		return err
	})
	return page, more, err
}

func (l *lister) fetch(ctx context.Context) (page []store.Outgoing, more bool, err error) {
	batch := new(pgx.Batch)
	last, after, seq := l.last, l.after, l.seq
	if last == nil {
		last = new(string)
		batch.Queue(l.sql.LastDelivery).QueryRow(func(r pgx.Row) error { return r.Scan(last) })
	}
	n := 0
	sql, args := l.sql.list(&l.q, after, seq)
	batch.Queue(sql, args...).Query(func(rows pgx.Rows) error {
		var o outgoingRow
		return each(rows, o.targets(), func() error {
			n, after, seq = n+1, o.customer, o.seq
			out, err := o.outgoing(l.r)
			if err == nil && after <= *last {
				page = append(page, out)
			}
			return err
		})
	})
	if err := l.db.send(ctx, batch); err != nil {
		return nil, false, err
	}
	l.last, l.after, l.seq = last, after, seq
	return page, n == pageSize && after <= *last, nil
}

// list returns the statement that reads a page of the deliveries that the query
// asks for. States that few are in are spelt out: so the planner sees that their
// index has them all.
func (s *statements) list(q *store.DeliveryQuery, after string, seq int64) (sql string, args []any) {
	sql, args = s.DeliveryPage, []any{after, seq}
	arg := func(condition string, value any) {
		args = append(args, value)
		sql += fmt.Sprintf(" and "+condition, len(args))
	}
	if q.Customer != "" {
		arg("d.customer = $%d", q.Customer)
	}
	if q.Kind != 0 {
		arg("d.kind = $%d", int16(q.Kind))
	}
	switch len(q.States) {
	case 0:
	case 1:
		condition := fmt.Sprintf(" and d.state = %d", q.States[0])
		if q.States[0] == store.Waiting {
			condition = " and d.state < 1" // as the index by customer has it
		}
		sql += condition
	default:
		states := make([]int16, len(q.States))
		for i, state := range q.States {
			states[i] = int16(state)
		}
		arg("d.state = any ($%d::smallint[])", states)
	}
	return sql + fmt.Sprintf(" order by d.customer, d.seq limit %d", pageSize), args
}
