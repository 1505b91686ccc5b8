package segment

import (
	"slices"
	"time"
)

// lookAhead bounds how many instants are looked at for the next flip. What
// begins and ends with the days of the week is looked at a few times a week.
const lookAhead = 2000

// Eval reports whether a predicate is true of the facts, and until when that
// holds if nothing happens: until is the first instant at which it is otherwise;
// zero: never. Where parts of the predicate keep going back and forth without
// changing the whole, it is looked ahead for years, and until may then be an
// instant up to which nothing changes.
//
// Unlike [State.Settle], it foresees how other segments and, with Facts.Place,
// stages change as time passes. The members are the customer's segments at the
// instant of the facts. The predicate must be one that the set was compiled
// with, or that [Set.Rule] found no fault with.
func (s *Set) Eval(p Predicate, f *Facts, members []Membership) (truth bool, until time.Time) {
	far := s.foreseen()
	state := far.NewState()
	state.Load(members)
	return far.eval(p, f, state)
}

func (s *Set) eval(p Predicate, f *Facts, state *State) (truth bool, until time.Time) {
	var r reads
	c := *s.compiler
	c.reads = &r
	kid := c.predicate(p, "")
	return horizon(f, state, len(r.segments) > 0, func(*State) (bool, int64) { return kid.ask(f) })
}

// member reports whether the customer is in a segment, and until when.
func (s *Set) member(place int, f *Facts, state *State) (in bool, until time.Time) {
	return horizon(f, state, true, func(at *State) (bool, int64) { return at.members.has(place), never })
}

// horizon looks ahead for the first instant at which the answer to ask changes
// by time alone, and leaves facts and state as they were. Where the answer
// depends on segments, they are settled at each instant that is looked at.
func horizon(f *Facts, state *State, onSegments bool, ask func(*State) (bool, int64)) (truth bool, until time.Time) {
	work := *state
	work.members, work.dirty, work.since = slices.Clone(state.members), slices.Clone(state.dirty), slices.Clone(state.since)
	now := f.now
	defer func() { f.now, f.members = now, state.members }()

	flip := func() int64 {
		if !onSegments {
			return never
		}
		work.MarkAll()
		return work.settle(f, func(string, bool) {})
	}
	f.members = work.members
	truth, next := ask(&work)
	next = min(next, flip())
	for range lookAhead {
		if next == never {
			return truth, time.Time{}
		}
		f.now = next
		segments := flip()
		again, until := ask(&work)
		if again != truth {
			break
		}
		next = min(segments, until)
	}
	return truth, instantOf(next)
}
