package segment

import (
	mathbits "math/bits"
	"time"

	"github.com/regulars-go/regulars/customer"
)

// Set is all segments of an engine, compiled. It may be used concurrently.
type Set struct {
	compiler *compiler
	rules    []rule // each behind those it reads
	reach    Reach

	// What to look at again when something changed, as sets of places.
	everything, onProfile, onPurchases, onStages, onTime bits
	onActivity                                           map[string]bits
	readers                                              []bits // of each segment
}

func newSet(c *compiler, checked []checked) *Set {
	n := len(checked)
	s := &Set{
		compiler: c, rules: make([]rule, n),
		everything: newBits(n), onProfile: newBits(n), onPurchases: newBits(n), onStages: newBits(n), onTime: newBits(n),
		onActivity: make(map[string]bits), readers: make([]bits, n),
	}
	for i := range checked {
		s.readers[i] = newBits(n)
	}
	for i := range checked {
		s.rules[i] = checked[i].rule
		s.register(i, &checked[i].reads)
	}
	return s
}

func (s *Set) register(i int, r *reads) {
	s.reach = s.reach.Widest(r.reach)
	s.everything.set(i)
	for _, part := range []struct {
		reads bool
		where bits
	}{{r.profile, s.onProfile}, {r.purchases, s.onPurchases}, {r.stages, s.onStages}, {r.time, s.onTime}} {
		if part.reads {
			part.where.set(i)
		}
	}
	for _, name := range r.activities {
		if s.onActivity[name] == nil {
			s.onActivity[name] = newBits(len(s.rules))
		}
		s.onActivity[name].set(i)
	}
	for _, j := range r.segments {
		s.readers[j].set(i)
	}
}

// Reach returns how far back the segments of the set can see.
func (s *Set) Reach() Reach { return s.reach }

// Has reports whether the set has a segment of that ID.
func (s *Set) Has(id string) bool {
	_, ok := s.compiler.index[id]
	return ok
}

// Rule compiles a predicate that may read the segments of the set, and tells
// how far back it can see. Its faults go to faults, under path.
func (s *Set) Rule(p Predicate, path string, faults *customer.Faults) (*Rule, Reach) {
	var r reads
	c := *s.compiler
	c.faults, c.reads = faults, &r
	return &Rule{c.predicate(p, path)}, r.reach
}

// Changed says what has changed since a customer's segments were last settled.
type Changed struct {
	Everything bool
	Profile    bool
	Purchases  bool
	Stages     bool
	Time       bool
}

// State is one customer's place in every segment of a Set while a step works
// on it. It serves one customer after another, and is not safe for concurrent
// use.
type State struct {
	set     *Set
	members bits
	dirty   bits
	any     bool // dirty is not empty
}

// NewState returns a state for customers of the set.
func (s *Set) NewState() *State {
	n := len(s.rules)
	return &State{set: s, members: newBits(n), dirty: newBits(n)}
}

// Load begins work on a customer with these memberships. Memberships of
// segments that are not in the set are ignored.
func (s *State) Load(members []Membership) {
	clear(s.members)
	clear(s.dirty)
	s.any = false
	for i := range members {
		if place, ok := s.set.compiler.index[members[i].Segment]; ok {
			s.members.set(place)
		}
	}
}

// Dirty reports whether something was marked since the last Settle.
func (s *State) Dirty() bool { return s.any }

// Mark notes what changed.
func (s *State) Mark(c Changed) {
	for _, part := range [...]struct {
		changed bool
		readers bits
	}{
		{c.Everything, s.set.everything},
		{c.Profile, s.set.onProfile},
		{c.Purchases, s.set.onPurchases},
		{c.Stages, s.set.onStages},
		{c.Time, s.set.onTime},
	} {
		if part.changed {
			s.dirty.merge(part.readers)
			s.any = true
		}
	}
}

// MarkActivity notes that an activity of that name became known, and reports
// whether any segment reads it.
func (s *State) MarkActivity(name string) bool {
	readers, ok := s.set.onActivity[name]
	if ok {
		s.dirty.merge(readers)
		s.any = true
	}
	return ok
}

// Settle evaluates the segments that what was marked can change, each behind
// those it reads, and calls moved for every one that the customer enters or
// leaves. It returns the earliest instant at which time alone can change one of
// the segments it looked at; zero: never.
func (s *State) Settle(f *Facts, moved func(segment string, entered bool)) time.Time {
	if !s.any {
		return time.Time{}
	}
	f.members = s.members
	rules, next := s.set.rules, never
	for word := range s.dirty {
		todo := s.take(word)
		for todo != 0 {
			place := mathbits.TrailingZeros64(todo)
			todo &= todo - 1
			i := word*64 + place
			in := s.members[word]>>place&1 == 1
			truth, until := rules[i].holds(f, in)
			if truth != in {
				until = s.move(i, f, until, moved)
				todo |= s.take(word) // its readers
			}
			next = min(next, until)
		}
	}
	s.any = false
	if next == never {
		return time.Time{}
	}
	return time.UnixMicro(next).UTC()
}

func (s *State) take(word int) uint64 {
	todo := s.dirty[word]
	s.dirty[word] = 0
	return todo
}

// move lets the customer enter or leave a segment, marks its readers, all of
// which have greater places, and returns the next flip.
func (s *State) move(i int, f *Facts, until int64, moved func(segment string, entered bool)) int64 {
	r := &s.set.rules[i]
	entered := !s.members.has(i)
	if entered {
		s.members.set(i)
	} else {
		s.members.unset(i)
	}
	s.dirty.merge(s.set.readers[i])
	moved(r.id, entered)
	if r.exits { // the other side decides from here on
		_, until = r.holds(f, entered)
	}
	return until
}

// holds reports whether a customer who is in the segment or not should be, and
// until when that holds at least.
func (r *rule) holds(f *Facts, in bool) (bool, int64) {
	switch {
	case r.exits:
		return r.holdsWithExit(f, in)
	case r.enter.steady != nil:
		return r.enter.steady(f), never
	}
	return r.enter.timed(f)
}

func (r *rule) holdsWithExit(f *Facts, in bool) (bool, int64) {
	out, outUntil := r.exit.ask(f)
	if in {
		return !out, outUntil
	}
	if out {
		return false, outUntil
	}
	return r.enter.ask(f)
}
