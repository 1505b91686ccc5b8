package pipeline_test

import (
	"cmp"
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

var (
	firing     = pipeline.RedefineOptions{Fire: true}
	cancelling = pipeline.RedefineOptions{CancelRemoved: true}
)

// redefine gives the shop other definitions.
func (s *shop) redefine(d pipeline.Definitions, o ...pipeline.RedefineOptions) pipeline.Redefinition {
	s.t.Helper()
	done, err := s.Redefine(s.t.Context(), d, slices.Concat(o, []pipeline.RedefineOptions{{}})[0])
	require.NoError(s.t, err)
	s.cfg.Definitions = d
	return done
}

// restartWith replaces the engine by another that begins with definitions.
func (s *shop) restartWith(d pipeline.Definitions) {
	s.t.Helper()
	s.cfg.Definitions = d
	s.restart()
}

// news returns what came to the timeline since the mark, which it moves.
func (s *shop) news(mark *int) []string {
	s.t.Helper()
	lines := []string{}
	for _, e := range s.timeline()[*mark:] {
		lines = append(lines, line(e))
	}
	*mark += len(lines)
	return lines
}

// with returns definitions with segments.
func with(d pipeline.Definitions, segments ...segment.Segment) pipeline.Definitions {
	d.Segments = segments
	return d
}

func bigSpender(more int64) segment.Segment {
	return segment.Segment{ID: "big", Enter: segment.Spent(segment.AtLeast, more)}
}

func TestRedefinitionTellsOnlyWhatDiffers(t *testing.T) {
	t.Parallel()
	s := setup(t, with(of(nails()), bigSpender(100_00), segment.Segment{ID: "buyers", Enter: segment.Purchases{}.Count(segment.AtLeast, 1)}))
	s.buys("a")
	s.clock.set(at("2026-03-20 08:00"))
	mark := 0
	s.news(&mark)
	done := s.redefine(with(of(nails(func(p *pipeline.Pipeline) { p.Cadence = pipeline.Every(customer.Weeks(2)) })),
		bigSpender(20_00), segment.Segment{ID: "buyers", Enter: segment.Purchases{}.Count(segment.More, 0)}))
	assert.Equal(t, []string{
		"03-03 09:00 stage_left nails/thanks #1", "03-03 09:00 stage_entered nails/waiting #1", // the clock did that
		"03-16 09:00 stage_left nails/waiting #1", "03-16 09:00 stage_entered nails/call #1",
		"03-20 08:00 stage_left nails/call #1", "03-20 08:00 stage_entered nails/overdue #1", // and this the redefinition
		"03-20 08:00 segment_entered big",
	}, s.news(&mark))
	assert.Equal(t, at("2026-03-17 09:00"), s.cycle("nails").Entered, "as if it had always been so")
	assert.Equal(t, at("2026-03-20 08:00"), s.record().Segments[0].Since, "but nobody was in the segment before")
	assert.Equal(t, opening, s.record().Segments[1].Since, "who stays in notices nothing")
	assert.Equal(t, pipeline.Redefinition{Version: s.record().Definitions, Customers: 1, Events: 7}, done)
}

func TestRedefinitionThatChangesNothingForACustomerTellsNothing(t *testing.T) {
	t.Parallel()
	views := segment.Segment{ID: "views", Enter: segment.Activities{Name: "view"}.Count(segment.AtLeast, 3)}
	s := setup(t, with(of(nails(), sends("thank", trigger.Purchase(), followUp)), views, bigSpender(10_00)))
	s.buys("a")
	s.tick(opening)
	before, events := s.record(), s.timeline()
	views.Enter = segment.Activities{Name: "view"}.Count(segment.AtLeast, 4)
	for _, d := range []pipeline.Definitions{
		with(of(nails(func(p *pipeline.Pipeline) { p.Name, p.Stages[0].Name = "Nails", "Thanks" }), sends("thank", trigger.Purchase())), bigSpender(10_00), views),
		with(of(nails(), sends("other", trigger.Refund())), views, bigSpender(9_00)),
	} {
		done := s.redefine(d, firing)
		assert.Equal(t, 1, done.Customers)
		assert.Zero(t, done.Events)
		assert.Equal(t, events, s.timeline())
		after := s.record()
		assert.NotEqual(t, before.Definitions, after.Definitions)
		after.Definitions, after.Version = before.Definitions, before.Version
		assert.Equal(t, before, after)
	}
}

func TestRedefinitionOfTheSameOnlyLooks(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails()))
	s.buys("a")
	before := s.record()
	assert.Equal(t, pipeline.Redefinition{Version: before.Definitions}, s.redefine(of(nails())))
	assert.Equal(t, before, s.record())
}

// A purchase may be stamped by a clock that is a little ahead: a redefinition does
// not go back behind it.
func TestRedefinitionOfACustomerWhoIsAhead(t *testing.T) {
	t.Parallel()
	s := setup(t, with(of(nails()), bigSpender(20_00)))
	s.must(bought("a", opening.Add(30*time.Second)))
	mark := len(s.timeline())
	s.redefine(with(of(nails()), bigSpender(10_00), segment.Segment{ID: "buyers", Enter: segment.Purchases{}.Count(segment.AtLeast, 1)}))
	assert.Equal(t, []string{"03-02 10:00 segment_entered buyers"}, s.news(&mark))
	assert.Equal(t, opening.Add(30*time.Second), s.timeline()[mark-1].At)
	assert.Equal(t, opening.Add(30*time.Second), s.record().AsOf)
}

func TestFaultyRedefinitionChangesNothing(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails()))
	before := s.record()
	faulty := with(of(nails(), sends("a/b", trigger.Purchase())), segment.Segment{ID: "x"})
	_, err := s.Redefine(t.Context(), faulty, pipeline.RedefineOptions{})
	require.ErrorIs(t, err, customer.ErrDefinition)
	assert.ElementsMatch(t, []string{"segments[0].enter", "triggers[0].id"}, paths(err))
	s.buys("a")
	assert.Equal(t, before.Definitions, s.record().Definitions)
	assert.Equal(t, "thanks", s.stage())
}

// Whoever is not brought over yet is, as soon as something happens to them.
func TestWhateverHappensHappensUnderTheNewDefinitions(t *testing.T) {
	t.Parallel()
	next := of(nails(func(p *pipeline.Pipeline) { p.Stages[1].ID = "after" }), sends("thank", trigger.Purchase()))
	for name, c := range map[string]struct {
		happen func(*shop)
		want   []string
	}{
		"input": {func(s *shop) { s.does("x", "view") }, []string{
			"03-03 09:00 stage_left nails/thanks #1", "03-03 09:00 stage_entered nails/waiting #1",
			"03-04 12:00 stage_left nails/waiting #1", "03-04 12:00 stage_entered nails/after #1", "03-04 12:00 activity (view)",
		}},
		"purchase": {func(s *shop) { s.buys("b") }, []string{
			"03-03 09:00 stage_left nails/thanks #1", "03-03 09:00 stage_entered nails/waiting #1",
			"03-04 12:00 stage_left nails/waiting #1", "03-04 12:00 stage_entered nails/after #1",
			"03-04 12:00 purchase", "03-04 12:00 stage_left nails/after #1", "03-04 12:00 cycle_started nails #2",
			"03-04 12:00 stage_entered nails/thanks #2", "03-04 12:00 trigger_fired thank",
		}},
		"tick": {func(s *shop) { s.tick(s.clock.Now()) }, []string{
			"03-03 09:00 stage_left nails/thanks #1", "03-03 09:00 stage_entered nails/waiting #1",
			"03-04 12:00 stage_left nails/waiting #1", "03-04 12:00 stage_entered nails/after #1",
		}},
		"duplicate": {func(s *shop) { s.must(bought("a", opening)) }, []string{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := setup(t, of(nails()))
			s.buys("a")
			mark := 0
			s.news(&mark)
			s.clock.set(at("2026-03-04 12:00"))
			s.restartWith(next) // and nobody calls Redefine
			c.happen(s)
			assert.Equal(t, c.want, s.news(&mark))
			if name != "duplicate" {
				version, err := next.Version()
				require.NoError(t, err)
				assert.Equal(t, version, s.record().Definitions)
			}
			s.redefine(next)
			s.tick(s.clock.Now())
			assert.Equal(t, cmp.Or(map[string]string{"purchase": "thanks"}[name], "after"), s.stage())
		})
	}
}

// Everybody is brought over, batch by batch, and it is told how far that has
// come.
func TestRedefinitionIsDoneInBatchesWithProgress(t *testing.T) {
	t.Parallel()
	f := new(faulty)
	s := emptyShop(t, of(nails()), onFaulty(f), func(c *pipeline.Config) { c.Batch = 4 })
	for i := range 10 {
		s.must(customer.Customer{ID: fmt.Sprint("c", i)})
	}
	f.loads, f.mostLoaded = 0, 0
	var told []pipeline.Redefinition
	done := s.redefine(with(of(nails()), segment.Segment{ID: "all", Enter: segment.All()}), pipeline.RedefineOptions{
		Progress: func(p pipeline.Redefinition) { told = append(told, p) },
	})
	step := func(n int) pipeline.Redefinition {
		return pipeline.Redefinition{Version: done.Version, Customers: n, Events: n}
	}
	assert.Equal(t, []pipeline.Redefinition{step(4), step(8), step(10)}, told)
	assert.Equal(t, step(10), done)
	assert.Equal(t, 4, f.mostLoaded, "never more than a batch at a time")
	assert.Equal(t, 10, f.loads, "and everybody once")
	assert.Equal(t, 10, counted(t, s, store.Query{Segment: "all"}))
	assert.Zero(t, counted(t, s, store.Query{NotUnder: done.Version}))
}

func counted(t *testing.T, s *shop, q store.Query) (n int) {
	t.Helper()
	for _, err := range s.Customers(t.Context(), q) {
		require.NoError(t, err)
		n++
	}
	return n
}
