package segment

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/regulars-go/regulars/customer"
)

// Happening is something that a customer does, as a [Sequence] asks about it. It
// is built by [Did] and [Buys].
type Happening struct {
	Of happening `document:"self"`
}

// Did is an activity of that name, with such properties.
func Did(name string, where ...Property) Happening {
	return Happening{didActivity{newFactName(name, where)}}
}

// Buys is a purchase that the filter takes and that is not wholly refunded.
func Buys(of customer.Filter) Happening { return Happening{buys{of.Clone()}} }

// Sequence is one thing that happens after another: a cart that is followed by a
// purchase, or is not. Its methods build the predicates:
//
//	segment.Sequence{
//		First:  segment.Did("cart_add"),
//		Then:   segment.Buys(customer.Filter{}),
//		In:     customer.Hours(1),
//		Within: customer.Days(3),
//	}.Unanswered()
//
// Then follows First where it is another fact, of the same instant or a later
// one, but before In has passed. Two facts of one instant follow each other.
type Sequence struct {
	First  Happening       `json:"first" doc:"what happens first"`
	Then   Happening       `json:"then" doc:"what may follow"`
	In     customer.Period `json:"in,omitzero" document:"nonzero" doc:"how soon it follows; absent: whenever"`
	Within customer.Period `json:"within,omitzero" document:"nonzero" doc:"only what happened first in this trailing window"`
}

// Followed is true where some First was followed by a Then.
func (s Sequence) Followed() Predicate { return sequence{s, followed} }

// NotFollowed is true where some First was not followed by a Then: from the
// instant at which In has passed without one; from the First on, where In is
// zero. A Then that comes too late changes nothing.
func (s Sequence) NotFollowed() Predicate { return sequence{s, notFollowed} }

// Unanswered is true where some First has not been followed by any Then to this
// day, for In at least: it begins where NotFollowed does, and ends when a Then
// comes after all.
func (s Sequence) Unanswered() Predicate { return sequence{s, unanswered} }

type outcome string

const (
	followed    outcome = "followed"
	notFollowed outcome = "not_followed"
	unanswered  outcome = "unanswered"
)

type sequence struct {
	Sequence
	Is outcome `json:"is" doc:"followed, not_followed or unanswered"`
}

func (sequence) key() string { return "sequence" }

func (p sequence) String() string {
	words := map[outcome]string{followed: "followed by", notFollowed: "not followed by", unanswered: "unanswered by"}
	s := fmt.Sprintf("%v %s %v", p.First.Of, words[p.Is], p.Then.Of)
	if !p.In.IsZero() {
		s += fmt.Sprintf(" for %s", p.In)
	}
	if !p.Within.IsZero() {
		s += fmt.Sprintf(" within the last %s", p.Within)
	}
	return s
}

func (p sequence) compile(c *compiler, path string) eval {
	path += ".sequence"
	if p.First.Of == nil || p.Then.Of == nil {
		c.faults.Add(path, "has no first, or no then; build them by Did and Buys")
		return unknown
	}
	if !slices.Contains([]outcome{followed, notFollowed, unanswered}, p.Is) {
		c.faults.Add(path+".is", "%.40q is unknown; use followed, not_followed or unanswered", p.Is)
	}
	c.period(p.In, path+".in")
	c.period(p.Within, path+".within")
	c.adds(p.In)
	c.adds(p.Within)
	p.First.Of.check(c, path+".first", p.Within)
	p.Then.Of.check(c, path+".then", p.Within)
	c.reads.time = true
	in, within := newSpan(p.In), newScope(when{within: p.Within})
	return timed(func(f *Facts) (bool, int64) {
		spells := &f.spells
		spells.reset(f, &p)
		for _, first := range spells.first {
			until := within.until(f, first.at)
			if until <= f.now {
				continue
			}
			if from, ok := p.since(f, &in, first, spells.then); ok {
				spells.add(from, until)
			}
		}
		return spells.at(f.now)
	})
}

// since returns from when on a first makes the predicate true, if it does.
func (p *sequence) since(f *Facts, in *span, first spot, then []spot) (int64, bool) {
	limit := first.at
	if !p.In.IsZero() {
		limit = in.after(f, first.at)
	}
	next, comes := nextAfter(first, then)
	switch {
	case p.Is == followed:
		return next, comes && (p.In.IsZero() || next < limit)
	case p.Is == notFollowed && !p.In.IsZero() && comes && next >= limit:
		return limit, true // too late
	}
	return limit, !comes
}

// spot is a fact on the line of time; which is its place among those of its kind.
type spot struct {
	at    int64
	kind  uint8
	which int
}

// nextAfter returns the instant of the earliest of the facts that follows
// another.
func nextAfter(first spot, then []spot) (int64, bool) {
	i, _ := slices.BinarySearchFunc(then, first.at, func(s spot, at int64) int { return cmp.Compare(s.at, at) })
	for ; i < len(then); i++ {
		if then[i].kind != first.kind || then[i].which != first.which {
			return then[i].at, true
		}
	}
	return 0, false
}

// spells are stretches of time in which something is true.
type spells struct {
	list        [][2]int64 // from, until
	first, then []spot
}

func (s *spells) reset(f *Facts, p *sequence) {
	s.list = s.list[:0]
	s.first = p.First.Of.gather(f, s.first[:0])
	s.then = p.Then.Of.gather(f, s.then[:0])
}

func (s *spells) add(from, until int64) {
	if from < until {
		s.list = append(s.list, [2]int64{from, until})
	}
}

// at reports whether one of the spells holds, and until when that is so.
func (s *spells) at(now int64) (bool, int64) {
	slices.SortFunc(s.list, func(a, b [2]int64) int { return cmp.Compare(a[0], b[0]) })
	until, next := now, never
	for _, spell := range s.list {
		switch {
		case spell[0] <= until:
			until = max(until, spell[1])
		case next == never:
			next = spell[0]
		}
	}
	if until > now {
		return true, until
	}
	return false, next
}

// happening is what a Happening is of.
type happening interface {
	String() string
	key() string
	check(c *compiler, path string, within customer.Period)
	gather(f *Facts, into []spot) []spot // in order of time
	fact(f *Facts, s spot) Fact
}

// happenings are the cases of happening.
var happenings = []happening{didActivity{}, buys{}}

type (
	didActivity struct{ factName }
	buys        struct{ customer.Filter }
)

func (didActivity) key() string { return "activity" }
func (buys) key() string        { return "purchase" }

func (h didActivity) String() string { return "activity " + h.factName.String() }
func (h buys) String() string        { return "purchase" + filterWords(&h.Filter) }

func (h didActivity) check(c *compiler, path string, within customer.Period) {
	seen := c.activity(h.Name, h.Where, path+".activity")
	c.reach(within, &seen.Back, &seen.All)
}

func (h buys) check(c *compiler, path string, within customer.Period) {
	c.filter(&h.Filter, path+".purchase")
	c.reads.purchases.add(&h.Filter)
	c.reach(within, &c.reads.bought.Purchases, &c.reads.bought.AllPurchases)
}

func (h didActivity) gather(f *Facts, into []spot) []spot {
	for i := range f.Activities {
		if a := &f.Activities[i]; did(a, h.Name, h.Where) {
			into = append(into, spot{a.At.UnixMicro(), 0, i})
		}
	}
	return into
}

func (h buys) gather(f *Facts, into []spot) []spot {
	for i := range f.Purchases {
		if p := &f.Purchases[i]; p.Counts() && h.Takes(p) {
			into = append(into, spot{p.At.UnixMicro(), 1, i})
		}
	}
	return into
}
