package pipeline

import (
	"fmt"
	"slices"
	"time"

	"github.com/regulars-go/regulars/customer"
)

// byHand returns an event about a person's decision.
func byHand(kind customer.EventKind, by customer.By) customer.Event {
	return customer.Event{Kind: kind, Actor: by.Actor, Reason: by.Reason}
}

func (s *stepper) takeEdit(in customer.Edit) error {
	before := s.rec.Customer
	theirs := before.Normal() // which Change may keep a pointer to
	if err := changeCard(in.Change, &theirs); err != nil {
		return err
	}
	card := theirs
	if card.ID != before.ID || !card.Since.Equal(before.Since) {
		return &customer.FieldError{What: "edit", ID: in.Customer, Field: "Change", Fault: "changes the ID or Since, which stay for good"}
	}
	if err := card.Validate(); err != nil {
		return err
	}
	if card = card.Normal(); card.Equal(before) {
		return nil
	}
	s.rec.Customer = card
	s.emit(byHand(customer.CustomerEdited, in.By))
	s.state.MarkCard(&before, &card)
	s.stale.dates = true
	if card.Zone == before.Zone && slices.Equal(card.Cadences, before.Cadences) {
		return nil
	}
	s.loc = s.zones.of(card.Zone, s.zone)
	return s.rebuildCycles()
}

// changeCard calls change and turns a panic of it into an error.
func changeCard(change func(*customer.Customer), card *customer.Customer) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the Change of an edit panicked: %T", p)
		}
	}()
	change(card)
	return nil
}

// decided reports whether a person's decision is already what holds, made at
// that very time: it was taken in before.
func (s *stepper) decided(p prepared) bool {
	holds := func(pipeline string, same func(*customer.Cycle, *customer.Hand) bool) bool {
		return slices.ContainsFunc(s.rec.Cycles, func(c customer.Cycle) bool {
			return (pipeline == "" || c.Pipeline == pipeline) && c.Hand != nil && same(&c, c.Hand)
		})
	}
	switch in := p.input.(type) {
	case customer.Refusal:
		return holds(in.Pipeline, func(_ *customer.Cycle, h *customer.Hand) bool {
			return h.RefusedAt.Equal(p.when) && h.Refused == in.By.Reason
		})
	case customer.StageMove:
		return holds(in.Pipeline, func(c *customer.Cycle, h *customer.Hand) bool {
			return h.Purchase == c.Purchase && h.StageAt.Equal(p.when) && h.Stage == in.Stage
		})
	case customer.NextMove:
		return holds(in.Pipeline, func(c *customer.Cycle, h *customer.Hand) bool {
			return h.Purchase == c.Purchase && h.NextAt.Equal(p.when) && h.Next.Equal(in.Next)
		})
	case customer.Pause:
		return s.rec.PausedUntil.Equal(in.Until)
	case customer.Assignment:
		return s.rec.Customer.Manager == in.Manager
	}
	return false
}

func (s *stepper) takeRefusal(in customer.Refusal, when time.Time) error {
	found := false
	for i := range s.rec.Cycles {
		c := &s.ownCycles()[i]
		if onShelf(c) || c.Pipeline != in.Pipeline && (in.Pipeline != "" || !c.IsOpen()) {
			continue
		}
		found = true
		h := s.hand(c)
		h.Refused, h.RefusedAt, h.RefusedIn = in.By.Reason, when, c.Purchase
		c.Hand = h
		e := byHand(customer.CustomerRefused, in.By)
		e.Pipeline, e.Cycle = c.Pipeline, c.Number
		s.emit(e)
		s.cycleMoved(c.Pipeline)
	}
	if !found {
		return ErrNotInPipeline
	}
	s.stale.cycles = true
	return nil
}

func (s *stepper) takeStageMove(in customer.StageMove, when time.Time) error {
	c, err := s.cycleOf(in.Pipeline)
	if err != nil {
		return err
	}
	if s.rules.byID[in.Pipeline].stage(in.Stage) < 0 {
		return &customer.FieldError{
			What: "stage move", ID: in.Customer, Field: "Stage",
			Fault: fmt.Sprintf("%q is no stage of pipeline %q", in.Stage, in.Pipeline),
		}
	}
	h := s.hand(c)
	h.Stage, h.StageAt = in.Stage, when
	h.Refused, h.RefusedAt, h.RefusedIn = "", time.Time{}, ""
	c.Hand, c.Furthest = h, "" // what is entered from here on is answered again
	e := byHand(customer.StageMoved, in.By)
	e.Pipeline, e.Stage, e.Cycle = c.Pipeline, in.Stage, c.Number
	s.emit(e)
	s.stale.cycles = true
	return nil
}

func (s *stepper) takeNextMove(in customer.NextMove, when time.Time) error {
	c, err := s.cycleOf(in.Pipeline)
	if err != nil {
		return err
	}
	h := s.hand(c)
	h.Next, h.NextAt = in.Next, when
	c.Hand, c.Furthest = h, "" // what is entered from here on is answered again
	c.Next, c.NextBy = s.rules.byID[in.Pipeline].dayOf(in.Next, s.loc), customer.ByHand
	e := byHand(customer.NextMoved, in.By)
	e.Pipeline, e.Cycle = c.Pipeline, c.Number
	s.emit(e)
	s.stale.cycles = true
	s.cycleMoved(c.Pipeline)
	return nil
}

// cycleOf returns the customer's cycle in a pipeline that is defined, to be
// changed.
func (s *stepper) cycleOf(pipeline string) (*customer.Cycle, error) {
	c := customer.FindCycle(s.rec.Cycles, pipeline)
	if s.rules.byID[pipeline] == nil || c == nil || onShelf(c) {
		return nil, ErrNotInPipeline
	}
	return s.ownCycle(pipeline), nil
}

// hand returns a copy of what people decided about the cycle, without the moves
// that belonged to another.
func (s *stepper) hand(c *customer.Cycle) *customer.Hand {
	h := customer.Hand{}
	if c.Hand != nil {
		h = *c.Hand
	}
	if h.Purchase != c.Purchase {
		h.Purchase, h.Stage, h.StageAt, h.Next, h.NextAt = c.Purchase, "", time.Time{}, time.Time{}, time.Time{}
	}
	return &h
}

func (s *stepper) takePause(in customer.Pause) {
	s.rec.PausedUntil = in.Until
	e := byHand(customer.AutomationPaused, in.By)
	if !in.Until.IsZero() {
		e.Name = in.Until.Format(time.RFC3339)
	}
	s.emit(e)
}

func (s *stepper) takeAssignment(in customer.Assignment) {
	before := s.rec.Customer
	s.rec.Customer.Manager = in.Manager
	s.state.MarkCard(&before, &s.rec.Customer)
	e := byHand(customer.ManagerAssigned, in.By)
	e.Name = in.Manager
	s.emit(e)
}
