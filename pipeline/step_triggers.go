package pipeline

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/trigger"
)

// datesDue tells which dates of triggers came since the record was last
// stepped.
func (s *stepper) datesDue(since time.Time) {
	for _, p := range s.rules.triggers.Answering(customer.DateReached) {
		on := &p.Trigger.On
		due := on.NextFor(&s.rec.Customer, s.rec.Cycles, since, s.loc)
		if !due.IsZero() && !due.After(s.at) {
			s.emit(customer.Event{Kind: customer.DateReached, Trigger: p.Trigger.ID, Pipeline: on.Pipeline, Name: on.Field, At: due})
		}
	}
}

// nextDate returns the earliest date of a trigger that is to come.
func (s *stepper) nextDate() time.Time {
	var next time.Time
	for _, p := range s.rules.triggers.Answering(customer.DateReached) {
		next = earliest(next, p.Trigger.On.NextFor(&s.rec.Customer, s.rec.Cycles, s.at, s.loc))
	}
	return next
}

// answer starts the triggers that answer what happened since it was last
// called.
func (s *stepper) answer() {
	for ; s.cursor < len(s.out.Events) && !s.quiet; s.cursor++ {
		if slices.Contains(s.muted, s.cursor) {
			continue
		}
		e := s.out.Events[s.cursor]
		for _, p := range s.rules.triggers.Answering(e.Kind) {
			if e.Kind == customer.DateReached && e.Trigger != p.Trigger.ID {
				continue
			}
			if p.Trigger.On.Matches(&e) {
				s.consider(p, e)
			}
		}
	}
	s.cursor = len(s.out.Events)
}

// consider starts a trigger that answers the event, if its limit and its
// condition allow.
func (s *stepper) consider(p *trigger.Program, e customer.Event) {
	count := s.counter(p.Trigger.ID)
	cycle := customer.FindCycle(s.rec.Cycles, e.Pipeline)
	if spent(p.Trigger.Limit, count, cycle) {
		return
	}
	s.readFacts()
	if p.If != nil && !p.If.Holds(&s.facts, s.state) {
		return
	}
	if s.paused() {
		s.emit(customer.Event{Kind: customer.TriggerHeld, Trigger: p.Trigger.ID, Reason: "automation is paused"})
		return
	}
	count.Fired++
	count.Last, count.Cycle = s.at, ""
	if cycle != nil {
		count.Cycle = cycle.Purchase
	}
	s.setCounter(count)
	run := trigger.Run{
		ID:      fmt.Sprintf("%s/%s/%d", s.rec.Customer.ID, p.Trigger.ID, count.Fired),
		Trigger: p.Trigger.ID,
		Cause:   e,

		Definitions: s.rules.version,
	}
	s.emit(customer.Event{Kind: customer.TriggerFired, Trigger: run.Trigger, Ref: run.ID})
	s.walk(p, run)
}

// inherit makes what fired in a cycle that a refund has undone count for the one
// it restored.
func (s *stepper) inherit(pipeline, undone, restored string) {
	for _, count := range s.rec.Counters {
		p := s.rules.triggers.Find(count.Trigger)
		if p != nil && p.Trigger.On.Pipeline == pipeline && count.Cycle == undone {
			count.Cycle = restored
			s.setCounter(count)
		}
	}
}

// spent reports whether a trigger has fired as often as its limit allows.
func spent(l trigger.Limit, count trigger.Counter, cycle *customer.Cycle) bool {
	switch l {
	case trigger.OnceEver:
		return count.Fired > 0
	case trigger.OncePerCycle:
		return count.Fired > 0 && cycle != nil && count.Cycle == cycle.Purchase
	}
	return false
}

// due returns when a run goes on: what is due during a pause waits for its end.
func (s *stepper) due(r *trigger.Run) time.Time { return latest(r.Due, s.rec.PausedUntil) }

func (s *stepper) paused() bool { return s.rec.PausedUntil.After(s.at) }

// walk does the steps of a run until it ends, or waits and is kept.
func (s *stepper) walk(p *trigger.Program, run trigger.Run) {
	if p.Walk(&run, (*hands)(s)) {
		s.rec.Runs = append(s.ownRuns(), run)
	}
}

// resume goes on with the runs whose wait is over, in the order in which they
// began to wait.
func (s *stepper) resume() {
	for {
		i := slices.IndexFunc(s.rec.Runs, func(r trigger.Run) bool { return !s.due(&r).After(s.at) })
		if i < 0 {
			return
		}
		runs := s.ownRuns()
		run := runs[i]
		s.rec.Runs = slices.Delete(runs, i, i+1)
		if p, _ := s.rules.program(&run); p != nil {
			s.walk(p, run)
		} else {
			s.cancelled(run, runOfNothing)
		}
	}
}

// cancelRuns ends the waiting runs that a purchase makes pointless. One that was
// made shortly before a run began does so too: a checkout may tell of the card
// before the order. One that is known too late to start anything does not end
// what began after it.
func (s *stepper) cancelRuns(bought *customer.Purchase) {
	if len(s.rec.Runs) == 0 {
		return
	}
	s.rec.Runs = slices.DeleteFunc(s.ownRuns(), func(run trigger.Run) bool {
		p, then := s.rules.program(&run)
		if p == nil || !p.Trigger.CancelOnPurchase || (s.quiet && bought.At.Before(run.Cause.At)) {
			return false
		}
		if of := then.byID[p.Trigger.On.Pipeline]; of != nil && !of.Takes.Takes(bought) {
			return false
		}
		s.cancelled(run, "the customer bought")
		return true
	})
}

func (s *stepper) cancelled(run trigger.Run, reason string) {
	s.emit(customer.Event{Kind: customer.RunCancelled, Trigger: run.Trigger, Ref: run.ID, Reason: reason})
}

func (s *stepper) ownRuns() []trigger.Run {
	if !s.own.runs {
		s.rec.Runs, s.own.runs = slices.Clone(s.rec.Runs), true
	}
	return s.rec.Runs
}

func (s *stepper) counter(id string) trigger.Counter {
	if i, found := findCounter(s.rec.Counters, id); found {
		return s.rec.Counters[i]
	}
	return trigger.Counter{Trigger: id}
}

func (s *stepper) setCounter(c trigger.Counter) {
	if !s.own.counters {
		s.rec.Counters, s.own.counters = slices.Clone(s.rec.Counters), true
	}
	i, found := findCounter(s.rec.Counters, c.Trigger)
	if found {
		s.rec.Counters[i] = c
		return
	}
	s.rec.Counters = slices.Insert(s.rec.Counters, i, c)
}

func findCounter(counters []trigger.Counter, id string) (int, bool) {
	return slices.BinarySearchFunc(counters, id, func(c trigger.Counter, id string) int {
		return strings.Compare(c.Trigger, id)
	})
}

// hands is what the steps of triggers act through.
type hands stepper

func (h *hands) Now() time.Time           { return h.at }
func (h *hands) Zone() *time.Location     { return h.loc }
func (h *hands) Card() *customer.Customer { return &h.rec.Customer }

func (h *hands) Facts(run *trigger.Run, d *trigger.Data) {
	d.Totals = h.rec.Totals
	c := customer.FindCycle(h.rec.Cycles, run.Cause.Pipeline)
	if c == nil {
		return
	}
	d.Cycle = *c
	if !c.Next.IsZero() {
		d.Next = customer.DateOf(c.Next.In(h.loc))
	}
}

func (h *hands) Edit(run *trigger.Run, e customer.Event, change func(*customer.Customer)) {
	before, card := h.rec.Customer, h.rec.Customer.Normal()
	change(&card)
	h.rec.Customer = card
	s := (*stepper)(h)
	s.state.MarkCard(&before, &card)
	s.stale.dates = true
	e.Trigger, e.Ref = run.Trigger, run.ID
	s.emit(e)
}

func (h *hands) Deliver(run *trigger.Run, d trigger.Delivery) {
	if reason := h.blocked(&d); reason != "" {
		(*stepper)(h).emit(customer.Event{
			Kind: customer.MessageBlocked, Trigger: run.Trigger, Ref: d.ID, Name: d.Channel, Reason: reason,
		})
		return
	}
	h.out.Deliveries = append(h.out.Deliveries, d)
}

// blocked returns why a delivery must not leave; empty: it may.
func (h *hands) blocked(d *trigger.Delivery) string {
	switch {
	case d.Kind != trigger.MessageKind:
		return ""
	case h.rec.Customer.Denied(d.Channel):
		return "the customer denied consent"
	case d.To == "" && (d.Channel == "email" || d.Channel == "sms"):
		return "the card has no address for the channel"
	}
	return ""
}

func (h *hands) Fail(run *trigger.Run, reason string) {
	(*stepper)(h).emit(customer.Event{Kind: customer.StepFailed, Trigger: run.Trigger, Ref: run.ID, Reason: reason})
}
