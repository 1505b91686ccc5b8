package pipeline

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/trigger"
)

// input takes in one thing that happened, known at now. An error leaves the
// stepper unfit to finish.
//
// First comes what the clock did up to now, whether or not a tick was there to
// do it: it was done without knowing. The input then takes effect when it
// happened or, where the record was stepped beyond that, at the instant the
// record stands at. What is older than the lateness tolerance, or may have been
// taken in before, changes state and starts no trigger, and neither does what
// follows from it up to now.
func (s *stepper) input(in prepared, now time.Time) error {
	if !s.exists() {
		if _, ok := in.input.(customer.Customer); !ok {
			return ErrUnknownCustomer
		}
	}
	if done, err := s.duplicate(in.input); done || err != nil {
		return err
	}
	if err := s.adopt(now); err != nil {
		return err
	}
	s.advance(s.live(in.when, now))
	if s.decided(in) {
		return nil
	}
	at := latest(in.when, s.rec.AsOf)
	late := now.Sub(in.when) > s.lateness || s.mayBeAgain(in.input)
	if late {
		s.rec.QuietUntil = latest(s.rec.QuietUntil, now)
	}
	s.start(at, latest(now, at), late)
	if err := s.take(in); err != nil {
		return err
	}
	s.stepped = true
	s.settle()
	s.rearm()
	return nil
}

// live returns up to when the clock is to be heard before an input: now, but
// where the record is in a past that late inputs are still laying out, as when a
// base is imported, only the time of the input. What is laid out then comes at
// its own time, and starts nothing.
func (s *stepper) live(when, now time.Time) time.Time {
	if s.rec.Wake.After(s.rec.QuietUntil) {
		return latest(when, now)
	}
	return when
}

func (s *stepper) exists() bool { return s.rec.Customer.ID != "" }

// duplicate reports whether the input was taken in before; an input of the same
// ID that says something else is an error.
func (s *stepper) duplicate(in customer.Input) (bool, error) {
	known, differs := false, ""
	switch in := in.(type) {
	case customer.Customer:
		// Whatever has become of the card since, it is the same if it was added so.
		known = s.exists()
		if known && s.rec.Added != in.Fingerprint() {
			differs = s.differingCard(in)
		}
	case customer.Purchase:
		if p := s.purchase(in.ID); p != nil {
			known, differs = true, p.Differs(&in)
		}
	case customer.Activity:
		if a := s.activity(in.ID); a != nil {
			known, differs = true, a.Differs(&in)
		} else {
			known = s.wasPruned(&in) && !s.sees(&in)
		}
	case customer.Refund:
		if r := s.refund(in); r != nil {
			known, differs = true, differingRefund(r, &in)
		}
	}
	if differs != "" {
		return false, fmt.Errorf("%w: %s differs", ErrIDReused, differs)
	}
	return known, nil
}

// wasPruned reports whether an activity that is not found may have been there and
// was pruned.
func (s *stepper) wasPruned(a *customer.Activity) bool {
	return !s.pruned.IsZero() && !a.At.After(s.pruned)
}

// sees reports whether predicates can see an activity from where the customer
// stands: those in force, or those under which a run waits.
func (s *stepper) sees(a *customer.Activity) bool {
	if s.rules.sees(a, s.rec.AsOf) {
		return true
	}
	return slices.ContainsFunc(s.rec.Runs, func(r trigger.Run) bool {
		then := s.rules.archive.find(r.Definitions)
		return then != nil && then.sees(a, s.rec.AsOf)
	})
}

// mayBeAgain reports whether an input that is not known may have been taken in
// before even so: an activity that was pruned when nothing saw it.
func (s *stepper) mayBeAgain(in customer.Input) bool {
	a, ok := in.(customer.Activity)
	return ok && s.wasPruned(&a)
}

// differingCard names what differs from the card of today: that of the beginning is
// not kept.
func (s *stepper) differingCard(again customer.Customer) string {
	exactly := s.rec.Customer.Differs(&again)
	if again.Since.IsZero() {
		again.Since = s.rec.Customer.Since // which was filled in
	}
	return cmp.Or(s.rec.Customer.Differs(&again), exactly)
}

func differingRefund(known, again *customer.Refund) string {
	switch {
	case !known.At.Equal(again.At):
		return "At"
	case again.Amount != 0 && known.Amount != again.Amount:
		return "Amount"
	case known.Reason != again.Reason:
		return "Reason"
	}
	return ""
}

func (s *stepper) purchase(id string) *customer.Purchase {
	byID := func(p *customer.Purchase) bool { return p.ID == id }
	if p := find(s.out.Purchases, byID); p != nil {
		return p
	}
	return find(s.foundP, byID)
}

func (s *stepper) activity(id string) *customer.Activity {
	byID := func(a *customer.Activity) bool { return a.ID == id }
	if a := find(s.out.Activities, byID); a != nil {
		return a
	}
	return find(s.foundA, byID)
}

func (s *stepper) refund(in customer.Refund) *customer.Refund {
	p := s.purchase(in.Purchase)
	if p == nil {
		return nil
	}
	return find(p.Refunds, func(r *customer.Refund) bool { return r.ID == in.ID })
}

// find returns the first of the list that is meant, or nil.
func find[T any](list []T, meant func(*T) bool) *T {
	for i := range list {
		if meant(&list[i]) {
			return &list[i]
		}
	}
	return nil
}

func (s *stepper) take(p prepared) error {
	switch in := p.input.(type) {
	case customer.Customer:
		return s.takeCustomer(in)
	case customer.Purchase:
		return s.takePurchase(in)
	case customer.Refund:
		return s.takeRefund(in)
	case customer.Activity:
		s.takeActivity(in)
		return nil
	case customer.Edit:
		return s.takeEdit(in)
	case customer.Refusal:
		return s.takeRefusal(in, p.when)
	case customer.StageMove:
		return s.takeStageMove(in, p.when)
	case customer.NextMove:
		return s.takeNextMove(in, p.when)
	case customer.Pause:
		s.takePause(in)
		return nil
	case customer.Assignment:
		s.takeAssignment(in)
		return nil
	}
	return fmt.Errorf("%T is not an input this engine knows", p.input)
}

func (s *stepper) takeCustomer(c customer.Customer) error {
	s.rec.Added, s.rec.Definitions = c.Fingerprint(), s.rules.version
	if c.Since.IsZero() {
		c.Since = s.at
	}
	s.rec.Customer = c
	s.loc = s.zones.of(c.Zone, s.zone)
	s.emit(customer.Event{Kind: customer.CustomerAdded})
	s.state.MarkAll()
	s.stale.dates = true
	return nil
}

func (s *stepper) takePurchase(p customer.Purchase) error {
	if !s.rec.Totals.Add(&p) {
		return &customer.FieldError{
			What: "purchase", ID: p.ID, Field: "Amount",
			Fault: "makes the customer's total overflow; amounts are minor units in an int64",
		}
	}
	if !s.own.purchases {
		s.purchases, s.own.purchases = slices.Clone(s.purchases), true
	}
	i, _ := slices.BinarySearchFunc(s.purchases, &p, func(a customer.Purchase, b *customer.Purchase) int { return a.Compare(b) })
	s.purchases = slices.Insert(s.purchases, i, p)
	s.out.Purchases = append(s.out.Purchases, p)
	s.emit(customer.Event{Kind: customer.Purchased, At: p.At, Ref: p.ID, Amount: p.Amount})
	s.cancelRuns(&p)
	s.state.MarkPurchase(&p)
	return s.cycleHead(&p)
}

func (s *stepper) takeRefund(r customer.Refund) error {
	if !s.complete {
		return errNeedHistory
	}
	i := slices.IndexFunc(s.purchases, func(p customer.Purchase) bool { return p.ID == r.Purchase })
	if i < 0 {
		return fmt.Errorf("of purchase %q: %w", r.Purchase, ErrUnknownPurchase)
	}
	if s.refundUsed(r.ID) {
		return fmt.Errorf("%w: Purchase differs", ErrIDReused)
	}
	p := s.purchases[i]
	fault := func(field, format string, args ...any) error {
		return &customer.FieldError{What: "refund", ID: r.ID, Field: field, Fault: fmt.Sprintf(format, args...)}
	}
	switch left := p.Net(); {
	case r.At.Before(p.At):
		return fault("At", "is before the purchase; check both times")
	case r.Amount > left || (len(p.Refunds) > 0 && left == 0):
		return fault("Amount", "is more than is left of the purchase, %d", left)
	case r.Amount == 0:
		r.Amount = left
	}
	p.Refunds = slices.SortedFunc(slices.Values(append(slices.Clone(p.Refunds), r)), func(a, b customer.Refund) int {
		return a.At.Compare(b.At)
	})
	s.replacePurchase(i, p)
	s.rec.Totals, _ = customer.TotalsOf(s.purchases)
	s.emit(customer.Event{Kind: customer.Refunded, At: r.At, Ref: p.ID, Name: r.ID, Amount: r.Amount, Reason: r.Reason})
	s.state.MarkPurchase(&p)
	if p.Counts() {
		return nil
	}
	return s.rebuildCycles()
}

// refundUsed reports whether a refund of any purchase has the ID.
func (s *stepper) refundUsed(id string) bool {
	return slices.ContainsFunc(s.purchases, func(p customer.Purchase) bool {
		return slices.ContainsFunc(p.Refunds, func(r customer.Refund) bool { return r.ID == id })
	})
}

func (s *stepper) replacePurchase(i int, p customer.Purchase) {
	if !s.own.purchases {
		s.purchases, s.own.purchases = slices.Clone(s.purchases), true
	}
	s.purchases[i] = p
	byID := func(q customer.Purchase) bool { return q.ID == p.ID }
	if j := slices.IndexFunc(s.out.Purchases, byID); j >= 0 {
		s.out.Purchases[j] = p
	} else {
		s.out.Purchases = append(s.out.Purchases, p)
	}
}

func (s *stepper) takeActivity(a customer.Activity) {
	s.out.Activities = append(s.out.Activities, a)
	s.emit(customer.Event{Kind: customer.Acted, At: a.At, Ref: a.ID, Name: a.Name})
	s.state.MarkActivity(a.Name)
	if s.rules.reach.Activities == 0 && !s.rules.reach.AllActivities {
		return // no rule reads activities
	}
	if !s.own.activities {
		s.activities, s.own.activities = slices.Clone(s.activities), true
	}
	i, _ := slices.BinarySearchFunc(s.activities, &a, func(x customer.Activity, y *customer.Activity) int { return x.Compare(y) })
	s.activities = slices.Insert(s.activities, i, a)
}
