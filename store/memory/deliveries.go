package memory

import (
	"cmp"
	"context"
	"iter"
	"slices"

	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/store/internal/pack"
)

// Deliveries implements [store.Store].
func (s *Store) Deliveries(ctx context.Context, q store.DeliveryQuery) iter.Seq2[store.Outgoing, error] {
	return func(yield func(store.Outgoing, error) bool) {
		among := func() members { return s.withMailOf(&q) }
		r := pack.NewReader(s.names)
		for page := range scan(s, "", among, func(e *entry) []posted { return e.posted(&q) }) {
			for _, p := range slices.Concat(page...) {
				out, err := p.unpack(r, p.owner)
				if err = cmp.Or(ctx.Err(), err); err != nil {
					yield(store.Outgoing{}, err)
					return
				}
				if !yield(out, nil) {
					return
				}
			}
		}
		if err := ctx.Err(); err != nil {
			yield(store.Outgoing{}, err)
		}
	}
}

// withMailOf returns customers among whom are all that the query asks for. Those
// with waiting or dead deliveries are few among all who ever had any, and a query
// for one of the states is what dashboards and tests ask.
func (s *Store) withMailOf(q *store.DeliveryQuery) members {
	switch {
	case q.Customer != "":
		if e := s.entries[q.Customer]; e != nil && e.mail != nil {
			return members{one: e}
		}
		return members{}
	case len(q.States) == 1 && q.States[0] <= store.Dead:
		return members{many: s.withMail.in[q.States[0]]}
	}
	return members{many: s.withMail.any}
}

// posted is a copy of a customer's delivery.
type posted struct {
	owner string
	parcel
}

// posted copies those that the query asks for.
func (e *entry) posted(q *store.DeliveryQuery) (out []posted) {
	for i := range e.mail.parcels {
		if p := &e.mail.parcels[i]; asked(q, p) {
			out = append(out, posted{e.id, *p})
		}
	}
	return out
}

// asked reports whether the query asks for the delivery of a customer it asks for.
func asked(q *store.DeliveryQuery, p *parcel) bool {
	return (q.Kind == 0 || q.Kind == p.kind) && (len(q.States) == 0 || slices.Contains(q.States, p.state))
}
