package trigger

import (
	"fmt"
	"time"

	"github.com/regulars-go/regulars/customer"
)

// Wait goes on with the next step d later, on the customer's calendar.
func Wait(d customer.Period) Step { return wait{d} }

type wait struct {
	For customer.Period `json:"for" doc:"how long"`
}

func (w wait) String() string { return "wait " + w.For.String() }

func (w wait) compile(c *compiler, path string) action {
	if w.For.IsZero() {
		c.faults.Add(path+".for", "is no time at all; give it a length")
	}
	c.period(w.For, path+".for")
	return func(run *Run, h Hands) progress {
		run.Due = w.For.After(h.Now(), h.Zone())
		return waiting
	}
}

// WaitAt goes on with the next step d later, in whole days, at the given time of
// that day in the customer's zone, or of the day after where it is past. As a
// first step, WaitAt(customer.Days(0), customer.Clock(10, 0)) keeps what happens
// at night from waking anybody up.
func WaitAt(d customer.Period, clock customer.TimeOfDay) Step { return waitAt{d, clock} }

type waitAt struct {
	For customer.Period    `json:"for,omitzero" doc:"how long, in whole days; left out: until that time comes"`
	At  customer.TimeOfDay `json:"at" doc:"the time of day to go on at, in the customer's zone"`
}

func (w waitAt) String() string { return fmt.Sprintf("wait %s, until %s", w.For, w.At) }

func (w waitAt) compile(c *compiler, path string) action {
	c.period(w.For, path+".for")
	c.clock(w.At, path+".at")
	if w.For.Exact != 0 {
		c.faults.Add(path+".at", "a time of day needs a wait in whole days, not %s", w.For)
	}
	return func(run *Run, h Hands) progress {
		run.Due = w.due(h)
		return waiting
	}
}

func (w waitAt) due(h Hands) time.Time {
	day := customer.DateOf(w.For.After(h.Now(), h.Zone()).In(h.Zone()))
	at := day.At(w.At, h.Zone())
	if !at.After(h.Now()) {
		at = day.Add(customer.Days(1)).At(w.At, h.Zone())
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
