package pipeline_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/pipeline"
	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/trigger"
)

// pruning is the move by which what is old is removed.
type pruning struct {
	customer.Input // none
	retention      pipeline.Retention
	ahead          time.Duration // by how much the clock of who prunes is wrong
}

// retention draws how long things are kept: activities also shorter than some are
// late.
func (g maker) retention() pipeline.Retention {
	days := func(label string, least int) (d customer.Period) {
		if !g.chance("no "+label, 4) {
			d = customer.Days(least + g.n(label, 30))
		}
		return d
	}
	return pipeline.Retention{Timeline: days("timeline", 1), Sent: days("sent", 1), Dead: days("dead", 1), Activities: days("activities", 1)}
}

// forgetful puts prunes between the moves, moves that were made before, and now
// and then definitions that ask for less. Where nothing comes late, prunes may come
// too early.
func (g maker) forgetful(w world, moves []move, late bool) (list []move) {
	for i, m := range moves {
		list = append(list, m)
		if i > 0 && g.chance("fewer", 12) {
			w = g.fewer(w)
			list = append(list, move{m.now, redefinition{to: w, options: pipeline.RedefineOptions{Fire: g.chance("fire", 2)}}})
		}
		if g.chance("prune", 3) {
			p := pruning{retention: g.retention()}
			if !late { // but not before what comes next happens
				p.ahead = time.Duration(g.n("ahead", 24*60-1)) * time.Minute
			}
			list = append(list, move{m.now, p})
		}
		if late && g.chance("history", 2) {
			when := m.now.Add(-time.Duration(g.n("hours", 30*24)) * time.Hour)
			list = append(list, move{m.now, customer.Activity{ID: fmt.Sprint("old", i), Customer: "olga", At: when, Name: pick(g, "action", actions)}})
		}
		for range g.n("again", 2) {
			if again := moves[g.n("which", i)].input; hasID(again) {
				list = append(list, move{m.now, again})
			}
		}
	}
	return list
}

// fewer returns definitions without some triggers, and perhaps without segments.
func (g maker) fewer(w world) world {
	if w.triggers = w.triggers[:g.n("triggers", len(w.triggers))]; len(w.triggers) == 0 && g.chance("no segments", 2) {
		w.segments, w.order = nil, nil
	}
	return w
}

// twin is an engine whose receiver notes what it is sent.
func twin(t *rapid.T, w world) (l *lab, sent *[]trigger.Delivery) {
	l, sent = newLab(t, w), new([]trigger.Delivery)
	l.cfg.Notifier = trigger.NotifierFunc(func(_ context.Context, d trigger.Delivery) error {
		*sent = append(*sent, d)
		if len(d.ID)%5 == 0 {
			return trigger.Permanent(context.Canceled)
		}
		return nil
	})
	l.restart()
	return l, sent
}

// do makes a move and returns what it added to the timeline.
func (l *lab) do(m move) (mishap string, added []customer.Event) {
	l.Helper()
	l.clock.set(m.now)
	before := 0
	if rec, err := l.Customer(context.Background(), "olga"); err == nil && rec.Version > 0 {
		before = len(l.events())
	}
	if m.input != nil {
		if err := l.Apply(context.Background(), m.input); err != nil {
			mishap = err.Error()
		}
	} else {
		l.tickAt(m.now)
	}
	return mishap, l.events()[before:]
}

func (l *lab) memberships(at time.Time) []segment.Membership {
	l.Helper()
	in, err := l.At(context.Background(), "olga", at)
	require.NoError(l.T, err)
	return in
}

// mark returns what is known of an activity in the store: that it is there, or when
// the last that was removed happened.
func (l *lab) mark(a customer.Activity) (there bool, pruned time.Time) {
	l.Helper()
	loaded, err := l.cfg.Store.Load(context.Background(), store.Request{Customer: a.Customer, ActivityIDs: []string{a.ID}})
	require.NoError(l.T, err)
	return len(loaded[0].FoundActivities) > 0, loaded[0].Pruned
}

// asked reports whether the definitions ask about an activity that is so old.
func (l *lab) asked(a customer.Activity, from time.Time) bool {
	l.Helper()
	d := l.Definitions()
	any := func(string) bool { return true }
	set, err := segment.Compile(d.Segments, segment.Names{HasPipeline: any, HasStage: func(string, string) bool { return true }})
	require.NoError(l.T, err)
	var sights []segment.Sight
	for _, s := range d.Segments {
		sights = append(sights, set.Sights(s.ID)...)
	}
	for _, t := range d.Triggers {
		if t.If != nil {
			rule, _ := set.Rule(t.If, "if", new(customer.Faults))
			sights = append(sights, rule.Sights()...)
		}
	}
	return slices.ContainsFunc(sights, func(s segment.Sight) bool { return s.Activity == a.Name && s.Sees(a.At, from) })
}

// passedOver reports whether the engine took an activity for one that was pruned,
// as it may where nothing asks about it.
func (l *lab) passedOver(m move) bool {
	l.Helper()
	a, ok := m.input.(customer.Activity)
	if !ok {
		return false
	}
	there, pruned := l.mark(a)
	if !there {
		require.False(l.T, a.At.After(pruned), "%s is new", a.ID)
		require.False(l.T, l.asked(a, l.record().AsOf), "%s is asked about", a.ID)
	}
	return !there
}

// Of two engines, one prunes now and then. From then on they do the same, and
// tell the same of who was and who is in which segment. What comes for the first
// time, and the one passes over, the other is not told either.
func TestPruningChangesNothing(t *testing.T) {
	t.Parallel()
	removed, passed := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		g := maker{t}
		w := g.world()
		late := g.chance("late", 2)
		moves := g.forgetful(w, g.script(&w, 6+g.n("length", 20), func(s *script) { s.late = late }), late)
		moves = append(moves, move{now: moves[len(moves)-1].now.AddDate(0, 3, 0)})
		explain(t, &w, moves)
		whole, sent := twin(t, w)
		pruned, sentToo := twin(t, w)
		for i, m := range moves {
			switch in := m.input.(type) {
			case pruning:
				pruned.clock.set(m.now.Add(in.ahead))
				done, err := pruned.Prune(context.Background(), in.retention, pipeline.PruneOptions{})
				require.NoError(t, err)
				pruned.clock.set(m.now)
				removed += done.Activities
			case redefinition:
				for _, l := range []*lab{whole, pruned} {
					l.clock.set(m.now)
					_, err := l.Redefine(context.Background(), in.to.definitions(), in.options)
					require.NoError(t, err)
				}
			default:
				mishapToo, addedToo := pruned.do(m)
				if a, ok := in.(customer.Activity); ok && mishapToo == "" && pruned.passedOver(m) {
					if known, _ := whole.mark(a); !known {
						passed++
						continue
					}
				}
				mishap, added := whole.do(m)
				require.Equal(t, mishap, mishapToo, "move %d", i)
				require.Equal(t, told(added), told(addedToo), "events of move %d", i)
			}
			require.Equal(t, whole.record(), pruned.record(), "move %d", i)
			require.Equal(t, *sent, *sentToo, "deliveries")
			asked := moves[g.n("asked", i)].now
			require.Equal(t, whole.memberships(asked), pruned.memberships(asked), "at %v", asked)
			if g.chance("explain", 3) {
				requireSameReasons(t, whole, pruned, m.now)
			}
		}
		requireLess(t, whole.events(), pruned.events())
	})
	require.Positive(t, removed, "activities that were removed in all of it")
	require.Positive(t, passed, "activities that were passed over")
}

// requireSameReasons compares why olga is in each segment now, and will be.
func requireSameReasons(t *rapid.T, whole, pruned *lab, now time.Time) {
	for _, s := range whole.Definitions().Segments {
		for _, at := range []time.Time{{}, now.AddDate(0, 0, 20)} {
			a, err := whole.Explain(context.Background(), "olga", s.ID, at)
			b, errToo := pruned.Explain(context.Background(), "olga", s.ID, at)
			require.Equal(t, err, errToo)
			require.Equal(t, a, b, "why %s at %v", s.ID, at)
		}
	}
}

// requireLess checks that a timeline is part of another, and has all of the
// changes of segments.
func requireLess(t *rapid.T, whole, part []customer.Event) {
	for _, e := range whole {
		if len(part) > 0 && part[0] == e {
			part = part[1:]
			continue
		}
		require.False(t, slices.Contains([]customer.EventKind{customer.SegmentEntered, customer.SegmentLeft}, e.Kind), "%s is gone", line(e))
	}
	require.Empty(t, part)
}
