package segment_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// moves settles everything and returns what happened, as "+a -b".
func moves(state *segment.State, f *segment.Facts) (said string) {
	state.MarkAll()
	state.Settle(f, func(id string, entered bool) {
		sign := " -"
		if entered {
			sign = " +"
		}
		said += sign + id
	})
	return said
}

func tags(tags ...string) *segment.Facts {
	return &segment.Facts{Customer: &customer.Customer{Tags: tags}, Totals: new(customer.Totals), Zone: time.UTC}
}

func compile(t *testing.T, segments ...segment.Segment) *segment.State {
	set, err := segment.Compile(segments, anyStage)
	require.NoError(t, err)
	return set.NewState()
}

func TestHysteresis(t *testing.T) {
	t.Parallel()
	state := compile(t, segment.Segment{ID: "s", Enter: segment.HasTag("in"), Exit: segment.HasTag("out")})
	state.Load(nil)
	for _, step := range []struct {
		facts *segment.Facts
		moves string
	}{
		{tags(), ""},
		{tags("in", "out"), ""}, // whoever would leave at once is not let in
		{tags("in"), " +s"},
		{tags(), ""}, // no longer let in, but stays
		{tags("in", "out"), " -s"},
		{tags("in", "out"), ""},
		{tags("in"), " +s"},
		{tags("out"), " -s"},
	} {
		assert.Equal(t, step.moves, moves(state, step.facts), "tags %v", step.facts.Customer.Tags)
	}
}

// Whoever enters stays for a week at least; what should have happened meanwhile
// happens then, or no longer.
func TestAStay(t *testing.T) {
	t.Parallel()
	week := customer.Days(7)
	entered := local(zone(t, "Europe/Berlin"), "2026-03-26 12:00") // clocks change in between
	end := local(zone(t, "Europe/Berlin"), "2026-04-02 12:00")
	for _, exit := range []segment.Predicate{nil, segment.HasTag("out")} {
		state := compile(t, segment.Segment{ID: "s", Enter: segment.HasTag("in"), Exit: exit, Stay: week})
		leaves := tags()
		if exit != nil {
			leaves = tags("out")
		}
		settle := func(f *segment.Facts, at time.Time) (string, time.Time) {
			f.Zone = zone(t, "Europe/Berlin")
			f.At(at)
			said := moves(state, f)
			state.MarkAll()
			return said, state.Settle(f, func(string, bool) { t.Error("it was settled") })
		}
		state.Load(nil)
		said, flip := settle(tags("in"), entered)
		assert.Equal(t, " +s", said)
		assert.Equal(t, end, flip)
		for _, step := range []struct {
			facts *segment.Facts
			at    time.Time
			moves string
			flip  time.Time
		}{
			{leaves, entered.Add(time.Hour), "", end},
			{leaves, end.Add(-tick), "", end},
			{tags("in"), end, "", time.Time{}}, // back in time
			{leaves, end.Add(tick), " -s", time.Time{}},
			{tags("in"), end.Add(time.Hour), " +s", end.Add(time.Hour).AddDate(0, 0, 7)},
			{leaves, end.Add(time.Hour).AddDate(0, 0, 7), " -s", time.Time{}},
		} {
			said, flip := settle(step.facts, step.at)
			assert.Equal(t, step.moves, said, "at %v", step.at)
			assert.Equal(t, step.flip, flip, "at %v", step.at)
		}
	}
}

// A stay counts from the entry that the record keeps.
func TestAStayIsCountedFromTheRecord(t *testing.T) {
	t.Parallel()
	state := compile(t, segment.Segment{ID: "r", Enter: segment.In("s")}, segment.Segment{ID: "s", Enter: segment.HasTag("in"), Stay: customer.Hours(10)})
	state.Load([]segment.Membership{{Segment: "s", Since: utc("2026-01-01 00:00")}, {Segment: "gone", Since: utc("2026-01-01 09:00")}})
	f := tags()
	f.At(utc("2026-01-01 09:59"))
	assert.Equal(t, " +r", moves(state, f))
	f.At(utc("2026-01-01 10:00"))
	assert.Equal(t, " -s -r", moves(state, f))
}

func TestNestedSegmentsSettleInOnePass(t *testing.T) {
	t.Parallel()
	// A diamond, defined from its bottom up, and one that reads nothing.
	state := compile(t,
		segment.Segment{ID: "bottom", Enter: segment.All(segment.In("left"), segment.In("right"))},
		segment.Segment{ID: "left", Enter: segment.In("top")},
		segment.Segment{ID: "right", Enter: segment.All(segment.In("top"), segment.Not(segment.HasTag("y")))},
		segment.Segment{ID: "other", Enter: segment.HasTag("y")},
		segment.Segment{ID: "top", Enter: segment.HasTag("x")},
	)
	state.Load(nil)
	assert.Equal(t, " +top +left +right +bottom", moves(state, tags("x")))
	assert.Equal(t, " -right -bottom +other", moves(state, tags("x", "y")))
	assert.Equal(t, " -top -left -other", moves(state, tags()))
}

func TestSegmentsBeyondOneWord(t *testing.T) {
	t.Parallel()
	// 200 segments, each of which reads the one behind it: the chain crosses words.
	var segments []segment.Segment
	for i := range 200 {
		segments = append(segments, segment.Segment{ID: fmt.Sprint(i), Enter: segment.In(fmt.Sprint(i + 1))})
	}
	state := compile(t, append(segments, segment.Segment{ID: "200", Enter: segment.HasTag("x")})...)
	state.Load(nil)
	count := 0
	state.MarkAll()
	state.Settle(tags("x"), func(string, bool) { count++ })
	assert.Equal(t, 201, count)
}

func TestStateServesOneCustomerAfterAnother(t *testing.T) {
	t.Parallel()
	state := compile(t, segment.Segment{ID: "s", Enter: segment.HasTag("x"), Exit: segment.HasTag("y")})
	state.Load([]segment.Membership{{Segment: "gone"}, {Segment: "s"}})
	assert.Empty(t, moves(state, tags()), "a member stays")
	state.Load(nil)
	assert.Empty(t, moves(state, tags()), "the next customer is none")

	state.MarkAll()
	state.Load(nil)
	assert.False(t, state.Dirty(), "marks are of one customer")
	none := func(string, bool) { t.Error("nothing that is marked reads the card") }
	assert.Zero(t, state.Settle(tags("x"), none))
	state.MarkPipeline("p")
	assert.Zero(t, state.Settle(tags("x"), none))
}

// A wake-up costs; a rule that is decided otherwise until later asks for none.
func TestACompositeWakesNoSoonerThanItMust(t *testing.T) {
	t.Parallel()
	asleep := func(days int) segment.Predicate { return segment.NoPurchaseFor(customer.Days(days)) }
	awake := func(days int) segment.Predicate { return segment.PurchasedWithin(customer.Days(days)) }
	f := tags("x")
	bought := utc("2026-01-01 00:00")
	f.Totals = &customer.Totals{Count: 1, Last: bought}
	f.At(bought)
	for _, tt := range []struct {
		of   segment.Predicate
		days int // until the flip; zero: never
	}{
		{segment.All(asleep(30), asleep(60), asleep(45)), 60},
		{segment.Any(asleep(30), asleep(60)), 30},
		{segment.Any(awake(30), awake(60), awake(45)), 60},
		{segment.All(awake(30), awake(60)), 30},
		{segment.All(asleep(30), segment.HasTag("y")), 0},
		{segment.Any(asleep(30), segment.HasTag("x")), 0},
		{segment.All(asleep(30), segment.HasTag("x")), 30},
		{segment.All(asleep(30), segment.PurchasedWithin(customer.Days(90)), segment.Not(awake(60))), 60},
	} {
		_, flip := ask(t, f, tt.of)
		if tt.days == 0 {
			assert.Zero(t, flip, "%v", tt.of)
		} else {
			assert.Equal(t, bought.AddDate(0, 0, tt.days), flip, "%v", tt.of)
		}
	}
}

func TestAnActivityThatNobodyReadsMarksNothing(t *testing.T) {
	t.Parallel()
	state := compile(t, segment.Segment{ID: "s", Enter: segment.Activities{Name: "a"}.Count(segment.AtLeast, 1)})
	state.Load(nil)
	state.MarkActivity("b")
	assert.False(t, state.Dirty())
	state.MarkActivity("a")
	assert.True(t, state.Dirty())
}

func TestARuleReadsTheSegmentsAsTheyWereSettled(t *testing.T) {
	t.Parallel()
	set, err := segment.Compile([]segment.Segment{{ID: "s", Enter: segment.HasTag("x")}}, anyStage)
	require.NoError(t, err)
	var faults customer.Faults
	rule, reach := set.Rule(segment.All(segment.In("s"), segment.PurchasedWithin(customer.Days(1))), "if", &faults)
	require.NoError(t, faults.Err())
	assert.Equal(t, segment.Reach{}, reach, "recency is read from the totals")

	state, f := set.NewState(), tags("x")
	f.Totals = &customer.Totals{Count: 1, Last: utc("2026-01-01 00:00")}
	f.At(utc("2026-01-01 23:00"))
	state.Load(nil)
	assert.False(t, rule.Holds(f, state))
	moves(state, f)
	assert.True(t, rule.Holds(f, state))
	f.At(utc("2026-01-02 00:00"))
	assert.False(t, rule.Holds(f, state))
}
