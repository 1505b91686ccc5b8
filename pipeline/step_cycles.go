package pipeline

import (
	"slices"
	"strings"
	"time"

	"github.com/regulars-go/regulars/customer"
)

// cyclesDue marks the cycles as stale where the clock moves one of them on.
func (s *stepper) cyclesDue() {
	for i := range s.rec.Cycles {
		if due := s.rec.Cycles[i].Due; !due.IsZero() && !due.After(s.at) {
			s.stale.cycles = true
		}
	}
}

// placeCycles derives where the cycles stand, and tells what moved.
func (s *stepper) placeCycles() {
	if !s.stale.cycles {
		return
	}
	s.stale.cycles = false
	for i := range s.rec.Cycles {
		p := s.rules.byID[s.rec.Cycles[i].Pipeline]
		c := &s.ownCycles()[i]
		if p == nil { // no longer defined: its cycles stand still
			c.Due = time.Time{}
			continue
		}
		before := *c
		p.place(c, s.at, s.loc)
		s.tellPlace(p, &before, c)
	}
}

// tellPlace emits what changed between two places of one cycle. A correction of
// what was known, such as a late purchase or another time zone, may put the
// customer back into a stage; that is told, but was answered.
func (s *stepper) tellPlace(p *Pipeline, before, c *customer.Cycle) {
	if before.Stage != c.Stage || before.Closed != c.Closed || !before.Entered.Equal(c.Entered) {
		s.cycleMoved(c.Pipeline)
	}
	if before.Stage == c.Stage && before.Closed == c.Closed {
		return
	}
	event := customer.Event{Pipeline: c.Pipeline, Cycle: c.Number}
	if before.Stage != c.Stage && before.Stage != "" {
		e := event
		e.Kind, e.Stage, e.At = customer.StageLeft, before.Stage, s.effective(c.Entered)
		s.emit(e)
	}
	if before.Stage != c.Stage && c.Stage != "" {
		e := event
		e.Kind, e.Stage, e.At = customer.StageEntered, c.Stage, s.effective(c.Entered)
		if p.stage(c.Stage) <= p.stage(c.Furthest) {
			s.mute()
		} else {
			c.Furthest = c.Stage
		}
		s.emit(e)
	}
	if before.Closed != c.Closed && c.Closed != "" {
		e := event
		e.Kind, e.Reason, e.At = customer.CycleClosed, c.Closed, s.effective(c.Entered)
		s.emit(e)
	}
}

// effective returns when a change that the clock or a date explains took
// effect: never later than now. One that other definitions explain takes effect
// with them.
func (s *stepper) effective(t time.Time) time.Time {
	if t.IsZero() || t.After(s.at) || s.redefined {
		return s.at
	}
	return t
}

// cycleMoved marks what reads the cycle of the pipeline.
func (s *stepper) cycleMoved(pipeline string) {
	s.state.MarkPipeline(pipeline)
	s.stale.dates = true
}

// cycleHead makes a purchase the head of its cycle in every pipeline that takes
// it, or counts it in where a newer one is.
func (s *stepper) cycleHead(bought *customer.Purchase) error {
	for _, p := range s.rules.pipelines {
		if !p.Takes.Takes(bought) {
			continue
		}
		c := s.ownCycle(p.ID)
		if !newer(bought, c) {
			if p.LearnAfter > 0 && !s.complete {
				return errNeedHistory
			}
			s.recount(p, c)
			continue
		}
		s.newCycle(p, c, bought)
	}
	return nil
}

func newer(p *customer.Purchase, c *customer.Cycle) bool {
	if c.Number == 0 {
		return true
	}
	if order := p.At.Compare(c.Started); order != 0 {
		return order > 0
	}
	return p.ID > c.Purchase
}

// older reports whether a cycle begins with an older purchase than another.
func older(c, than *customer.Cycle) bool {
	if order := c.Started.Compare(than.Started); order != 0 {
		return order < 0
	}
	return c.Purchase < than.Purchase
}

// recount counts in a purchase that is not the newest of its cycle.
func (s *stepper) recount(p *Pipeline, c *customer.Cycle) {
	s.cycleMoved(p.ID)
	if p.LearnAfter == 0 {
		c.Number++
		return
	}
	p.rebuildCycle(c, s.purchases, &s.rec.Customer, s.loc)
	s.stale.cycles, s.stale.dates = true, true
}

func (s *stepper) newCycle(p *Pipeline, c *customer.Cycle, bought *customer.Purchase) {
	closed := c.Closed
	s.leaveStage(c, bought.At)
	p.openCycle(c, bought, &s.rec.Customer, s.loc)
	event := customer.Event{Pipeline: p.ID, Cycle: c.Number, Ref: bought.ID, At: bought.At}
	switch {
	case closed == "":
	case refused(c):
		c.Closed = closed // it was made before the refusal, and told after it
	default:
		event.Kind = customer.Returned
		s.emit(event)
	}
	event.Kind = customer.CycleStarted
	s.emit(event)
	s.stale.cycles = true
	s.cycleMoved(p.ID)
}

// leaveStage takes the customer out of the stage, so that the new cycle enters
// its stage anew, whichever it is.
func (s *stepper) leaveStage(c *customer.Cycle, at time.Time) {
	if c.Stage != "" {
		s.emit(customer.Event{Kind: customer.StageLeft, Pipeline: c.Pipeline, Stage: c.Stage, Cycle: c.Number, At: at})
	}
	c.Stage, c.Closed, c.Furthest = "", "", ""
}

// rebuildCycles derives every cycle from all of the purchases, after one of
// them was taken back or the card changed.
func (s *stepper) rebuildCycles() error {
	if !s.complete {
		return errNeedHistory
	}
	for _, p := range s.rules.pipelines {
		s.cycleMoved(p.ID)
		c := s.ownCycle(p.ID)
		before := *c
		switch some := p.rebuildCycle(c, s.purchases, &s.rec.Customer, s.loc); {
		case !some && s.shelved(p, &before):
			*c = before
		case !some:
			s.dropCycle(p.ID, &before, "refunded")
		case before.Purchase != c.Purchase && before.Number > 0:
			s.restoreCycle(p, c, &before)
		}
	}
	s.stale.cycles = true
	return nil
}

// restoreCycle tells that an older purchase is the head of the cycle again. The
// customer is put back into the stage of that cycle, which was answered when it
// was first entered and is not answered again.
func (s *stepper) restoreCycle(p *Pipeline, c, before *customer.Cycle) {
	if before.Stage != "" {
		s.emit(customer.Event{Kind: customer.StageLeft, Pipeline: p.ID, Stage: before.Stage, Cycle: before.Number, At: s.at})
	}
	s.inherit(p.ID, before.Purchase, c.Purchase)
	s.emit(customer.Event{Kind: customer.CycleRestored, Pipeline: p.ID, Ref: c.Purchase, Cycle: c.Number, At: s.at})
	p.place(c, s.at, s.loc)
	if c.Furthest = c.Stage; c.Stage != "" {
		s.mute()
		s.emit(customer.Event{Kind: customer.StageEntered, Pipeline: p.ID, Stage: c.Stage, Cycle: c.Number, At: s.at})
	}
	if !c.IsOpen() {
		s.emit(customer.Event{Kind: customer.CycleClosed, Pipeline: p.ID, Reason: c.Closed, Cycle: c.Number, At: s.at})
	}
}

// dropCycle takes the customer out of a pipeline, for a reason.
func (s *stepper) dropCycle(pipeline string, before *customer.Cycle, reason string) {
	s.rec.Cycles = slices.DeleteFunc(s.ownCycles(), func(c customer.Cycle) bool { return c.Pipeline == pipeline })
	if before.Number == 0 {
		return
	}
	event := customer.Event{Pipeline: pipeline, Cycle: before.Number}
	if before.Stage != "" {
		event.Kind, event.Stage = customer.StageLeft, before.Stage
		s.emit(event)
		event.Stage = ""
	}
	event.Kind, event.Reason = customer.CycleClosed, reason
	s.emit(event)
}

// ownCycles returns the record's cycles as a copy that may be changed.
func (s *stepper) ownCycles() []customer.Cycle {
	if !s.own.cycles {
		s.rec.Cycles, s.own.cycles = slices.Clone(s.rec.Cycles), true
	}
	return s.rec.Cycles
}

// ownCycle returns the customer's cycle in the pipeline, to be changed; it has
// the number zero where the customer is not in the pipeline yet.
func (s *stepper) ownCycle(pipeline string) *customer.Cycle {
	cycles := s.ownCycles()
	i, found := slices.BinarySearchFunc(cycles, pipeline, func(c customer.Cycle, id string) int {
		return strings.Compare(c.Pipeline, id)
	})
	if !found {
		s.rec.Cycles = slices.Insert(cycles, i, customer.Cycle{Pipeline: pipeline})
	}
	return &s.rec.Cycles[i]
}
