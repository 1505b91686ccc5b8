package segment

import (
	"errors"
	"slices"
	"time"

	"github.com/regulars-go/regulars/customer"
)

// lookAhead bounds how many instants are looked at for the next flip. What
// begins and ends with the days of the week is looked at a few times a week.
// Rules of more than 500 predicates, which all that takes more than a million
// evaluations and so about a second, look less far.
const (
	lookAhead = 2000
	maxRoom   = 1_000_000
)

// Outlook is whether a predicate is true, and until when that holds if nothing
// happens.
type Outlook struct {
	Holds bool
	// Until is the first instant at which it is otherwise; zero: never, as far as
	// it was looked ahead.
	Until time.Time
	// Ahead is how far that was, where parts of the predicate keep going back and
	// forth without changing the whole, so that looking on was given up after 2000
	// instants, or fewer where rules are large. Nothing changes before it, and what
	// comes behind is not known. Zero: Until tells it all.
	Ahead time.Time
}

// Eval asks a predicate about the facts, and looks ahead.
//
// Unlike [State.Settle], it foresees how other segments and, with Facts.Place,
// stages change as time passes. The members are the customer's segments as they
// were settled at the instant of the facts, of which as much is there as the
// predicate can see. A predicate that cannot be compiled is an error, each fault
// a *customer.DefinitionError; so is asking a Set that came with an error.
func (s *Set) Eval(p Predicate, f *Facts, members []Membership) (Outlook, error) {
	if s.foreseen == nil {
		return Outlook{}, errors.New("segment: the set has faults; mend its segments first")
	}
	far := s.foreseen()
	var faults customer.Faults
	if s.Rule(p, "", &faults); faults.Err() != nil {
		return Outlook{}, faults.Err()
	}
	state := far.NewState()
	state.Load(members)
	watched := far.watch(p)
	h := horizon{facts: f, state: state, room: maxRoom}
	return h.flip(&watched, far.cost(&watched)), nil
}

// watched is a compiled predicate whose next flip is looked for.
type watched struct {
	eval  eval
	below bits // the segments that it depends on, those below them included; nil: none
	size  int  // how many predicates it is made of
}

// watch compiles a predicate that was found faultless.
func (s *Set) watch(p Predicate) watched {
	var r reads
	c := *s.compiler
	c.faults, c.reads = new(customer.Faults), &r
	compiled := c.predicate(p, "")
	return watched{compiled, s.depends(r.segments.list), r.size}
}

// cost returns how many evaluations looking at one instant takes, about.
func (s *Set) cost(w *watched) int {
	cost := w.size
	for place := range s.sizes {
		if w.below != nil && w.below.has(place) {
			cost += s.sizes[place]
		}
	}
	return cost
}

// depends returns the segments at these places and all below them, which stand
// in front of those that read them.
func (s *Set) depends(places []int) bits {
	if len(places) == 0 {
		return nil
	}
	all := newBits(len(s.rules))
	for _, place := range places {
		all.set(place)
	}
	for place := slices.Max(places); place >= 0; place-- {
		if !all.has(place) {
			continue
		}
		for _, below := range s.below[place] {
			all.set(below)
		}
	}
	return all
}

// horizon looks ahead from an instant.
type horizon struct {
	facts *Facts
	state *State
	room  int // how many evaluations it may still take
}

// flip looks for the first instant at which the answer changes by time alone,
// and leaves facts and state as they were. Segments that the answer depends on
// are settled at each instant that is looked at, which costs so many
// evaluations.
func (h *horizon) flip(w *watched, cost int) Outlook {
	f, now := h.facts, h.facts.now
	defer func() { f.now, f.members = now, h.state.members }()
	state := h.state.copied()
	f.members = state.members
	truth, next := w.eval.ask(f)
	next = min(next, state.settleOnly(w.below, f))
	for range min(lookAhead, h.room/cost) {
		if next >= endOfTime {
			return Outlook{Holds: truth}
		}
		h.room -= cost
		f.now = next
		segments := state.settleOnly(w.below, f)
		again, until := w.eval.ask(f)
		if again != truth {
			return Outlook{Holds: truth, Until: instantOf(next)}
		}
		next = min(segments, until)
	}
	return Outlook{Holds: truth, Ahead: flipOf(next)}
}

// copied returns a copy that shares nothing that changes.
func (s *State) copied() *State {
	c := *s
	c.members, c.dirty, c.since = slices.Clone(s.members), slices.Clone(s.dirty), slices.Clone(s.since)
	return &c
}

// settleOnly settles some segments, and returns when time alone can change one
// of them.
func (s *State) settleOnly(these bits, f *Facts) int64 {
	if these == nil {
		return never
	}
	for word, mask := range these {
		s.dirty[word] |= mask
		s.any = s.any || mask != 0
	}
	return s.settle(f, func(string, bool) {})
}
