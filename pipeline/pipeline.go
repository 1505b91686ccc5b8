package pipeline

import (
	"time"

	"github.com/regulars-go/regulars/customer"
)

// Pipeline is the definition of one repeat-purchase cycle: which purchases it
// takes, how long it is from one to the next, and the stages in between. An
// engine has many, and a customer can be in many at once.
//
// A purchase that the pipeline takes opens a new cycle for the customer, and
// with it comes the date of the next purchase. It is the first of these that is
// there: the one stated by the purchase, the customer's own cadence, the first
// rule of Items that takes the purchase, the median of the customer's own
// intervals (LearnAfter), and Cadence. Where there is none the cycle has no next
// date, and the stages around it do not come.
type Pipeline struct {
	ID      string
	Name    string           // for people; empty: the ID
	Takes   customer.Filter  // which purchases; zero: all
	Cadence customer.Cadence // the time between purchases, where nothing better is known; zero: not known
	Items   []ItemCadence    // the time between purchases by what was bought
	// LearnAfter is how many intervals between purchases of different days make
	// a habit: from then on the median of the customer's newest intervals, at
	// most 24, in days, is the time between purchases. Zero: never.
	LearnAfter int
	DayStart   customer.TimeOfDay // when the stages of a day begin, in the customer's zone
	Stages     []Stage            // in order; the first begins with the purchase
}

// ItemCadence is the time to the next purchase where something of a kind was
// bought.
type ItemCadence struct {
	Of      customer.Filter
	Cadence customer.Cadence
}

// Every is the cadence of a period: Every(customer.Weeks(3)).
func Every(p customer.Period) customer.Cadence { return customer.Cadence{Every: p} }

// EveryWeekday is the cadence of fixed days of the week:
// EveryWeekday(time.Saturday).
func EveryWeekday(days ...time.Weekday) customer.Cadence {
	return customer.Cadence{On: customer.OnDays(days...)}
}

// Stage is a slice of a cycle. The current stage is the last, in the order of
// the pipeline, whose start has come; it never goes back by itself. A stage for
// which a short cadence leaves no room is skipped.
type Stage struct {
	ID   string
	Name string // for people; empty: the ID
	From Start
	// Closes, where it is not empty, ends the cycle as the customer comes into
	// the stage, for this reason: "did not come back". Only the last stage of a
	// pipeline can.
	Closes string
}

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
