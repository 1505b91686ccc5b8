package pipeline_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/pipeline"
	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/trigger"
)

// anna is who decides by hand.
var anna = customer.By{Actor: "anna", Reason: "on the phone"}

func moveStage(stage string) customer.StageMove {
	return customer.StageMove{Customer: "olga", Pipeline: "nails", Stage: stage, By: anna}
}

func moveNext(next time.Time) customer.NextMove {
	return customer.NextMove{Customer: "olga", Pipeline: "nails", Next: next, By: anna}
}

func TestRefusalClosesTheCycleWithAReason(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails(), sends("farewell", trigger.Refused("nails"))))
	s.buys("a")
	s.tick(at("2026-03-10 12:00"))
	s.must(customer.Refusal{Customer: "olga", Pipeline: "nails", By: customer.By{Actor: "anna", Reason: "too dear"}})
	assert.Equal(t, []string{
		`03-10 12:00 refused nails #1 by anna "too dear"`,
		"03-10 12:00 stage_left nails/waiting #1",
		`03-10 12:00 cycle_closed nails #1 "too dear"`,
	}, s.lines(stageKinds...)[4:])
	c := s.cycle("nails")
	assert.Equal(t, "too dear", c.Closed)
	assert.Empty(t, c.Stage)
	s.tick(at("2027-01-01 00:00"))
	assert.Equal(t, []string{"03-10 12:00 farewell: farewell"}, s.messages())
	assert.Len(t, s.lines(stageKinds...), 7, "no stage of a closed cycle comes")

	s.buys("b")
	assert.Equal(t, []string{"01-01 00:00 returned nails #2"}, s.lines(customer.Returned))
	assert.Equal(t, "thanks", s.stage())
}

func TestRefusalOfEveryCycle(t *testing.T) {
	t.Parallel()
	d := pipeline.Definitions{Pipelines: []pipeline.Pipeline{oneStage("a"), oneStage("b"), oneStage("c", func(p *pipeline.Pipeline) { p.Takes.MinAmount = 1e9 })}}
	s := setup(t, d)
	refusal := customer.Refusal{Customer: "olga", By: customer.By{Reason: "no more"}}
	require.ErrorIs(t, s.Apply(t.Context(), refusal), pipeline.ErrNotInPipeline)
	s.buys("a")
	s.must(refusal)
	assert.Len(t, s.lines(customer.CustomerRefused), 2)
	for _, c := range s.record().Cycles {
		assert.Equal(t, "no more", c.Closed)
	}
	s.must(refusal) // told again: it is the same decision
	assert.Len(t, s.lines(customer.CustomerRefused), 2)
	s.clock.set(opening.Add(time.Hour))
	require.ErrorIs(t, s.Apply(t.Context(), refusal), pipeline.ErrNotInPipeline, "no cycle is open")
}

func TestRefusalSurvivesTheRefundOfAReturn(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails()))
	s.buys("a")
	s.tick(at("2026-03-05 12:00"))
	s.must(customer.Refusal{Customer: "olga", By: customer.By{Reason: "moved away"}})
	s.tick(at("2026-03-06 12:00"))
	s.buys("b")
	s.refund("r", "b", 0)
	assert.Equal(t, "moved away", s.cycle("nails").Closed)
	assert.Empty(t, s.cycle("nails").Stage)
}

func TestStageMovedByHand(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails()))
	s.buys("a")
	s.tick(at("2026-03-04 12:00"))
	s.must(moveStage("remind"))
	assert.Equal(t, []string{`03-04 12:00 stage_moved nails/remind #1 by anna "on the phone"`}, s.lines(customer.StageMoved))
	assert.Equal(t, "remind", s.stage())
	assert.Equal(t, at("2026-03-04 12:00"), s.cycle("nails").Entered)
	s.tick(at("2026-03-22 12:00"))
	assert.Equal(t, "remind", s.stage(), "the clock does not move back to call")
	s.tick(at("2026-03-23 09:00"))
	assert.Equal(t, "due", s.stage(), "the clock moves on from there")
}

func TestStageMovedBackComesAgain(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails()))
	s.buys("a")
	s.tick(at("2026-03-22 12:00"))
	s.must(moveStage("thanks"))
	s.tick(at("2026-03-23 08:59"))
	assert.Equal(t, "thanks", s.stage(), "waiting, call and remind began before the move")
	s.tick(at("2026-03-23 09:00"))
	assert.Equal(t, "due", s.stage())
}

func TestStageMoveAtTheInstantOfAStageHolds(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails()))
	s.buys("a")
	s.clock.set(at("2026-03-16 09:00")) // when call begins
	s.must(moveStage("thanks"))
	assert.Equal(t, "thanks", s.stage())
	s.tick(at("2026-03-22 08:59"))
	assert.Equal(t, "thanks", s.stage())
	s.tick(at("2026-03-22 09:00"))
	assert.Equal(t, "remind", s.stage())
}

func TestStageMoveHoldsForItsCycleOnly(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails()))
	s.buys("a")
	s.must(moveStage("overdue"))
	s.tick(at("2026-03-10 12:00"))
	s.buys("b")
	assert.Equal(t, "thanks", s.stage())
	s.refund("r", "b", 0)
	assert.Equal(t, "overdue", s.stage(), "the cycle is restored with what was decided about it")
}

func TestStageMoveIntoTheClosingStageAndOut(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails()))
	s.buys("a")
	s.must(moveStage("lost"))
	assert.Equal(t, "did not come back", s.cycle("nails").Closed)
	s.tick(at("2026-03-05 12:00"))
	s.must(moveStage("waiting"))
	assert.True(t, s.record().Cycles[0].IsOpen())
	s.tick(at("2026-03-16 09:00"))
	assert.Equal(t, "call", s.stage())
}

func TestStageMoveTakesARefusalBack(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails()))
	s.buys("a")
	s.must(customer.Refusal{Customer: "olga", By: customer.By{Reason: "no"}})
	s.must(moveStage("waiting"))
	assert.Equal(t, "waiting", s.stage())
	assert.True(t, s.record().Cycles[0].IsOpen())
}

func TestNextMoveMovesEverythingReckonedFromIt(t *testing.T) {
	t.Parallel()
	d := of(nails(), sends("before", trigger.BeforeNext("nails", customer.Days(2))), sends("after", trigger.AfterNext("nails", customer.Days(2))))
	s := setup(t, d)
	s.buys("a")
	s.tick(at("2026-03-17 12:00"))
	assert.Equal(t, "call", s.stage())
	s.must(moveNext(at("2026-04-10 18:30")))
	c := s.cycle("nails")
	assert.Equal(t, at("2026-04-10 09:00"), c.Next, "its day counts")
	assert.Equal(t, customer.ByHand, c.NextBy)
	assert.Equal(t, "waiting", c.Stage, "a hand may lead back")
	assert.Equal(t, []string{`03-17 12:00 next_moved nails #1 by anna "on the phone"`}, s.lines(customer.NextMoved))
	s.tick(at("2026-05-01 00:00"))
	assert.Equal(t, []string{"04-08 09:00 before: before", "04-12 09:00 after: after"}, s.messages(), "not by the stale date")
	assert.Contains(t, s.lines(customer.StageEntered), "04-10 09:00 stage_entered nails/due #1")
	s.buys("b")
	assert.Equal(t, customer.ByPipeline, s.cycle("nails").NextBy, "it holds until the next purchase")
}

func TestNextMoveIntoThePast(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails(), sends("before", trigger.BeforeNext("nails", customer.Days(2)))))
	s.buys("a")
	s.tick(at("2026-03-10 12:00"))
	s.must(moveNext(at("2026-03-08 00:00")))
	c := s.cycle("nails")
	assert.Equal(t, "overdue", c.Stage)
	assert.Equal(t, at("2026-03-10 12:00"), c.Entered, "nobody knew before")
	s.tick(at("2026-03-12 00:00"))
	assert.Empty(t, s.messages(), "what is past by then does not come")
}

func TestNextMoveToNoDate(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails()))
	s.buys("a")
	s.must(moveNext(time.Time{}))
	s.tick(at("2027-01-01 00:00"))
	assert.Equal(t, "waiting", s.stage())
	assert.Equal(t, customer.ByHand, s.cycle("nails").NextBy)
}

func TestAssignment(t *testing.T) {
	t.Parallel()
	d := of(nails())
	d.Segments = []segment.Segment{{ID: "annas", Enter: segment.ManagedBy("anna")}}
	s := setup(t, d)
	s.must(customer.Assignment{Customer: "olga", Manager: "anna", By: customer.By{Actor: "boss", Reason: "holidays"}})
	s.must(customer.Assignment{Customer: "olga", Manager: "anna"})
	assert.Equal(t, []string{`03-02 10:00 manager_assigned (anna) by boss "holidays"`}, s.lines(customer.ManagerAssigned))
	assert.True(t, s.in("annas"))
	s.must(customer.Assignment{Customer: "olga"})
	assert.False(t, s.in("annas"))
}

func TestEditOfTheZoneMovesTheDays(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails()))
	s.buys("a")
	s.must(customer.Edit{Customer: "olga", By: anna, Change: func(c *customer.Customer) { c.Zone = "America/New_York" }})
	assert.Equal(t, []string{`03-02 10:00 customer_edited by anna "on the phone"`}, s.lines(customer.CustomerEdited))
	assert.Equal(t, in("America/New_York", "2026-03-23 09:00"), s.cycle("nails").Next)
	s.tick(in("America/New_York", "2026-03-16 08:59"))
	assert.Equal(t, "waiting", s.stage())
	s.tick(in("America/New_York", "2026-03-16 09:00"))
	assert.Equal(t, "call", s.stage())
}

func TestEditOfTheCadenceMovesTheDate(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails()))
	s.buys("a")
	s.tick(at("2026-03-10 12:00"))
	s.must(ownCadence(pipeline.Every(customer.Days(9))))
	c := s.cycle("nails")
	assert.Equal(t, at("2026-03-11 09:00"), c.Next)
	assert.Equal(t, "remind", c.Stage)
	assert.Equal(t, 1, c.Number)
	assert.Empty(t, s.lines(customer.CycleRestored))
	s.must(customer.Edit{Customer: "olga", Change: func(c *customer.Customer) { c.Cadences = nil }})
	assert.Equal(t, at("2026-03-23 09:00"), s.cycle("nails").Next)
}

func TestEditThatChangesNothingIsNoEvent(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails()))
	s.must(customer.Edit{Customer: "olga", Change: func(c *customer.Customer) { c.Tags = []string{} }})
	assert.Empty(t, s.lines(customer.CustomerEdited))
}

func TestHandsOnACycleThatIsNotThere(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails()))
	none := []customer.Input{
		moveStage("waiting"), moveNext(at("2026-04-01 00:00")),
		customer.Refusal{Customer: "olga", Pipeline: "nails", By: anna},
	}
	for _, in := range none {
		require.ErrorIs(t, s.Apply(t.Context(), in), pipeline.ErrNotInPipeline)
	}
	s.buys("a")
	elsewhere := moveStage("waiting")
	elsewhere.Pipeline = "hair"
	require.ErrorIs(t, s.Apply(t.Context(), elsewhere), pipeline.ErrNotInPipeline)
	err := s.Apply(t.Context(), moveStage("bogus"))
	require.ErrorIs(t, err, customer.ErrInvalid)
	require.ErrorContains(t, err, `"bogus" is no stage of pipeline "nails"`)
}

func TestHandInThePastTakesEffectThen(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails()))
	s.buys("a")
	s.clock.set(at("2026-03-05 12:00")) // and nothing was ticked
	move := moveStage("due")
	move.By.At = at("2026-03-02 18:00")
	s.must(move)
	assert.Equal(t, at("2026-03-02 18:00"), s.cycle("nails").Entered)
}
