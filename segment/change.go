package segment

import (
	"cmp"
	"slices"
)

// fixed is a predicate that nothing a customer does can change.
type fixed interface{ isFixed() bool }

func (chance) isFixed() bool    { return true }
func (customers) isFixed() bool { return true }
func (p card) isFixed() bool    { return p.Attribute == CardID }
func (p moment) isFixed() bool {
	_, ok := p.Of.Of.(created)
	return ok && !p.Is.relative()
}

// way is a set of changes that makes a predicate what is wanted; open is false
// where there is none.
type way struct {
	changes []Change
	open    bool
}

// planner looks for the smallest way.
type planner struct {
	told  map[string][]Reason // of segments, their enter and exit
	known map[wanted]way      // of segments that were looked at
}

// wanted is that a customer is in a segment, or is not.
type wanted struct {
	segment string
	in      bool
}

// toEnter returns the way into a segment.
func (x *planner) toEnter(enter, exit *Reason) way {
	if exit == nil {
		return x.way(enter, true)
	}
	return both([]way{x.way(enter, true), x.way(exit, false)})
}

// way returns the smallest way after which a reason holds, or else does not.
func (x *planner) way(r *Reason, want bool) way {
	if r.Holds == want {
		return way{open: true}
	}
	switch p := r.of.(type) {
	case all:
		return x.fewest(r.Parts, want, count(r.Parts, !want, want))
	case anyOf:
		return x.fewest(r.Parts, want, count(r.Parts, !want, !want))
	case some:
		holding := count(r.Parts, true, true)
		if want {
			return x.fewest(r.Parts, true, p.N-holding)
		}
		return x.fewest(r.Parts, false, holding-p.N+1)
	case not:
		return x.way(&r.Parts[0], !want)
	case in:
		return x.toMember(r, wanted{string(p), want})
	case fixed:
		if p.isFixed() {
			return way{}
		}
	}
	return r.itself(want)
}

// count returns how many parts have to change: all of those that are so, or one.
func count(parts []Reason, so, every bool) int {
	if !every {
		return 1
	}
	n := 0
	for i := range parts {
		n += index(parts[i].Holds == so)
	}
	return n
}

// fewest returns the smallest way after which n more parts are as wanted.
func (x *planner) fewest(parts []Reason, want bool, n int) way {
	var ways []way
	for i := range parts {
		if parts[i].Holds == want {
			continue
		}
		if w := x.way(&parts[i], want); w.open {
			ways = append(ways, w)
		}
	}
	if len(ways) < n {
		return way{}
	}
	slices.SortStableFunc(ways, func(a, b way) int {
		return cmp.Or(cmp.Compare(len(a.changes), len(b.changes)), cmp.Compare(a.comes(), b.comes()))
	})
	return both(ways[:n])
}

// comes returns when time alone has made all of the changes.
func (w *way) comes() int64 {
	var last int64
	for _, c := range w.changes {
		if c.Until.IsZero() {
			return never
		}
		last = max(last, c.Until.UnixMicro())
	}
	return last
}

// both returns the way that is all of these, each change once: a segment may be
// asked about in several places.
func both(ways []way) way {
	whole := way{open: true}
	seen := make(map[string]bool)
	for _, w := range ways {
		if !w.open {
			return way{}
		}
		for _, c := range w.changes {
			if !seen[c.Path] {
				whole.changes = append(whole.changes, c)
			}
			seen[c.Path] = true
		}
	}
	return whole
}

// toMember returns the way into another segment, or out of it.
func (x *planner) toMember(r *Reason, to wanted) way {
	if w, known := x.known[to]; known {
		return w
	}
	sides := x.told[to.segment]
	var w way
	switch {
	case to.in && len(sides) == 2:
		w = x.toEnter(&sides[0], &sides[1])
	case len(sides) == 2:
		w = x.way(&sides[1], true)
	default:
		w = x.way(&sides[0], to.in)
	}
	if w.open && len(w.changes) == 0 { // a stay
		w = r.itself(to.in)
	}
	x.known[to] = w
	return w
}

// itself is the way of a reason that can only change as a whole.
func (r *Reason) itself(to bool) way {
	return way{[]Change{{Path: r.Path, Rule: r.Rule, Has: r.Has, Asked: r.Asked, To: to, Until: r.Until}}, true}
}
