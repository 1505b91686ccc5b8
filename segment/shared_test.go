package segment_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/regulars-go/regulars/segment"
)

// What segments have in common is asked once each time they are settled, and
// anew the next time.
func TestWhatSegmentsShareIsAskedOnce(t *testing.T) {
	t.Parallel()
	due := segment.InStage("p", "due")
	state := compile(t,
		segment.Segment{ID: "due", Enter: due},
		segment.Segment{ID: "not due", Enter: segment.Not(due)},
		segment.Segment{ID: "tagged", Enter: segment.All(segment.HasTag("x"), due), Exit: segment.Not(due)},
		segment.Segment{ID: "other", Enter: segment.InStage("p", "lost")},
	)
	state.Load(nil)
	f := tags("x")
	asked := counted(f, "p")
	f.Cycles[0].Stage = "due"
	require.Equal(t, " +due +tagged", moves(state, f))
	assert.Equal(t, 2, asked(), "once for due, once for lost")
	f.Cycles[0].Stage = "lost"
	require.Equal(t, " -due +not due -tagged +other", moves(state, f))
	assert.Equal(t, 2, asked())
}

// Answers belong to one state, whoever's facts it is given, and to one round.
func TestSharedAnswersAreNotMixedUp(t *testing.T) {
	t.Parallel()
	twice := func(tag string) *segment.State {
		state := compile(t, segment.Segment{ID: "is", Enter: segment.HasTag(tag)}, segment.Segment{ID: "is not", Enter: segment.Not(segment.HasTag(tag))})
		state.Load(nil)
		return state
	}
	x, y, ann, bob := twice("x"), twice("y"), tags("x"), tags("y")
	assert.Equal(t, " +is", moves(x, ann))
	assert.Equal(t, " +is not", moves(y, ann), "the same facts, of another set")
	assert.Equal(t, " -is +is not", moves(x, bob), "the same set, of other facts")
	copied := *bob
	copied.Customer = ann.Customer
	assert.Equal(t, " +is -is not", moves(x, &copied))
	assert.Equal(t, " +is -is not", moves(y, bob))
}

// Texts that are not UTF-8 look alike where they are written, and differ.
func TestLeavesThatLookAlikeAreNotShared(t *testing.T) {
	t.Parallel()
	state := compile(t,
		segment.Segment{ID: "a", Enter: segment.HasTag("\xfe")}, segment.Segment{ID: "b", Enter: segment.HasTag("\xff")},
		segment.Segment{ID: "c", Enter: segment.HasTag("\xfe")}, segment.Segment{ID: "d", Enter: segment.HasTag("\xff")},
	)
	state.Load(nil)
	assert.Equal(t, " +a +c", moves(state, tags("\xfe")))
}

// Whether a rule is shared makes no difference, neither to what it says nor to
// when that changes.
func TestSharingChangesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		now := utc("2026-02-20 12:00")
		w := drawWorld(t, zone(t, rapid.SampledFrom(zoneNames).Draw(t, "zone")))
		w.drawHistory(t, now)
		var f segment.Facts
		w.facts(&f, now)
		f.At(now)
		settle := func(all ...ruled) (in map[string]bool, flip time.Time) {
			h := newHost(t, all)
			in = make(map[string]bool)
			h.state.MarkAll()
			flip = h.state.Settle(&f, func(id string, entered bool) { in[id] = entered })
			return in, flip
		}
		r := drawRule(t, 2, nil)
		alone, flip := settle(ruled{id: "rule", enter: r})
		shared, sharedFlip := settle(ruled{id: "rule", enter: r}, ruled{id: "same", enter: r}, ruled{id: "opposite", enter: notOf{r}})
		require.Equal(t, []bool{alone["rule"], alone["rule"], !alone["rule"]}, []bool{shared["rule"], shared["same"], shared["opposite"]})
		require.Equal(t, flip, sharedFlip)
	})
}
