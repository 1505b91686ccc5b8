package memory

import "iter"

// pageSize is how many customers a sequence looks at under one lock: enough to
// make the lock cheap, and few enough that commits need not wait for long.
const pageSize = 64

// scan goes through the customers that among returns in the order of their IDs
// and yields what look makes of them, page by page. A page is valid until the
// next.
//
// It looks at a page of customers under the read lock and gives the lock back
// before it yields them, so that the loop body may call any method. Each page is
// sought anew, behind the last ID of the one before: among is asked again,
// because a commit may meanwhile have replaced the tree that it returned. What
// look returns must be safe to use without the lock.
//
// The scan goes no further than the last customer there was when it began.
func scan[T any](s *Store, after string, among func() members, look func(*entry) T) iter.Seq[[]T] {
	return func(yield func([]T) bool) {
		last := s.lastID()
		entries, page := make([]*entry, 0, pageSize), make([]T, 0, pageSize)
		for full := true; full; {
			entries, page = entries[:0], page[:0]
			s.mu.RLock()
			among().ascend(after, func(e *entry) bool {
				entries = append(entries, e)
				return len(entries) < pageSize
			})
			full = len(entries) == pageSize
			for len(entries) > 0 && entries[len(entries)-1].id > last {
				entries, full = entries[:len(entries)-1], false
			}
			for _, e := range entries {
				page = append(page, look(e))
			}
			s.mu.RUnlock()
			if full {
				after = entries[pageSize-1].id
			}
			if !yield(page) {
				return
			}
		}
	}
}

// lastID returns the greatest ID of a customer; "" where there is none.
func (s *Store) lastID() string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	e, ok := s.byID.Max()
	if !ok {
		return ""
	}
	return e.id
}
