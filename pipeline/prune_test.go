package pipeline_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/pipeline"
	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/trigger"
)

// month keeps everything for thirty days.
var month = pipeline.Retention{
	Timeline: customer.Days(30), Sent: customer.Days(30), Dead: customer.Days(30), Activities: customer.Days(30),
}

func (s *shop) prune(r pipeline.Retention) pipeline.Pruned {
	s.t.Helper()
	done, err := s.Prune(s.t.Context(), r, pipeline.PruneOptions{})
	require.NoError(s.t, err)
	return done
}

// activities returns the IDs of what olga did, as far as it is still there.
func (s *shop) activities() []string {
	s.t.Helper()
	l, err := s.cfg.Store.Load(s.t.Context(), store.Request{Customer: "olga", Reach: segment.Reach{AllActivities: true}})
	require.NoError(s.t, err)
	ids := []string{}
	for _, a := range l[0].Activities {
		ids = append(ids, a.ID)
	}
	return ids
}

// watching returns definitions that ask about three kinds of activities.
func watching() pipeline.Definitions {
	viewed := func(days int) segment.Predicate {
		return segment.Activities{Name: "view", Within: customer.Days(days)}.Count(segment.AtLeast, 1)
	}
	d := of(nails(), sends("thanks", trigger.Activity("review"), func(t *trigger.Trigger) {
		t.If = segment.Activities{Name: "review"}.Count(segment.Equal, 1)
	}), sends("hm", trigger.Activity("view"), func(t *trigger.Trigger) { t.If = viewed(100) }))
	return with(d,
		segment.Segment{ID: "curious", Enter: viewed(5), Exit: segment.Not(viewed(8))},
		segment.Segment{ID: "left", Enter: segment.Sequence{
			First: segment.Did("cart"), Then: segment.Did("order"), Within: customer.Days(40),
		}.Unanswered()},
	)
}

// days lets olga do something every day, and the clock go on.
func (s *shop) days(n int, names ...string) {
	s.t.Helper()
	for range n {
		for _, name := range names {
			s.does(name+s.clock.Now().Format(" 01-02"), name)
		}
		s.tick(s.clock.Now().AddDate(0, 0, 1))
	}
}

func TestPruneKeepsWhatPredicatesSee(t *testing.T) {
	t.Parallel()
	s := setup(t, watching())
	s.days(60, "view", "cart", "review", "idle") // until 1 May
	done := s.prune(month)
	sight := func(name string, days int) segment.Sight {
		return segment.Sight{Activity: name, Back: customer.Days(days).AtMost()}
	}
	assert.Equal(t, []pipeline.Kept{
		{Sight: sight("cart", 40), Segment: "left"},
		{Sight: sight("order", 40), Segment: "left"},
		{Sight: segment.Sight{Activity: "review", All: true}, Trigger: "thanks"},
		{Sight: sight("view", 100), Trigger: "hm"},
	}, done.Kept)
	left := make(map[string]int)
	for _, id := range s.activities() {
		left[id[:len(id)-6]]++
	}
	// A calendar window may be longer than its days by what a zone can move, a day
	// and two hours, and so begins on 20 March at 8:00.
	assert.Equal(t, map[string]int{"view": 60, "cart": 42, "review": 60, "idle": 30}, left)
	assert.Equal(t, 18+30, done.Activities)
	assert.Equal(t, 1, done.Customers)
	assert.Equal(t, "olga", done.Last)
	assert.Zero(t, s.prune(month).Activities, "again")
}

func TestPruneLeavesWhatIsInForce(t *testing.T) {
	t.Parallel()
	s := setup(t, watching())
	s.buys("1")
	s.days(60, "view")
	before := s.record()
	in, err := s.At(t.Context(), "olga", opening.AddDate(0, 0, 3))
	require.NoError(t, err)
	require.NotEmpty(t, in)
	done := s.prune(month)
	assert.Positive(t, done.Events)
	assert.Positive(t, done.Deliveries)
	assert.Equal(t, before, s.record(), "the record, its version included")
	again, err := s.At(t.Context(), "olga", opening.AddDate(0, 0, 3))
	require.NoError(t, err)
	assert.Equal(t, in, again, "who was in what")
	month := s.clock.Now().AddDate(0, 0, -30)
	for _, e := range s.timeline() {
		edge := e.Kind == customer.SegmentEntered || e.Kind == customer.SegmentLeft
		assert.False(t, e.Known.Before(month) && !edge, line(e))
	}
	for _, d := range s.outbox(store.Sent) {
		assert.False(t, d.Due.Before(month), d.ID)
	}
	s.must(customer.Refund{ID: "r", Customer: "olga", Purchase: "1", At: s.clock.Now()})
	assert.Zero(t, s.record().Totals.Count, "purchases are never removed")
}

func TestAnActivityThatWasPrunedIsPassedOver(t *testing.T) {
	t.Parallel()
	s := setup(t, watching())
	s.days(60, "view", "idle")
	done := s.prune(month)
	require.Positive(t, done.Activities)
	before := dump(t, s.cfg.Store)
	when := opening.AddDate(0, 0, 2)
	again := customer.Activity{ID: "idle 03-04", Customer: "olga", Name: "idle", At: when}
	s.must(again)
	s.must(customer.Activity{ID: "idle new", Customer: "olga", Name: "idle", At: when}) // it would have been pruned
	assert.Equal(t, before, dump(t, s.cfg.Store))
	require.ErrorIs(t, s.Apply(t.Context(), customer.Activity{ID: "view 03-04", Customer: "olga", Name: "view", At: when.Add(1e9)}),
		pipeline.ErrIDReused, "what was kept is known")
	again.At = s.clock.Now().AddDate(0, 0, -29)
	again.ID = "idle late"
	s.must(again)
	assert.Contains(t, s.activities(), "idle late", "it is younger than what was removed")
	s.restart() // another engine knows of it from the store
	s.must(customer.Activity{ID: "idle 03-05", Customer: "olga", Name: "idle", At: when.AddDate(0, 0, 1)})
	assert.NotContains(t, s.activities(), "idle 03-05")
}

// Somebody was last seen long ago. What becomes known late takes effect there, and
// is judged by what happened before it.
func TestPruneCountsBackFromWhereTheCustomerStands(t *testing.T) {
	t.Parallel()
	s := setup(t, watching())
	s.days(3, "view", "idle")
	s.tick(opening.AddDate(0, 0, 9))
	s.clock.set(opening.AddDate(1, 0, 0))
	s.prune(month)
	assert.Equal(t, []string{"view 03-02", "view 03-03", "view 03-04"}, s.activities())
	late := customer.Activity{ID: "late", Customer: "olga", Name: "view", At: opening.AddDate(0, 0, 20)}
	s.must(late)
	assert.Contains(t, s.activities(), "late", "a predicate sees it")
	assert.Equal(t, []string{"03-22 10:00 segment_entered curious"}, s.lines(customer.SegmentEntered)[1:])
}

func TestZeroPeriodsKeepForEver(t *testing.T) {
	t.Parallel()
	s := setup(t, watching())
	s.buys("1")
	s.days(40, "view", "idle")
	before := dump(t, s.cfg.Store)
	assert.Equal(t, pipeline.Pruned{Customers: 1, Last: "olga"}, s.prune(pipeline.Retention{}))
	assert.Equal(t, before, dump(t, s.cfg.Store))
	centuries := pipeline.Retention{Timeline: customer.Years(100_000), Activities: customer.Months(2000), Sent: customer.Hours(2_500_000)}
	assert.Zero(t, s.prune(centuries).Events)
	assert.Equal(t, before, dump(t, s.cfg.Store))
}

// What may still start triggers when it comes is not taken for what was pruned.
func TestPruneKeepsWithinLateness(t *testing.T) {
	t.Parallel()
	s := setup(t, watching())
	s.days(3, "idle")
	s.prune(pipeline.Retention{Activities: customer.Hours(1)})
	assert.Equal(t, []string{"idle 03-04"}, s.activities())
	s.must(customer.Activity{ID: "r", Customer: "olga", Name: "review", At: s.clock.Now().Add(-23 * time.Hour)})
	s.tick(s.clock.Now())
	assert.Len(t, s.sent, 1)
}

func TestPruneRefusesFaultyPeriods(t *testing.T) {
	t.Parallel()
	s := setup(t, watching())
	_, err := s.Prune(t.Context(), pipeline.Retention{Timeline: customer.Days(-1), Dead: customer.Exact(1)}, pipeline.PruneOptions{})
	require.ErrorIs(t, err, customer.ErrInvalid)
	require.ErrorContains(t, err, "prune: retention: Timeline")
	require.ErrorContains(t, err, "retention: Dead")
}

func TestPruneGoesOnWhereItWasInterrupted(t *testing.T) {
	t.Parallel()
	s := emptyShop(t, watching(), func(c *pipeline.Config) { c.Batch = 2 })
	for i := range 7 {
		id := fmt.Sprint("c", i)
		s.must(customer.Customer{ID: id}, customer.Activity{ID: "a", Customer: id, Name: "idle", At: opening})
	}
	s.clock.set(opening.AddDate(0, 2, 0))
	ctx, cancel := context.WithCancel(t.Context())
	var told []int
	done, err := s.Prune(ctx, month, pipeline.PruneOptions{Progress: func(p pipeline.Pruned) {
		if told = append(told, p.Activities); len(told) == 2 {
			cancel()
		}
	}})
	require.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, []int{2, 4}, told)
	assert.Equal(t, "c3", done.Last)
	rest, err := s.Prune(t.Context(), month, pipeline.PruneOptions{After: done.Last})
	require.NoError(t, err)
	assert.Equal(t, 3, rest.Activities)
	assert.Equal(t, 3, rest.Customers)
	assert.Equal(t, "c6", rest.Last)
}

// Customers and runs may be under older definitions for long; what those see is
// kept until none is.
func TestPruneHeedsOlderDefinitions(t *testing.T) {
	t.Parallel()
	old := watching()
	s := setup(t, old)
	s.days(60, "view", "cart")
	s.restartWith(of(nails())) // olga is not brought over yet
	before := s.activities()
	done := s.prune(month)
	version, err := old.Version()
	require.NoError(t, err)
	assert.Equal(t, 18, done.Activities, "carts that no definitions see")
	assert.True(t, slices.ContainsFunc(done.Kept, func(k pipeline.Kept) bool { return k.Segment == "left" && k.Definitions == version }))
	s.redefine(of(nails()))
	done = s.prune(month)
	assert.Empty(t, done.Kept)
	assert.Equal(t, len(before)-18-60, done.Activities)
}

func TestPruneHeedsWaitingRuns(t *testing.T) {
	t.Parallel()
	d := watching()
	d.Triggers[0].Steps = []trigger.Step{trigger.Wait(customer.Days(90)), trigger.Task("call")}
	s := setup(t, d)
	s.days(1, "review")
	s.redefine(of(nails()))
	s.clock.set(opening.AddDate(0, 0, 60))
	assert.NotEmpty(t, s.prune(month).Kept, "a run waits that began under them")
	s.tick(opening.AddDate(0, 0, 100))
	assert.Empty(t, s.prune(month).Kept)
}

func TestRedefineAndPreviewTellOfGaps(t *testing.T) {
	t.Parallel()
	s := setup(t, watching())
	s.days(60, "view", "idle")
	s.prune(month)
	cut := s.clock.Now().AddDate(0, 0, -30)
	wanted := func(name string, days int) segment.Segment {
		return segment.Segment{ID: "new", Enter: segment.Activities{Name: name, Within: customer.Days(days)}.Count(segment.AtLeast, 40)}
	}
	gap := []pipeline.Gap{{Activity: "idle", Before: cut, Segment: "new"}}
	assert.Empty(t, s.preview(wanted("idle", 20)).Gaps)
	assert.Equal(t, gap, s.preview(wanted("idle", 40)).Gaps)
	assert.Empty(t, s.preview(wanted("view", 50)).Gaps, "those were kept")
	assert.NotEmpty(t, s.preview(wanted("view", 200)).Gaps)

	assert.Equal(t, gap, s.redefine(with(watching(), wanted("idle", 0))).Gaps)
	d := watching()
	d.Triggers[0].If = segment.Never("idle")
	assert.Equal(t, []pipeline.Gap{{Activity: "idle", Before: cut, Trigger: "thanks"}}, s.redefine(d).Gaps)
	s.clock.set(cut.AddDate(0, 0, 45))
	assert.Empty(t, s.redefine(with(watching(), wanted("idle", 40))).Gaps, "what is missing is out of sight by now")
	s.must(customer.Activity{ID: "idle 03-02", Customer: "olga", Name: "idle", At: opening})
	assert.NotContains(t, s.activities(), "idle 03-02", "it was pruned, and is out of sight")
	seen := customer.Activity{ID: "idle seen", Customer: "olga", Name: "idle", At: s.record().AsOf.AddDate(0, 0, -35)}
	s.must(seen)
	assert.Contains(t, s.activities(), seen.ID, "it may have been pruned, but is asked about by now")
}

// idle is something nothing asks about, to which a trigger answers all the same.
func idle(t *testing.T) (*shop, customer.Activity) {
	t.Helper()
	s := setup(t, of(nails(), sends("hello", trigger.Activity("idle"))))
	a := customer.Activity{ID: "a", Customer: "olga", Name: "idle", At: opening}
	s.must(a)
	s.tick(opening)
	require.Len(t, s.sent, 1)
	return s, a
}

// What was pruned starts nothing again, whatever the clocks say.
func TestPruneByAClockThatIsAhead(t *testing.T) {
	t.Parallel()
	s, a := idle(t)
	s.clock.set(opening.AddDate(0, 0, 60))
	assert.Equal(t, 1, s.prune(month).Activities)
	s.clock.set(opening.Add(time.Hour))
	s.must(a)
	s.tick(opening.Add(time.Hour))
	assert.Len(t, s.sent, 1, "once")
	assert.Empty(t, s.activities())
	b := customer.Activity{ID: "b", Customer: "olga", Name: "idle", At: opening.Add(time.Minute)}
	s.must(b)
	s.tick(opening.Add(time.Hour))
	assert.Equal(t, []string{"b"}, s.activities(), "it happened behind all that was pruned")
	assert.Len(t, s.sent, 2)
}

func TestPruneAndThenAGreaterLateness(t *testing.T) {
	t.Parallel()
	s, a := idle(t)
	s.clock.set(opening.AddDate(0, 0, 40))
	s.prune(month)
	s.cfg.Lateness = 60 * 24 * time.Hour
	s.restart()
	s.must(a)
	s.tick(s.clock.Now())
	assert.Len(t, s.sent, 1)
	s.restartWith(with(s.cfg.Definitions, segment.Segment{ID: "did", Enter: segment.Activities{Name: "idle"}.Count(segment.AtLeast, 1)}))
	s.must(a)
	s.tick(s.clock.Now())
	assert.Equal(t, []string{"a"}, s.activities(), "it is asked about by now")
	assert.Equal(t, []string{"04-11 10:00 segment_entered did"}, s.lines(customer.SegmentEntered))
	assert.Len(t, s.sent, 1, "but it may have been answered")
	s.must(a)
	assert.Len(t, s.lines(customer.SegmentEntered), 1, "it is known again")
}

// What comes late for the first time is taken in where something asks about it, and
// passed over where nothing does and it may have been pruned.
func TestHistoryThatComesAfterAPrune(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails()))
	s.days(3, "idle")
	s.clock.set(opening.AddDate(0, 0, 60))
	require.Equal(t, 3, s.prune(month).Activities)
	reviews := segment.Activities{Name: "review", Within: customer.Days(365)}.Count(segment.AtLeast, 1)
	s.redefine(with(of(nails()), segment.Segment{ID: "did", Enter: reviews}))
	did := func(id, name string, day int) customer.Activity {
		return customer.Activity{ID: id, Customer: "olga", Name: name, At: opening.AddDate(0, 0, day)}
	}
	s.must(did("1", "view", 1), did("2", "review", 1), did("3", "view", 20))
	assert.Equal(t, []string{"2", "3"}, s.activities())
	assert.NotEmpty(t, s.lines(customer.SegmentEntered))
}

func TestHistoryOfOthersAfterAPrune(t *testing.T) {
	t.Parallel()
	s := emptyShop(t, of(nails()))
	s.must(customer.Customer{ID: "eva"}, customer.Activity{ID: "1", Customer: "eva", Name: "view", At: opening})
	s.clock.set(opening.AddDate(0, 0, 60))
	require.Equal(t, 1, s.prune(month).Activities)
	s.must(customer.Customer{ID: "olga", Since: opening}, customer.Activity{ID: "1", Customer: "olga", Name: "view", At: opening})
	assert.Equal(t, []string{"1"}, s.activities(), "nothing of theirs was pruned")
}

func TestAPruneThatRemovesNothingLeavesNoGap(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails()))
	s.clock.set(opening.AddDate(0, 0, 60))
	s.prune(month)
	assert.Empty(t, s.preview(segment.Segment{ID: "x", Enter: segment.Never("cart")}).Gaps)
}

// A run that waits goes on under the definitions it began under, and what those see
// is taken in.
func TestHistoryThatAWaitingRunSees(t *testing.T) {
	t.Parallel()
	d := watching()
	d.Triggers[0].Steps = []trigger.Step{trigger.Wait(customer.Days(90)), trigger.Task("call")}
	s := setup(t, d)
	s.days(3, "idle")
	s.does("r", "review")
	s.redefine(of(nails()))
	s.clock.set(opening.AddDate(0, 0, 60))
	require.Equal(t, 3, s.prune(month).Activities)
	late := customer.Activity{ID: "late", Customer: "olga", Name: "review", At: opening}
	s.must(late)
	assert.Contains(t, s.activities(), "late")
}

// Prune heeds that the definitions change while it is at work.
func TestPruneWhileRedefining(t *testing.T) {
	t.Parallel()
	s := emptyShop(t, of(nails()), func(c *pipeline.Config) { c.Batch = 1 })
	for i := range 3 {
		id := fmt.Sprint("c", i)
		s.must(customer.Customer{ID: id}, customer.Activity{ID: "a", Customer: id, Name: "review", At: opening})
	}
	s.clock.set(opening.AddDate(0, 2, 0))
	done, err := s.Prune(t.Context(), month, pipeline.PruneOptions{Progress: func(p pipeline.Pruned) {
		if p.Customers == 1 {
			gaps := s.redefine(watching()).Gaps
			assert.Equal(t, "review", gaps[len(gaps)-2].Activity)
		}
	}})
	require.NoError(t, err)
	assert.Equal(t, 3, done.Customers)
	assert.Equal(t, 1, done.Activities, "that of the others is asked about by now")
}

// pruningStore has somebody else prune ahead of the second time that a customer is
// loaded.
type pruningStore struct {
	store.Store
	loads int
	prune func()
}

func (p *pruningStore) Load(ctx context.Context, requests ...store.Request) ([]store.Loaded, error) {
	if p.loads++; p.loads == 2 {
		p.prune()
	}
	return p.Store.Load(ctx, requests...)
}

// An activity was there when a customer was loaded first, and is gone when they
// have to be loaded again.
func TestAnActivityIsPrunedWhileItComesAgain(t *testing.T) {
	t.Parallel()
	by := customer.By{Actor: "anna", Reason: "moved"}
	moved := customer.Edit{Customer: "olga", By: by, Change: func(c *customer.Customer) { c.Zone = "Europe/Berlin" }}
	for name, change := range map[string]func(*shop) customer.Input{
		"because all purchases are needed": func(*shop) customer.Input { return moved },
		"because the definitions are others": func(s *shop) customer.Input {
			s.restartWith(of(nails()))
			return customer.Assignment{Customer: "olga", Manager: "eva", By: by}
		},
	} {
		s := setup(t, watching())
		s.buys("1")
		s.days(60, "idle")
		again := customer.Activity{ID: "idle 03-04", Customer: "olga", Name: "idle", At: opening.AddDate(0, 0, 2)}
		in := change(s)
		other := s.Engine
		racing := &pruningStore{Store: s.cfg.Store, prune: func() {
			_, err := other.Prune(t.Context(), month, pipeline.PruneOptions{})
			require.NoError(t, err)
		}}
		s.cfg.Store = racing
		s.restart()
		s.must(in, again)
		require.GreaterOrEqual(t, racing.loads, 2, name)
		assert.NotContains(t, s.activities(), again.ID, name)
	}
}
