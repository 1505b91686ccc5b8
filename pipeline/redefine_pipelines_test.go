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

// both is definitions of several pipelines.
func both(pipelines ...pipeline.Pipeline) pipeline.Definitions {
	return pipeline.Definitions{Pipelines: pipelines}
}

func cadence(d customer.Period) func(*pipeline.Pipeline) {
	return func(p *pipeline.Pipeline) { p.Cadence = pipeline.Every(d) }
}

func taking(f customer.Filter) func(*pipeline.Pipeline) {
	return func(p *pipeline.Pipeline) { p.Takes = f }
}

func TestNewPipelineIsFilledFromAllPurchases(t *testing.T) {
	t.Parallel()
	s := setup(t, of(oneStage("nails")))
	s.buys("old", category("tea"))
	s.tick(at("2026-03-08 10:00"))
	s.buys("new", category("tea"))
	s.must(customer.Refund{ID: "r", Customer: "olga", Purchase: "new", At: s.clock.Now()})
	s.buys("other")
	s.clock.set(at("2026-03-12 12:00"))
	tea := oneStage("tea", cadence(customer.Days(7)), taking(customer.Filter{Categories: []string{"tea"}}), func(p *pipeline.Pipeline) {
		p.Stages = append(p.Stages, pipeline.Stage{ID: "due", From: pipeline.AtNext()})
	})
	mark := len(s.timeline())
	s.redefine(both(oneStage("nails"), tea))
	assert.Equal(t, []string{"03-12 12:00 cycle_started tea #1", "03-12 12:00 stage_entered tea/due #1"}, s.news(&mark))
	c := s.cycle("tea")
	assert.Equal(t, "old", c.Purchase)
	assert.Equal(t, opening, c.Started)
	assert.Equal(t, at("2026-03-09 00:00"), c.Entered)
	assert.Equal(t, 2, s.cycle("nails").Number)
}

func TestRemovedPipelineClosesAndDrops(t *testing.T) {
	t.Parallel()
	s := setup(t, both(nails(), oneStage("tea")))
	s.buys("a")
	s.must(customer.StageMove{Customer: "olga", Pipeline: "nails", Stage: "call"})
	mark := len(s.timeline())
	d := with(both(oneStage("tea")), segment.Segment{ID: "s", Enter: segment.InPipeline("tea")})
	s.redefine(d)
	assert.Equal(t, []string{
		"03-02 10:00 stage_left nails/call #1", `03-02 10:00 cycle_closed nails #1 "no longer defined"`, "03-02 10:00 segment_entered s",
	}, s.news(&mark))
	assert.Nil(t, customer.FindCycle(s.record().Cycles, "nails"))
	assert.Zero(t, s.record().Wake)
	s.redefine(both(nails(), oneStage("tea")))
	assert.Equal(t, "thanks", s.stage(), "filled anew; what people decided is gone with it")
}

func TestPipelineThatTakesOtherPurchases(t *testing.T) {
	t.Parallel()
	tea, cake := customer.Filter{Categories: []string{"tea"}}, customer.Filter{Categories: []string{"cake"}}
	every := func(f customer.Filter) pipeline.Pipeline {
		return oneStage("p", taking(f), func(p *pipeline.Pipeline) {
			p.Stages = append(p.Stages, pipeline.Stage{ID: "gone", From: pipeline.SincePurchase(customer.Days(5)), Closes: "gone"})
		})
	}
	s := setup(t, of(every(tea)))
	s.buys("tea", category("tea"))
	s.tick(at("2026-03-09 10:00"))
	s.buys("cake", category("cake"))
	mark := len(s.timeline())
	expect := func(f customer.Filter, want ...string) {
		t.Helper()
		s.redefine(of(every(f)))
		assert.Equal(t, want, s.news(&mark))
	}
	expect(customer.Filter{}, "03-09 10:00 stage_left p/gone #1", "03-09 10:00 cycle_started p #2", "03-09 10:00 stage_entered p/in #2")
	assert.True(t, s.record().Cycles[0].IsOpen())
	expect(tea, "03-09 10:00 stage_left p/in #2", "03-09 10:00 cycle_restored p #1",
		"03-09 10:00 stage_entered p/gone #1", `03-09 10:00 cycle_closed p #1 "gone"`)
	expect(customer.Filter{MinAmount: 1000_00}, "03-09 10:00 stage_left p/gone #1", `03-09 10:00 cycle_closed p #1 "no purchase is taken any more"`)
	assert.Empty(t, s.record().Cycles)
	expect(cake, "03-09 10:00 cycle_started p #1", "03-09 10:00 stage_entered p/in #1")
}

func TestRefusedCycleStaysRefused(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails(taking(customer.Filter{MinAmount: 30_00}))))
	s.buys("a", func(p *customer.Purchase) { p.Amount = 40_00 })
	s.clock.set(at("2026-03-02 11:00"))
	s.buys("b")
	s.clock.set(at("2026-03-02 12:00"))
	s.must(customer.Refusal{Customer: "olga", Pipeline: "nails", By: customer.By{Reason: "moved away"}})
	mark := len(s.timeline())
	s.redefine(of(nails(cadence(customer.Days(9)))))
	assert.Equal(t, []string{"03-02 12:00 cycle_started nails #2"}, s.news(&mark))
	assert.Equal(t, "moved away", s.cycle("nails").Closed)
	assert.Empty(t, s.stage())
	s.tick(at("2026-05-02 12:00"))
	assert.Empty(t, s.news(&mark))
}

// A typo and its mending, or a season without the pipeline, must not take back
// what the customer said.
func TestRefusalOutlivesThePipeline(t *testing.T) {
	t.Parallel()
	tea := oneStage("tea", cadence(customer.Days(10)))
	typo := oneStage("tea", cadence(customer.Days(10)), taking(customer.Filter{Categories: []string{"tee"}}))
	for name, meanwhile := range map[string]pipeline.Definitions{"gone": {}, "takes nothing": both(typo)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := setup(t, both(tea))
			s.buys("a", category("tea"))
			s.must(customer.Refusal{Customer: "olga", Pipeline: "tea", By: customer.By{Reason: "never again"}})
			s.redefine(meanwhile)
			s.redefine(both(tea))
			assert.Equal(t, "never again", s.cycle("tea").Closed)
			assert.Empty(t, s.cycle("tea").Stage)
			s.buys("b", category("tea"))
			assert.Empty(t, s.cycle("tea").Closed, "a purchase is a word as well")
		})
	}
}

// Whoever refused and has none of the purchases that are taken now is not in the
// pipeline: there is no cycle to move.
func TestRefusalThatIsOnlyRememberedCannotBeMoved(t *testing.T) {
	t.Parallel()
	tea := oneStage("tea", cadence(customer.Days(10)))
	typo := oneStage("tea", cadence(customer.Days(10)), taking(customer.Filter{Categories: []string{"tee"}}))
	s := setup(t, both(tea))
	s.buys("a", category("tea"))
	s.must(customer.Refusal{Customer: "olga", Pipeline: "tea", By: customer.By{Reason: "never again"}})
	s.redefine(both(typo))
	s.clock.set(at("2026-03-05 10:00"))
	for _, in := range []customer.Input{
		customer.StageMove{Customer: "olga", Pipeline: "tea", Stage: tea.Stages[0].ID},
		customer.NextMove{Customer: "olga", Pipeline: "tea", Next: at("2026-04-01 10:00")},
		customer.Refusal{Customer: "olga", Pipeline: "tea", By: customer.By{Reason: "too dear"}},
	} {
		require.ErrorIs(t, s.Apply(t.Context(), in), pipeline.ErrNotInPipeline)
	}
	s.redefine(both(tea))
	assert.Equal(t, "never again", s.cycle("tea").Closed)
}

func TestCadenceThatChangesMovesTheDate(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails(), sends("remind", trigger.StageEntered("nails", "remind")), sends("before", trigger.BeforeNext("nails", customer.Days(2)))))
	s.buys("a")
	s.tick(at("2026-03-04 10:00"))
	s.redefine(of(nails(cadence(customer.Weeks(2))), s.cfg.Definitions.Triggers...))
	assert.Equal(t, at("2026-03-16 09:00"), s.cycle("nails").Next)
	s.tick(at("2026-03-16 10:00"))
	assert.Equal(t, []string{"03-14 09:00 before: before", "03-15 09:00 remind: remind"}, s.messages())
	assert.Equal(t, "due", s.stage())
}

func TestStageThatIsRemovedRenamedOrMoved(t *testing.T) {
	t.Parallel()
	without := func(p *pipeline.Pipeline) { p.Stages = append(p.Stages[:1:1], p.Stages[2:]...) }
	for name, c := range map[string]struct {
		change func(*pipeline.Pipeline)
		want   []string
	}{
		"removed": {without, []string{"03-04 10:00 stage_left nails/waiting #1", "03-04 10:00 stage_entered nails/thanks #1"}},
		"renamed": {func(p *pipeline.Pipeline) { p.Stages[1].ID = "w" }, []string{"03-04 10:00 stage_left nails/waiting #1", "03-04 10:00 stage_entered nails/w #1"}},
		"moved":   {func(p *pipeline.Pipeline) { p.Stages[1].From = pipeline.SincePurchase(customer.Days(4)) }, []string{"03-04 10:00 stage_left nails/waiting #1", "03-04 10:00 stage_entered nails/thanks #1"}},
		"inserted": {func(p *pipeline.Pipeline) {
			p.Stages = append(p.Stages[:2:2], append([]pipeline.Stage{{ID: "new", From: pipeline.SincePurchase(customer.Days(2))}}, p.Stages[2:]...)...)
		}, []string{"03-04 10:00 stage_left nails/waiting #1", "03-04 10:00 stage_entered nails/new #1"}},
		"later ones": {func(p *pipeline.Pipeline) { p.Stages[2].ID = "x" }, []string{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := setup(t, of(nails()))
			s.buys("a")
			s.tick(at("2026-03-04 10:00"))
			mark := len(s.timeline())
			s.redefine(of(nails(c.change)))
			assert.Equal(t, c.want, s.news(&mark))
		})
	}
}

// What was answered in this cycle is not answered again, under whatever
// definitions; what is new in it is.
func TestStageAlreadyAnsweredIsNotAnsweredAgain(t *testing.T) {
	t.Parallel()
	everyStage := sends("stage", trigger.StageEntered("nails", ""))
	everyStage.Steps = []trigger.Step{trigger.Send("sms", "{{.Cycle.Stage}}")}
	later := nails(cadence(customer.Weeks(5)))
	for name, c := range map[string]struct {
		to   pipeline.Pipeline
		want []string
	}{
		"the date moved":               {later, []string{"04-07 09:00 stage: overdue"}},
		"and the furthest was removed": {nails(cadence(customer.Weeks(5)), func(p *pipeline.Pipeline) { p.Stages = append(p.Stages[:4:4], p.Stages[5:]...) }), []string{"04-07 09:00 stage: overdue"}},
		"and it has another name": {
			nails(cadence(customer.Weeks(5)), func(p *pipeline.Pipeline) { p.Stages[4].ID = "today" }),
			[]string{"04-06 09:00 stage: today", "04-07 09:00 stage: overdue"},
		},
		"and one was put behind it": {nails(cadence(customer.Weeks(5)), func(p *pipeline.Pipeline) {
			p.Stages = append(p.Stages[:5:5], append([]pipeline.Stage{{ID: "evening", From: pipeline.AfterNext(customer.Hours(9))}}, p.Stages[5:]...)...)
		}), []string{"04-06 18:00 stage: evening", "04-07 09:00 stage: overdue"}},
	} {
		for _, o := range []pipeline.RedefineOptions{{}, firing} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				s := setup(t, of(nails(), everyStage))
				s.buys("a")
				s.tick(at("2026-03-23 12:00"))
				assert.Equal(t, "due", s.stage())
				s.mu.Lock()
				s.sent = nil
				s.mu.Unlock()
				s.redefine(of(c.to, everyStage), o)
				assert.Equal(t, "waiting", s.stage())
				s.tick(at("2026-04-10 00:00"))
				assert.Equal(t, c.want, s.messages())
			})
		}
	}
}

func TestWhatPeopleDecidedHoldsWhereItStillMakesSense(t *testing.T) {
	t.Parallel()
	moved := func(t *testing.T) *shop {
		s := setup(t, of(nails()))
		s.buys("a")
		s.clock.set(at("2026-03-02 11:00"))
		s.must(
			customer.StageMove{Customer: "olga", Pipeline: "nails", Stage: "call"},
			customer.NextMove{Customer: "olga", Pipeline: "nails", Next: at("2026-04-20 17:00")},
		)
		return s
	}
	t.Run("both", func(t *testing.T) {
		t.Parallel()
		s := moved(t)
		s.redefine(of(nails(cadence(customer.Weeks(1)), func(p *pipeline.Pipeline) { p.DayStart = customer.Clock(7, 0) })))
		assert.Equal(t, "call", s.stage())
		assert.Equal(t, at("2026-04-20 07:00"), s.cycle("nails").Next)
		assert.Equal(t, customer.ByHand, s.cycle("nails").NextBy)
	})
	t.Run("a stage that is gone", func(t *testing.T) {
		t.Parallel()
		s := moved(t)
		s.redefine(of(nails(func(p *pipeline.Pipeline) { p.Stages[2].ID = "phone" })))
		assert.Equal(t, "thanks", s.stage(), "where the dates put her")
		assert.Equal(t, at("2026-04-20 09:00"), s.cycle("nails").Next)
		s.tick(at("2026-04-13 10:00"))
		assert.Equal(t, "phone", s.stage())
	})
	t.Run("another head of the cycle", func(t *testing.T) {
		t.Parallel()
		s := setup(t, of(nails(taking(customer.Filter{MinAmount: 30_00}))))
		s.buys("a", func(p *customer.Purchase) { p.Amount = 30_00 })
		s.clock.set(at("2026-03-02 11:00"))
		s.buys("b")
		s.must(customer.NextMove{Customer: "olga", Pipeline: "nails", Next: at("2026-04-20 17:00")})
		s.redefine(of(nails()))
		assert.Equal(t, customer.ByPipeline, s.cycle("nails").NextBy)
		assert.Equal(t, "b", s.cycle("nails").Purchase)
	})
}

func TestHabitIsLearnedFromAllPurchasesByARedefinition(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails()))
	for i, id := range []string{"a", "b", "c", "d"} {
		s.clock.set(opening.AddDate(0, 0, 10*i))
		s.buys(id)
	}
	learns := nails(func(p *pipeline.Pipeline) { p.LearnAfter = 3 })
	s.redefine(of(learns))
	assert.Equal(t, []int{10, 10, 10}, s.cycle("nails").Gaps)
	assert.Equal(t, customer.ByHabit, s.cycle("nails").NextBy)
	assert.Equal(t, at("2026-04-11 09:00"), s.cycle("nails").Next)
	s.clock.set(opening.AddDate(0, 0, 35))
	s.buys("e")
	assert.Equal(t, []int{10, 10, 10, 5}, s.cycle("nails").Gaps)
	s.redefine(of(nails()))
	assert.Empty(t, s.cycle("nails").Gaps)
	assert.Equal(t, customer.ByPipeline, s.cycle("nails").NextBy)
}

// Once per cycle counts the cycles that there are, whatever defined them.
func TestOncePerCycleThroughARedefinition(t *testing.T) {
	t.Parallel()
	once := sends("t", trigger.StageEntered("nails", "thanks"), func(t *trigger.Trigger) { t.Limit = trigger.OncePerCycle })
	s := setup(t, of(nails(), once))
	s.buys("a", category("tea"))
	s.clock.set(opening.Add(time.Hour))
	s.buys("b", category("cake"))
	s.tick(s.clock.Now())
	assert.Len(t, s.messages(), 2)
	s.redefine(of(nails(taking(customer.Filter{Categories: []string{"tea"}})), once), firing)
	s.redefine(of(nails(), once), firing)
	s.tick(s.clock.Now())
	assert.Equal(t, []string{"olga/t/1/0", "olga/t/2/0", "olga/t/3/0"}, s.sentIDs(), "a was fired for already when it was the head again; then b began anew")
}
