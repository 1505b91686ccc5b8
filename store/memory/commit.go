package memory

import (
	"cmp"
	"context"
	"strings"
	"time"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/store"
)

// Commit implements [store.Store]. Whatever can fail is checked before anything
// is written, so that there is nothing to undo.
func (s *Store) Commit(ctx context.Context, changes ...store.Change) error {
	if err := cmp.Or(ctx.Err(), store.CheckChanges(changes)); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.conflicts(changes); err != nil {
		return err
	}
	for i := range changes {
		s.apply(&changes[i])
	}
	return nil
}

// conflicts names the customers whose records are not as the changes expect.
func (s *Store) conflicts(changes []store.Change) error {
	var ids []string
	for i := range changes {
		if r := &changes[i].Record; r.Version != s.version(r.Customer.ID) {
			ids = append(ids, r.Customer.ID)
		}
	}
	if len(ids) > 0 {
		return &store.ConflictError{Customers: ids}
	}
	return nil
}

// apply writes a change that has no conflict, which cannot fail.
func (s *Store) apply(c *store.Change) {
	e := s.entry(c.Record.Customer.ID)
	s.write(e, &c.Record)
	for i := range c.Purchases {
		s.purchases.put(&e.purchases, e.id, &c.Purchases[i])
	}
	for i := range c.Activities {
		s.activities.put(&e.activities, e.id, &c.Activities[i])
	}
	s.note(e, c.Events)
	s.post(e, c.Deliveries)
	s.wakeAt(e, micros(c.Record.Wake))
}

// write replaces the record of an entry. Most commits change nothing by which a
// customer is looked up, which the packed heads show without being read.
func (s *Store) write(e *entry, r *store.Record) {
	bytes, head := s.pen.Record(r)
	packed := string(bytes)
	if !strings.HasPrefix(e.record, packed[:head]) {
		l := &s.labels
		l.was = s.eye.Labels(l.was[:0], e.id, e.record)
		l.is = s.eye.Labels(l.is[:0], e.id, packed)
		l.move(e, l.was, l.is)
	}
	e.record = packed
	e.version++
}

// note appends to the customer's timeline, chunk by chunk.
func (s *Store) note(e *entry, events []customer.Event) {
	for len(events) > 0 {
		e.timeline.next()
		e.timeline.open, events = s.pen.AppendEvents(e.id, e.timeline.open, events)
	}
}

// micros returns t in microseconds since 1970; never where it is zero.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return never
	}
	return t.UnixMicro()
}

// instant is the reverse of micros.
func instant(micros int64) time.Time {
	if micros == never {
		return time.Time{}
	}
	return time.UnixMicro(micros).UTC()
}
