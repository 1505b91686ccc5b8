package segment

import (
	"sync"

	"github.com/regulars-go/regulars/customer"
)

// Set is all segments of an engine, compiled. It may be used concurrently.
type Set struct {
	compiler *compiler
	segments []Segment // each behind those it reads
	rules    []rule    // likewise
	enter    []eval    // of the rules that have neither an exit nor a stay; else zero
	shared   int       // how many leaves the segments share
	reach    Reach
	readers  readers
	foreseen func() *Set
	below    []bits // of each segment, those it depends on and itself
	sizes    []int  // of how many predicates each segment is made
}

// readers is what to look at again when something changed, as sets of places.
type readers struct {
	all, onTime, onAnyPurchase      bits
	onCard                          []cardReaders
	onField, onPipeline, onActivity map[string]bits
	onSKU, onCategory, onSource     map[string]bits // of purchases
	onSegment                       []bits          // of each segment
}

// cardReaders is who reads a part of the card.
type cardReaders struct {
	part cardPart
	bits bits
}

func newSet(c *compiler, checked []checked) *Set {
	n := len(checked)
	s := &Set{compiler: c, rules: make([]rule, n), enter: make([]eval, n)}
	s.readers = readers{
		all: newBits(n), onTime: newBits(n), onAnyPurchase: newBits(n),
		onField: make(map[string]bits), onPipeline: make(map[string]bits), onActivity: make(map[string]bits),
		onSKU: make(map[string]bits), onCategory: make(map[string]bits), onSource: make(map[string]bits),
		onSegment: make([]bits, n),
	}
	for part := cardPart(1); part <= partConsents; part <<= 1 {
		s.readers.onCard = append(s.readers.onCard, cardReaders{part, newBits(n)})
	}
	for i := range checked {
		s.readers.onSegment[i] = newBits(n)
	}
	for i := range checked {
		s.rules[i] = checked[i].rule
		if r := &s.rules[i]; !r.exits && !r.stays {
			s.enter[i] = r.enter.upright()
		}
		s.reach = s.reach.Widest(checked[i].reads.reach)
		s.readers.register(i, n, &checked[i].reads)
	}
	s.foreseen = sync.OnceValue(s.foresee)
	return s
}

// foresee returns the set compiled so that it tells when the clock can change
// what a step would tell of, such as stages, and with what looking ahead needs.
func (s *Set) foresee() *Set {
	c := *s.compiler
	c.faults, c.foresee = new(customer.Faults), true
	checked := c.checkAll(s.segments, nil)
	far := newSet(&c, checked)
	far.segments = s.segments
	for i := range checked {
		below := newBits(len(checked))
		below.set(i)
		for _, place := range checked[i].reads.segments {
			below.merge(far.below[place])
		}
		far.below = append(far.below, below)
		far.sizes = append(far.sizes, checked[i].reads.size)
	}
	return far
}

func (r *readers) register(i, n int, reads *reads) {
	r.all.set(i)
	if reads.time {
		r.onTime.set(i)
	}
	if reads.purchases.any {
		r.onAnyPurchase.set(i)
	}
	for _, on := range r.onCard {
		if reads.card&on.part != 0 {
			on.bits.set(i)
		}
	}
	for _, on := range []struct {
		of    map[string]bits
		names []string
	}{
		{r.onField, reads.fields},
		{r.onPipeline, reads.pipelines},
		{r.onActivity, reads.activities},
		{r.onSKU, reads.purchases.skus},
		{r.onCategory, reads.purchases.categories},
		{r.onSource, reads.purchases.sources},
	} {
		for _, name := range on.names {
			if on.of[name] == nil {
				on.of[name] = newBits(n)
			}
			on.of[name].set(i)
		}
	}
	for _, j := range reads.segments {
		r.onSegment[j].set(i)
	}
}

// Reach returns how far back the segments of the set can see.
func (s *Set) Reach() Reach { return s.reach }

// Has reports whether the set has a segment of that ID.
func (s *Set) Has(id string) bool {
	_, ok := s.compiler.index[id]
	return ok
}

// Rule is a compiled predicate that is no segment's, such as a trigger's
// condition.
type Rule struct{ eval eval }

// Rule compiles a predicate that may read the segments of the set, and tells
// how far back it can see. Its faults go to faults, under path.
func (s *Set) Rule(p Predicate, path string, faults *customer.Faults) (*Rule, Reach) {
	var r reads
	c := *s.compiler
	c.faults, c.reads = faults, &r
	return &Rule{c.predicate(p, path)}, r.reach
}

// Holds reports whether the rule is true of the facts, in the state of the
// customer's segments that the facts were last settled with.
func (r *Rule) Holds(f *Facts, s *State) bool {
	f.members = s.members
	truth, _ := r.eval.ask(f)
	return truth
}
