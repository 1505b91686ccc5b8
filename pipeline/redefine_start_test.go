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
)

// Once redefined, an engine cannot be told from one that had the definitions
// from the start: neither by where customers stand nor by what comes next. Left
// out is what remembers the way it came: exits, triggers, decisions of people.
func TestRedefinedIsAsIfDefinedFromTheStart(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		g := maker{t}
		w := forgetful(g.world())
		next := forgetful(g.changed(&w))
		s := &script{maker: g, w: &w, now: at(pick(g, "begin", begin)), late: true, hands: true}
		s.add(s.card())
		s.play(g.n("before", 12))
		before := undecided(s.moves)
		s.w, s.late = &next, false
		s.pass()
		redefinedAt, n := s.now, len(s.moves)
		s.play(g.n("after", 8))
		after := undecided(s.moves[n:])
		explain(t, &w, before)
		explain(t, &next, after)

		l, fromStart := newLab(t, w), newLab(t, next)
		fromStart.feed(before, never)
		l.feed(before, never)
		if g.chance("ticked", 2) {
			l.tickAt(s.moves[n-1].now)
		}
		fromStart.tickAt(redefinedAt)
		l.clock.set(redefinedAt)
		if g.chance("restart", 2) {
			l.restart()
		}
		_, err := l.Redefine(context.Background(), next.definitions(), pipeline.RedefineOptions{Fire: g.chance("fire", 2)})
		require.NoError(t, err)
		l.tickAt(redefinedAt) // where nothing differs, nobody was looked at
		alike(l, fromStart)
		l.seen, fromStart.seen = len(l.events()), len(fromStart.events())
		for _, m := range append(after, move{now: s.now.Add(9 * time.Hour)}, move{now: s.now.AddDate(0, 0, 3)}, move{now: s.now.AddDate(0, 4, 0)}) {
			for _, l := range []*lab{l, fromStart} {
				l.feed([]move{m}, never)
				l.tickAt(m.now)
			}
			alike(l, fromStart)
			require.Equal(t, told(fromStart.moves()), told(l.moves()))
		}
	})
}

// alike checks that two labs stand alike.
func alike(l, other *lab) {
	l.Helper()
	require.Equal(l.T, state(outcome{Record: other.record()}), state(outcome{Record: l.record()}))
}

// moves returns what moved since it was last seen.
func (l *lab) moves() []customer.Event {
	kinds := append(slices.Clone(stageKinds), customer.SegmentEntered, customer.SegmentLeft)
	return slices.DeleteFunc(l.events()[l.seen:], func(e customer.Event) bool { return !slices.Contains(kinds, e.Kind) })
}

// forgetful returns the world without what remembers the way it came.
func forgetful(w world) world {
	w.triggers = nil
	w.segments = slices.Clone(w.segments)
	for i := range w.segments {
		w.segments[i].exit = rule{}
	}
	w.order = w.inOrder()
	return w
}

// undecided returns the moves without what people decided about cycles.
func undecided(moves []move) []move {
	return slices.DeleteFunc(slices.Clone(moves), func(m move) bool {
		switch m.input.(type) {
		case customer.Refusal, customer.StageMove, customer.NextMove:
			return true
		}
		return false
	})
}
