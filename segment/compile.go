package segment

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/regulars-go/regulars/customer"
)

// Names tells a compiler which names of other definitions exist.
type Names struct {
	HasStage func(pipeline, stage string) bool // nil: there are no stages
}

// Reach is how far back in a customer's history predicates can see, and so how
// much of it a store has to load for them. Both count from the instant of
// evaluation: for a store, the one up to which the record has been stepped. The
// zero Reach is nothing of the history.
type Reach struct {
	Purchases     time.Duration // purchases at or after that instant minus this; zero: none
	Activities    time.Duration // likewise activities
	AllPurchases  bool          // every purchase, whatever Purchases says
	AllActivities bool          // likewise activities
}

// Widest returns a reach that covers both.
func (r Reach) Widest(s Reach) Reach {
	return Reach{
		Purchases:     max(r.Purchases, s.Purchases),
		Activities:    max(r.Activities, s.Activities),
		AllPurchases:  r.AllPurchases || s.AllPurchases,
		AllActivities: r.AllActivities || s.AllActivities,
	}
}

// Rule is a compiled predicate that is no segment's, such as a trigger's
// condition.
type Rule struct{ eval eval }

// Holds reports whether the rule is true of the facts, in the state of the
// customer's segments that the facts were last settled with.
func (r *Rule) Holds(f *Facts, s *State) bool {
	f.members = s.members
	truth, _ := r.eval.ask(f)
	return truth
}

// reads is what a predicate depends on.
type reads struct {
	profile, purchases, stages, time bool
	activities                       []string
	segments                         []int // their places
	reach                            Reach
}

func (r *reads) activity(name string) {
	if !slices.Contains(r.activities, name) {
		r.activities = append(r.activities, name)
	}
}

func (r *reads) segment(place int) {
	if !slices.Contains(r.segments, place) {
		r.segments = append(r.segments, place)
	}
}

// compiler compiles predicates one by one and gathers their faults.
type compiler struct {
	names  Names
	index  map[string]int // segment ID to its place
	faults *customer.Faults
	reads  *reads // of the predicate being compiled
}

func (c *compiler) predicate(p Predicate, path string) eval {
	if p == nil {
		c.faults.Add(path, "is nil; give it a predicate")
		return unknown
	}
	return p.compile(c, path)
}

// unknown stands in for what is faulty, until the faults are told.
var unknown = steady(func(*Facts) bool { return false })

func (c *compiler) segment(id string) (int, bool) {
	i, ok := c.index[id]
	return i, ok
}

func (c *compiler) op(op Op, path string) {
	if !op.valid() {
		c.faults.Add(path, "has an unknown comparison %d; use Equal, NotEqual, Less, AtMost, AtLeast or More", op)
	}
}

func (c *compiler) span(d customer.Period, path string) {
	if err := d.Validate(); err != nil {
		c.faults.Add(path, "%v", err)
	}
}

// reach notes that a window of d is read, of all time where d is zero.
func (c *compiler) reach(d customer.Period, far *time.Duration, all *bool) {
	c.reads.time = c.reads.time || !d.IsZero()
	if d.IsZero() || d.AtMost() == math.MaxInt64 {
		*all = true
		return
	}
	*far = max(*far, d.AtMost())
}

// rule is what settling a segment takes.
type rule struct {
	id          string
	enter, exit eval
	exits       bool // there is an exit
}

// checked is one compiled segment.
type checked struct {
	rule  rule
	reads reads
}

func (c *compiler) check(s Segment, path string) (r checked) {
	c.reads = &r.reads
	r.rule.id = s.ID
	if s.ID == "" {
		c.faults.Add(path+".id", "is empty; give the segment an ID")
	}
	r.rule.enter = c.predicate(s.Enter, path+".enter")
	if s.Exit != nil {
		r.rule.exits = true
		r.rule.exit = c.predicate(s.Exit, path+".exit")
	}
	return r
}

// Compile checks segments and compiles them into a Set. Every fault is told,
// each a *customer.DefinitionError whose path begins with "segments[i]". The Set
// that comes with an error knows its segments by name, so that what refers to
// them can be checked as well, and is of no other use.
func Compile(segments []Segment, names Names) (*Set, error) {
	c := &compiler{names: names, index: make(map[string]int, len(segments)), faults: new(customer.Faults)}
	for i, s := range segments {
		if first, twice := c.index[s.ID]; twice {
			c.faults.Add(fmt.Sprintf("segments[%d].id", i), "%q is already the ID of segments[%d]", s.ID, first)
			continue
		}
		c.index[s.ID] = i
	}
	order := c.order(c.checkAll(segments))
	if err := c.faults.Err(); err != nil {
		return &Set{compiler: c}, err
	}
	// Compiled again in the order found, so that a segment's place tells when it
	// is to be settled.
	sorted := make([]Segment, len(segments))
	for place, i := range order {
		sorted[place] = segments[i]
		c.index[segments[i].ID] = place
	}
	return newSet(c, c.checkAll(sorted)), nil
}

func (c *compiler) checkAll(segments []Segment) []checked {
	all := make([]checked, len(segments))
	for i, s := range segments {
		all[i] = c.check(s, fmt.Sprintf("segments[%d]", i))
	}
	return all
}

// order returns the places of the rules so that each comes behind those it
// reads. Segments that read each other are a fault.
func (c *compiler) order(rules []checked) []int {
	const fresh, open, done = 0, 1, 2
	state := make([]int, len(rules))
	var order, trail []int
	var visit func(i int)
	visit = func(i int) {
		switch state[i] {
		case open:
			c.loop(rules, append(trail[slices.Index(trail, i):], i))
			return
		case done:
			return
		}
		state[i], trail = open, append(trail, i)
		for _, j := range rules[i].reads.segments {
			visit(j)
		}
		state[i], trail = done, trail[:len(trail)-1]
		order = append(order, i)
	}
	for i := range rules {
		if state[i] == fresh {
			visit(i)
		}
	}
	return order
}

func (c *compiler) loop(rules []checked, trail []int) {
	ids := make([]string, len(trail))
	for i, place := range trail {
		ids[i] = rules[place].rule.id
	}
	c.faults.Add(fmt.Sprintf("segments[%d]", trail[0]),
		"is defined by itself: %s; take one of these references out", strings.Join(ids, " -> "))
}
