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
		v := s.snapshot("", func() members { return s.withMail(&q) })
		defer v.close()
		r := pack.NewReader(s.names)
		for e, seen := range v.entries() {
			for i := range seen.mail.parcels {
				p := &seen.mail.parcels[i]
				if !asked(&q, p) {
					continue
				}
				out, err := p.unpack(r, e.id)
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

// withMail returns customers among whom are all that the query asks for.
func (s *Store) withMail(q *store.DeliveryQuery) members {
	switch {
	case q.Customer != "":
		if e := s.entries[q.Customer]; e != nil && e.mail != nil {
			return members{one: e}
		}
		return members{}
	case len(q.States) == 1:
		return s.labels.find(mailLabel(q.States[0]))
	}
	return s.labels.find(label{kind: withMail})
}

func asked(q *store.DeliveryQuery, p *parcel) bool {
	return (q.Kind == 0 || q.Kind == p.kind) && (len(q.States) == 0 || slices.Contains(q.States, p.state))
}
