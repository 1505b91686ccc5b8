package segment_test

import (
	"time"

	"pgregory.net/rapid"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
)

// asked says which activities are meant.
type asked struct {
	name  string
	where []askedProp
}

type askedProp struct {
	name   string
	op     segment.Op
	values []customer.Value
}

func drawAsked(t *rapid.T) asked {
	a := asked{name: anyName.Draw(t, "activity")}
	for range rapid.SampledFrom([]int{0, 0, 1, 2}).Draw(t, "properties") {
		op, values := drawValues(t)
		a.where = append(a.where, askedProp{anyName.Draw(t, "property"), op, values})
	}
	return a
}

func (a asked) properties() (all []segment.Property) {
	for _, p := range a.where {
		all = append(all, segment.Prop(p.name, p.op, p.values...))
	}
	return all
}

func (a asked) takes(act customer.Activity) bool {
	for _, p := range a.where {
		if !passesValue(fieldOf(&customer.Customer{Fields: act.Props}, p.name), p.op, p.values) {
			return false
		}
	}
	return act.Name == a.name
}

// done returns when that was done, in order.
func (w *world) done(a asked) (all []time.Time) {
	for _, act := range w.activities {
		if a.takes(act) {
			all = append(all, act.At)
		}
	}
	return all
}

func drawActs(t *rapid.T) rule {
	a, v := drawAsked(t), drawWindow(t)
	op, n := drawNumbers(t, -1, 4)
	of := segment.Activities{Name: a.name, Where: a.properties(), Within: v.within, From: v.from, To: v.to, Cycle: v.cycle}
	return leaf{
		of: of.Count(op, n...),
		truth: func(w *world, now time.Time) bool {
			var count int64
			for _, at := range w.done(a) {
				if has, _ := v.has(w, at, now); has {
					count++
				}
			}
			_, exists := v.has(w, now, now)
			return exists && passes(count, op, n)
		},
		flips: func(w *world, _, _ time.Time) (all []time.Time) {
			for _, at := range w.done(a) {
				all = append(all, v.ends(w, at)...)
			}
			return all
		},
	}
}

// event is something that happened, as sequences see it.
type event struct {
	at time.Time
	id string // of what happened, for one fact does not follow itself
}

// events draws what a part of a sequence is about.
func drawHappening(t *rapid.T) (segment.Happening, func(w *world) []event) {
	if rapid.IntRange(0, 2).Draw(t, "a purchase") == 0 {
		of := drawFilter(t)
		return segment.Buys(of), func(w *world) (all []event) {
			for _, p := range w.purchases {
				if left(p) != gone && takes(of, p) {
					all = append(all, event{p.At, "purchase " + p.ID})
				}
			}
			return all
		}
	}
	a := drawAsked(t)
	return segment.Did(a.name, a.properties()...), func(w *world) (all []event) {
		for _, act := range w.activities {
			if a.takes(act) {
				all = append(all, event{act.At, "activity " + act.ID})
			}
		}
		return all
	}
}

func drawSequence(t *rapid.T) rule {
	var s segment.Sequence
	var firsts, thens func(w *world) []event
	s.First, firsts = drawHappening(t)
	s.Then, thens = drawHappening(t)
	if rapid.IntRange(0, 3).Draw(t, "in") > 0 {
		s.In = anySpan.Draw(t, "in")
	}
	if rapid.Bool().Draw(t, "trailing") {
		s.Within = anySpan.Draw(t, "within")
	}
	kind := rapid.IntRange(0, 2).Draw(t, "outcome")
	return leaf{
		of: []segment.Predicate{s.Followed(), s.NotFollowed(), s.Unanswered()}[kind],
		truth: func(w *world, now time.Time) bool {
			for _, first := range firsts(w) {
				if w.inside(first.at, s.Within, now) && comesOut(w, s.In, first, thens(w), now)[kind] {
					return true
				}
			}
			return false
		},
		flips: func(w *world, _, _ time.Time) (all []time.Time) {
			for _, first := range firsts(w) {
				all = append(all, first.at, s.In.After(first.at, w.zone), s.Within.After(first.at, w.zone))
			}
			for _, then := range thens(w) {
				all = append(all, then.at)
			}
			return all
		},
	}
}

// comesOut reports whether a first is followed, is not, and is unanswered now.
func comesOut(w *world, in customer.Period, first event, thens []event, now time.Time) [3]bool {
	limit := in.After(first.at, w.zone)
	var inTime, ever bool
	for _, then := range thens {
		if then.id != first.id && !then.at.Before(first.at) && !then.at.After(now) {
			ever = true
			inTime = inTime || in.IsZero() || then.at.Before(limit)
		}
	}
	over := !now.Before(limit) // which is the first itself, where no time is given
	return [3]bool{inTime, over && !inTime, over && !ever}
}
