package memory

import (
	"context"
	"slices"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/store/internal/pack"
)

// Prune implements [store.Store]. It takes the lock anew for each customer.
func (s *Store) Prune(ctx context.Context, p store.Pruning) (store.Pruned, error) {
	if err := ctx.Err(); err != nil {
		return store.Pruned{}, err
	}
	if err := p.Check(); err != nil {
		return store.Pruned{}, err
	}
	out := store.Pruned{Next: p.After, More: true}
	for out.Customers < p.Limit {
		if !s.pruneNext(&p, &out) {
			out.More = false
			return out, nil
		}
		out.Customers++
	}
	return out, nil
}

// remember notes by which cut activities of a customer went, and when the last of
// them happened.
func (s *Store) remember(e *entry, c *store.Cut, last int64) {
	if was, ok := s.pruned[e]; !ok || was < last {
		s.pruned[e] = last
	}
	i := slices.IndexFunc(s.cuts, func(k store.Cut) bool { return slices.Equal(k.Keep, c.Keep) })
	switch {
	case i < 0:
		s.cuts = append(s.cuts, store.Cut{Before: c.Before, Keep: slices.Clone(c.Keep)})
	case s.cuts[i].Before.Before(c.Before):
		s.cuts[i].Before = c.Before
	}
}

// Cuts implements [store.Store].
func (s *Store) Cuts(ctx context.Context) ([]store.Cut, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Clone(s.cuts), nil // their lists never change
}

// pruneNext prunes the first customer behind Next, and reports whether there was
// one.
func (s *Store) pruneNext(p *store.Pruning, out *store.Pruned) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	var next *entry
	s.byID.AscendGreaterOrEqual(&entry{id: out.Next}, func(e *entry) bool {
		if e.id > out.Next {
			next = e
		}
		return next == nil
	})
	if next == nil {
		return false
	}
	out.Next = next.id
	out.Events += s.pruneTimeline(next, p)
	out.Deliveries += s.pruneMail(next, p)
	out.Activities += s.pruneActivities(next, &p.Activities)
	return true
}

// pruneTimeline removes events, and packs anew what is left of the chunks that had
// them.
func (s *Store) pruneTimeline(e *entry, p *store.Pruning) (removed int) {
	if p.Timeline.IsZero() {
		return 0
	}
	chunks := e.timeline.all().list()
	var kept []customer.Event
	old, i := true, 0
	for ; i < len(chunks) && old; i++ {
		events, _ := s.eye.Events(e.id, chunks[i], nil)
		n := len(events)
		events, old = p.OldEvents(events)
		removed, kept = removed+n-len(events), append(kept, events...)
	}
	if removed == 0 {
		return 0
	}
	var packed []pack.Chunk
	for len(kept) > 0 {
		var k pack.Chunk
		k, kept = s.pen.AppendEvents(e.id, "", kept)
		packed = append(packed, k)
	}
	e.timeline.shrink(append(packed, chunks[i:]...))
	return removed
}

// pruneActivities removes activities, and packs anew what is left of the chunks
// that may have had them.
func (s *Store) pruneActivities(e *entry, c *store.Cut) (removed int) {
	if c.Before.IsZero() || e.activities.open == "" {
		return 0
	}
	var rec store.Record
	packed := e.packed()
	if packed.unpack(s.eye, &rec) != nil {
		return 0 // a bug of this package, of which Load tells
	}
	before := c.Before.UnixMicro()
	chunks := e.activities.all().list()
	var kept []pack.Chunk
	last := int64(-never)
	i := 0
	for ; i < len(chunks) && chunks[i].First() < before; i++ {
		for _, a := range s.activities.read(e.id, chunks[i]) {
			if c.Takes(&a, rec.AsOf) {
				removed, last = removed+1, max(last, a.At.UnixMicro())
				continue
			}
			if n := len(kept); n == 0 || kept[n-1].Full() {
				kept = append(kept, "")
			}
			last := &kept[len(kept)-1]
			*last = s.activities.kind.Append(s.pen, e.id, *last, &a)
		}
	}
	if removed > 0 {
		e.activities.shrink(append(kept, chunks[i:]...))
		s.remember(e, c, last)
	}
	return removed
}

// shrink replaces all chunks by fewer. The index of IDs is made anew with the
// next item, as if the history had only now grown long.
func (h *history) shrink(chunks []pack.Chunk) {
	h.set(chunks)
	if h.full == nil {
		return
	}
	if h.full.at = nil; len(h.full.chunks) == 0 {
		h.full = nil
	}
}

// pruneMail removes settled deliveries, which are in no lane.
func (s *Store) pruneMail(e *entry, p *store.Pruning) (removed int) {
	if e.mail == nil {
		return 0
	}
	before := [...]int64{store.Waiting: -never, store.Sent: -never, store.Dead: -never}
	if !p.Sent.IsZero() {
		before[store.Sent] = p.Sent.UnixMicro()
	}
	if !p.Dead.IsZero() {
		before[store.Dead] = p.Dead.UnixMicro()
	}
	n := len(e.mail.parcels)
	e.mail.parcels = slices.DeleteFunc(e.mail.parcels, func(x parcel) bool {
		return x.state != store.Waiting && x.due < before[x.state]
	})
	if removed = n - len(e.mail.parcels); removed == 0 {
		return 0
	}
	s.withMail.update(e)
	if len(e.mail.parcels) == 0 {
		s.withMail.any.Delete(e)
		e.mail = nil
	}
	return removed
}
