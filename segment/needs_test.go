package segment_test

import (
	"fmt"
	"maps"
	"math/bits"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
)

// forest draws segments whose leaves are independent: each tag is asked about
// once, and so is each segment.
type forest struct {
	tags     int
	segments []ruled
}

// tag is a leaf that a customer can change.
func (s *forest) tag() rule {
	name := fmt.Sprintf("t%d", s.tags)
	s.tags++
	return onCard(segment.HasTag(name), func(c *customer.Customer) bool { return slices.Contains(c.Tags, name) })
}

const mostTags = 10

func (s *forest) draw(t *rapid.T, depth int) rule {
	kind := rapid.IntRange(0, 9).Draw(t, "kind")
	kids := func(least int) (all []rule) {
		for range rapid.IntRange(least, 3).Draw(t, "kids") {
			all = append(all, s.draw(t, depth-1))
		}
		return all
	}
	switch {
	case s.tags >= mostTags || kind == 0:
		if rapid.Bool().Draw(t, "fixed") {
			return onCard(segment.Share("x", 0, 1), func(*customer.Customer) bool { return true })
		}
		return onCard(segment.Customers("nobody"), func(*customer.Customer) bool { return false })
	case depth == 0 || kind < 4:
		return s.tag()
	case kind == 4:
		return notOf{s.draw(t, depth-1)}
	case kind == 5:
		return allOf(kids(0))
	case kind == 6:
		return anyOf(kids(1))
	case kind == 7:
		r := ruled{enter: s.draw(t, depth-1)}
		if rapid.Bool().Draw(t, "exits") {
			r.exit = s.draw(t, depth-1)
		}
		r.id = fmt.Sprintf("s%d", len(s.segments))
		s.segments = append(s.segments, r)
		return isIn(r.id)
	}
	of := kids(1)
	return someOf{rapid.IntRange(1, len(of)).Draw(t, "n"), of}
}

// after returns the memberships that a change of the tags in a mask brings.
func (w *world) after(all []ruled, mask uint) map[string]bool {
	changed := world{zone: w.zone, members: maps.Clone(w.members), since: maps.Clone(w.since)}
	for i := range mostTags + 3 {
		name := fmt.Sprintf("t%d", i)
		if slices.Contains(w.card.Tags, name) != (mask>>i&1 == 1) {
			changed.card.Tags = append(changed.card.Tags, name)
		}
	}
	changed.settle(all, base)
	return changed.members
}

// cheapest returns how many tags have to change before a customer enters; none
// where nothing helps.
func (w *world) cheapest(all []ruled, tags int) (fewest int, possible bool) {
	for mask := range uint(1) << tags {
		n := bits.OnesCount(mask)
		if (!possible || n < fewest) && w.after(all, mask)["top"] {
			fewest, possible = n, true
		}
	}
	return fewest, possible
}

// What an explanation says is needed is as little as trying everything finds,
// and it is enough.
func TestNeedsIsTheSmallestChange(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var s forest
		top := ruled{id: "top", enter: s.draw(t, 4)}
		if rapid.Bool().Draw(t, "exits") {
			top.exit = s.draw(t, 2)
		}
		all := append(s.segments, top)
		w := &world{zone: time.UTC, members: make(map[string]bool), since: make(map[string]time.Time)}
		w.card.ID = "c"
		for i := range s.tags {
			if rapid.Bool().Draw(t, "has") {
				w.card.Tags = append(w.card.Tags, fmt.Sprintf("t%d", i))
			}
		}
		for _, r := range all {
			if rapid.Bool().Draw(t, "was in") {
				w.members[r.id] = true
			}
		}
		w.settle(all, base)
		var f segment.Facts
		w.facts(&f, base)
		e, ok := compiled(t, all).Explain("top", &f, w.memberships())
		require.True(t, ok)
		require.Equal(t, w.members["top"], e.Member)
		if e.Member {
			require.Empty(t, e.Needs)
			return
		}
		fewest, possible := w.cheapest(all, s.tags)
		require.Len(t, e.Needs, fewest, "%v: %v", possible, e)
		if possible {
			require.True(t, w.after(all, mask(t, e.Needs))["top"], "%v", e)
		}
	})
}

// mask returns the tags that changes are about.
func mask(t require.TestingT, changes []segment.Change) (mask uint) {
	for _, c := range changes {
		var i int
		_, err := fmt.Sscanf(c.Rule, `tagged "t%d"`, &i)
		require.NoError(t, err)
		mask |= 1 << i
	}
	return mask
}

// The tree of reasons is that of the rule, and says of each part what it is.
func TestReasonsAreThePartsOfTheRule(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		all := drawSegments(t, 3)
		top := all[len(all)-1]
		w := drawWorld(t, time.UTC)
		w.drawHistory(t, base)
		w.settle(all, base)
		set := compiled(t, all)
		f := segment.Facts{Place: w.place}
		w.facts(&f, base)
		e, _ := set.Explain(top.id, &f, w.memberships())
		requireReason(t, w, set, &f, top.enter, &e.Enter)
		if top.exit != nil {
			requireReason(t, w, set, &f, top.exit, e.Exit)
		}
		truth, until := eval(t, set, segment.In(top.id), &f, w.memberships())
		require.Equal(t, truth, e.Member)
		require.Equal(t, until, later(e.Until, e.Ahead))
	})
}

func requireReason(t *rapid.T, w *world, set *segment.Set, f *segment.Facts, r rule, reason *segment.Reason) {
	require.Equal(t, r.holds(w, base), reason.Holds, "%s", reason.Path)
	_, until := eval(t, set, r.predicate(), f, w.memberships())
	require.Equal(t, until, later(reason.Until, reason.Ahead), "%s", reason.Path)
	var kids []rule
	switch r := r.(type) {
	case allOf:
		kids = r
	case anyOf:
		kids = r
	case someOf:
		kids = r.of
	case notOf:
		kids = []rule{r.of}
	default: // a segment has reasons of its own
		return
	}
	require.Len(t, reason.Parts, len(kids))
	for i, kid := range kids {
		requireReason(t, w, set, f, kid, &reason.Parts[i])
	}
}

func TestASegmentIsToldOnceAndNeededOnce(t *testing.T) {
	t.Parallel()
	w := olga()
	e := explain(t, w, olgaNow,
		segment.Segment{ID: "top", Enter: segment.All(segment.In("a"), segment.Any(segment.In("a"), segment.HasTag("x")))},
		segment.Segment{ID: "a", Enter: segment.HasAllTags("y", "z")})
	require.Len(t, e.Needs, 1)
	assert.Equal(t, "enter.all[0].segment.enter", e.Needs[0].Path)
	assert.True(t, e.Needs[0].To)
	assert.Len(t, e.Enter.Parts[0].Parts, 1)
	assert.Empty(t, e.Enter.Parts[1].Parts[0].Parts, "told above")
}

// Of changes that are as small, the one that comes by itself first is needed.
func TestWhatComesByItselfIsNeededFirst(t *testing.T) {
	t.Parallel()
	w := olga()
	later, sooner := segment.InStage("tea", "due"), segment.Weekday(time.Wednesday)
	e := explain(t, w, olgaNow, segment.Segment{ID: "s", Enter: segment.Any(segment.HasTag("x"), later, sooner)})
	require.Len(t, e.Needs, 1)
	assert.Equal(t, "enter.any[2]", e.Needs[0].Path)
	assert.Equal(t, utc("2026-06-03 00:00"), e.Needs[0].Until)
}

func TestWhatNothingCanChange(t *testing.T) {
	t.Parallel()
	w := olga()
	june := customer.Date{Year: 2026, Month: 6, Day: 1}
	for _, p := range []segment.Predicate{
		segment.Share("a", 0.9, 1), segment.Customers("ann"), segment.Card(segment.CardID, segment.Equal, "ann"),
		segment.Created().From(june), segment.Created().Known(false), segment.Not(segment.Share("a", 0, 0.9)), segment.Not(segment.All()),
	} {
		assert.Empty(t, explain(t, w, olgaNow, segment.Segment{ID: "s", Enter: p}).Needs, "%v", p)
		assert.Empty(t, explain(t, w, olgaNow, segment.Segment{ID: "s", Enter: segment.All(segment.HasTag("x"), p)}).Needs, "%v", p)
		assert.Empty(t, explain(t, w, olgaNow, segment.Segment{ID: "s", Enter: segment.HasTag("x"), Exit: segment.Not(p)}).Needs, "%v", p)
		e := explain(t, w, olgaNow, segment.Segment{ID: "s", Enter: segment.Any(p, segment.HasTag("x"))})
		assert.Len(t, e.Needs, 1, "%v", p)
	}
}

// diamonds returns segments each of which reads the next twice.
func diamonds(n int, bottom segment.Predicate) (all []segment.Segment) {
	for i := range n {
		next := segment.In(fmt.Sprint(i + 1))
		all = append(all, segment.Segment{ID: fmt.Sprint(i), Enter: segment.All(next, segment.Any(next, segment.Not(segment.Not(next))))})
	}
	return append(all, segment.Segment{ID: fmt.Sprint(n), Enter: bottom})
}

// flicker returns a customer whose stage is another one every day, for ever, and
// how often somebody asked.
func flicker() (f *segment.Facts, asked *int) {
	f, asked = tags(), new(int)
	f.Cycles = []customer.Cycle{{Pipeline: "p"}}
	cycle := customer.Cycle{Pipeline: "p"}
	f.Place = func(_ *customer.Cycle, at time.Time) *customer.Cycle {
		*asked++
		cycle.Entered = at.Truncate(day)
		cycle.Due = cycle.Entered.Add(day)
		cycle.Stage = []string{"even", "odd"}[at.YearDay()%2]
		return &cycle
	}
	f.At(olgaNow)
	return f, asked
}

// What looking ahead costs is bounded, however the rules are made.
func TestLookingAheadTakesNoAges(t *testing.T) {
	t.Parallel()
	even, odd := segment.InStage("p", "even"), segment.InStage("p", "odd")
	always := segment.Any(even, odd)
	deep, wide := always, []segment.Predicate{}
	for range 990 {
		deep = segment.Not(deep)
		wide = append(wide, segment.Any(even, odd))
	}
	for name, segments := range map[string][]segment.Segment{
		"diamonds": diamonds(60, segment.HasTag("x")),
		"calendar": diamonds(60, always),
		"deep":     {{ID: "s", Enter: deep}},
		"wide":     {{ID: "s", Enter: segment.All(wide...)}},
		"some":     {{ID: "s", Enter: segment.Some(len(wide), wide...)}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			set, err := segment.Compile(segments, anyStage)
			require.NoError(t, err)
			f, asked := flicker()
			e, ok := set.Explain(segments[0].ID, f, settled(set, f))
			require.True(t, ok)
			assert.Less(t, *asked, 3_000_000)
			if name == "diamonds" {
				assert.Len(t, e.Needs, 1)
				return
			}
			assert.True(t, e.Member)
			assert.True(t, e.Ahead.After(olgaNow.AddDate(0, 0, 100)), "%v", e.Ahead)
			_, until := eval(t, set, segments[0].Enter, f, settled(set, f))
			assert.True(t, until.After(olgaNow.AddDate(0, 0, 100)), "%v", until)
			assert.Less(t, *asked, 6_000_000)
		})
	}
}

// settled returns the segments that a customer is in who was never looked at.
func settled(set *segment.Set, f *segment.Facts) (members []segment.Membership) {
	state := set.NewState()
	state.Load(nil)
	state.MarkAll()
	state.Settle(f, func(id string, _ bool) { members = append(members, segment.Membership{Segment: id}) })
	slices.SortFunc(members, func(a, b segment.Membership) int { return strings.Compare(a.Segment, b.Segment) })
	return members
}
