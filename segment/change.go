package segment

import "slices"

// fixed is a predicate that nothing a customer does can change.
type fixed interface{ isFixed() bool }

func (chance) isFixed() bool    { return true }
func (customers) isFixed() bool { return true }
func (p card) isFixed() bool    { return p.Attribute == CardID }
func (p moment) isFixed() bool {
	_, ok := p.Of.Of.(created)
	return ok && !p.Is.relative()
}

// needed returns the smallest set of changes that lets a customer in; false
// where nothing does.
func needed(enter, exit *Reason) ([]Change, bool) {
	changes, ok := needs(enter, true)
	if exit != nil && ok {
		var more []Change
		more, ok = needs(exit, false)
		changes = append(changes, more...)
	}
	if !ok {
		return nil, false
	}
	return changes, true
}

// needs returns the smallest set of changes after which a reason holds, or else
// does not; false where there is none.
func needs(r *Reason, want bool) ([]Change, bool) {
	if r.Holds == want {
		return nil, true
	}
	switch p := r.of.(type) {
	case all:
		return fewest(r.Parts, want, count(r.Parts, !want, want))
	case anyOf:
		return fewest(r.Parts, want, count(r.Parts, !want, !want))
	case some:
		holding := 0
		for i := range r.Parts {
			holding += index(r.Parts[i].Holds)
		}
		if want {
			return fewest(r.Parts, true, p.N-holding)
		}
		return fewest(r.Parts, false, holding-p.N+1)
	case not:
		return needs(&r.Parts[0], !want)
	case in:
		return needsMember(r, want)
	case fixed:
		if p.isFixed() {
			return nil, false
		}
	}
	return []Change{r.change(want)}, true
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

// fewest returns the smallest set of changes after which n more parts are as
// wanted.
func fewest(parts []Reason, want bool, n int) ([]Change, bool) {
	var ways [][]Change
	for i := range parts {
		if parts[i].Holds == want {
			continue
		}
		if way, ok := needs(&parts[i], want); ok {
			ways = append(ways, way)
		}
	}
	if len(ways) < n {
		return nil, false
	}
	slices.SortStableFunc(ways, func(a, b []Change) int { return len(a) - len(b) })
	return slices.Concat(ways[:n]...), true
}

// needsMember returns what it takes to enter another segment, or to leave it.
func needsMember(r *Reason, want bool) ([]Change, bool) {
	var changes []Change
	ok := true
	for i := range r.Parts {
		isExit := i == 1
		if !want && len(r.Parts) > 1 && !isExit {
			continue // the way out decides
		}
		more, possible := needs(&r.Parts[i], want != isExit)
		changes, ok = append(changes, more...), ok && possible
	}
	if ok && len(changes) == 0 { // a stay, or reasons that were told before
		changes = []Change{r.change(want)}
	}
	return changes, ok
}

func (r *Reason) change(to bool) Change {
	return Change{Path: r.Path, Rule: r.Rule, Has: r.Has, Asked: r.Asked, To: to, Until: r.Until}
}
