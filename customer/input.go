package customer

import "time"

// Input is something that happened to one customer, as the engine is told of
// it: a [Customer] to add, a [Purchase], a [Refund], an [Activity], an [Edit],
// a [Refusal], a [StageMove], a [NextMove], a [Pause] or an [Assignment]. The
// set is closed.
type Input interface {
	// CustomerID returns the ID of the customer it happened to.
	CustomerID() string
	// Validate names every faulty field; its errors match [ErrInvalid].
	Validate() error

	input()
}

// By says who did something, when, and why. It is what the timeline shows of
// a person's decision.
type By struct {
	Actor  string    // the ID of who decided; empty: the customer, or nobody knows
	Reason string    // in the words of the actor
	At     time.Time // when; zero: now
}

// Edit changes a customer's card. Change is handed a copy of the card and may
// change anything but the ID and Since; it may be called more than once, so it
// must do nothing else.
type Edit struct {
	Customer string
	Change   func(*Customer)
	By       By
}

// Refusal closes a cycle: the customer wants no more. A later purchase opens
// it again.
type Refusal struct {
	Customer string
	Pipeline string // empty: every open cycle of the customer
	By       By     // By.Reason is what reports count; it is required
}

// StageMove puts the customer into a stage by hand. The clock moves the
// customer on from there when a later stage begins.
type StageMove struct {
	Customer string
	Pipeline string
	Stage    string
	By       By
}

// NextMove sets the date of the next purchase by hand, and moves everything
// that is reckoned from it. It holds until the next purchase.
type NextMove struct {
	Customer string
	Pipeline string
	Next     time.Time // its day in the customer's zone counts; zero: no date
	By       By
}

// Pause holds automation back for one customer: no trigger starts and no run
// goes on before Until. Stages and segments move all the same.
type Pause struct {
	Customer string
	Until    time.Time // zero: automation goes on at once
	By       By
}

// Assignment makes someone responsible for the customer.
type Assignment struct {
	Customer string
	Manager  string // empty: nobody
	By       By
}

// CustomerID returns whose card changes.
func (e Edit) CustomerID() string { return e.Customer }

// CustomerID returns who refused.
func (r Refusal) CustomerID() string { return r.Customer }

// CustomerID returns who is moved.
func (m StageMove) CustomerID() string { return m.Customer }

// CustomerID returns whose date is set.
func (m NextMove) CustomerID() string { return m.Customer }

// CustomerID returns for whom automation is held back.
func (p Pause) CustomerID() string { return p.Customer }

// CustomerID returns who is looked after.
func (a Assignment) CustomerID() string { return a.Customer }

func (e Edit) input()       {}
func (r Refusal) input()    {}
func (m StageMove) input()  {}
func (m NextMove) input()   {}
func (p Pause) input()      {}
func (a Assignment) input() {}

func byHand(what, id string, by By) checker {
	k := checker{what: what, id: id}
	k.identifies("Customer", id)
	k.date("By.At", by.At)
	return k
}

// Validate names every faulty field. Every error matches [ErrInvalid].
func (e Edit) Validate() error {
	k := byHand("edit", e.Customer, e.By)
	if e.Change == nil {
		k.fault("Change", "is nil; give the function that changes the card")
	}
	return k.err()
}

// Validate names every faulty field. Every error matches [ErrInvalid].
func (r Refusal) Validate() error {
	k := byHand("refusal", r.Customer, r.By)
	k.required("By.Reason", r.By.Reason)
	return k.err()
}

// Validate names every faulty field. Every error matches [ErrInvalid].
func (m StageMove) Validate() error {
	k := byHand("stage move", m.Customer, m.By)
	k.required("Pipeline", m.Pipeline)
	k.required("Stage", m.Stage)
	return k.err()
}

// Validate names every faulty field. Every error matches [ErrInvalid].
func (m NextMove) Validate() error {
	k := byHand("next move", m.Customer, m.By)
	k.required("Pipeline", m.Pipeline)
	k.date("Next", m.Next)
	return k.err()
}

// Validate names every faulty field. Every error matches [ErrInvalid].
func (p Pause) Validate() error {
	k := byHand("pause", p.Customer, p.By)
	k.date("Until", p.Until)
	return k.err()
}

// Validate names every faulty field. Every error matches [ErrInvalid].
func (a Assignment) Validate() error {
	k := byHand("assignment", a.Customer, a.By)
	return k.err()
}
