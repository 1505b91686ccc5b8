package segment_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
)

// eval asks a sound predicate, and how long that holds; where looking ahead was
// given up, how far it came.
func eval(t require.TestingT, set *segment.Set, p segment.Predicate, f *segment.Facts, members []segment.Membership) (bool, time.Time) {
	o, err := set.Eval(p, f, members)
	require.NoError(t, err)
	require.True(t, o.Until.IsZero() || o.Ahead.IsZero(), "%v", o)
	if !o.Ahead.IsZero() {
		return o.Holds, o.Ahead
	}
	return o.Holds, o.Until
}

func TestEvalFaultsWhatItCannotCompile(t *testing.T) {
	t.Parallel()
	set, err := segment.Compile(nil, anyStage)
	require.NoError(t, err)
	_, err = set.Eval(segment.All(segment.In("nobody"), segment.HasTag("")), tags(), nil)
	require.ErrorIs(t, err, customer.ErrDefinition)
	require.ErrorContains(t, err, "nobody")
	require.ErrorContains(t, err, "empty tag")
	faulty, err := segment.Compile([]segment.Segment{{ID: "s"}}, anyStage)
	require.Error(t, err)
	_, err = faulty.Eval(segment.HasTag("x"), tags(), nil)
	require.ErrorContains(t, err, "has faults")
}

// Nothing ever happens where it was looked in vain, and so nothing is told of it.
func TestLookingAheadInVainIsNoFlip(t *testing.T) {
	t.Parallel()
	monday, tuesday := segment.Weekday(time.Monday), segment.Weekday(time.Tuesday)
	e := explain(t, olga(), olgaNow, segment.Segment{ID: "s", Enter: segment.All(monday, tuesday)})
	assert.False(t, e.Member)
	assert.Zero(t, e.Until)
	assert.True(t, e.Ahead.After(olgaNow.AddDate(5, 0, 0)), "%v", e.Ahead)
	assert.Zero(t, e.Enter.Until)
	assert.Equal(t, e.Ahead, e.Enter.Ahead)
	assert.Contains(t, e.String(), ", at least until ")
	assert.Empty(t, e.Needs)
}

func TestWhatComesInVainIsNotNeeded(t *testing.T) {
	t.Parallel()
	tuesday, wednesday := segment.Weekday(time.Tuesday), segment.Weekday(time.Wednesday)
	never := segment.All(tuesday, wednesday)
	e := explain(t, olga(), olgaNow, segment.Segment{ID: "s", Enter: segment.Any(never, segment.HasAllTags("x", "y"))})
	require.Len(t, e.Needs, 1)
	assert.Equal(t, "enter.any[1]", e.Needs[0].Path)
	// On 1 May it is Saturday.
	e = explain(t, olga(), olgaNow, segment.Segment{ID: "s", Enter: segment.All(tuesday, segment.Month(time.May))})
	require.Len(t, e.Needs, 1)
	assert.Equal(t, utc("2027-05-04 00:00"), e.Needs[0].Until)
	assert.Equal(t, "all of (on Tuesday; in May)", e.Needs[0].Rule)
}

func TestWhatCannotHappenAnyMoreIsNotNeeded(t *testing.T) {
	t.Parallel()
	april, june, july := customer.Date{Year: 2026, Month: 4, Day: 1}, customer.Date{Year: 2026, Month: 6, Day: 1}, customer.Date{Year: 2026, Month: 7, Day: 1}
	view := segment.Activities{Name: "view"}
	sofar := segment.Activities{Name: "view", To: june}
	spring := segment.Purchases{From: april, To: june}
	for _, p := range []segment.Predicate{
		segment.Created().Within(customer.Days(7)), segment.Not(segment.Created().Ago(customer.Days(7))),
		segment.Never("view"), view.Count(segment.AtMost, 1), segment.Not(view.Count(segment.AtLeast, 2)), view.Count(segment.Between, 0, 1),
		sofar.Count(segment.AtLeast, 3), sofar.Count(segment.Equal, 0), spring.Count(segment.AtLeast, 3), spring.Total(segment.More, 3700),
		segment.FirstPurchase().Within(customer.Days(7)), segment.FirstPurchase().From(june), segment.FirstActivity("view").Within(customer.Days(7)),
		segment.FirstActivity("view").Known(false), segment.FirstActivity("sleep").Before(june),
		segment.LastActivity("view").Known(false), segment.LastActivity("view").Before(customer.Date{Year: 2026, Month: 5, Day: 1}),
	} {
		assert.Empty(t, explain(t, olga(), olgaNow, segment.Segment{ID: "s", Enter: p}).Needs, "%v", p)
	}
	for _, p := range []segment.Predicate{
		view.Count(segment.Equal, 3), view.Count(segment.NotEqual, 2), view.Count(segment.OneOf, 0, 7), segment.Not(view.Count(segment.Between, 1, 2)),
		segment.Activities{Name: "view", To: july}.Count(segment.AtLeast, 3),
		segment.Activities{Name: "view", Within: customer.Days(30)}.Count(segment.Equal, 0),
		segment.Purchases{}.Count(segment.Equal, 0), spring.Count(segment.Equal, 1), spring.Total(segment.Between, 1, 5),
		segment.FirstActivity("sleep").Before(july), segment.FirstActivity("sleep").Within(customer.Days(1)),
		segment.LastActivity("view").From(june), segment.LastPurchase().Before(april),
	} {
		assert.Len(t, explain(t, olga(), olgaNow, segment.Segment{ID: "s", Enter: p}).Needs, 1, "%v", p)
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
