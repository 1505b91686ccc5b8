package sqlite

import (
	"context"
	"iter"
	"slices"
	"strings"

	"github.com/regulars-go/regulars/store"
)

// Deliveries implements [store.Store].
func (m methods) Deliveries(ctx context.Context, q store.DeliveryQuery) iter.Seq2[store.Outgoing, error] {
	return func(yield func(store.Outgoing, error) bool) {
		var last int64 // those that come later are not waited for
		err := m.at.read(ctx, func(c *session) error {
			_, err := c.one(lastTurn, nil, &last)
			return err
		})
		p := mailPage{q: &q, last: last}
		for err == nil && !p.end {
			err = m.at.read(ctx, func(c *session) error { return p.next(ctx, c) })
			for i := 0; err == nil && i < len(p.parcels); i++ {
				if !yield(p.parcels[i].Outgoing, nil) {
					return
				}
				err = ctx.Err()
			}
		}
		if err != nil {
			yield(store.Outgoing{}, failed("deliveries", err))
		}
	}
}

// mailPage is some deliveries that a query asks for, in the order of customers
// and, for one customer, of commits.
type mailPage struct {
	q       *store.DeliveryQuery
	last    int64 // the last seq there was
	parcels []parcel
	end     bool // there are no more
}

// next reads the page behind this one.
func (p *mailPage) next(ctx context.Context, c *session) error {
	owner, seq := "", int64(0)
	if n := len(p.parcels); n > 0 {
		owner, seq = p.parcels[n-1].owner, p.parcels[n-1].seq
	}
	query, args := p.statement(owner, seq)
	p.parcels = p.parcels[:0]
	err := c.all(ctx, query, args, func(scan func(...any) error) error {
		d, err := c.parcel(scan)
		p.parcels = append(p.parcels, d)
		return err
	})
	p.end = len(p.parcels) < pageSize
	return err
}

// statement returns what reads the page behind a delivery. The index has the
// deliveries of each state in order; those of several states are merged.
func (p *mailPage) statement(owner string, seq int64) (string, []any) {
	states := slices.Compact(slices.Sorted(slices.Values(p.q.States)))
	if len(states) == 0 {
		states = []store.DeliveryState{store.Waiting, store.Sent, store.Dead}
	}
	where := `(customer, seq) > (?, ?)`
	bounds := []any{owner, seq, p.last}
	if p.q.Customer != "" {
		where, bounds[0] = `customer = ? and seq > ?`, p.q.Customer
	}
	where += ` and seq <= ?`
	if p.q.Kind != 0 {
		where, bounds = where+` and kind = ?`, append(bounds, int(p.q.Kind))
	}
	var parts []string
	var args []any
	for _, state := range states {
		parts = append(parts, `select `+columns+` from deliveries where state = ? and `+where)
		args = append(append(args, int(state)), bounds...)
	}
	return strings.Join(parts, ` union all `) + ` order by customer, seq limit ?`, append(args, pageSize)
}
