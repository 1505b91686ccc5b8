package segment

import (
	"fmt"
	"slices"
	"strings"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/customer/document"
)

// Names tells a compiler which names of other definitions exist. What is nil has
// none.
type Names struct {
	HasPipeline func(pipeline string) bool
	HasStage    func(pipeline, stage string) bool
}

// compiler compiles predicates one by one and gathers their faults.
type compiler struct {
	names   Names
	index   map[string]int // segment ID to its place
	faults  *customer.Faults
	reads   *reads  // of the predicate being compiled
	foresee bool    // what a step would tell when it happens is to be foreseen
	shared  *shared // nil: nothing remembers what it said
	depth   int     // in how many predicates the one being compiled stands
}

// maxDepth bounds how many predicates may stand in each other: no document could
// hold more.
const maxDepth = document.MaxDepth

func (c *compiler) predicate(p Predicate, path string) eval {
	switch {
	case p == nil:
		c.faults.Add(path, "is nil; give it a predicate")
		return unknown
	case c.depth == maxDepth:
		c.faults.Add(path, "stands in %d other predicates; simplify the definition", maxDepth)
		return unknown
	}
	c.reads.size++
	c.depth++
	defer func() { c.depth-- }()
	compiled := p.compile(c, path)
	if c.shared != nil {
		compiled = c.shared.leaf(p, compiled)
	}
	return compiled
}

// unknown stands in for what is faulty, until the faults are told.
var unknown = steady(func(*Facts) bool { return false })

func (c *compiler) segment(id string) (int, bool) {
	i, ok := c.index[id]
	return i, ok
}

// period faults a period that cannot be added.
func (c *compiler) period(d customer.Period, path string) {
	if err := d.Validate(); err != nil {
		c.faults.Add(path, "%v", err)
	}
}

// length faults a period that is none.
func (c *compiler) length(d customer.Period, path string) {
	c.period(d, path)
	if d.IsZero() {
		c.faults.Add(path, "is no time at all; give it a length")
	}
}

// adds notes that a period is added to instants, so that the zone matters where
// it is one of the calendar.
func (c *compiler) adds(d customer.Period) {
	if d.IsCalendar() {
		c.reads.card |= partZone
	}
}

// elapses faults a period that is none, and notes that it passes.
func (c *compiler) elapses(d customer.Period, path string) {
	c.length(d, path)
	c.adds(d)
	c.reads.time = true
}

// day faults a day that does not exist, and notes that the zone matters.
func (c *compiler) day(d customer.Date, path string) {
	switch {
	case d.IsZero():
		c.faults.Add(path, "is no date; give it a day")
	case !d.Valid():
		c.faults.Add(path, "%s is no day of the calendar", d)
	}
	c.reads.card |= partZone
}

// days faults days of which the second is not behind the first.
func (c *compiler) days(from, to customer.Date, path string) {
	if from.Valid() && to.Valid() && from.DaysUntil(to) <= 0 {
		c.faults.Add(path+".to", "%s is not after %s; to is the first day that no longer counts", to, from)
	}
}

// rule is what settling a segment takes.
type rule struct {
	id          string
	enter, exit eval
	exits       bool // there is an exit
	stays       bool // for a while, at least
	stay        span
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
	if !s.Stay.IsZero() {
		c.elapses(s.Stay, path+".stay")
		r.rule.stays, r.rule.stay = true, newSpan(s.Stay)
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
	leaves := &shared{uses: make(map[string]int)}
	order := c.order(c.checkAll(segments, leaves))
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
	leaves.slots = make(map[string]int)
	s := newSet(c, c.checkAll(sorted, leaves))
	s.shared = len(leaves.slots)
	s.segments = sorted
	return s, nil
}

func (c *compiler) checkAll(segments []Segment, leaves *shared) []checked {
	c.shared = leaves
	defer func() { c.shared = nil }()
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
		for _, j := range rules[i].reads.segments.list {
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
