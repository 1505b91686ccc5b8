package memory

import (
	"cmp"
	"context"
	"time"

	"github.com/google/btree"

	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/store/internal/pack"
)

// wakeUp is the key of a customer who is to be woken, or whose lease ends: to
// lease a wake-up is to move it to the end of the lease, from where a commit
// moves it to the next. So nothing needs to be done when a lease runs out.
type wakeUp struct {
	due int64
	e   *entry
}

// before orders by time and, so that no two keys are equal, by customer.
func (w wakeUp) before(v wakeUp) bool {
	if w.due != v.due {
		return w.due < v.due
	}
	return w.e.id < v.e.id
}

// wakeAt moves the customer to another place among the wake-ups, which takes a
// microsecond of a commit; often a customer wakes when they would have anyway.
func (s *Store) wakeAt(e *entry, due int64) {
	if e.due == due {
		return
	}
	if e.due != never {
		s.wakeUps.Delete(wakeUp{e.due, e})
	}
	e.due = due
	if due != never {
		s.wakeUps.ReplaceOrInsert(wakeUp{due, e})
	}
}

// ClaimWakeUps implements [store.Store].
func (s *Store) ClaimWakeUps(ctx context.Context, claim store.Claim) ([]store.Loaded, error) {
	if err := cmp.Or(ctx.Err(), claim.Check()); err != nil {
		return nil, err
	}
	views := s.leaseWakeUps(claim)
	loaded := make([]store.Loaded, len(views))
	r := pack.NewReader(s.names)
	for i := range views {
		if err := s.unpack(r, &views[i], claim.Reach, &loaded[i]); err != nil {
			return nil, err
		}
	}
	return loaded, nil
}

// leaseWakeUps takes the lock and leases, and leaves the unpacking to who calls.
func (s *Store) leaseWakeUps(claim store.Claim) []view {
	s.mu.Lock()
	defer s.mu.Unlock()
	due := firstDue(s.wakeUps, claim, func(w wakeUp) int64 { return w.due })
	views := make([]view, len(due))
	for i, w := range due {
		views[i] = w.e.view()
		s.wakeAt(w.e, claim.Now.Add(claim.Lease).UnixMicro())
	}
	return views
}

// ClaimDeliveries implements [store.Store].
func (s *Store) ClaimDeliveries(ctx context.Context, claim store.Claim) ([]store.Outgoing, error) {
	if err := cmp.Or(ctx.Err(), claim.Check()); err != nil {
		return nil, err
	}
	owners, parcels := s.leaseDeliveries(claim)
	out := make([]store.Outgoing, len(parcels))
	r := pack.NewReader(s.names)
	for i := range parcels {
		var err error
		if out[i], err = parcels[i].unpack(r, owners[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// leaseDeliveries does the same for deliveries. The parcels are copies: those in
// the mailbox change under the lock.
func (s *Store) leaseDeliveries(claim store.Claim) (owners []string, parcels []parcel) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, q := range firstDue(s.queue, claim, func(q queued) int64 { return q.due }) {
		p := q.e.mail.turn(q.turn)
		s.changeLane(q.e, p.channel, func() {
			p.attempts++
			p.due = claim.Now.Add(claim.Lease).UnixMicro()
		})
		owners, parcels = append(owners, q.e.id), append(parcels, *p)
	}
	return owners, parcels
}

// firstDue returns the first items of an index that a claim may have. They are
// gathered before anything is done to them, since that moves them in the index.
func firstDue[T any](index *btree.BTreeG[T], claim store.Claim, due func(T) int64) (items []T) {
	now := claim.Now.UnixMicro()
	index.Ascend(func(item T) bool {
		if due(item) > now {
			return false
		}
		items = append(items, item)
		return len(items) < claim.Limit
	})
	return items
}

// NextDue implements [store.Store]. Leased wake-ups and deliveries stand in the
// indexes where their leases end, so that the first of each is the answer.
func (s *Store) NextDue(ctx context.Context) (wakeUp, delivery time.Time, err error) {
	if err := ctx.Err(); err != nil {
		return time.Time{}, time.Time{}, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if w, ok := s.wakeUps.Min(); ok {
		wakeUp = instant(w.due)
	}
	if q, ok := s.queue.Min(); ok {
		delivery = instant(q.due)
	}
	return wakeUp, delivery, nil
}
