package memory

import (
	"cmp"
	"context"
	"iter"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/store/internal/pack"
)

// Find implements [store.Store]. It goes through those with the rarest label
// that the query asks for and looks at their records for the others.
func (s *Store) Find(ctx context.Context, q store.Query) iter.Seq2[store.Loaded, error] {
	return func(yield func(store.Loaded, error) bool) {
		if err := q.Check(); err != nil {
			yield(store.Loaded{}, err)
			return
		}
		among := func() members { return s.fewest(s.labelsOf(&q)) }
		f := finder{s: s, q: &q, r: pack.NewReader(s.names)}
		for page := range scan(s, q.After, among, (*entry).view) {
			warm(page, &q)
			for i := range page {
				asked, err := f.unpack(&page[i])
				if err = cmp.Or(ctx.Err(), err); err != nil {
					yield(store.Loaded{}, err)
					return
				}
				if asked && !yield(f.found, nil) {
					return
				}
			}
		}
		if err := ctx.Err(); err != nil {
			yield(store.Loaded{}, err)
		}
	}
}

// finder unpacks one customer after another.
type finder struct {
	s     *Store
	q     *store.Query
	r     *pack.Reader
	found store.Loaded
	room  room
}

// unpack reports whether the query asks for the customer, who is then in found. Of
// another, the history stays packed.
func (f *finder) unpack(v *view) (asked bool, err error) {
	if !f.q.Reuse {
		f.found, f.room = store.Loaded{}, room{}
	}
	if err := v.record.unpack(f.r, &f.found.Record); err != nil || !f.q.Matches(&f.found.Record) {
		return false, err
	}
	return true, f.s.unpackHistory(f.r, v, f.q.Reach, &f.found, &f.room)
}

// fewest returns the customers with the rarest of the labels, or all where
// there is none.
func (s *Store) fewest(labels []pack.Label) members {
	fewest := members{many: s.byID}
	for _, x := range labels {
		if m := s.labels.find(x); m.len() <= fewest.len() {
			fewest = m
		}
	}
	return fewest
}

// labelsOf returns those that a customer needs whom the query asks for. It must
// be called under the lock: it looks names up.
func (s *Store) labelsOf(q *store.Query) (labels []pack.Label) {
	note := func(kind pack.LabelKind, value string) {
		if value != "" {
			labels = append(labels, s.names.Label(kind, value))
		}
	}
	if q.Stage != "" {
		labels = append(labels, s.names.Stage(q.Pipeline, q.Stage))
	} else {
		note(pack.InPipeline, q.Pipeline)
	}
	note(pack.InSegment, q.Segment)
	note(pack.WithManager, q.Manager)
	note(pack.WithTag, q.Tag)
	note(pack.WithContact, q.Contact)
	return labels
}

// Timeline implements [store.Store]. It shows what there was when it began: the
// chunks it has copied are not changed by what is appended meanwhile.
func (s *Store) Timeline(ctx context.Context, customerID string) iter.Seq2[customer.Event, error] {
	return func(yield func(customer.Event, error) bool) {
		p := s.timeline(customerID)
		r := pack.NewReader(s.names)
		for i := range len(p.full) + 1 {
			events, err := r.Events(customerID, p.chunk(i), nil)
			if err != nil {
				yield(customer.Event{}, corrupt(customerID, err))
				return
			}
			for i := range events {
				if ctx.Err() != nil {
					yield(customer.Event{}, ctx.Err())
					return
				}
				if !yield(events[i], nil) {
					return
				}
			}
		}
	}
}

// timeline returns the chunks of a customer's timeline.
func (s *Store) timeline(id string) part {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if e := s.entries[id]; e != nil {
		return e.timeline.all()
	}
	return part{}
}
