package memory

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/store"
)

// Settle implements [store.Store]. It leaves records alone, and so needs no
// versions: an attempt is known by its number.
func (s *Store) Settle(ctx context.Context, outcomes ...store.Outcome) error {
	if err := cmp.Or(ctx.Err(), store.CheckOutcomes(outcomes)); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range outcomes {
		s.settle(&outcomes[i])
	}
	return nil
}

// settle records one outcome, and its event only if the outcome counts.
func (s *Store) settle(o *store.Outcome) {
	p := s.parcel(store.DeliveryRef{Customer: o.Customer, ID: o.Delivery})
	if !counts(o, p) {
		return
	}
	e := s.entries[o.Customer]
	s.changeLane(e, p.channel, func() {
		p.state, p.due = o.State, o.Due.UnixMicro()
		if o.State != store.Sent {
			p.failure = o.Error
		}
	})
	if o.Event.Kind != customer.NoEvent {
		s.note(e, []customer.Event{o.Event})
	}
}

// counts reports whether the outcome changes the delivery; nil is unknown.
func counts(o *store.Outcome, p *parcel) bool {
	return p != nil && p.state == store.Waiting && (o.State == store.Sent || o.Attempt == p.attempts)
}

// Redrive implements [store.Store].
func (s *Store) Redrive(ctx context.Context, now time.Time, deliveries ...store.DeliveryRef) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, ref := range deliveries {
		if p := s.parcel(ref); p == nil || p.state != store.Dead {
			return fmt.Errorf("redrive delivery %s of customer %s: %w among the dead", ref.ID, ref.Customer, store.ErrUnknown)
		}
	}
	for _, ref := range deliveries {
		if p := s.parcel(ref); p.state == store.Dead { // else it was named twice
			s.revive(s.entries[ref.Customer], p, now)
		}
	}
	return nil
}

// parcel returns the delivery, or nil.
func (s *Store) parcel(ref store.DeliveryRef) *parcel {
	e := s.entries[ref.Customer]
	if e == nil {
		return nil
	}
	return e.mail.find(ref.ID)
}

// revive makes a dead delivery wait again, at the end of its lane.
func (s *Store) revive(e *entry, p *parcel, now time.Time) {
	s.changeLane(e, p.channel, func() {
		p.state, p.attempts, p.due, p.turn = store.Waiting, 0, now.UnixMicro(), s.turn()
	})
}
