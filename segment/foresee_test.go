package segment_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
)

// A rule that reads other segments changes when they do, which is foreseen as
// well: with their exits, their stays and what they read in turn.
func TestEvalForeseesHowSegmentsChange(t *testing.T) {
	t.Parallel()
	for _, name := range zoneNames {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			loc := zone(t, name)
			rapid.Check(t, func(t *rapid.T) { foresee(t, loc) })
		})
	}
}

func foresee(t *rapid.T, loc *time.Location) {
	all := drawSegments(t, 3)
	var ids []string
	for _, s := range all {
		ids = append(ids, s.id)
	}
	w, r := drawWorld(t, loc), drawRule(t, 2, ids)
	now := drawInstant(t, base)
	w.drawHistory(t, now)
	for _, id := range ids { // members from before, as far as they are when settled now
		if rapid.Bool().Draw(t, "was a member") {
			w.members[id], w.since[id] = true, drawInstant(t, now)
		}
	}
	w.settle(all, now)

	f := segment.Facts{Place: w.place}
	w.facts(&f, now)
	members := w.memberships()
	truth, until := eval(t, compiled(t, all), r.predicate(), &f, members)
	require.Equal(t, r.holds(w, now), truth, "%s at %v", r.predicate(), now)
	require.True(t, until.IsZero() || until.After(now), "a flip lies ahead: %v", until)

	end := now.Add(soon)
	changed := false
	asked := append(all, ruled{id: "asked", enter: r}) // so that its own edges are looked at
	w.pass(asked, now, end, func(at time.Time) {
		if changed || (!until.IsZero() && at.After(until)) {
			return
		}
		changed = at.Equal(until)
		require.Equal(t, truth != changed, r.holds(w, at), "%s from %v: until %v, but at %v", r.predicate(), now, until, at)
	})
	require.True(t, changed || until.IsZero() || until.After(end), "%s from %v: nothing happens at %v", r.predicate(), now, until)
}

func TestEvalLeavesTheFactsAsTheyWere(t *testing.T) {
	t.Parallel()
	set, err := segment.Compile([]segment.Segment{
		{ID: "new", Enter: segment.Created().Within(customer.Days(3)), Stay: customer.Days(5)},
	}, anyStage)
	require.NoError(t, err)
	f := tags()
	f.Customer.Since = utc("2026-01-01 12:00")
	f.At(utc("2026-01-02 00:00"))
	for range 2 {
		truth, until := eval(t, set, segment.Not(segment.In("new")), f, []segment.Membership{{Segment: "new", Since: utc("2026-01-01 18:00")}})
		assert.False(t, truth)
		assert.Equal(t, utc("2026-01-06 18:00"), until, "the stay is over")
		truth, until = eval(t, set, segment.Created().Within(customer.Days(3)), f, nil)
		assert.True(t, truth)
		assert.Equal(t, utc("2026-01-04 12:00"), until)
	}
}

// What changes back and forth for ever without changing the whole ends the
// search some years ahead.
func TestEvalDoesNotLookAheadForEver(t *testing.T) {
	t.Parallel()
	weekend := segment.Weekday(time.Saturday, time.Sunday)
	set, err := segment.Compile([]segment.Segment{{ID: "weekend", Enter: weekend}}, anyStage)
	require.NoError(t, err)
	f := tags()
	now := utc("2026-01-01 12:00")
	f.At(now)
	for _, p := range []segment.Predicate{
		segment.Any(weekend, segment.Not(weekend)),
		segment.Any(segment.In("weekend"), segment.Not(segment.In("weekend"))),
	} {
		truth, until := eval(t, set, p, f, nil)
		assert.True(t, truth)
		assert.True(t, until.After(now.AddDate(5, 0, 0)), "until %v", until)
	}
	truth, until := eval(t, set, segment.All(weekend, segment.Month(time.January), segment.Created().Known(false)), f, nil)
	assert.False(t, truth)
	assert.Equal(t, utc("2026-01-03 00:00"), until)
}

// A set serves everybody at once; the race detector watches.
func TestASetMayBeUsedConcurrently(t *testing.T) {
	t.Parallel()
	set, err := segment.Compile(regularsOfOlga(), anyStage)
	require.NoError(t, err)
	var first segment.Explanation
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			w := olga()
			f := segment.Facts{Place: w.place}
			w.facts(&f, olgaNow)
			e, _ := set.Explain("best", &f, nil)
			seen, err := set.Eval(segment.Not(segment.In("best")), &f, nil)
			assert.NoError(t, err)
			assert.True(t, seen.Holds)
			if i == 0 {
				first = e
			}
		})
	}
	all.Wait()
	assert.NotEmpty(t, first.Needs)
}

// What no store could keep is no flip.
func TestAFlipBeyondTheYear9999IsNone(t *testing.T) {
	t.Parallel()
	w := bought(time.UTC, utc("2026-01-01 00:00"), utc("2026-02-01 00:00"))
	for _, tt := range []struct {
		of   segment.Predicate
		want time.Time
	}{
		{segment.PurchasedWithin(customer.Years(7973)), utc("9999-02-01 00:00")},
		{segment.PurchasedWithin(customer.Years(7974)), time.Time{}},
		{segment.PurchasedWithin(customer.Years(100_000)), time.Time{}},
		{segment.Lapsed(customer.Filter{}, 2), utc("2026-04-04 00:00")},
	} {
		_, flip := w.ask(t, tt.of, utc("2026-02-02 00:00"))
		assert.Equal(t, tt.want, flip, "%v", tt.of)
	}
	w = bought(time.UTC, utc("1900-01-01 00:00"), utc("9000-01-01 00:00")) // seven million years
	truth, flip := w.ask(t, segment.Lapsed(customer.Filter{}, 1000), utc("9001-01-01 00:00"))
	assert.False(t, truth)
	assert.Zero(t, flip)
}

// Without Place nobody knows how a cycle moves; it stands where it is.
func TestCyclesStandStillWherePlaceIsNil(t *testing.T) {
	t.Parallel()
	set, err := segment.Compile(nil, anyStage)
	require.NoError(t, err)
	now := utc("2026-01-10 00:00")
	w := &world{zone: time.UTC, plans: []plan{{
		cycle:  customer.Cycle{Pipeline: "p", Started: utc("2026-01-01 00:00")},
		starts: []stageStart{{at: utc("2026-01-01 00:00"), stage: "s1"}, {at: utc("2026-01-20 00:00"), stage: "s2"}},
	}}}
	var f segment.Facts
	w.facts(&f, now)
	for _, p := range []segment.Predicate{
		segment.InStage("p", "s1"), segment.Not(segment.Closed("p")), segment.StageStart("p").Before(customer.Date{Year: 2026, Month: 1, Day: 5}),
	} {
		truth, until := eval(t, set, p, &f, nil)
		assert.True(t, truth, "%v", p)
		assert.Zero(t, until, "%v", p)
	}
	f.Place = w.place
	truth, until := eval(t, set, segment.InStage("p", "s1"), &f, nil)
	assert.True(t, truth)
	assert.Equal(t, utc("2026-01-20 00:00"), until)
	// A cycle that should have moved by now is not waited for.
	f.Place = func(c *customer.Cycle, _ time.Time) *customer.Cycle { return &customer.Cycle{Stage: "s1", Due: now} }
	_, until = eval(t, set, segment.InStage("p", "s1"), &f, nil)
	assert.Zero(t, until)
}
