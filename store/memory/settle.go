package memory

import (
	"context"
	"fmt"
	"time"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/store"
)

// Settle implements [store.Store].
func (s *Store) Settle(ctx context.Context, outcomes ...store.Outcome) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	for i := range outcomes {
		if o := &outcomes[i]; o.State > store.Dead {
			return fmt.Errorf("settle delivery %s: state %d does not exist", o.Delivery, o.State)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.versions.change++
	for i := range outcomes {
		s.settle(&outcomes[i])
	}
	return nil
}

func (s *Store) settle(o *store.Outcome) {
	e := s.entries[o.Customer]
	if e == nil || !counts(o, e.mail.find(o.Delivery)) {
		return
	}
	s.versions.keep(e)
	p := e.mail.find(o.Delivery)
	s.changeLane(e, p.channel, func() {
		p.state, p.due = o.State, o.Due.UnixMicro()
		if o.State != store.Sent {
			p.failure = o.Error
		}
	})
	if o.State == store.Dead {
		s.dead[p.id] = e
	}
	if o.Event.Kind != customer.NoEvent {
		s.note(e, []customer.Event{o.Event})
	}
}

// counts reports whether the outcome changes the delivery; nil is unknown.
func counts(o *store.Outcome, p *parcel) bool {
	return p != nil && p.state == store.Waiting && (o.State == store.Sent || o.Attempt == p.attempts)
}

// Redrive implements [store.Store].
func (s *Store) Redrive(ctx context.Context, now time.Time, deliveries ...string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range deliveries {
		if s.dead[id] == nil {
			return fmt.Errorf("redrive delivery %s: %w among the dead", id, store.ErrUnknown)
		}
	}
	s.versions.change++
	for _, id := range deliveries {
		if e := s.dead[id]; e != nil { // else it was named twice
			s.revive(e, id, now)
		}
	}
	return nil
}

func (s *Store) revive(e *entry, id string, now time.Time) {
	s.versions.keep(e)
	p := e.mail.find(id)
	s.changeLane(e, p.channel, func() {
		p.state, p.attempts, p.due, p.turn = store.Waiting, 0, now.UnixMicro(), s.turn()
	})
	delete(s.dead, id)
}
