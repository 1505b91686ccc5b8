package pipeline_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/pipeline"
	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/trigger"
)

// pruning is the move by which what is old is removed.
type pruning struct {
	customer.Input // none
	retention      pipeline.Retention
}

// retention draws how long things are kept: activities longer than anything may
// be late, or what comes for the first time would be passed over.
func (g maker) retention() pipeline.Retention {
	days := func(label string, least int) (d customer.Period) {
		if !g.chance("no "+label, 4) {
			d = customer.Days(least + g.n(label, 30))
		}
		return d
	}
	return pipeline.Retention{Timeline: days("timeline", 1), Sent: days("sent", 1), Dead: days("dead", 1), Activities: days("activities", 4)}
}

// forgetful puts prunes between the moves, and moves that were made before.
func (g maker) forgetful(moves []move) (list []move) {
	for i, m := range moves {
		list = append(list, m)
		if g.chance("prune", 3) {
			list = append(list, move{m.now, pruning{retention: g.retention()}})
		}
		for range g.n("again", 2) {
			if again := moves[g.n("which", i)].input; hasID(again) {
				list = append(list, move{m.now, again})
			}
		}
	}
	return list
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

// Of two engines, one prunes now and then. From then on they do the same, and
// tell the same of who was in which segment.
func TestPruningChangesNothing(t *testing.T) {
	t.Parallel()
	removed := 0
	rapid.Check(t, func(t *rapid.T) {
		g := maker{t}
		w := g.world()
		moves := g.forgetful(g.script(&w, 6+g.n("length", 20), func(*script) {}))
		moves = append(moves, move{now: moves[len(moves)-1].now.AddDate(0, 3, 0)})
		explain(t, &w, moves)
		whole, sent := twin(t, w)
		pruned, sentToo := twin(t, w)
		for i, m := range moves {
			if p, ok := m.input.(pruning); ok {
				pruned.clock.set(m.now)
				done, err := pruned.Prune(context.Background(), p.retention, pipeline.PruneOptions{})
				require.NoError(t, err)
				removed += done.Activities
			} else {
				mishap, added := whole.do(m)
				mishapToo, addedToo := pruned.do(m)
				require.Equal(t, mishap, mishapToo, "move %d", i)
				require.Equal(t, told(added), told(addedToo), "events of move %d", i)
			}
			require.Equal(t, whole.record(), pruned.record(), "move %d", i)
			require.Equal(t, *sent, *sentToo, "deliveries")
			asked := moves[g.n("asked", i)].now
			require.Equal(t, whole.memberships(asked), pruned.memberships(asked), "at %v", asked)
		}
		requireLess(t, whole.events(), pruned.events())
	})
	require.Positive(t, removed, "activities that were removed in all of it")
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
