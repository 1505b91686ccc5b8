package trigger

import (
	"fmt"
	"time"

	"github.com/regulars-go/regulars/customer"
)

// Wait goes on with the next step d later, on the customer's calendar.
func Wait(d customer.Period) Step { return wait{d: d} }

// WaitAt goes on with the next step d later, in whole days, at the given time of
// that day in the customer's zone, or of the day after where it is past. As a
// first step, WaitAt(customer.Days(0), customer.Clock(10, 0)) keeps what happens
// at night from waking anybody up.
func WaitAt(d customer.Period, clock customer.TimeOfDay) Step {
	return wait{d: d, clock: clock, timed: true}
}

type wait struct {
	d     customer.Period
	clock customer.TimeOfDay
	timed bool
}

func (w wait) String() string {
	if w.timed {
		return fmt.Sprintf("wait %s, until %s", w.d, w.clock)
	}
	return "wait " + w.d.String()
}

func (w wait) compile(c *compiler, path string) action {
	if err := w.d.Validate(); err != nil {
		c.faults.Add(path+".wait", "%v", err)
	}
	if w.d.IsZero() && !w.timed {
		c.faults.Add(path+".wait", "is no time at all; give it a length")
	}
	c.clock(w.clock, path+".at")
	if w.timed && w.d.Exact != 0 {
		c.faults.Add(path+".at", "a time of day needs a wait in whole days, not %s", w.d)
	}
	return func(run *Run, h Hands) progress {
		run.Due = w.due(h)
		return waiting
	}
}

func (w wait) due(h Hands) time.Time {
	t := w.d.After(h.Now(), h.Zone())
	if !w.timed {
		return t
	}
	day := customer.DateOf(t.In(h.Zone()))
	at := day.At(w.clock, h.Zone())
	if !at.After(h.Now()) {
		at = day.Add(customer.Days(1)).At(w.clock, h.Zone())
	}
	return at
}

// Stop ends the run.
func Stop() Step { return stop{} }

type stop struct{}

func (stop) String() string { return "stop" }

func (stop) compile(*compiler, string) action {
	return func(*Run, Hands) progress { return stopped }
}
