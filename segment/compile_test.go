package segment_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
)

var oneStage = segment.Names{
	HasPipeline: func(pipeline string) bool { return pipeline == "p" },
	HasStage:    func(pipeline, stage string) bool { return pipeline == "p" && stage == "s" },
}

// faults returns the faults that compiling finds, by path.
func faults(t *testing.T, segments ...segment.Segment) map[string]string {
	_, err := segment.Compile(segments, oneStage)
	byPath := make(map[string]string)
	if err == nil {
		return byPath
	}
	joined, ok := err.(interface{ Unwrap() []error })
	require.True(t, ok)
	for _, e := range joined.Unwrap() {
		var d *customer.DefinitionError
		require.ErrorAs(t, e, &d)
		require.ErrorIs(t, e, customer.ErrDefinition)
		byPath[d.Path] += d.Fault + "\n"
	}
	return byPath
}

func TestEveryFaultIsToldAtOnce(t *testing.T) {
	t.Parallel()
	got := faults(t,
		segment.Segment{Enter: segment.HasTag("")},
		segment.Segment{ID: "a"},
		segment.Segment{ID: "a", Enter: segment.All(segment.In("nobody"), nil), Exit: segment.Any()},
		segment.Segment{ID: "b", Enter: segment.Not(nil), Exit: segment.InStage("p", "unknown")},
		segment.Segment{ID: "c", Enter: segment.PurchasedWithin(customer.Days(-1))},
		segment.Segment{ID: "d", Enter: segment.In("e")},
		segment.Segment{ID: "e", Enter: segment.HasTag("x"), Exit: segment.Not(segment.In("d"))},
	)
	want := map[string]string{
		"segments[0].id":                     "is empty",
		"segments[0].enter.tags":             "empty tag",
		"segments[1].enter":                  "is nil",
		"segments[2].id":                     `"a" is already the ID of segments[1]`,
		"segments[2].enter.all[0].segment":   `"nobody" is not defined`,
		"segments[2].enter.all[1]":           "is nil",
		"segments[2].exit.any":               "never true",
		"segments[3].enter.not":              "is nil",
		"segments[3].exit.stage.stages[0]":   `"unknown" is no stage of pipeline "p"`,
		"segments[4].enter.moment.is.within": "-1 days is negative",
		"segments[5]":                        "d -> e -> d",
	}
	for path, fault := range want {
		assert.Contains(t, got[path], fault, path)
	}
	assert.Len(t, got, len(want))
}

func TestFaultsOfOnePredicate(t *testing.T) {
	t.Parallel()
	for _, tt := range faulty() {
		got := faults(t, segment.Segment{ID: "s", Enter: tt.of})
		path := "segments[0].enter" + tt.path
		if strings.Contains(tt.fault, "->") {
			path = "segments[0]"
		}
		assert.Contains(t, got[path], tt.fault, "%v: %v", tt.of, got)
		assert.Len(t, got, 1, "%v: %v", tt.of, got)
		assert.Equal(t, 1, strings.Count(got[path], "\n"), "%v is told once: %s", tt.of, got[path])
	}
}

func TestALongLoopIsToldOnceWithItsTrail(t *testing.T) {
	t.Parallel()
	got := faults(t,
		segment.Segment{ID: "into", Enter: segment.In("a")},
		segment.Segment{ID: "a", Enter: segment.In("b")},
		segment.Segment{ID: "b", Enter: segment.HasTag("x"), Exit: segment.In("c")},
		segment.Segment{ID: "c", Enter: segment.Any(segment.HasTag("x"), segment.In("a"))},
	)
	require.Len(t, got, 1)
	assert.Contains(t, got["segments[1]"], "a -> b -> c -> a")
}

func TestWhatIsNoFault(t *testing.T) {
	t.Parallel()
	got := faults(t,
		segment.Segment{ID: "everyone", Enter: segment.All()},
		segment.Segment{ID: "far", Enter: segment.Purchases{Within: customer.Weeks(100_000)}.Count(segment.AtLeast, 1)},
		segment.Segment{ID: "staged", Enter: segment.InStage("p", "s")},
		segment.Segment{ID: "twice", Enter: segment.All(segment.In("far"), segment.In("far"))},
	)
	assert.Empty(t, got)
}

func TestASetWithFaultsKnowsItsSegments(t *testing.T) {
	t.Parallel()
	set, err := segment.Compile([]segment.Segment{{ID: "known", Enter: segment.In("nobody")}}, segment.Names{})
	require.Error(t, err)
	require.NotNil(t, set)
	assert.True(t, set.Has("known"))
	assert.False(t, set.Has("nobody"))

	var faults customer.Faults
	set.Rule(segment.In("known"), "if", &faults)
	require.NoError(t, faults.Err())
	set.Rule(segment.All(segment.In("nobody")), "if", &faults)
	set.Rule(nil, "if", &faults)
	set.Rule(segment.InStage("p", "s"), "if", &faults) // Names{} has no stages
	err = faults.Err()
	require.ErrorContains(t, err, "if.all[0].segment: ")
	require.ErrorContains(t, err, "if: is nil")
	require.ErrorContains(t, err, `if.stage.pipeline: "p" is not defined`)
	assert.True(t, errors.Is(err, customer.ErrDefinition))
}

func TestReach(t *testing.T) {
	t.Parallel()
	purchases := func(d customer.Period) segment.Predicate {
		return segment.Purchases{Within: d}.Count(segment.More, 0)
	}
	for _, tt := range []struct {
		of   segment.Predicate
		want segment.Reach
	}{
		{segment.Spent(segment.More, 0), segment.Reach{}},
		{segment.NoPurchaseFor(customer.Days(300)), segment.Reach{}},
		{segment.Bought("tea", customer.Period{}), segment.Reach{AllPurchases: true}},
		{segment.Activities{Name: "a"}.Count(segment.More, 0), segment.Reach{AllActivities: true}},
		{purchases(customer.Hours(5)), segment.Reach{Purchases: 5 * time.Hour}},
		{segment.Activities{Name: "a", Within: customer.Hours(5)}.Count(segment.More, 0), segment.Reach{Activities: 5 * time.Hour}},
		{segment.Any(purchases(customer.Hours(5)), segment.Not(purchases(customer.Hours(7)))), segment.Reach{Purchases: 7 * time.Hour}},
		{purchases(customer.Years(1000)), segment.Reach{AllPurchases: true}}, // no Duration is as long
	} {
		set, err := segment.Compile([]segment.Segment{{ID: "s", Enter: segment.HasTag("x"), Exit: tt.of}}, oneStage)
		require.NoError(t, err)
		assert.Equal(t, tt.want, set.Reach(), "%v", tt.of)
	}
}

func TestFaultsEndBehindTheHundredth(t *testing.T) {
	t.Parallel()
	segments := make([]segment.Segment, 5000)
	for i := range segments {
		segments[i].ID = fmt.Sprint(i)
	}
	got := faults(t, segments...)
	assert.Len(t, got, 101)
	assert.Equal(t, "has more faults than these\n", got[""])
	assert.Contains(t, got["segments[99].enter"], "is nil")
}
