package pipeline

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/store"
)

// AddCustomer adds a card. The same card again is a no-op; another card under a
// known ID fails with [ErrIDReused]: use an Edit to change a card.
func (e *Engine) AddCustomer(ctx context.Context, c customer.Customer) error {
	return e.Apply(ctx, c)
}

// RecordPurchase takes in a purchase. The same purchase again is a no-op.
func (e *Engine) RecordPurchase(ctx context.Context, p customer.Purchase) error {
	return e.Apply(ctx, p)
}

// RecordRefund takes in a refund. The same refund again is a no-op.
func (e *Engine) RecordRefund(ctx context.Context, r customer.Refund) error {
	return e.Apply(ctx, r)
}

// RecordActivity takes in an activity. The same activity again is a no-op. So may
// be one that is older than what [Engine.Prune] has removed of the customer.
func (e *Engine) RecordActivity(ctx context.Context, a customer.Activity) error {
	return e.Apply(ctx, a)
}

// Apply takes in any number of inputs, of any customers, in the order given:
// all of them or, where one is invalid, none. Faulty inputs are all told, each
// as an *InputError; where a customer is unknown, an ID was used for something
// else, or the like, that is found one input at a time. An input that was taken
// in before is passed over, so that a call whose outcome is not known can be
// made again; an Edit is simply done again, and a person's decision is known
// again by its By.At. An activity that may have been taken in and removed by
// [Engine.Prune] since is passed over too, unless a predicate can see it.
//
// What an input changes is committed when Apply returns without an error, or
// with [ErrUnsettled]. What the clock alone changed since the customer was last
// stepped, up to now, is done first. Where a commit breaks off, Apply loads again
// to see whether it was done, and makes it again where it was not. If that cannot be
// seen either, because the store keeps failing, ctx has ended or others have changed
// the customers since, the error matches [ErrOutcomeUnknown], whatever else it
// matches: all was done or nothing. To make the call again is right then, but for an
// Edit that is not to be done twice and decisions of several people or instants: look
// at the customer first.
func (e *Engine) Apply(ctx context.Context, inputs ...customer.Input) error {
	now := e.now()
	groups, err := e.prepare(now, inputs)
	if err != nil {
		return fmt.Errorf("apply: %w", err)
	}
	if len(groups) == 0 {
		return nil
	}
	if err := e.applyGroups(ctx, groups, now); err != nil {
		return fmt.Errorf("apply: %w", err)
	}
	return nil
}

// maxConflicts is how often Apply steps again when others change the same
// customers in between. Each time, one of those involved got through.
const maxConflicts = 50

func (e *Engine) applyGroups(ctx context.Context, groups []*group, now time.Time) error {
	var lost attempt // to which there was no answer
	var r retries
	for conflicts := 0; ; {
		unsettled, err := e.tryGroups(ctx, groups, now, &lost)
		if errors.Is(err, store.ErrConflict) {
			if conflicts++; conflicts < maxConflicts {
				continue
			}
		} else if r.again(ctx, err) {
			continue
		}
		return errors.Join(r.tell(err), unsettled)
	}
}

// tryGroups steps and commits, unless the attempt that was lost has done so. It
// leaves there what is lost now.
func (e *Engine) tryGroups(ctx context.Context, groups []*group, now time.Time, lost *attempt) (unsettled, err error) {
	r, err := e.hold(ctx)
	if err != nil {
		return nil, err
	}
	defer r.release()
	loaded, err := e.loadGroups(ctx, r, groups)
	if err != nil {
		return nil, err
	}
	switch lost.outcome(loaded) {
	case untold:
		return nil, lost.errUntold()
	case done:
		e.Nudge()
		return lost.unsettled, nil
	}
	a, err := e.stepGroups(ctx, r, groups, loaded, now)
	if err != nil || len(a.changes) == 0 {
		return nil, err
	}
	if err := e.commit(ctx, r, a.changes...); err != nil {
		if errors.Is(err, store.ErrOutcomeUnknown) {
			*lost = a
		}
		return nil, err
	}
	e.Nudge()
	return a.unsettled, nil
}

// stepGroups steps each of the customers through its inputs.
func (e *Engine) stepGroups(ctx context.Context, r *rules, groups []*group, loaded []store.Loaded, now time.Time) (attempt, error) {
	s := e.stepper(r)
	defer e.steppers.Put(s)
	a := attempt{changes: make([]store.Change, 0, len(groups))}
	for i, g := range groups {
		err := g.step(s, loaded[i], now)
		if errors.Is(err, errNeedHistory) {
			g.all = true
			again, loadErr := e.loadGroups(ctx, r, groups[i:i+1])
			if loadErr != nil {
				return attempt{}, loadErr
			}
			err = g.step(s, again[0], now)
		}
		if err != nil {
			return attempt{}, err
		}
		a.unsettled = errors.Join(a.unsettled, s.unsettled())
		if s.stepped {
			a.changes = append(a.changes, s.finish())
		}
	}
	return a, nil
}

func (e *Engine) loadGroups(ctx context.Context, r *rules, groups []*group) ([]store.Loaded, error) {
	requests := make([]store.Request, len(groups))
	for i, g := range groups {
		requests[i] = g.request(r.reach)
	}
	loaded, err := e.cfg.Store.Load(ctx, requests...)
	if err != nil {
		return nil, err
	}
	if err := e.recall(ctx, r, loaded); err != nil {
		return nil, err
	}
	return loaded, e.loadStale(ctx, r, groups, loaded)
}

// loadStale loads those anew, with all of their history, who were last stepped
// under other definitions.
func (e *Engine) loadStale(ctx context.Context, r *rules, groups []*group, loaded []store.Loaded) error {
	var stale []*group
	var places []int
	for i, g := range groups {
		if rec := &loaded[i].Record; rec.Version > 0 && rec.Definitions != r.version && !g.all {
			g.all, stale, places = true, append(stale, g), append(places, i)
		}
	}
	if len(stale) == 0 {
		return nil
	}
	again, err := e.loadGroups(ctx, r, stale)
	if err != nil {
		return err
	}
	for j, i := range places {
		loaded[i] = again[j]
	}
	return nil
}

// prepared is an input that was checked, as it is stored.
type prepared struct {
	input customer.Input
	index int
	when  time.Time // when it happened
}

// group is the inputs of one customer in one call.
type group struct {
	customer string
	inputs   []prepared
	all      bool          // all of the history is needed
	reach    segment.Reach // what was asked for
}

func (g *group) request(reach segment.Reach) store.Request {
	r := store.Request{Customer: g.customer, Reach: reach}
	if g.all {
		r.Reach = everything
	}
	for _, in := range g.inputs {
		switch in := in.input.(type) {
		case customer.Purchase:
			r.PurchaseIDs = append(r.PurchaseIDs, in.ID)
		case customer.Refund:
			r.PurchaseIDs = append(r.PurchaseIDs, in.Purchase)
			r.Reach.AllPurchases = true
		case customer.Activity:
			r.ActivityIDs = append(r.ActivityIDs, in.ID)
		}
	}
	g.reach = r.Reach
	return r
}

func (g *group) step(s *stepper, l store.Loaded, now time.Time) error {
	s.begin(l, g.reach)
	for _, in := range g.inputs {
		if err := s.input(in, now); err != nil {
			if errors.Is(err, errNeedHistory) {
				return err
			}
			return in.fail(err)
		}
	}
	return nil
}

// fail says what is wrong with the input. Its ID is named, as where it is invalid.
func (in *prepared) fail(err error) error {
	var fault *customer.FieldError
	if id := idOf(in.input); id != in.input.CustomerID() && !errors.As(err, &fault) {
		err = fmt.Errorf("%s %q: %w", kindOf(in.input), id, err)
	}
	return &InputError{in.index, kindOf(in.input), in.input.CustomerID(), err}
}

// prepare checks inputs and groups them by customer, in order of appearance.
func (e *Engine) prepare(now time.Time, inputs []customer.Input) ([]*group, error) {
	var groups []*group
	var faults []error
	byID := make(map[string]*group, len(inputs))
	for i, in := range inputs {
		if kindOf(in) == "" {
			faults = append(faults, &InputError{i, "input", "", fmt.Errorf("%w: a %T is none; hand over the value itself", customer.ErrInvalid, in)})
			continue
		}
		p := prepared{input: in, index: i}
		if err := p.normalize(now, e.cfg.Ahead); err != nil {
			faults = append(faults, p.fail(err))
			continue
		}
		id := in.CustomerID()
		g := byID[id]
		if g == nil {
			g = &group{customer: id}
			byID[id] = g
			groups = append(groups, g)
		}
		g.inputs = append(g.inputs, p)
	}
	return groups, errors.Join(faults...)
}

// normalize checks the input and turns it into what is stored.
func (in *prepared) normalize(now time.Time, ahead time.Duration) error {
	if err := in.input.Validate(); err != nil {
		return err
	}
	in.when = now
	field := "By.At"
	byHand := func(by *customer.By) {
		if !by.At.IsZero() {
			in.when = customer.Stored(by.At)
		}
	}
	switch x := in.input.(type) {
	case customer.Customer:
		x = x.Normal()
		if !x.Since.IsZero() {
			in.when, field = x.Since, "Since"
		}
		in.input = x
	case customer.Purchase:
		x = x.Normal()
		in.input, in.when, field = x, x.At, "At"
	case customer.Refund:
		x = x.Normal()
		in.input, in.when, field = x, x.At, "At"
	case customer.Activity:
		x = x.Normal()
		in.input, in.when, field = x, x.At, "At"
	case customer.NextMove:
		byHand(&x.By)
		x.Next = customer.Stored(x.Next)
		in.input = x
	case customer.Pause:
		byHand(&x.By)
		x.Until = customer.Stored(x.Until)
		in.input = x
	case customer.Edit:
		byHand(&x.By)
	case customer.Refusal:
		byHand(&x.By)
	case customer.StageMove:
		byHand(&x.By)
	case customer.Assignment:
		byHand(&x.By)
	}
	if in.when.After(now.Add(ahead)) {
		return &customer.FieldError{
			What: kindOf(in.input), ID: idOf(in.input), Field: field,
			Fault: fmt.Sprintf("is %v in the future; check the clock that wrote it", in.when.Sub(now).Round(time.Second)),
		}
	}
	return nil
}

// kindOf says what an input is, as its own errors do; empty: it is none, such as
// nil or a pointer.
func kindOf(in customer.Input) string {
	switch in.(type) {
	case customer.Customer:
		return "customer"
	case customer.Purchase:
		return "purchase"
	case customer.Refund:
		return "refund"
	case customer.Activity:
		return "activity"
	case customer.Edit:
		return "edit"
	case customer.Refusal:
		return "refusal"
	case customer.StageMove:
		return "stage move"
	case customer.NextMove:
		return "next move"
	case customer.Pause:
		return "pause"
	case customer.Assignment:
		return "assignment"
	}
	return ""
}

// idOf returns the ID of an input, or the customer's where it has none.
func idOf(in customer.Input) string {
	switch in := in.(type) {
	case customer.Purchase:
		return in.ID
	case customer.Refund:
		return in.ID
	case customer.Activity:
		return in.ID
	}
	return in.CustomerID()
}
