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

// eachZone checks a property of random rules over random histories. The history
// ends at an instant on the edge of a window, or a microsecond beside it, more
// often than not.
func eachZone(t *testing.T, property func(t *rapid.T, w *world, r rule, now time.Time)) {
	for _, name := range zoneNames {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			loc := zone(t, name)
			rapid.Check(t, func(t *rapid.T) {
				w := drawWorld(t, loc)
				now := drawInstant(t, utc("2027-04-05 12:00"))
				w.drawHistory(t, now)
				if edges := w.edges(); len(edges) > 0 && rapid.IntRange(0, 3).Draw(t, "edge") > 0 {
					now = rapid.SampledFrom(edges).Draw(t, "now").
						Add(time.Duration(rapid.IntRange(-1, 1).Draw(t, "beside")) * tick)
				}
				w.forget(now)
				property(t, w, drawRule(t, 3, nil), now)
			})
		})
	}
}

// forget leaves out what has not happened by now.
func (w *world) forget(now time.Time) {
	w.purchases = slices.DeleteFunc(w.purchases, func(p customer.Purchase) bool { return p.At.After(now) })
	w.activities = slices.DeleteFunc(w.activities, func(a customer.Activity) bool { return a.At.After(now) })
}

// evaluate compiles the rule and asks it about the world.
func evaluate(t require.TestingT, w *world, r rule, now time.Time) (truth bool, flip time.Time) {
	var f segment.Facts
	w.facts(&f)
	f.At(now)
	return ask(t, &f, r.predicate())
}

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
	eachZone(t, func(t *rapid.T, w *world, r rule, now time.Time) {
		truth, _ := evaluate(t, w, r, now)
		require.Equal(t, r.holds(w, now), truth, "%s at %v", r.predicate(), now)
	})
}

func TestNothingChangesBeforeTheFlip(t *testing.T) {
	t.Parallel()
	eachZone(t, func(t *rapid.T, w *world, r rule, now time.Time) {
		truth, flip := evaluate(t, w, r, now)
		if !flip.IsZero() {
			require.True(t, flip.After(now), "%s: a flip lies ahead: %v", r.predicate(), flip)
		}
		samples := []time.Time{now.Add(tick), flip.Add(-tick), now.AddDate(50, 0, 0)}
		for _, edge := range w.edges() {
			samples = append(samples, edge.Add(-tick), edge, edge.Add(tick))
		}
		for _, at := range samples {
			if at.After(now) && (flip.IsZero() || at.Before(flip)) {
				require.Equal(t, truth, r.holds(w, at), "%s holds from %v to %v, but not at %v", r.predicate(), now, flip, at)
			}
		}
	})
}

// Where no two facts can swap, which takes months or a change of the clocks,
// the flip of one leaf is not just safe but exact.
func TestTheFlipOfALeafIsWhenItChanges(t *testing.T) {
	t.Parallel()
	swaps := func(d customer.Period) bool { return d.Months > 0 || d.Years > 0 }
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t, time.UTC)
		now := drawInstant(t, utc("2027-04-05 12:00"))
		w.drawHistory(t, now)
		r := drawRule(t, 0, nil)
		if b, ok := r.(buys); ok && swaps(b.of.Within) {
			t.Skip()
		}
		if a, ok := r.(acts); ok && swaps(a.of.Within) {
			t.Skip()
		}
		truth, flip := evaluate(t, w, r, now)
		if !flip.IsZero() {
			require.NotEqual(t, truth, r.holds(w, flip), "%s at %v: nothing changes at %v", r.predicate(), now, flip)
		}
	})
}

func TestAPredicateNeedsNothingOlderThanItsReach(t *testing.T) {
	t.Parallel()
	eachZone(t, func(t *rapid.T, w *world, r rule, now time.Time) {
		set, err := segment.Compile([]segment.Segment{{ID: "s", Enter: r.predicate()}}, anyStage)
		require.NoError(t, err)
		reach := set.Reach()
		var f segment.Facts
		w.facts(&f)
		f.At(now)
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
