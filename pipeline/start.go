package pipeline

import (
	"errors"
	"time"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/customer/document"
)

// Start says when a stage begins, relative to the purchase that opened the
// cycle or to the next one. It is built by [SincePurchase], [BeforeNext],
// [AtNext] and [AfterNext].
//
// A boundary in calendar days lies at the pipeline's day start of the day that
// it counts to, in the customer's zone, so that daylight saving never moves it
// by an hour; a boundary in exact hours lies exactly that far from the instant.
type Start struct {
	Anchor Anchor
	Offset customer.Period
}

// Anchor is what a [Start] is relative to.
type Anchor uint8

// The anchors.
const (
	AfterPurchase Anchor = iota + 1
	BeforeNextPurchase
	AfterNextPurchase
)

// SincePurchase begins a stage d after the purchase; Days(0) is the instant of
// the purchase.
func SincePurchase(d customer.Period) Start { return Start{AfterPurchase, d} }

// BeforeNext begins a stage d before the next purchase.
func BeforeNext(d customer.Period) Start { return Start{BeforeNextPurchase, d} }

// AtNext begins a stage on the day of the next purchase.
func AtNext() Start { return Start{AfterNextPurchase, customer.Period{}} }

// AfterNext begins a stage d after the next purchase was due.
func AfterNext(d customer.Period) Start { return Start{AfterNextPurchase, d} }

// at returns when the stage begins in the cycle; zero: not at all.
func (s Start) at(c *customer.Cycle, dayStart customer.TimeOfDay, loc *time.Location) time.Time {
	anchor := c.Next
	if s.Anchor == AfterPurchase {
		anchor = c.Started
	}
	switch {
	case anchor.IsZero() || s.Offset.IsZero():
		return anchor
	case s.Anchor == BeforeNextPurchase && s.Offset.IsCalendar():
		return customer.DateOf(anchor.In(loc)).Sub(s.Offset).At(dayStart, loc).Add(-s.Offset.Exact)
	case s.Anchor == BeforeNextPurchase:
		return s.Offset.Before(anchor, loc)
	case s.Offset.IsCalendar():
		return customer.DateOf(anchor.In(loc)).Add(s.Offset).At(dayStart, loc).Add(s.Offset.Exact)
	}
	return s.Offset.After(anchor, loc)
}

// MarshalJSON writes s as an object with one key: {"before_next": "P7D"}. A
// Start that was not built by the functions of this package is an error.
func (s Start) MarshalJSON() ([]byte, error) {
	switch {
	case s == AtNext():
		return language.EncodeMember("at_next", struct{}{})
	case s.Anchor == AfterPurchase:
		return language.EncodeMember("since_purchase", s.Offset)
	case s.Anchor == BeforeNextPurchase:
		return language.EncodeMember("before_next", s.Offset)
	case s.Anchor == AfterNextPurchase:
		return language.EncodeMember("after_next", s.Offset)
	}
	return nil, errors.New("is empty; say when the stage begins, as in BeforeNext(customer.Days(7))")
}

// UnmarshalJSON reads what [Start.MarshalJSON] writes, strictly.
func (s *Start) UnmarshalJSON(data []byte) error { return language.Unmarshal(data, s) }

// DecodeDocument reads what [Start.MarshalJSON] writes.
func (s *Start) DecodeDocument(d *document.Decoder, n *document.Node) {
	key, value := d.Choice(n, "start", "since_purchase", "before_next", "at_next", "after_next")
	switch key {
	case "since_purchase":
		s.Anchor = AfterPurchase
	case "before_next":
		s.Anchor = BeforeNextPurchase
	case "at_next":
		*s = AtNext()
		d.Value(value, new(struct{}))
		return
	case "after_next":
		s.Anchor = AfterNextPurchase
	default:
		return
	}
	d.Value(value, &s.Offset)
}

// DescribeDocument describes what [Start.DecodeDocument] reads.
func (s *Start) DescribeDocument(d *document.Describer) map[string]any {
	offset := func(doc string) map[string]any {
		schema := d.TypeOf(s.Offset)
		schema["description"] = doc
		return schema
	}
	at := d.TypeOf(struct{}{})
	at["description"] = "on the day of the next purchase"
	return d.Choice(map[string]any{
		"since_purchase": offset("that long after the purchase"),
		"before_next":    offset("that long before the next purchase"),
		"at_next":        at,
		"after_next":     offset("that long after the next purchase was due"),
	})
}
