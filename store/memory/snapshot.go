package memory

import "iter"

// pageSize is how many entries a sequence looks at under one lock.
const pageSize = 64

// snapshot is the store as a sequence sees it: some of its customers, as they
// were when it was taken. It must be closed.
type snapshot struct {
	s      *Store
	of     members
	after  string // only customers with greater IDs
	change uint64
}

// snapshot takes one of the customers that pick returns under the lock.
func (s *Store) snapshot(after string, pick func() members) *snapshot {
	s.mu.Lock() // to clone a tree is to change it
	defer s.mu.Unlock()
	of := pick()
	if of.many != nil {
		of.many = of.many.Clone()
	}
	return &snapshot{s, of, after, s.versions.begin()}
}

func (v *snapshot) close() {
	v.s.mu.Lock()
	defer v.s.mu.Unlock()
	v.s.versions.end(v.change)
}

// entries yields the customers in order, with what the snapshot sees of them.
func (v *snapshot) entries() iter.Seq2[*entry, state] {
	return func(yield func(*entry, state) bool) {
		states := make([]state, 0, pageSize)
		for page := v.page(v.after); len(page) > 0; page = v.page(page[len(page)-1].id) {
			states = v.look(page, states[:0])
			for i, e := range page {
				if !yield(e, states[i]) {
					return
				}
			}
		}
	}
}

// page returns the next customers whose IDs are greater than after.
func (v *snapshot) page(after string) (page []*entry) {
	if v.of.one != nil && v.of.one.id > after {
		return []*entry{v.of.one}
	}
	if v.of.many == nil {
		return nil
	}
	next := &entry{id: after + "\x00"} // the smallest ID that is greater
	if after == "" {
		next.id = ""
	}
	v.of.many.AscendGreaterOrEqual(next, func(e *entry) bool {
		page = append(page, e)
		return len(page) < pageSize
	})
	return page
}

func (v *snapshot) look(page []*entry, out []state) []state {
	v.s.mu.RLock()
	defer v.s.mu.RUnlock()
	for _, e := range page {
		out = append(out, *e.seenBy(v.change))
	}
	return out
}
