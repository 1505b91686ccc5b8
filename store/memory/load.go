package memory

import (
	"context"
	"fmt"
	"time"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/store/internal/pack"
)

// Load implements [store.Store]. The views are taken under one lock, so that each
// record comes with the history of the same commit, and unpacked without it.
func (s *Store) Load(ctx context.Context, requests ...store.Request) ([]store.Loaded, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r := pack.NewReader(s.names)
	loaded := make([]store.Loaded, len(requests))
	views := make([]view, len(requests))
	if err := s.lookUp(r, requests, views, loaded); err != nil {
		return nil, err
	}
	for i := range requests {
		if err := s.unpack(r, &views[i], requests[i].Reach, &loaded[i]); err != nil {
			return nil, err
		}
	}
	return loaded, nil
}

// view is what it takes to unpack an entry after the lock was given back.
type view struct {
	record     packedRecord
	purchases  part
	activities part
}

// view copies the references; it must be called under the lock.
func (e *entry) view() view {
	return view{e.packed(), e.purchases.all(), e.activities.all()}
}

// lookUp takes views of the entries, and finds what was asked for by ID: that
// needs the index of a long history, which is changed in place, and so the lock.
func (s *Store) lookUp(r *pack.Reader, requests []store.Request, views []view, loaded []store.Loaded) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for i := range requests {
		q := &requests[i]
		e, ok := s.entries[q.Customer]
		if !ok {
			views[i].record.id = q.Customer
			continue
		}
		views[i] = e.view()
		var err error
		if loaded[i].FoundPurchases, err = s.purchases.findAll(r, &e.purchases, e.id, q.PurchaseIDs); err != nil {
			return corrupt(e.id, err)
		}
		if loaded[i].FoundActivities, err = s.activities.findAll(r, &e.activities, e.id, q.ActivityIDs); err != nil {
			return corrupt(e.id, err)
		}
		if at, ok := s.pruned[e]; ok && len(q.ActivityIDs) > 0 {
			loaded[i].Pruned = time.UnixMicro(at).UTC()
		}
	}
	return nil
}

// unpack fills in the record and as much of the history as is in reach.
func (s *Store) unpack(r *pack.Reader, v *view, reach segment.Reach, into *store.Loaded) (err error) {
	if err = v.record.unpack(r, &into.Record); err != nil || v.record.version == 0 {
		return err
	}
	return s.unpackHistory(r, v, reach, into, new(room))
}

// room is where a history is unpacked to, and another after it.
type room struct {
	purchases  []customer.Purchase
	activities []customer.Activity
}

// unpackHistory fills in what is in reach of the record, which is filled in. The
// history is in the given room, until that is used again.
func (s *Store) unpackHistory(r *pack.Reader, v *view, reach segment.Reach, into *store.Loaded, to *room) (err error) {
	id := v.record.id
	if from, ok := horizon(&into.Record, reach.AllPurchases, reach.Purchases); ok {
		if into.Purchases, err = s.purchases.load(r, id, v.purchases, from, &to.purchases); err != nil {
			return corrupt(id, err)
		}
	}
	if from, ok := horizon(&into.Record, reach.AllActivities, reach.Activities); ok {
		if into.Activities, err = s.activities.load(r, id, v.activities, from, &to.activities); err != nil {
			return corrupt(id, err)
		}
	}
	return nil
}

// horizon returns the first instant within reach, and whether there is one. It
// counts from the record as it was stepped, not from now, of which a store knows
// nothing.
func horizon(r *store.Record, all bool, back time.Duration) (from int64, ok bool) {
	if all || back <= 0 {
		return -never, all
	}
	return r.AsOf.Add(-back).UnixMicro(), true
}

// corrupt is what a bug of this package looks like.
func corrupt(id string, err error) error { return fmt.Errorf("customer %s: %w", id, err) }
