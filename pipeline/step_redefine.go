package pipeline

import (
	"slices"
	"time"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/trigger"
)

// under makes the stepper work by the rules from here on.
func (s *stepper) under(r *rules) {
	if s.rules == r {
		return
	}
	if len(s.states) > 4 { // of segments that were replaced
		clear(s.states)
	}
	state := s.states[r.segments]
	if state == nil {
		state = r.segments.NewState()
		s.states[r.segments] = state
	}
	s.rules, s.state = r, state
	s.state.Load(s.rec.Segments)
}

// isStale reports whether the customer was last stepped under other
// definitions.
func (s *stepper) isStale() bool { return s.exists() && s.rec.Definitions != s.rules.version }

// bring takes up a customer, loaded by loadToBring, and steps them to now.
func (s *stepper) bring(l store.Loaded, reach segment.Reach, now time.Time) error {
	s.begin(l, reach)
	if err := s.adopt(now); err != nil {
		return err
	}
	s.advance(now)
	return nil
}

// adopt brings a customer who was last stepped under other definitions over to
// these, at now. What came due until then does so under the old ones, as if a
// tick had been there in time; where those are not known, it is passed over in
// silence. As much of the history must be loaded as bringReach says. It does
// nothing to whom it need not.
func (s *stepper) adopt(now time.Time) error {
	if !s.isStale() {
		return nil
	}
	if !s.complete {
		return errNeedHistory
	}
	rules, before := s.rules, s.rec.Definitions
	old := rules.archive.find(before)
	if old != nil {
		s.under(old)
		s.advance(now)
		s.under(rules)
	}
	at := latest(now, s.rec.AsOf)
	s.start(at, at, !rules.fire)
	s.stepped, s.redefined = true, true
	s.rec.Definitions = rules.version
	if !samePipelines(before, rules.version) {
		s.adoptPipelines(old)
	}
	s.dropSegments()
	if rules.cancelRemoved {
		s.cancelRemoved()
	}
	s.state.MarkAll()
	s.stale = stale{cycles: true, dates: true}
	s.settle()
	s.rec.Wake = time.Time{} // every flip, boundary and date is known anew
	s.rearm()
	return nil
}

// adoptPipelines drops the cycles of pipelines that are gone, and derives the
// others from all of the purchases. Where the customer refused, the cycle stays,
// closed: should the pipeline come back, they have not agreed to it.
func (s *stepper) adoptPipelines(old *rules) {
	for _, c := range slices.Clone(s.rec.Cycles) {
		if s.rules.byID[c.Pipeline] == nil && !refused(&c) {
			s.cycleMoved(c.Pipeline)
			s.dropCycle(c.Pipeline, &c, "no longer defined")
		}
	}
	for _, p := range s.rules.pipelines {
		s.cycleMoved(p.ID)
		s.adoptPipeline(p, old)
	}
}

func (s *stepper) adoptPipeline(p *Pipeline, old *rules) {
	c := s.ownCycle(p.ID)
	before := *c
	switch some := p.rebuildCycle(c, s.purchases, &s.rec.Customer, s.loc); {
	case !some && s.shelved(p, &before):
		*c = shelf(before)
	case !some:
		s.dropCycle(p.ID, &before, "no purchase is taken any more")
	case before.Purchase == c.Purchase:
		if old != nil && old.byID[p.ID] != nil {
			c.Furthest = p.furthest(old.byID[p.ID], c.Furthest)
		}
	default:
		s.headMoved(p, c, before)
	}
}

// shelved reports whether a cycle is kept only because the customer refused in
// it: the pipeline no longer takes the purchase that opened it.
func (s *stepper) shelved(p *Pipeline, c *customer.Cycle) bool {
	return refused(c) && !slices.ContainsFunc(s.purchases, func(bought customer.Purchase) bool {
		return bought.ID == c.Purchase && p.Takes.Takes(&bought)
	})
}

// shelf returns what is kept of such a cycle: none of the purchases that the
// pipeline takes.
func shelf(c customer.Cycle) customer.Cycle {
	c.Number, c.Gaps = 0, nil
	return c
}

// onShelf reports whether a cycle is such a rest: the customer is not in the
// pipeline.
func onShelf(c *customer.Cycle) bool { return c.Number == 0 }

// headMoved tells that another purchase is the head of the cycle, or the first
// one is: the pipeline takes others than it did.
func (s *stepper) headMoved(p *Pipeline, c *customer.Cycle, before customer.Cycle) {
	event := customer.Event{Kind: customer.CycleStarted, Pipeline: p.ID, Cycle: c.Number, Ref: c.Purchase}
	if before.Purchase != "" && older(c, &before) {
		event.Kind = customer.CycleRestored
		s.inherit(p.ID, before.Purchase, c.Purchase)
	}
	s.leaveStage(&before, s.at)
	s.emit(event)
	c.Stage, c.Furthest = "", ""
	if !refused(c) {
		c.Closed = ""
	}
}

// furthest returns the furthest stage of the pipeline that was answered where
// those up to the given one of its old definition were.
func (p *Pipeline) furthest(old *Pipeline, reached string) string {
	last := -1
	for i := range old.stage(reached) + 1 {
		last = max(last, p.stage(old.Stages[i].ID))
	}
	if last < 0 {
		return ""
	}
	return p.Stages[last].ID
}

// dropSegments takes the customer out of segments that are gone.
func (s *stepper) dropSegments() {
	for _, m := range slices.Clone(s.rec.Segments) {
		if !s.rules.segments.Has(m.Segment) {
			s.leaveSegment(m.Segment, "no longer defined")
		}
	}
}

func (s *stepper) leaveSegment(id, reason string) {
	if i, found := segment.Find(s.ownSegments(), id); found {
		s.rec.Segments = slices.Delete(s.rec.Segments, i, i+1)
	}
	s.emit(customer.Event{Kind: customer.SegmentLeft, Segment: id, Reason: reason})
}

// cancelRemoved ends the runs of triggers that are gone.
func (s *stepper) cancelRemoved() {
	s.rec.Runs = slices.DeleteFunc(s.ownRuns(), func(run trigger.Run) bool {
		if s.rules.triggers.Find(run.Trigger) != nil {
			return false
		}
		s.cancelled(run, runOfNothing)
		return true
	})
}

// runOfNothing is why a run ends whose trigger is gone.
const runOfNothing = "the trigger is no longer defined"
