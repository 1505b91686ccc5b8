package segment_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
)

const tick = time.Microsecond

// soon is how far ahead every edge is looked at.
const soon = 70 * day

// eachZone checks a property of random rules over random histories. The history
// ends at an instant on an edge of the rule, or a microsecond beside it, more
// often than not.
func eachZone(t *testing.T, draw func(t *rapid.T) rule, property func(t *rapid.T, w *world, r rule, now time.Time)) {
	for _, name := range zoneNames {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			loc := zone(t, name)
			rapid.Check(t, func(t *rapid.T) {
				w, now := drawWorld(t, loc), drawInstant(t, base)
				w.drawHistory(t, now)
				for range 3 { // rules of one history, which takes longest to draw
					r := draw(t)
					at := drawBeside(t, r.edges(w, now, now.Add(soon)), now)
					property(t, w.until(at), r, at)
				}
			})
		})
	}
}

// drawBeside draws an instant: an edge, one beside it, or now.
func drawBeside(t *rapid.T, edges []time.Time, now time.Time) time.Time {
	edges = within(edges, now.AddDate(-5, 0, 0), now.AddDate(5, 0, 0))
	if len(edges) == 0 || rapid.IntRange(0, 3).Draw(t, "edge") == 0 {
		return now
	}
	beside := time.Duration(rapid.IntRange(-1, 1).Draw(t, "beside")) * tick
	return rapid.SampledFrom(edges).Draw(t, "now").Add(beside)
}

func anyRule(t *rapid.T) rule { return drawRule(t, 3, nil) }

// until returns the world without what has not happened by now.
func (w *world) until(now time.Time) *world {
	past := *w
	past.purchases = slices.DeleteFunc(slices.Clone(w.purchases), func(p customer.Purchase) bool { return p.At.After(now) })
	past.activities = slices.DeleteFunc(slices.Clone(w.activities), func(a customer.Activity) bool { return a.At.After(now) })
	past.plans = slices.DeleteFunc(slices.Clone(w.plans), func(p plan) bool { return p.cycle.Started.After(now) })
	if w.card.Since.After(now) {
		past.card.Since = now
	}
	return &past
}

// evaluate asks the rule about the world, looking ahead.
func evaluate(t require.TestingT, w *world, r rule, now time.Time) (truth bool, until time.Time) {
	p := r.predicate()
	set, err := segment.Compile([]segment.Segment{{ID: "s", Enter: p}}, anyStage)
	require.NoError(t, err)
	f := segment.Facts{Place: w.place}
	w.facts(&f, now)
	return eval(t, set, p, &f, nil)
}

// ask asks a predicate as a step does.
func ask(t require.TestingT, f *segment.Facts, p segment.Predicate) (truth bool, flip time.Time) {
	set, err := segment.Compile([]segment.Segment{{ID: "s", Enter: p}}, anyStage)
	require.NoError(t, err)
	state := set.NewState()
	state.Load(nil)
	state.MarkAll()
	flip = state.Settle(f, func(_ string, entered bool) { truth = entered })
	return truth, flip
}

func TestTruthIsWhatGoingThroughTheHistorySays(t *testing.T) {
	t.Parallel()
	eachZone(t, anyRule, func(t *rapid.T, w *world, r rule, now time.Time) {
		truth, _ := evaluate(t, w, r, now)
		require.Equal(t, r.holds(w, now), truth, "%s at %v", r.predicate(), now)
	})
}

func TestEveryLeafSaysWhatGoingThroughTheHistorySays(t *testing.T) {
	t.Parallel()
	for _, l := range leaves {
		t.Run(l.name, func(t *testing.T) {
			t.Parallel()
			eachZone(t, l.draw, holdsUntil)
		})
	}
}

func TestARuleHoldsUntilTheInstantThatEvalSays(t *testing.T) {
	t.Parallel()
	eachZone(t, anyRule, holdsUntil)
}

// holdsUntil checks that a rule is what Eval says it is, until the instant that
// it says, and that it is otherwise then.
func holdsUntil(t *rapid.T, w *world, r rule, now time.Time) {
	truth, until := evaluate(t, w, r, now)
	require.Equal(t, r.holds(w, now), truth, "%s at %v", r.predicate(), now)
	if !until.IsZero() {
		require.True(t, until.After(now), "%s: a flip lies ahead: %v", r.predicate(), until)
		given := until.After(now.AddDate(5, 0, 0)) // up, with what goes back and forth every week
		require.True(t, given || r.holds(w, until) != truth, "%s at %v: nothing changes at %v", r.predicate(), now, until)
	}
	requireSame(t, w, r, now, until)
}

// requireSame checks that a rule holds between two instants, the second excluded
// and zero for ever.
func requireSame(t require.TestingT, w *world, r rule, now, until time.Time) {
	truth := r.holds(w, now)
	samples := []time.Time{now.Add(tick), until.Add(-tick), now.AddDate(1, 1, 1), now.AddDate(10, 5, 12)}
	for _, edge := range r.edges(w, now, now.Add(soon)) {
		samples = append(samples, edge.Add(-tick), edge, edge.Add(tick))
	}
	for _, at := range samples {
		if at.After(now) && (until.IsZero() || at.Before(until)) {
			require.Equal(t, truth, r.holds(w, at), "%s holds from %v to %v, but not at %v", r.predicate(), now, until, at)
		}
	}
}

// What a step is told may be too early, but never too late. It tells itself when
// the clock moves a cycle.
func TestNothingChangesBeforeTheFlip(t *testing.T) {
	t.Parallel()
	eachZone(t, anyRule, func(t *rapid.T, w *world, r rule, now time.Time) {
		var f segment.Facts
		w.facts(&f, now)
		truth, flip := ask(t, &f, r.predicate())
		require.Equal(t, r.holds(w, now), truth, "%s at %v", r.predicate(), now)
		for _, c := range f.Cycles {
			if !c.Due.IsZero() && (flip.IsZero() || c.Due.Before(flip)) {
				flip = c.Due
			}
		}
		require.True(t, flip.IsZero() || flip.After(now), "%s: a flip lies ahead: %v", r.predicate(), flip)
		requireSame(t, w, r, now, flip)
	})
}

func TestAPredicateNeedsNothingOlderThanItsReach(t *testing.T) {
	t.Parallel()
	eachZone(t, anyRule, func(t *rapid.T, w *world, r rule, now time.Time) {
		set, err := segment.Compile([]segment.Segment{{ID: "s", Enter: r.predicate()}}, anyStage)
		require.NoError(t, err)
		reach := set.Reach()
		var f segment.Facts
		w.facts(&f, now)
		truth, flip := ask(t, &f, r.predicate())
		f.Purchases = slices.DeleteFunc(slices.Clone(f.Purchases), func(p customer.Purchase) bool {
			return !reach.AllPurchases && (reach.Purchases == 0 || p.At.Before(now.Add(-reach.Purchases)))
		})
		f.Activities = slices.DeleteFunc(slices.Clone(f.Activities), func(a customer.Activity) bool {
			return !reach.AllActivities && (reach.Activities == 0 || a.At.Before(now.Add(-reach.Activities)))
		})
		gotTruth, gotFlip := ask(t, &f, r.predicate())
		require.Equal(t, truth, gotTruth, "%s with history back to %v", r.predicate(), reach)
		require.Equal(t, flip, gotFlip, "%s with history back to %v", r.predicate(), reach)
	})
}
