package pipeline

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
)

// At returns the segments that a customer was in at an instant of the past, and
// since when, ordered by segment: what the timeline says, under the definitions
// of then. Zero is now. Like [Engine.Customer] it knows of what was stepped: what
// came due by the clock since the last tick is not yet in it.
//
// Customers enter and leave a segment at the time at which that took effect. A
// fact that becomes known late takes effect when it happened or, where something
// had happened to the customer since, by an input or by the clock, at the instant
// of that (Record.AsOf, which a tick that finds nothing to do leaves as it is).
// So a late fact can change what At says of instants behind that one, and never
// what it says of those before.
//
// At fails with [ErrUnknownCustomer], and with a *customer.FieldError for an
// instant that is still to come; [Engine.Explain] looks ahead.
func (e *Engine) At(ctx context.Context, id string, at time.Time) ([]segment.Membership, error) {
	fail := func(err error) ([]segment.Membership, error) {
		return nil, fmt.Errorf("segments of customer %q at an instant: %w", id, err)
	}
	now := e.now()
	if at = customer.Stored(at); at.IsZero() {
		at = now
	}
	if at.After(now) {
		return fail(&customer.FieldError{
			What: "customer", ID: id, Field: "at",
			Fault: fmt.Sprintf("is %v in the future; the timeline tells of the past", at.Sub(now).Round(time.Second)),
		})
	}
	if _, err := e.Customer(ctx, id); err != nil {
		return fail(err)
	}
	var members []segment.Membership
	for event, err := range e.Timeline(ctx, id) {
		if err != nil {
			return fail(err)
		}
		if !event.At.After(at) {
			members = moveMember(members, &event)
		}
	}
	return members, nil
}

// moveMember returns the memberships after an event; most move nothing.
func moveMember(members []segment.Membership, e *customer.Event) []segment.Membership {
	if e.Kind != customer.SegmentEntered && e.Kind != customer.SegmentLeft {
		return members
	}
	i, found := segment.Find(members, e.Segment)
	switch {
	case e.Kind == customer.SegmentEntered && !found:
		return slices.Insert(members, i, segment.Membership{Segment: e.Segment, Since: e.At})
	case e.Kind == customer.SegmentLeft && found:
		return slices.Delete(members, i, i+1)
	}
	return members
}
