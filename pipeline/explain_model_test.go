package pipeline_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/regulars-go/regulars/pipeline"
	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/store"
)

// explained returns what explanations say of every segment, as "s0 since ...".
func (l *lab) explained(segments []seg, at time.Time) []string {
	l.Helper()
	var list []string
	for _, s := range segments {
		x, err := l.Explain(context.Background(), "olga", s.id, at)
		require.NoError(l.T, err)
		if x.Member {
			list = append(list, s.id+" since "+x.Since.Format(time.RFC3339Nano))
		}
		if !at.IsZero() {
			require.True(l.T, x.At.Equal(at))
		}
	}
	slices.Sort(list)
	return list
}

func asMembers(members []segment.Membership) []string {
	var list []string
	for _, m := range members {
		list = append(list, m.Segment+" since "+m.Since.Format(time.RFC3339Nano))
	}
	return list
}

func TestExplainOfNowAgreesWithTheModel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		g := maker{t}
		w := g.world()
		moves := g.script(&w, 4+g.n("length", 10), func(*script) {})
		explain(t, &w, moves)
		l := newLab(t, w)
		for _, m := range moves {
			l.play(m)
			before := l.record()
			l.clock.set(m.now.Add(time.Duration(g.n("hours", 100)) * time.Hour)) // and nobody ticks
			now := l.model.clone()
			now.pass(l.clock.Now())
			require.Equal(t, asMembers(membersOf(now)), l.explained(w.segments, time.Time{}))
			if !l.clock.Now().Before(before.AsOf) {
				require.Equal(t, asMembers(membersOf(now)), l.explained(w.segments, l.clock.Now()))
			}
			require.Equal(t, before, l.record(), "nothing is committed")
		}
	})
}

// What is foretold is what comes when nothing happens: by the clock, by runs
// that wait, and by triggers that answer the clock.
func TestExplainOfTheFutureComesTrue(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		g := maker{t}
		w := g.world()
		moves := g.script(&w, 4+g.n("length", 10), func(*script) {})
		explain(t, &w, moves)
		l := newLab(t, w)
		l.feed(moves, never)
		now := l.clock.Now()
		var times []time.Time
		for i := range 4 {
			times = append(times, now.Add(time.Duration(g.n("minutes", 30*24*60*(i+1)))*time.Minute))
		}
		slices.SortFunc(times, time.Time.Compare)
		var foretold [][]string
		for _, at := range times {
			foretold = append(foretold, l.explained(w.segments, at))
		}
		for i, at := range times {
			l.tickAt(at)
			require.Equal(t, foretold[i], asMembers(l.record().Segments), "at %v", at)
		}
	})
}

// Of the past it tells what an engine would have said that knew the facts up to
// then, and none that came later.
func TestExplainOfThePastIsThatOfAnEngineFedUpToThen(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		g := maker{t}
		w := g.world()
		moves := g.script(&w, 4+g.n("length", 14), func(*script) {})
		first := moves[0].now
		moves = slices.DeleteFunc(moves, func(m move) bool { return m.input != nil && happened(m.input, m.now).Before(first) })
		explain(t, &w, moves)
		l := newLab(t, w)
		l.feed(moves, never)
		rec := l.record()
		facts := l.facts()
		for range 3 {
			at := first.Add(time.Duration(rapid.Int64Range(0, int64(rec.AsOf.Sub(first))).Draw(t, "ago"))).Truncate(time.Microsecond)
			if len(facts) > 0 && g.chance("at a fact", 2) {
				at = facts[g.n("fact", len(facts)-1)].now.Add(time.Duration(g.n("beside", 2)-1) * time.Microsecond)
			}
			if !at.Before(rec.AsOf) || at.Before(first) {
				continue
			}
			w := w
			w.triggers = nil
			then := newLab(t, w)
			then.feed([]move{{first, rec.Customer}}, never)
			for _, f := range facts {
				if !f.now.After(at) {
					then.clock.set(f.now)
					require.NoError(t, then.Apply(context.Background(), f.input))
				}
			}
			then.tickAt(at)
			require.Equal(t, asMembers(then.record().Segments), l.explained(w.segments, at), "at %v", at)
		}
	})
}

// facts returns what the store knows that happened, in order.
func (l *lab) facts() (list []move) {
	all := segment.Reach{AllPurchases: true, AllActivities: true}
	loaded, err := l.cfg.Store.Load(context.Background(), store.Request{Customer: "olga", Reach: all})
	require.NoError(l.T, err)
	for _, p := range loaded[0].Purchases {
		refunds := p.Refunds
		p.Refunds = nil
		list = append(list, move{p.At, p})
		for _, r := range refunds {
			list = append(list, move{r.At, r})
		}
	}
	for _, a := range loaded[0].Activities {
		list = append(list, move{a.At, a})
	}
	slices.SortStableFunc(list, func(a, b move) int { return a.now.Compare(b.now) })
	return list
}

// A record that was last stepped under other definitions is explained as it will
// be when it is brought over.
func TestExplainBeforeARedefinitionIsThatAfterIt(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		g := maker{t}
		w := g.world()
		moves, worlds := g.life(&w, 1, func(*script) {})
		for i := range worlds {
			explain(t, &worlds[i], moves)
		}
		l := newLab(t, w)
		for _, m := range moves {
			l.clock.set(m.now)
			r, ok := m.input.(redefinition)
			if !ok {
				l.feed([]move{m}, never)
				continue
			}
			l.cfg.Definitions = r.to.definitions()
			l.restart()
			before, now := l.record(), l.explained(r.to.segments, time.Time{})
			later := m.now.AddDate(0, 0, g.n("days", 40))
			then := l.explained(r.to.segments, later)
			require.Equal(t, before, l.record())
			_, err := l.Redefine(context.Background(), l.cfg.Definitions, pipeline.RedefineOptions{})
			require.NoError(t, err)
			if before.Definitions != l.record().Definitions {
				require.Equal(t, now, asMembers(l.record().Segments))
			}
			l.tickAt(later)
			require.Equal(t, then, asMembers(l.record().Segments))
			return
		}
	})
}
