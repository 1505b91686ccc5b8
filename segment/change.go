package segment

import (
	"cmp"
	"slices"
)

// way is a set of changes that makes a predicate what is wanted; open is false
// where there is none.
type way struct {
	changes []Change
	open    bool
}

// planner looks for the smallest way.
type planner struct {
	facts *Facts
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
	return x.ripe(r, want, x.anyWay(r, want))
}

// ripe returns a way that does not only come by itself, but makes the reason as
// wanted when it has come. One that comes too soon for that waits for the reason
// as a whole, and one that comes in vain is none.
func (x *planner) ripe(r *Reason, want bool, w way) way {
	comes := w.comes()
	switch {
	case len(w.changes) == 0 || comes == never:
		return w
	case !r.Until.IsZero() && r.Until.UnixMicro() > comes:
		return r.itself(want)
	case r.Until.IsZero() && (r.Ahead.IsZero() || r.Ahead.UnixMicro() >= comes):
		return way{}
	}
	return w
}

// anyWay returns the smallest way by the changes of parts alone.
func (x *planner) anyWay(r *Reason, want bool) way {
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
	case settled:
		if r.Until.IsZero() && p.isSettled(x.facts, want) {
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
		n += oneIf(parts[i].Holds == so)
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
	return way{[]Change{{Path: r.Path, Rule: r.words(), Has: r.Has, Asked: r.Asked, To: to, Until: r.Until}}, true}
}

// words returns the whole rule.
func (r *Reason) words() string {
	if _, whole := r.of.(parent); whole {
		return r.of.String()
	}
	return r.Rule
}
