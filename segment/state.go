package segment

import (
	mathbits "math/bits"
	"time"

	"github.com/regulars-go/regulars/customer"
)

// State is one customer's place in every segment of a Set while a step works
// on it. What is marked as changed is looked at again by [State.Settle]. A State
// serves one customer after another, and is not safe for concurrent use.
type State struct {
	set     *Set
	members bits
	since   []int64 // when a member entered; nil where no segment of the set asks
	dirty   bits
	memo    *memo
	any     bool // dirty is not empty
}

// NewState returns a state for customers of the set.
func (s *Set) NewState() *State {
	n := len(s.rules)
	state := &State{set: s, members: newBits(n), dirty: newBits(n), memo: &memo{answers: make([]answer, s.shared)}}
	for i := range s.rules {
		if s.rules[i].stays {
			state.since = make([]int64, n)
		}
	}
	return state
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
			if s.since != nil {
				s.since[place] = members[i].Since.UnixMicro()
			}
		}
	}
}

// Dirty reports whether something was marked since the last Settle.
func (s *State) Dirty() bool { return s.any }

// MarkAll notes that everything may have changed.
func (s *State) MarkAll() { s.mark(s.set.readers.all) }

// MarkTime notes that time has passed.
func (s *State) MarkTime() { s.mark(s.set.readers.onTime) }

// MarkCard notes that the card was replaced.
func (s *State) MarkCard(before, after *customer.Customer) {
	r := &s.set.readers
	parts := changedParts(before, after)
	for _, on := range r.onCard {
		if parts&on.part != 0 {
			s.mark(on.places)
		}
	}
	s.markFields(before.Fields, after.Fields)
	s.markFields(after.Fields, before.Fields)
}

// markFields notes which fields of a card are otherwise on another.
func (s *State) markFields(of, other customer.Fields) {
	for i := range of {
		if i < len(other) && other[i] == of[i] { // as usual
			continue
		}
		if name := of[i].Name; other.Get(name) != of[i].Value {
			s.mark(s.set.readers.onField[name])
		}
	}
}

// MarkPurchase notes that a purchase was made, or changed by a refund.
func (s *State) MarkPurchase(p *customer.Purchase) {
	r := &s.set.readers
	s.mark(r.onAnyPurchase)
	s.mark(r.onSource[p.Source])
	for i := range p.Items {
		s.mark(r.onCategory[p.Items[i].Category])
		s.mark(r.onSKU[p.Items[i].SKU])
	}
}

// MarkPipeline notes that the customer's cycle in the pipeline has changed.
func (s *State) MarkPipeline(id string) { s.mark(s.set.readers.onPipeline[id]) }

// MarkActivity notes that an activity of that name became known.
func (s *State) MarkActivity(name string) { s.mark(s.set.readers.onActivity[name]) }

func (s *State) mark(readers places) {
	for _, w := range readers {
		s.dirty[w.at] |= w.bits
		s.any = true
	}
}

// Settle evaluates the segments that what was marked can change, each behind
// those it reads, and calls moved for every one that the customer enters or
// leaves. It returns the earliest instant at which time alone can change one of
// the segments it looked at; zero: never.
func (s *State) Settle(f *Facts, moved func(segment string, entered bool)) time.Time {
	if !s.any {
		return time.Time{}
	}
	return flipOf(s.settle(f, moved))
}

func (s *State) settle(f *Facts, moved func(segment string, entered bool)) int64 {
	s.memo.round++
	f.members, f.memo = s.members, *s.memo
	members, enter := s.members, s.set.enter
	next := never
	for word := range s.dirty {
		todo := s.take(word)
		for todo != 0 {
			place := mathbits.TrailingZeros64(todo)
			todo &= todo - 1
			i := word*64 + place
			in := members[word]>>place&1 == 1
			truth, until := false, never
			switch e := &enter[i]; { // the usual ones, without a call in between
			case e.steady != nil:
				truth = e.steady(f)
			case e.timed != nil:
				truth, until = e.timed(f)
			default:
				truth, until = s.holds(i, f, in)
			}
			if truth != in {
				until = s.move(i, f, until, moved)
				todo |= s.take(word) // its readers
			}
			next = min(next, until)
		}
	}
	s.any = false
	return next
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
	if entered && s.since != nil {
		s.since[i] = f.now
	}
	for _, w := range s.set.readers.onSegment[i] {
		s.dirty[w.at] |= w.bits
	}
	moved(r.id, entered)
	if r.exits || r.stays { // the other side decides from here on
		_, until = s.holds(i, f, entered)
	}
	return until
}

// holds reports whether a customer who is in the segment or not should be, and
// until when that holds at least.
func (s *State) holds(i int, f *Facts, in bool) (bool, int64) {
	r := &s.set.rules[i]
	switch {
	case r.stays && in:
		return s.holdsWithStay(i, f)
	case r.exits:
		return r.holdsWithExit(f, in)
	}
	return r.enter.ask(f)
}

// holdsWithStay keeps a member in until they have stayed long enough. What
// should happen then is asked then: it may be otherwise meanwhile.
func (s *State) holdsWithStay(i int, f *Facts) (bool, int64) {
	r := &s.set.rules[i]
	if end := r.stay.after(f, s.since[i]); f.now < end {
		return true, end
	}
	if r.exits {
		return r.holdsWithExit(f, true)
	}
	return r.enter.ask(f)
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
