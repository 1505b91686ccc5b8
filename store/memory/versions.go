package memory

import "slices"

// versions lets sequences see the state of the instant at which they began
// while commits go on. As long as no sequence runs it costs nothing; while one
// does, a commit keeps the state that it replaces.
type versions struct {
	change  uint64   // the latest
	readers []uint64 // the changes that running sequences see, in order
	kept    []*entry // those with older states
}

// begin returns the change that a sequence sees which begins now. It must end.
func (v *versions) begin() uint64 {
	v.readers = append(v.readers, v.change)
	return v.change
}

// end forgets what was kept for a sequence and no other sees.
func (v *versions) end(reader uint64) {
	i := slices.Index(v.readers, reader)
	v.readers = slices.Delete(v.readers, i, i+1)
	if i > 0 {
		return // an older one still sees everything that is kept
	}
	v.kept = slices.DeleteFunc(v.kept, func(e *entry) bool {
		v.prune(&e.state)
		return e.older == nil
	})
}

// prune forgets the states older than the one the oldest sequence sees.
func (v *versions) prune(at *state) {
	for len(v.readers) > 0 && at.older != nil && at.change > v.readers[0] {
		at = at.older
	}
	at.older = nil
}

// keep is called before the state of an entry changes.
func (v *versions) keep(e *entry) {
	seen := len(v.readers) > 0 && e.version > 0 && e.change <= v.readers[len(v.readers)-1]
	if seen {
		if e.older == nil {
			v.kept = append(v.kept, e)
		}
		old := e.state
		e.older = &old
		e.mail = e.mail.clone()
	}
	e.change = v.change
	if seen {
		v.prune(&e.state)
	}
}

// seenBy returns the state that the reader sees.
func (e *entry) seenBy(reader uint64) *state {
	at := &e.state
	for at.change > reader {
		at = at.older
	}
	return at
}
