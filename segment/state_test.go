package segment_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
)

// ruled is a segment and what it means. Segments are in order of dependency.
type ruled struct {
	id          string
	enter, exit rule
}

func drawSegments(t *rapid.T) []ruled {
	var all []ruled
	var ids []string
	for i := range rapid.IntRange(1, 6).Draw(t, "segments") {
		r := ruled{id: fmt.Sprintf("s%d", i), enter: drawRule(t, 2, ids)}
		if rapid.IntRange(0, 2).Draw(t, "exits") == 0 {
			r.exit = drawRule(t, 2, ids)
		}
		all, ids = append(all, r), append(ids, r.id)
	}
	return all
}

// settle moves the world's memberships at an instant, one segment behind the
// other.
func (w *world) settle(all []ruled, at time.Time) {
	for _, r := range all {
		switch {
		case r.exit == nil:
			w.members[r.id] = r.enter.holds(w, at)
		case w.members[r.id]:
			w.members[r.id] = !r.exit.holds(w, at)
		default:
			w.members[r.id] = r.enter.holds(w, at) && !r.exit.holds(w, at)
		}
	}
}

// host keeps a customer's memberships as an engine does: it settles what an
// event can change, and what time can change when its wake-up is due.
type host struct {
	state   *segment.State
	facts   segment.Facts
	members []segment.Membership
	wake    time.Time
}

func (h *host) settle(at time.Time) {
	h.facts.At(at)
	flip := h.state.Settle(&h.facts, func(id string, entered bool) {
		i, found := segment.Find(h.members, id)
		if found == entered {
			panic(fmt.Sprintf("segment %s: entered %v though it was so", id, entered))
		}
		if entered {
			h.members = slices.Insert(h.members, i, segment.Membership{Segment: id, Since: at})
		} else {
			h.members = slices.Delete(h.members, i, i+1)
		}
	})
	if h.wake.IsZero() || (!flip.IsZero() && flip.Before(h.wake)) {
		h.wake = flip
	}
}

// advance takes every wake-up up to the instant, each at its time.
func (h *host) advance(to time.Time) {
	for !h.wake.IsZero() && !h.wake.After(to) {
		at := h.wake
		h.wake = time.Time{}
		h.state.MarkTime()
		h.settle(at)
		if h.wake.Equal(at) {
			panic("a flip that does not lie ahead")
		}
	}
}

func (h *host) in() map[string]bool {
	in := make(map[string]bool)
	for _, m := range h.members {
		in[m.Segment] = true
	}
	return in
}

// A customer lives for a while: things happen, and time passes in between. What
// a host does with marks and flips must come to the same as settling every
// segment at every instant at which anything could change.
func TestSettlingWhatIsMarkedIsEnough(t *testing.T) {
	t.Parallel()
	for _, name := range zoneNames {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			loc := zone(t, name)
			rapid.Check(t, func(t *rapid.T) { live(t, loc) })
		})
	}
}

func live(t *rapid.T, loc *time.Location) {
	all := drawSegments(t)
	w, h := drawWorld(t, loc), newHost(t, all)
	now := utc("2026-02-20 12:00")
	w.facts(&h.facts)
	h.state.MarkAll()
	h.settle(now)
	w.settle(all, now)
	for i := range 12 {
		to := now.Add(time.Duration(rapid.Int64Range(0, 24*200).Draw(t, "hours")) * time.Hour)
		if edges := w.edges(); len(edges) > 0 && rapid.Bool().Draw(t, "to an edge") {
			to = latest(now, rapid.SampledFrom(edges).Draw(t, "edge"))
		}
		h.advance(to)
		for _, edge := range w.edges() {
			if edge.After(now) && !edge.After(to) {
				w.settle(all, edge)
			}
		}
		require.Equal(t, members(w), h.in(), "as time passed from %v to %v", now, to)
		now = to
		w.happen(t, h, i, now)
		h.settle(now)
		w.settle(all, now)
		require.Equal(t, members(w), h.in(), "after something happened at %v", now)
	}
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// newHost compiles the segments, the last first, so that the order in which
// they are settled is the compiler's own doing.
func newHost(t *rapid.T, all []ruled) *host {
	var segments []segment.Segment
	for _, r := range slices.Backward(all) {
		s := segment.Segment{ID: r.id, Enter: r.enter.predicate()}
		if r.exit != nil {
			s.Exit = r.exit.predicate()
		}
		segments = append(segments, s)
	}
	set, err := segment.Compile(segments, anyStage)
	require.NoError(t, err)
	h := &host{state: set.NewState()}
	h.state.Load(nil)
	return h
}

func members(w *world) map[string]bool {
	in := make(map[string]bool)
	for id, is := range w.members {
		if is {
			in[id] = true
		}
	}
	return in
}

// happen changes the world and marks no more than what was changed.
func (w *world) happen(t *rapid.T, h *host, i int, now time.Time) {
	at := now
	if rapid.IntRange(0, 3).Draw(t, "late") == 0 {
		at = drawInstant(t, now)
	}
	switch rapid.IntRange(0, 4).Draw(t, "what") {
	case 0:
		p := drawPurchase(t, i, at)
		w.buy(p)
		h.state.MarkPurchase(&p)
	case 1:
		a := customer.Activity{ID: fmt.Sprint(i), Name: anyName.Draw(t, "activity"), At: at}
		w.act(a)
		h.state.MarkActivity(a.Name)
	case 2:
		before := w.card
		w.card = drawCard(t)
		h.state.MarkCard(&before, &w.card)
	case 3:
		w.cycles = []customer.Cycle{{Pipeline: "p", Stage: anyName.Draw(t, "stage")}}
		h.state.MarkPipeline("p")
	case 4:
		if len(w.purchases) > 0 {
			p := &w.purchases[rapid.IntRange(0, len(w.purchases)-1).Draw(t, "refunded")]
			p.Refunds = []customer.Refund{{ID: "r", Amount: rapid.Int64Range(0, p.Amount).Draw(t, "back"), At: now}}
			h.state.MarkPurchase(p)
		}
	}
	w.facts(&h.facts)
}

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
