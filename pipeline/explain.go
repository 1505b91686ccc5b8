package pipeline

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/trigger"
)

// Explain tells why a customer is in a segment at an instant or is not: every
// part of the predicate with its truth, what the customer has beside what is
// asked for, when it flips by itself, and which fact decided; and for someone
// who is not in, the smallest set of changes that would let them in. It changes
// nothing.
//
// Zero is now: it tells what is. Of an instant to come, it tells what will be if
// nothing happens but that time passes: waiting runs go on, and triggers fire on
// what comes by the clock. Of an instant before the customer last changed, it
// tells what would have been under today's definitions, from the purchases and
// activities up to then that are known today; the card is taken as it is now,
// and what people decided about cycles is left out, and so are activities that
// [Engine.Prune] removed. What was, is told by [Engine.At].
//
// It fails with [ErrUnknownCustomer], also of an instant before anything is known
// of the customer, and with [ErrUnknownSegment].
func (e *Engine) Explain(ctx context.Context, id, segmentID string, at time.Time) (segment.Explanation, error) {
	x, err := e.explain(ctx, id, segmentID, customer.Stored(at))
	if err != nil {
		return segment.Explanation{}, fmt.Errorf("explain segment %q of customer %q: %w", segmentID, id, err)
	}
	return x, nil
}

func (e *Engine) explain(ctx context.Context, id, segmentID string, at time.Time) (x segment.Explanation, err error) {
	r := e.rules.Load()
	if !r.segments.Has(segmentID) {
		return x, ErrUnknownSegment
	}
	loaded, err := e.load(ctx, r, []string{id}, everything)
	if err != nil {
		return x, err
	}
	rec := &loaded[0].Record
	if rec.Version == 0 {
		return x, ErrUnknownCustomer
	}
	now := e.now()
	if at.IsZero() {
		at = latest(now, rec.AsOf)
	}
	s := e.stepper(r)
	defer e.steppers.Put(s)
	if at.Before(rec.AsOf) {
		s.under(r.untriggered())
		err = s.relive(loaded[0], at)
	} else {
		err = s.foresee(ctx, loaded[0], now, at)
	}
	if err != nil {
		return x, err
	}
	return s.explain(segmentID, at), nil
}

// untriggered returns the same rules without triggers.
func (r *rules) untriggered() *rules {
	quiet := &rules{
		version: r.version, archive: r.archive,
		pipelines: r.pipelines, byID: r.byID, segments: r.segments, reach: r.reach,
	}
	quiet.triggers, _ = trigger.Compile(nil, trigger.Names{Segments: r.segments})
	return quiet
}

// foresee steps the customer to an instant that is not behind them, and may be
// far ahead.
func (s *stepper) foresee(ctx context.Context, l store.Loaded, now, at time.Time) error {
	s.begin(l, everything)
	if err := s.adopt(earliest(now, at)); err != nil {
		return err
	}
	for !s.rec.Wake.IsZero() && !s.rec.Wake.After(at) {
		if err := ctx.Err(); err != nil {
			return err
		}
		s.advance(s.rec.Wake)
		s.forgetWhatCame()
	}
	return nil
}

// forgetWhatCame drops what the steps so far are to commit: nobody will.
func (s *stepper) forgetWhatCame() {
	s.out = store.Change{Events: s.out.Events[:0]}
	s.cursor, s.muted = 0, s.muted[:0]
}

// relive steps the customer anew, from the card to an instant of the past.
func (s *stepper) relive(l store.Loaded, at time.Time) error {
	inputs := history(l, at)
	if first := inputs[0].when; first.After(at) {
		return &customer.FieldError{
			What: "customer", ID: l.Record.Customer.ID, Field: "at",
			Fault: fmt.Sprintf("is %v before the customer was known", first.Sub(at).Round(time.Second)),
		}
	}
	s.begin(store.Loaded{}, everything)
	for _, in := range inputs {
		if err := s.input(in, latest(in.when, s.rec.AsOf)); err != nil {
			return err
		}
	}
	s.advance(at)
	return nil
}

// history returns what happened to a customer up to an instant, in order.
func history(l store.Loaded, at time.Time) []prepared {
	card := l.Record.Customer
	var all []prepared
	add := func(in customer.Input, when time.Time) {
		if !when.After(at) {
			all = append(all, prepared{input: in, when: when})
		}
	}
	for _, p := range l.Purchases {
		refunds := p.Refunds
		p.Refunds = nil
		add(p, p.At)
		for _, r := range refunds {
			add(r, r.At)
		}
	}
	for _, a := range l.Activities {
		add(a, a.At)
	}
	slices.SortStableFunc(all, func(a, b prepared) int { return a.when.Compare(b.when) })
	first := card.Since
	if len(all) > 0 && all[0].when.Before(first) {
		first = all[0].when
	}
	return append([]prepared{{input: card, when: first}}, all...)
}

// explain tells of the customer as they stand.
func (s *stepper) explain(segmentID string, at time.Time) segment.Explanation {
	s.readFacts()
	s.facts.At(at)
	s.facts.Place = func(c *customer.Cycle, at time.Time) *customer.Cycle {
		placed := *c
		if p := s.rules.byID[c.Pipeline]; p != nil {
			p.place(&placed, at, s.loc)
		}
		return &placed
	}
	explanation, _ := s.rules.segments.Explain(segmentID, &s.facts, s.rec.Segments)
	s.facts.Place = nil
	return explanation
}
