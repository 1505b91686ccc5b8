package pipeline_test

import (
	"context"
	"fmt"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/pipeline"
	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/store/memory"
	"github.com/regulars-go/regulars/trigger"
)

// town is a shop of several customers, each of whom a redefinition to villages
// moves in another way, with a run that waits.
func town(t *testing.T, st store.Store) *shop {
	t.Helper()
	s := emptyShop(t, beforeAnswering(), on(st), func(c *pipeline.Config) { c.Batch = 3 })
	s.cfg.Definitions.Triggers = []trigger.Trigger{sends("gone", trigger.Purchase(), followUp), sends("due", trigger.Purchase(), followUp)}
	s.restart()
	for i := range 8 {
		p := bought("a", opening)
		p.Customer, p.Amount = fmt.Sprint("c", i), int64(i)*10_00
		s.must(customer.Customer{ID: p.Customer, Phones: phones})
		if i%3 > 0 {
			s.must(p)
		}
	}
	s.clock.set(at("2026-03-05 12:00"))
	return s
}

// versions are how often records were committed.
var versions = regexp.MustCompile(`\bVersion:\d+`)

// Redefine may be interrupted anywhere; called again, by whichever engine, it
// finishes, and all is as if it had not been. Nobody is moved twice.
func TestRedefinitionGoesOnWhereItWasInterrupted(t *testing.T) {
	t.Parallel()
	options := pipeline.RedefineOptions{Fire: true, CancelRemoved: true}
	whole := town(t, memory.New())
	done := whole.redefine(answering(), options)
	want := dump(t, whole.cfg.Store)
	assert.Equal(t, 8, done.Customers)
	for name, c := range map[string]struct {
		after, restart bool
		stops          bool // by the context
	}{
		"before a call":               {},
		"after a call":                {after: true},
		"before a call, then restart": {restart: true},
		"after a call, then restart":  {after: true, restart: true},
		"by the context":              {stops: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for n := 1; ; n++ {
				f := &flaky{Store: memory.New(), after: c.after}
				s := town(t, f)
				ctx, cancel := context.WithCancel(t.Context())
				f.calls, f.failAt, f.fail = 0, n, func() error {
					if c.stops {
						cancel()
						return nil
					}
					return errCut
				}
				if c.restart {
					s.restartWith(answering())
				}
				first, err := s.Redefine(ctx, answering(), options)
				cancel()
				if !f.failed {
					require.NoError(t, err)
					assert.Greater(t, n, 15, "it failed somewhere")
					return
				}
				if c.stops && err == nil {
					require.Equal(t, done, first, "stopped when all was done")
				} else if c.stops {
					require.ErrorIs(t, err, context.Canceled)
				} else {
					require.ErrorIs(t, err, errCut)
				}
				f.failAt = 0
				if c.restart {
					s.restart()
				}
				again := s.redefine(answering(), options)
				require.Equal(t, want, dump(t, f.Store), "call %d", n)
				if !c.after {
					require.Equal(t, done.Customers, first.Customers+again.Customers)
					require.Equal(t, done.Events, first.Events+again.Events)
				}
			}
		})
	}
}

// Between two attempts the engine works on: whoever it steps is brought over by
// that, as the redefinition would have done it.
func TestWorkGoesOnBetweenTwoAttempts(t *testing.T) {
	t.Parallel()
	options := pipeline.RedefineOptions{Fire: true, CancelRemoved: true}
	whole := town(t, memory.New())
	whole.redefine(answering(), options)
	whole.tick(whole.clock.Now())
	want := versions.ReplaceAllString(dump(t, whole.cfg.Store), "")
	for n := 2; ; n++ { // the first call saves the definitions
		f := &flaky{Store: memory.New()}
		s := town(t, f)
		f.calls, f.failAt, f.fail = 0, n, func() error { return errCut }
		_, err := s.Redefine(t.Context(), answering(), options)
		if !f.failed {
			require.NoError(t, err)
			return
		}
		f.failAt = 0
		s.tick(s.clock.Now())
		s.redefine(answering(), options)
		s.tick(s.clock.Now())
		require.Equal(t, want, versions.ReplaceAllString(dump(t, f.Store), ""), "call %d", n)
	}
}

// A redefinition asks the store for one batch at a time, and no history to find
// out whom it is about.
func TestRedefinitionIsBoundedInMemory(t *testing.T) {
	t.Parallel()
	f := &flaky{Store: memory.New()}
	s := town(t, f)
	f.loads, f.most = nil, 0
	done := s.redefine(answering())
	assert.Equal(t, []store.Query{{NotUnder: done.Version}}, f.finds)
	assert.Equal(t, []string{"c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7"}, f.loads)
	assert.Equal(t, 3, f.most)
}

// So does a tick, for all of a batch who are to be brought over.
func TestTickBringsOverABatchAtOnce(t *testing.T) {
	t.Parallel()
	f := &flaky{Store: memory.New()}
	s := town(t, f)
	s.restartWith(answering())
	f.loads, f.most, f.calls = nil, 0, 0
	s.tick(s.clock.Now())
	assert.Len(t, f.loads, 5, "those who were due")
	assert.Equal(t, 3, f.most)
	assert.Equal(t, 1+1+2+2, f.calls, "save the new definitions, read the old, load and commit two batches")
}

// And so does one call with inputs of many.
func TestInputsBringOverTheirCustomersAtOnce(t *testing.T) {
	t.Parallel()
	f := &flaky{Store: memory.New()}
	s := town(t, f)
	s.restartWith(answering())
	var inputs []customer.Input
	for i := range 8 {
		inputs = append(inputs, customer.Activity{ID: "x", Customer: fmt.Sprint("c", i), Name: "view", At: s.clock.Now()})
	}
	f.calls = 0
	s.must(inputs...)
	assert.Equal(t, 1+2+1+1, f.calls, "save the new definitions, load twice, read the old once, commit")
	assert.Zero(t, counted(t, s, store.Query{NotUnder: version(t, answering())}))
}

// unsettling is definitions whose triggers go on for ever once they have begun.
func unsettling() pipeline.Definitions {
	return with(of(nails(),
		trigger.Trigger{ID: "on", On: trigger.SegmentEntered("off"), Steps: []trigger.Step{trigger.Tag("x")}},
		trigger.Trigger{ID: "off", On: trigger.SegmentLeft("off"), Steps: []trigger.Step{trigger.Untag("x")}},
	), segment.Segment{ID: "off", Enter: segment.Not(segment.HasTag("x"))})
}

func TestRedefinitionThatDoesNotSettleIsDoneAndSaysSo(t *testing.T) {
	t.Parallel()
	loop := unsettling()
	s := emptyShop(t, of(nails()), func(c *pipeline.Config) { c.Batch = 2 })
	for i := range 5 {
		s.must(customer.Customer{ID: fmt.Sprint("c", i)})
	}
	calls := 0
	done, err := s.Redefine(t.Context(), loop, pipeline.RedefineOptions{Fire: true, Progress: func(pipeline.Redefinition) { calls++ }})
	require.ErrorIs(t, err, pipeline.ErrUnsettled)
	assert.Equal(t, 5, done.Customers)
	assert.Equal(t, 3, calls)
	assert.Zero(t, counted(t, s, store.Query{NotUnder: done.Version}))
	assert.Zero(t, s.redefine(loop).Customers)
}

func TestRedefinitionsComeOneByOne(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails()))
	ctx, cancel := context.WithCancel(t.Context())
	_, err := s.Redefine(t.Context(), of(oneStage("a")), pipeline.RedefineOptions{Progress: func(pipeline.Redefinition) {
		cancel()
		_, err := s.Redefine(ctx, of(oneStage("b")), pipeline.RedefineOptions{})
		assert.ErrorIs(t, err, context.Canceled)
	}})
	require.NoError(t, err)
	assert.Equal(t, "a", s.Definitions().Pipelines[0].ID)
}
