package pipeline_test

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/store"
)

func TestModelMinuteByMinuteAgrees(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		g := maker{t}
		w := g.world()
		moves := g.script(&w, 1+g.n("length", 6), func(s *script) { s.short = true })
		explain(t, &w, moves)
		l := newLab(t, w)
		l.model.crawls = true
		for _, m := range moves {
			l.play(m)
		}
		l.play(move{now: moves[len(moves)-1].now.Add(4 * time.Hour)})
	})
}

// outcome is what is left of a history when it is over.
type outcome struct {
	Record     store.Record
	Timeline   string
	Deliveries []string
}

func (l *lab) outcome(end time.Time) outcome {
	l.Helper()
	l.tickAt(end)
	rec := l.record()
	rec.Version, rec.AsOf, rec.Wake = 0, time.Time{}, time.Time{} // these depend on how often it was looked at
	return outcome{rec, told(l.events()), l.deliveries()}
}

func (l *lab) tickAt(now time.Time) {
	l.Helper()
	l.clock.set(now)
	_, err := l.Tick(context.Background())
	require.NoError(l.T, err)
}

// feed applies the moves without looking at the model; what is refused, is.
func (l *lab) feed(moves []move, between func(from, to time.Time)) {
	l.Helper()
	last := moves[0].now
	for _, m := range moves {
		between(last, m.now)
		l.clock.set(m.now)
		if m.input != nil {
			_ = l.Apply(context.Background(), m.input)
		}
		last = m.now
	}
}

// every returns a between that ticks at regular times.
func (l *lab) every(d time.Duration) func(from, to time.Time) {
	return func(from, to time.Time) {
		for t := from.Add(d); t.Before(to); t = t.Add(d) {
			l.tickAt(t)
		}
	}
}

func never(time.Time, time.Time) {}

// punctual draws a history in which everything is known when it happens.
func (g maker) punctual(w *world) []move {
	return g.script(w, 4+g.n("length", 10), func(s *script) { s.late = false })
}

func TestHowOftenItTicksDoesNotMatter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		g := maker{t}
		w := g.world()
		moves := g.punctual(&w)
		explain(t, &w, moves)
		end := moves[len(moves)-1].now.AddDate(0, 2, 0)
		once := newLab(t, w)
		once.feed(moves, never)
		want := once.outcome(end)
		for name, between := range map[string]func(l *lab) func(from, to time.Time){
			"every week":       func(l *lab) func(from, to time.Time) { return l.every(7 * 24 * time.Hour) },
			"every five hours": func(l *lab) func(from, to time.Time) { return l.every(5 * time.Hour) },
			"with another engine each week": func(l *lab) func(from, to time.Time) {
				tick := l.every(7 * 24 * time.Hour)
				return func(from, to time.Time) {
					l.restart()
					tick(from, to)
				}
			},
		} {
			l := newLab(t, w)
			l.feed(moves, between(l))
			require.Equal(t, want, l.outcome(end), name)
		}
	})
}

func TestTickingEveryMinuteDoesNotMatter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		g := maker{t}
		w := g.world()
		moves := g.script(&w, 1+g.n("length", 4), func(s *script) { s.short, s.late = true, false })
		explain(t, &w, moves)
		end := moves[len(moves)-1].now.Add(10 * time.Hour)
		once, often := newLab(t, w), newLab(t, w)
		once.feed(moves, never)
		often.feed(append(moves, move{now: end}), often.every(time.Minute))
		require.Equal(t, once.outcome(end), often.outcome(end))
	})
}

// A month without an engine in the middle of it all is as if there had been
// one.
func TestStoppingForAMonthDoesNotMatter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		g := maker{t}
		w := g.world()
		moves := g.punctual(&w)
		stop := 1 + g.n("stop", len(moves)-1)
		for i := stop; i < len(moves); i++ {
			moves[i].now = moves[i].now.AddDate(0, 1, 0)
			moves[i].input = shifted(moves[i].input, moves[i].now)
		}
		explain(t, &w, moves)
		end := moves[len(moves)-1].now.AddDate(0, 1, 0)
		through, stopped := newLab(t, w), newLab(t, w)
		through.feed(moves, through.every(11*time.Hour))
		stopped.feed(moves[:stop], stopped.every(11*time.Hour))
		stopped.restart()
		if stop < len(moves) {
			stopped.feed(moves[stop:], stopped.every(11*time.Hour))
		}
		require.Equal(t, through.outcome(end), stopped.outcome(end))
	})
}

// shifted returns the input as if it had happened now.
func shifted(in customer.Input, now time.Time) customer.Input {
	switch in := in.(type) {
	case customer.Purchase:
		if !in.Next.IsZero() {
			in.Next = in.Next.Add(now.Sub(in.At))
		}
		in.At = now
		return in
	case customer.Activity:
		in.At = now
		return in
	case customer.Refund:
		in.At = now
		return in
	}
	return in
}

func TestDuplicatesChangeNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		g := maker{t}
		w := g.world()
		moves := g.script(&w, 4+g.n("length", 10), func(*script) {})
		var twice []move
		for i, m := range moves {
			twice = append(twice, m)
			for range g.n("again", 2) {
				if again := moves[g.n("which", i)].input; hasID(again) {
					twice = append(twice, move{m.now, again})
				}
			}
		}
		explain(t, &w, twice)
		end := moves[len(moves)-1].now.AddDate(0, 2, 0)
		once, often := newLab(t, w), newLab(t, w)
		once.feed(moves, never)
		often.feed(twice, never)
		require.Equal(t, once.outcome(end), often.outcome(end))
	})
}

// hasID reports whether an input has an ID that makes it known again.
func hasID(in customer.Input) bool {
	switch in.(type) {
	case customer.Purchase, customer.Activity, customer.Refund:
		return true
	}
	return false
}

// What happened is the same whatever the order in which it became known, a
// refund behind its purchase.
func TestArrivalOrderGivesTheSameState(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		g := maker{t}
		w := g.world()
		w.triggers = nil // they act when they are told, not on what turns out later
		for i := range w.segments {
			w.segments[i].exit = rule{} // hysteresis remembers by which way it came
		}
		w.order = w.inOrder()
		moves := g.script(&w, 4+g.n("length", 16), func(s *script) { s.hands = false })
		known := moves[len(moves)-1].now
		end := known.AddDate(0, 0, g.n("days", 90))
		shuffled := []move{moves[0]}
		for _, m := range rapid.Permutation(moves[1:]).Draw(t, "order") {
			if hasID(m.input) {
				shuffled = append(shuffled, move{known, m.input})
			}
		}
		slices.SortStableFunc(shuffled[1:], func(a, b move) int { return refundsLast(a.input) - refundsLast(b.input) })
		explain(t, &w, shuffled)
		inOrder, anyhow := newLab(t, w), newLab(t, w)
		inOrder.feed(inTime(moves), inOrder.every(50*time.Hour))
		anyhow.feed(shuffled, never)
		require.Equal(t, state(inOrder.outcome(end)), state(anyhow.outcome(end)))
	})
}

func refundsLast(in customer.Input) int {
	if _, ok := in.(customer.Refund); ok {
		return 1
	}
	return 0
}

// inTime returns the moves as they happened.
func inTime(moves []move) []move {
	var list []move
	for _, m := range moves {
		if m.input != nil {
			list = append(list, move{happened(m.input, m.now), m.input})
		}
	}
	slices.SortStableFunc(list[1:], func(a, b move) int { return a.now.Compare(b.now) })
	return list
}

// state is what must not depend on the order of arrival.
func state(o outcome) string {
	var segments []string
	for _, m := range o.Record.Segments {
		segments = append(segments, m.Segment)
	}
	return fmt.Sprintf("%+v %+v %v", withoutHands(o.Record.Cycles), o.Record.Totals, segments)
}

// pure makes every step be done twice, and compares.
type pure struct {
	store.Store
	t      *rapid.T
	again  bool
	first  []store.Change
	loaded []store.Loaded
	before string
}

func (p *pure) Load(ctx context.Context, requests ...store.Request) ([]store.Loaded, error) {
	loaded, err := p.Store.Load(ctx, requests...)
	p.loaded, p.before = loaded, fmt.Sprintf("%+v", loaded)
	return loaded, err
}

func (p *pure) Commit(ctx context.Context, changes ...store.Change) error {
	if p.again = !p.again; p.again && p.before != "" {
		p.first = changes
		return &store.ConflictError{Customers: []string{changes[0].Record.Customer.ID}}
	}
	if p.first != nil {
		require.True(p.t, reflect.DeepEqual(p.first, changes), "a step gave %+v first and %+v then", p.first, changes)
		require.Equal(p.t, p.before, fmt.Sprintf("%+v", p.loaded), "a step changed what it was given")
	}
	p.first, p.before = nil, ""
	return p.Store.Commit(ctx, changes...)
}

func TestStepIsPure(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		g := maker{t}
		w := g.world()
		moves := g.script(&w, 4+g.n("length", 16), func(*script) {})
		explain(t, &w, moves)
		l := newLab(t, w)
		l.cfg.Store = &pure{Store: l.cfg.Store, t: t}
		l.restart()
		l.feed(moves, never)
	})
}

// Wake-ups are as pure: two engines on two stores go the same way, byte for
// byte.
func TestTwoRunsAreAlike(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		g := maker{t}
		w := g.world()
		moves := g.script(&w, 4+g.n("length", 10), func(*script) {})
		one, two := newLab(t, w), newLab(t, w)
		for _, l := range []*lab{one, two} {
			l.feed(moves, l.every(100*time.Hour))
		}
		require.Equal(t, one.record(), two.record())
		require.Equal(t, one.events(), two.events())
		require.Equal(t, one.deliveries(), two.deliveries())
	})
}
