package pipeline

import (
	"slices"
	"time"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
)

// under makes the stepper work by the rules from here on.
func (s *stepper) under(r *rules) {
	if s.rules == r {
		return
	}
	if len(s.states) > 4 { // of rules that were replaced
		clear(s.states)
	}
	state := s.states[r]
	if state == nil {
		state = r.segments.NewState()
		s.states[r] = state
	}
	s.rules, s.state = r, state
	s.state.Load(s.rec.Segments)
}

// isStale reports whether the customer was last stepped under other
// definitions.
func (s *stepper) isStale() bool { return s.exists() && s.rec.Definitions != s.rules.version }

// adopt brings a customer who was last stepped under other definitions over to
// these, at now. What came due until then does so under the old ones, as if a
// tick had been there in time; where those are not known, it is passed over in
// silence. All of the customer's history must be loaded. It does nothing to whom
// it need not.
func (s *stepper) adopt(now time.Time) error {
	if !s.isStale() {
		return nil
	}
	if !s.whole {
		return errNeedHistory
	}
	rules := s.rules
	if old := rules.archive.find(s.rec.Definitions); old != nil {
		s.under(old)
		s.advance(now)
		s.under(rules)
	}
	at := latest(now, s.rec.AsOf)
	s.start(at, at, !rules.fire)
	s.stepped = true
	before := s.rec.Definitions
	s.rec.Definitions = rules.version
	if !samePipelines(before, rules.version) {
		if err := s.adoptPipelines(); err != nil {
			return err
		}
	}
	s.dropSegments()
	s.state.MarkAll()
	s.stale.dates = true
	s.settle()
	s.rec.Wake = time.Time{} // every flip, boundary and date is known anew
	s.rearm()
	return nil
}

// adoptPipelines drops the cycles of pipelines that are gone, and derives the
// others from all of the purchases.
func (s *stepper) adoptPipelines() error {
	for _, c := range slices.Clone(s.rec.Cycles) {
		if s.rules.byID[c.Pipeline] == nil {
			s.cycleMoved(c.Pipeline)
			s.dropCycle(c.Pipeline, &c, "no longer defined")
		}
	}
	return s.rebuildCycles()
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
