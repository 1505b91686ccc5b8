package segment_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
)

// ruled is a segment and what it means. Segments are in order of dependency.
type ruled struct {
	id          string
	enter, exit rule
	stay        customer.Period
}

func drawSegments(t *rapid.T, most int) []ruled {
	var all []ruled
	var ids []string
	for i := range rapid.IntRange(1, most).Draw(t, "segments") {
		r := ruled{id: fmt.Sprintf("s%d", i), enter: drawRule(t, 2, ids)}
		if rapid.IntRange(0, 2).Draw(t, "exits") == 0 {
			r.exit = drawRule(t, 2, ids)
		}
		if rapid.IntRange(0, 2).Draw(t, "stays") == 0 {
			r.stay = anySpan.Draw(t, "stay")
		}
		all, ids = append(all, r), append(ids, r.id)
	}
	return all
}

func (r *ruled) edges(w *world, from, to time.Time) []time.Time {
	rules := []rule{r.enter}
	if r.exit != nil {
		rules = append(rules, r.exit)
	}
	return edgesOf(rules, w, from, to)
}

// settle moves the world's memberships at an instant, one segment behind the
// other.
func (w *world) settle(all []ruled, at time.Time) {
	for _, r := range all {
		was := w.members[r.id]
		in := r.enter.holds(w, at)
		if r.exit != nil {
			in = (was || in) && !r.exit.holds(w, at)
		}
		stays := was && at.Before(r.stay.After(w.since[r.id], w.zone))
		switch {
		case stays || in == was:
		case in:
			w.members[r.id], w.since[r.id] = true, at
		default:
			delete(w.members, r.id)
		}
	}
}

// pass settles the world at every instant up to another at which anything could
// change.
func (w *world) pass(all []ruled, from, to time.Time, each func(at time.Time)) {
	var edges []time.Time
	for _, r := range all {
		edges = append(edges, r.edges(w, from, to)...)
	}
	for now := from; ; {
		next := to.Add(tick)
		for _, at := range append(edges, w.stays(all)...) {
			if at.After(now) && at.Before(next) {
				next = at
			}
		}
		if next.After(to) {
			return
		}
		now = next
		w.settle(all, now)
		each(now)
	}
}

// stays returns when the stays of members end.
func (w *world) stays(all []ruled) (ends []time.Time) {
	for _, r := range all {
		if w.members[r.id] {
			ends = append(ends, r.stay.After(w.since[r.id], w.zone))
		}
	}
	return ends
}

// memberships returns them as a record keeps them.
func (w *world) memberships() []segment.Membership {
	all := []segment.Membership{}
	for _, id := range slices.Sorted(maps.Keys(w.members)) {
		all = append(all, segment.Membership{Segment: id, Since: w.since[id]})
	}
	return all
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

// advance takes every wake-up up to the instant, each at its time. The clock
// moves cycles as well.
func (h *host) advance(w *world, to time.Time) {
	for {
		at := h.wake
		for _, c := range h.facts.Cycles {
			if !c.Due.IsZero() && (at.IsZero() || c.Due.Before(at)) {
				at = c.Due
			}
		}
		if at.IsZero() || at.After(to) {
			return
		}
		h.step(w, at)
	}
}

func (h *host) step(w *world, at time.Time) {
	before := h.facts.Cycles
	w.facts(&h.facts, at)
	for i, c := range before {
		if c.Due.Equal(at) {
			h.state.MarkPipeline(h.facts.Cycles[i].Pipeline)
		}
	}
	if h.wake.Equal(at) {
		h.wake = time.Time{}
		h.state.MarkTime()
	}
	h.settle(at)
	if h.wake.Equal(at) {
		panic("a flip that does not lie ahead")
	}
	// A host may load the customer anew at any time.
	h.state.Load(h.members)
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
	all := drawSegments(t, 6)
	w, h := drawWorld(t, loc), newHost(t, all)
	now := utc("2026-02-20 12:00")
	w.drawPlans(t, now)
	w.facts(&h.facts, now)
	h.state.MarkAll()
	h.settle(now)
	w.settle(all, now)
	for i := range 12 {
		to := now.Add(time.Duration(rapid.Int64Range(0, 24*100).Draw(t, "hours")) * time.Hour)
		if edges := within(all[0].edges(w, now, to), now, to); len(edges) > 0 && rapid.Bool().Draw(t, "to an edge") {
			to = rapid.SampledFrom(edges).Draw(t, "edge")
		}
		h.advance(w, to)
		w.pass(all, now, to, func(time.Time) {})
		require.Equal(t, w.memberships(), h.members, "as time passed from %v to %v", now, to)
		now = to
		w.facts(&h.facts, now)
		w.happen(t, h, i, now)
		h.settle(now)
		w.settle(all, now)
		require.Equal(t, w.memberships(), h.members, "after something happened at %v", now)
	}
}

// within returns the instants that lie between two.
func within(all []time.Time, from, to time.Time) []time.Time {
	return slices.DeleteFunc(all, func(at time.Time) bool { return at.Before(from) || at.After(to) })
}

// newHost compiles the segments, the last first, so that the order in which
// they are settled is the compiler's own doing.
func newHost(t *rapid.T, all []ruled) *host {
	h := &host{state: compiled(t, all).NewState(), members: []segment.Membership{}}
	h.state.Load(nil)
	return h
}

func compiled(t require.TestingT, all []ruled) *segment.Set {
	var segments []segment.Segment
	for _, r := range slices.Backward(all) {
		s := segment.Segment{ID: r.id, Enter: r.enter.predicate(), Stay: r.stay}
		if r.exit != nil {
			s.Exit = r.exit.predicate()
		}
		segments = append(segments, s)
	}
	set, err := segment.Compile(segments, anyStage)
	require.NoError(t, err)
	return set
}

// happen changes the world and marks no more than what was changed.
func (w *world) happen(t *rapid.T, h *host, i int, now time.Time) {
	at := now
	if rapid.IntRange(0, 3).Draw(t, "late") == 0 {
		at = drawInstant(t, now)
	}
	switch rapid.IntRange(0, 5).Draw(t, "what") {
	case 0:
		p := drawPurchase(t, i, at)
		w.buy(p)
		h.state.MarkPurchase(&p)
	case 1:
		a := drawActivity(t, i, at)
		w.act(a)
		h.state.MarkActivity(a.Name)
	case 2:
		before := w.card
		w.card = drawCard(t)
		w.card.ID = before.ID
		w.card.Zone = rapid.SampledFrom(zoneNames).Draw(t, "zone")
		w.zone = zone(t, w.card.Zone)
		h.state.MarkCard(&before, &w.card)
	case 3:
		pipeline := anyPipeline.Draw(t, "pipeline")
		w.plans = slices.DeleteFunc(w.plans, func(p plan) bool { return p.cycle.Pipeline == pipeline })
		if rapid.IntRange(0, 3).Draw(t, "none") > 0 {
			w.plans = append(w.plans, drawPlan(t, pipeline, now))
		}
		h.state.MarkPipeline(pipeline)
	case 4:
		if len(w.purchases) > 0 {
			p := &w.purchases[rapid.IntRange(0, len(w.purchases)-1).Draw(t, "refunded")]
			p.Refunds = []customer.Refund{{ID: "r", Amount: rapid.Int64Range(0, p.Amount).Draw(t, "back"), At: now}}
			h.state.MarkPurchase(p)
		}
	}
	w.facts(&h.facts, now)
}
