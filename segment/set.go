package segment

import (
	"slices"
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
	sights   [][]Sight // of each segment
	readers  readers
	foreseen func() *Set
	below    [][]int // of each segment, those that it reads
	sizes    []int   // of how many predicates each segment is made
}

// readers is what to look at again when something changed, as sets of places.
type readers struct {
	all, onTime, onAnyPurchase      places
	onCard                          []cardReaders
	onField, onPipeline, onActivity map[string]places
	onSKU, onCategory, onSource     map[string]places // of purchases
	onSegment                       []places          // of each segment
}

// cardReaders is who reads a part of the card.
type cardReaders struct {
	part   cardPart
	places places
}

// places is a set of segments as the words of bits that are not empty: most is
// read by few of many segments.
type places []word

type word struct {
	at   int
	bits uint64
}

// add takes in a place that is greater than all the others, or the greatest.
func (p *places) add(place int) {
	if last := len(*p) - 1; last >= 0 && (*p)[last].at == place/64 {
		(*p)[last].bits |= 1 << (place % 64)
		return
	}
	*p = append(*p, word{place / 64, 1 << (place % 64)})
}

func newSet(c *compiler, checked []checked) *Set {
	n := len(checked)
	s := &Set{compiler: c, rules: make([]rule, n), enter: make([]eval, n)}
	s.readers = readers{
		onField: make(map[string]places), onPipeline: make(map[string]places), onActivity: make(map[string]places),
		onSKU: make(map[string]places), onCategory: make(map[string]places), onSource: make(map[string]places),
		onSegment: make([]places, n),
	}
	for part := cardPart(1); part <= partConsents; part <<= 1 {
		s.readers.onCard = append(s.readers.onCard, cardReaders{part: part})
	}
	for i := range checked {
		s.rules[i] = checked[i].rule
		if r := &s.rules[i]; !r.exits && !r.stays {
			s.enter[i] = r.enter.upright()
		}
		s.reach = s.reach.Widest(checked[i].reads.reach())
		s.sights = append(s.sights, checked[i].reads.sights())
		s.readers.register(i, &checked[i].reads)
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
		far.below = append(far.below, checked[i].reads.segments.list)
		far.sizes = append(far.sizes, checked[i].reads.size)
	}
	return far
}

func (r *readers) register(i int, reads *reads) {
	r.all.add(i)
	if reads.time {
		r.onTime.add(i)
	}
	if reads.purchases.any {
		r.onAnyPurchase.add(i)
	}
	for k := range r.onCard {
		if on := &r.onCard[k]; reads.card&on.part != 0 {
			on.places.add(i)
		}
	}
	for _, on := range []struct {
		of    map[string]places
		names set[string]
	}{
		{r.onField, reads.fields},
		{r.onPipeline, reads.pipelines},
		{r.onSKU, reads.purchases.skus},
		{r.onCategory, reads.purchases.categories},
		{r.onSource, reads.purchases.sources},
	} {
		for _, name := range on.names.list {
			readers := on.of[name]
			readers.add(i)
			on.of[name] = readers
		}
	}
	for _, s := range reads.activities {
		readers := r.onActivity[s.Activity]
		readers.add(i)
		r.onActivity[s.Activity] = readers
	}
	for _, j := range reads.segments.list {
		r.onSegment[j].add(i)
	}
}

// Reach returns how far back the segments of the set can see.
func (s *Set) Reach() Reach { return s.reach }

// Sights returns which activities a segment of the set can see, ordered by their
// names. What it reads of other segments is theirs to see.
func (s *Set) Sights(id string) []Sight {
	i, ok := s.compiler.index[id]
	if !ok {
		return nil
	}
	return slices.Clone(s.sights[i])
}

// Has reports whether the set has a segment of that ID.
func (s *Set) Has(id string) bool {
	_, ok := s.compiler.index[id]
	return ok
}

// Rule is a compiled predicate that is no segment's, such as a trigger's
// condition.
type Rule struct {
	eval   eval
	sights []Sight
}

// Sights returns which activities the rule can see, ordered by their names.
func (r *Rule) Sights() []Sight { return slices.Clone(r.sights) }

// Rule compiles a predicate that may read the segments of the set, and tells
// how far back it can see. Its faults go to faults, under path.
func (s *Set) Rule(p Predicate, path string, faults *customer.Faults) (*Rule, Reach) {
	var r reads
	c := *s.compiler
	c.faults, c.reads = faults, &r
	compiled := c.predicate(p, path)
	return &Rule{compiled, r.sights()}, r.reach()
}

// Holds reports whether the rule is true of the facts, in the state of the
// customer's segments that the facts were last settled with.
func (r *Rule) Holds(f *Facts, s *State) bool {
	f.members = s.members
	truth, _ := r.eval.ask(f)
	return truth
}
