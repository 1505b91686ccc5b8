package pipeline_test

import (
	"context"
	"errors"
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

// answering is definitions with a trigger for everything that a redefinition
// can move; "vip" and "teas" are new in them, "poor" is gone, and the next
// purchase is due two weeks earlier.
func answering() pipeline.Definitions {
	sooner := nails(func(p *pipeline.Pipeline) { p.Cadence = pipeline.Every(customer.Weeks(1)) })
	d := with(of(sooner,
		sends("left", trigger.StageLeft("nails", "waiting")), sends("due", trigger.StageEntered("nails", "due")),
		sends("overdue", trigger.StageEntered("nails", "overdue")), sends("poor", trigger.SegmentLeft("")),
		sends("vip", trigger.SegmentEntered("vip")), sends("start", trigger.CycleStarted("teas")),
		sends("before", trigger.BeforeNext("nails", customer.Days(1))), sends("after", trigger.AfterNext("nails", customer.Days(2))),
	), segment.Segment{ID: "vip", Enter: segment.Spent(segment.AtLeast, 20_00)})
	d.Pipelines = append(d.Pipelines, oneStage("teas"))
	return d
}

func beforeAnswering() pipeline.Definitions {
	return with(of(nails()), segment.Segment{ID: "poor", Enter: segment.Spent(segment.Less, 100_00)})
}

func TestRedefinitionFiresNothing(t *testing.T) {
	t.Parallel()
	s := setup(t, beforeAnswering())
	s.buys("a")
	s.tick(at("2026-03-10 12:00"))
	mark := 0
	s.news(&mark)
	s.redefine(answering())
	assert.Equal(t, []string{
		"03-10 12:00 cycle_started teas #1", "03-10 12:00 segment_left poor \"no longer defined\"",
		"03-10 12:00 stage_left nails/waiting #1", "03-10 12:00 stage_entered nails/overdue #1",
		"03-10 12:00 stage_entered teas/in #1", "03-10 12:00 segment_entered vip",
	}, s.news(&mark))
	s.tick(at("2026-03-11 12:00"))
	assert.Equal(t, []string{"03-11 09:00 after: after"}, s.messages(), "what comes from here on is answered")
	s.buys("b")
	s.tick(at("2026-03-16 12:00"))
	assert.Equal(t, []string{"03-11 12:00 start: start"}, s.messages()[1:])
	s.tick(at("2026-03-17 12:00"))
	assert.Equal(t, []string{"03-17 09:00 before: before"}, s.messages()[2:])
}

func TestRedefinitionFiresWhereItIsToldTo(t *testing.T) {
	t.Parallel()
	s := setup(t, beforeAnswering())
	s.buys("a")
	s.tick(at("2026-03-10 12:00"))
	s.redefine(answering(), firing)
	s.tick(s.clock.Now())
	assert.Equal(t, []string{
		"03-10 12:00 start: start", "03-10 12:00 poor: poor", "03-10 12:00 left: left", "03-10 12:00 overdue: overdue", "03-10 12:00 vip: vip",
	}, s.messages(), "for what differs: not for dues that were jumped over, nor for dates that are past")
	s.tick(at("2026-03-11 12:00"))
	assert.Equal(t, "03-11 09:00 after: after", s.messages()[5])
}

// The option is about the redefinition alone.
func TestFireIsOverWithTheRedefinition(t *testing.T) {
	t.Parallel()
	s := setup(t, beforeAnswering())
	s.redefine(answering(), firing)
	other, err := pipeline.New(pipeline.Config{Store: s.cfg.Store, Clock: s.clock, Definitions: beforeAnswering()})
	require.NoError(t, err)
	require.NoError(t, other.RecordPurchase(t.Context(), bought("a", opening))) // and takes olga back
	s.redefine(answering())
	s.tick(opening)
	assert.True(t, s.in("vip"))
	assert.Equal(t, []string{"03-02 10:00 poor: poor"}, s.messages(), "the first time")
}

// After a downtime what the old definitions had due comes first, each at its own
// time, and only then the new ones.
func TestOldDefinitionsCatchUpBeforeARedefinition(t *testing.T) {
	t.Parallel()
	asleep := segment.Segment{ID: "asleep", Enter: segment.NoPurchaseFor(customer.Days(2))}
	old := with(of(nails(), sends("wait", trigger.StageEntered("nails", "waiting"), followUp), sends("wake", trigger.SegmentEntered("asleep")),
		sends("before", trigger.BeforeNext("nails", customer.Days(18)))), asleep)
	next := of(nails(), sends("wait", trigger.StageEntered("nails", "call")))
	for name, restart := range map[string]func(*shop){
		"in one process":      func(*shop) {},
		"after a restart":     func(s *shop) { s.restart() },
		"begun with new ones": func(s *shop) { s.restartWith(next) },
	} {
		for _, o := range []pipeline.RedefineOptions{{}, firing} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				s := setup(t, old)
				s.buys("a")
				s.clock.set(at("2026-03-06 12:00"))
				restart(s)
				s.redefine(next, o)
				s.tick(s.clock.Now())
				assert.Equal(t, []string{
					"03-03 09:00 wait: first", "03-04 10:00 wake: wake", "03-05 09:00 before: before", "03-05 09:00 wait: second",
				}, s.messages())
				assert.Equal(t, []string{"olga/wait/1/0", "olga/wake/1/0", "olga/before/1/0", "olga/wait/1/2"}, s.sentIDs())
				assert.Equal(t, []string{"03-04 10:00 segment_entered asleep", "03-06 12:00 segment_left asleep \"no longer defined\""},
					s.lines(customer.SegmentEntered, customer.SegmentLeft))
				for _, e := range s.timeline() {
					if e.Kind == customer.TriggerFired {
						assert.Equal(t, e.At, e.Known, "as if a tick had been there in time")
					}
				}
			})
		}
	}
}

// forgot is a store that has no document, or one that nobody can read, or fails.
type forgot struct {
	store.Store
	document func() ([]byte, error)
}

func (f *forgot) Definitions(context.Context, string) ([]byte, error) { return f.document() }

func on(s store.Store) func(*pipeline.Config) { return func(c *pipeline.Config) { c.Store = s } }

var lostDocuments = map[string]func() ([]byte, error){
	"missing":    func() ([]byte, error) { return nil, store.ErrUnknown },
	"unreadable": func() ([]byte, error) { return []byte(`{"version": 99}`), nil },
	"faulty": func() ([]byte, error) {
		return []byte(`{"version": 1, "segments": [{"id": "x", "enter": {"segment": "none"}}]}`), nil
	},
}

// Where the old definitions are not known, what they had due is passed over in
// silence, and nothing comes late.
func TestWithoutTheOldDefinitionsWhatWasDueIsPassedOver(t *testing.T) {
	t.Parallel()
	old := with(of(nails(), sends("wait", trigger.StageEntered("nails", "waiting"))),
		segment.Segment{ID: "asleep", Enter: segment.NoPurchaseFor(customer.Days(2))})
	next := old
	next.Triggers = []trigger.Trigger{
		sends("wait", trigger.StageEntered("nails", "waiting")), sends("call", trigger.StageEntered("nails", "call")),
		sends("before", trigger.BeforeNext("nails", customer.Days(18))),
	}
	for name, document := range lostDocuments {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := setup(t, old, on(&forgot{memory.New(), document}))
			s.buys("a")
			s.clock.set(at("2026-03-06 12:00"))
			s.restartWith(next) // another process, which has never seen the old ones
			s.redefine(next)
			assert.Equal(t, "waiting", s.stage())
			assert.True(t, s.in("asleep"))
			assert.Equal(t, []string{"03-06 12:00 stage_left nails/thanks #1", "03-06 12:00 stage_entered nails/waiting #1"},
				s.lines(customer.StageLeft, customer.StageEntered)[1:])
			assert.Equal(t, at("2026-03-16 09:00"), s.record().Wake)
			s.tick(s.clock.Now())
			assert.Empty(t, s.messages())
			s.tick(at("2026-03-16 12:00"))
			assert.Equal(t, []string{"03-16 09:00 call: call"}, s.messages())
		})
	}
}

func TestRedefinitionFailsWhereTheOldDefinitionsCannotBeLoaded(t *testing.T) {
	t.Parallel()
	cut := errors.New("cut")
	st := &forgot{Store: memory.New()}
	s := setup(t, of(nails(), sends("wait", trigger.StageEntered("nails", "waiting"))), on(st))
	s.buys("a")
	s.clock.set(at("2026-03-06 12:00"))
	next := of(nails())
	s.restartWith(next)
	before := s.record()
	st.document = func() ([]byte, error) { return nil, cut }
	_, err := s.Redefine(t.Context(), next, pipeline.RedefineOptions{})
	require.ErrorIs(t, err, cut)
	_, err = s.Tick(t.Context())
	require.ErrorIs(t, err, cut)
	require.ErrorIs(t, s.Apply(t.Context(), bought("b", s.clock.Now())), cut)
	_, err = s.Explain(t.Context(), "olga", "x", s.clock.Now())
	require.Error(t, err)
	assert.Equal(t, before, s.record())
	st.document = func() ([]byte, error) { return st.Store.Definitions(context.Background(), before.Definitions) }
	assert.Equal(t, 1, s.redefine(next).Customers)
	assert.Len(t, s.outbox(store.Waiting), 1, "and then comes what had been due")
}
