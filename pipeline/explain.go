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
// Of now, it tells what is; zero is now. Of a later instant, it tells what will
// be if nothing happens, waiting runs included. Of an earlier one, it tells what
// would have been under today's definitions, from the purchases and activities
// up to then that are known today; the card is taken as it is now, and what
// people decided about cycles is left out. What was, is told by [Engine.At].
//
// It fails with [ErrUnknownCustomer] and [ErrUnknownSegment].
func (e *Engine) Explain(ctx context.Context, id, segmentID string, at time.Time) (segment.Explanation, error) {
	fail := func(err error) (segment.Explanation, error) {
		return segment.Explanation{}, fmt.Errorf("explain segment %q of customer %q: %w", segmentID, id, err)
	}
	r := e.rules.Load()
	if !r.segments.Has(segmentID) {
		return fail(ErrUnknownSegment)
	}
	loaded, err := e.loadWhole(ctx, r, []string{id})
	if err != nil {
		return fail(err)
	}
	if loaded[0].Record.Version == 0 {
		return fail(ErrUnknownCustomer)
	}
	now := e.now()
	at = customer.Stored(at)
	if at.IsZero() {
		at = now
	}
	s := e.stepper(r.untriggered())
	defer e.steppers.Put(s)
	if at.Before(latest(now, loaded[0].Record.AsOf)) {
		err = s.relive(loaded[0], at)
	} else {
		err = s.foresee(loaded[0], r, now, at)
	}
	if err != nil {
		return fail(err)
	}
	return s.explain(segmentID, at), nil
}

// untriggered returns the same rules without triggers, but with what they have
// already started.
func (r *rules) untriggered() *rules {
	quiet := &rules{
		version: r.version, archive: new(archive), cancelRemoved: r.cancelRemoved,
		pipelines: r.pipelines, byID: r.byID, segments: r.segments, reach: r.reach,
	}
	quiet.triggers, _ = trigger.Compile(nil, trigger.Names{})
	return quiet
}

// foresee steps the customer to an instant ahead in which no trigger starts.
func (s *stepper) foresee(l store.Loaded, r *rules, now, at time.Time) error {
	s.under(r)
	s.begin(l, everything)
	if err := s.adopt(now); err != nil {
		return err
	}
	s.advance(now)
	s.rec.QuietUntil = latest(s.rec.QuietUntil, at)
	s.advance(at)
	return nil
}

// relive steps the customer anew, from the card to an instant of the past.
func (s *stepper) relive(l store.Loaded, at time.Time) error {
	inputs := history(l, at)
	if inputs[0].when.After(at) {
		return ErrUnknownCustomer
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
