package segment

import "fmt"

// shared is the leaves that stand in a set more than once, such as a tag that
// many segments ask for, or a score. Settling asks each of them once.
type shared struct {
	uses  map[string]int // how often each leaf stands in the set
	slots map[string]int // of those that do more than once, where answers are kept; nil while they are counted
}

// leaf counts a leaf or, once all are counted, makes it remember what it said if
// it is shared.
func (s *shared) leaf(p Predicate, e eval) eval {
	if !worthSharing(p) {
		return e
	}
	name := fmt.Sprintf("%#v", p)
	if s.slots == nil {
		s.uses[name]++
	}
	if s.slots == nil || s.uses[name] < 2 {
		return e
	}
	slot, ok := s.slots[name]
	if !ok {
		slot = len(s.slots)
		s.slots[name] = slot
	}
	if e.steady != nil {
		e.steady = once(slot, e.steady)
	} else {
		e.timed = onceTimed(slot, e.timed)
	}
	return e
}

// worthSharing reports whether a predicate takes longer than to look an answer
// up. In must not be shared: settling changes the answer.
func worthSharing(p Predicate) bool {
	switch p := p.(type) {
	case tagged, inStage, field, card, consent, activities, anniversary, sequence, lapsed, purchaseInterval, rfm:
		return true
	case purchases:
		return !p.plain()
	case moment:
		_, simple := p.simple()
		return !simple
	}
	return false
}

func once(slot int, ask func(*Facts) bool) func(*Facts) bool {
	return func(f *Facts) bool {
		a := &f.memo.answers[slot]
		if a.round != f.memo.round {
			a.truth, a.round = ask(f), f.memo.round
		}
		return a.truth
	}
}

func onceTimed(slot int, ask func(*Facts) (bool, int64)) func(*Facts) (bool, int64) {
	return func(f *Facts) (bool, int64) {
		a := &f.memo.answers[slot]
		if a.round != f.memo.round {
			a.truth, a.until = ask(f)
			a.round = f.memo.round
		}
		return a.truth, a.until
	}
}

// memo is what shared leaves said while segments are settled at an instant.
type memo struct {
	round   uint64
	answers []answer
}

type answer struct {
	round uint64 // in which it was given
	until int64
	truth bool
}
