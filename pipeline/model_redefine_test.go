package pipeline_test

import (
	"maps"
	"slices"
	"time"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/pipeline"
)

// redefine gives the model other definitions. What came by the clock up to now
// did so under those before.
func (m *model) redefine(w world, now time.Time, o pipeline.RedefineOptions) {
	m.pass(now)
	if m.at.After(now) {
		now = m.at
	}
	m.settle(now, now, !o.Fire, func() {
		old := m.defs
		m.defs, m.redefined = w, true
		m.adoptPipelines(&old)
		for _, id := range slices.Sorted(maps.Keys(m.members)) {
			if !slices.ContainsFunc(w.segments, func(s seg) bool { return s.id == id }) {
				delete(m.members, id)
				m.emit(customer.Event{Kind: customer.SegmentLeft, Segment: id, Reason: "no longer defined"})
			}
		}
		if o.CancelRemoved {
			m.cancelRemoved()
		}
	})
	m.redefined = false
}

func (m *model) cancelRemoved() {
	m.runs = slices.DeleteFunc(m.runs, func(r run) bool {
		gone := !slices.ContainsFunc(m.defs.triggers, func(t trig) bool { return t.def.ID == r.of.def.ID })
		if gone {
			m.emit(customer.Event{Kind: customer.RunCancelled, Trigger: r.of.def.ID, Ref: r.id, Reason: "the trigger is no longer defined"})
		}
		return gone
	})
}

func (m *model) adoptPipelines(old *world) {
	for i := range old.pipelines {
		id := old.pipelines[i].ID
		if c, in := m.told[id]; in && m.defs.pipeline(id) == nil && !m.refused(&old.pipelines[i], &c) {
			m.dropped(id, c.Number, "no longer defined")
		}
	}
	for i := range m.defs.pipelines {
		p := &m.defs.pipelines[i]
		was, in := m.told[p.ID]
		c, some := m.cycle(p)
		switch {
		case in && !some && m.refused(p, &was) && !m.takesIn(p, was.Purchase):
			was.Number = 0 // the refusal is all that is left
			m.told[p.ID] = was
		case in && !some:
			m.dropped(p.ID, was.Number, "no purchase is taken any more")
		case in && was.Purchase == c.Purchase:
			m.reached[p.ID] = reachedBy(p, old.pipeline(p.ID), m.reached[p.ID])
		case some:
			m.headMoved(p, was, c)
		}
	}
}

// takesIn reports whether the pipeline takes the purchase, be it refunded.
func (m *model) takesIn(p *pipeline.Pipeline, purchase string) bool {
	bought := m.purchase(purchase)
	return bought != nil && takes(p.Takes, bought)
}

// reachedBy returns one more than the place of the last stage that was among
// those which were answered.
func reachedBy(p, old *pipeline.Pipeline, reached int) int {
	if old == nil { // it was gone, and they had refused: no stage comes in this cycle
		return 0
	}
	last := 0
	for _, s := range old.Stages[:reached] {
		last = max(last, stageOf(p, s.ID))
	}
	return last
}

func (m *model) headMoved(p *pipeline.Pipeline, was, c customer.Cycle) {
	if was.Stage != "" {
		m.emit(customer.Event{Kind: customer.StageLeft, Pipeline: p.ID, Stage: was.Stage, Cycle: was.Number})
	}
	e := customer.Event{Kind: customer.CycleStarted, Pipeline: p.ID, Cycle: c.Number, Ref: c.Purchase}
	if c.Started.Before(was.Started) || c.Started.Equal(was.Started) && c.Purchase < was.Purchase {
		e.Kind = customer.CycleRestored
		m.inherit(p.ID, was.Purchase, c.Purchase)
	}
	m.emit(e)
	if was.Stage = ""; !m.refused(p, &c) {
		was.Closed = ""
	}
	m.told[p.ID], m.reached[p.ID] = was, 0
}
