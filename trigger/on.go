package trigger

import (
	"time"

	"github.com/regulars-go/regulars/customer"
)

// On is what a trigger answers: an event, or a date that has come. It is built
// by the functions of this package. A name left empty means any.
type On struct {
	Event    customer.EventKind // DateReached for a date
	Pipeline string
	Stage    string
	Segment  string
	Activity string

	// The rest is of dates. The date is that of a field of the card or, where
	// Field is empty, the next purchase in Pipeline.
	Field  string
	Offset customer.Period // how far from the date
	After  bool            // the offset counts forward from the date
	Yearly bool            // the date comes again every year
	Clock  customer.TimeOfDay
	Timed  bool // at Clock of the day, in the customer's zone
}

// CustomerAdded answers a new card.
func CustomerAdded() On { return On{Event: customer.CustomerAdded} }

// Purchase answers every purchase.
func Purchase() On { return On{Event: customer.Purchased} }

// Refund answers every refund.
func Refund() On { return On{Event: customer.Refunded} }

// Activity answers the activities of that name, inbound messages among them.
func Activity(name string) On { return On{Event: customer.Acted, Activity: name} }

// CycleStarted answers a purchase that opens a cycle of the pipeline.
func CycleStarted(pipeline string) On {
	return On{Event: customer.CycleStarted, Pipeline: pipeline}
}

// CycleClosed answers the end of a cycle of the pipeline, for whatever reason.
func CycleClosed(pipeline string) On {
	return On{Event: customer.CycleClosed, Pipeline: pipeline}
}

// Returned answers a purchase that opens a cycle of the pipeline after the last
// one was closed.
func Returned(pipeline string) On { return On{Event: customer.Returned, Pipeline: pipeline} }

// Refused answers a refusal in the pipeline.
func Refused(pipeline string) On {
	return On{Event: customer.CustomerRefused, Pipeline: pipeline}
}

// StageEntered answers a customer's coming into the stage.
func StageEntered(pipeline, stage string) On {
	return On{Event: customer.StageEntered, Pipeline: pipeline, Stage: stage}
}

// StageLeft answers a customer's leaving the stage.
func StageLeft(pipeline, stage string) On {
	return On{Event: customer.StageLeft, Pipeline: pipeline, Stage: stage}
}

// SegmentEntered answers a customer's coming into the segment.
func SegmentEntered(segment string) On {
	return On{Event: customer.SegmentEntered, Segment: segment}
}

// SegmentLeft answers a customer's leaving the segment.
func SegmentLeft(segment string) On {
	return On{Event: customer.SegmentLeft, Segment: segment}
}

// BeforeNext answers the instant d before the next purchase in the pipeline.
// Moving the date moves the instant; one that is past by then does not come.
func BeforeNext(pipeline string, d customer.Period) On {
	return On{Event: customer.DateReached, Pipeline: pipeline, Offset: d}
}

// AfterNext answers the instant d after the next purchase in the pipeline was
// expected, as long as it has not come and the cycle is open.
func AfterNext(pipeline string, d customer.Period) On {
	return On{Event: customer.DateReached, Pipeline: pipeline, Offset: d, After: true}
}

// BeforeDate answers the instant d before the date or instant in a custom
// field of the card: a value made by customer.DateValue or customer.Instant. A
// card without the field, or with a text in it, has no such date.
func BeforeDate(field string, d customer.Period) On {
	return On{Event: customer.DateReached, Field: field, Offset: d}
}

// AfterDate answers the instant d after the date or instant in a custom field
// of the card; see [BeforeDate].
func AfterDate(field string, d customer.Period) On {
	return On{Event: customer.DateReached, Field: field, Offset: d, After: true}
}

// At moves a date's instant to a time of its day, in the customer's zone.
// Without it a date of the card stands for its midnight, and the next purchase
// for the day start of its pipeline.
func (on On) At(hour, minute int) On {
	on.Clock, on.Timed = customer.Clock(hour, minute), true
	return on
}

// EveryYear makes the date in a field of the card come again every year: a
// birthday. 29 February is the 28th in a year that has no 29th. An instant in
// the field counts as its day.
func (on On) EveryYear() On {
	on.Yearly = true
	return on
}

// Matches reports whether the event is what on answers.
func (on *On) Matches(e *customer.Event) bool {
	return on.Event == e.Kind && fits(on.Pipeline, e.Pipeline) && fits(on.Stage, e.Stage) &&
		fits(on.Segment, e.Segment) && (on.Activity == "" || on.Activity == e.Name)
}

func fits(want, have string) bool { return want == "" || want == have }

// NextFor returns the first instant after the given one at which a date that
// on answers comes for the customer; zero: none does.
func (on *On) NextFor(c *customer.Customer, cycles []customer.Cycle, after time.Time, loc *time.Location) time.Time {
	if on.Field == "" {
		cycle := customer.FindCycle(cycles, on.Pipeline)
		if cycle == nil || !cycle.IsOpen() || cycle.Next.IsZero() {
			return time.Time{}
		}
		return later(on.instant(cycle.Next, loc), after)
	}
	value := c.Fields.Get(on.Field)
	t, isInstant := value.AsInstant()
	date, isDate := value.AsDate()
	if isInstant && on.Yearly {
		date, isDate = customer.DateOf(t.In(loc)), true
	}
	switch {
	case isDate && on.Yearly:
		return on.anniversary(date, after, loc)
	case isDate:
		return later(on.onDate(date, loc), after)
	case isInstant:
		return later(on.instant(t, loc), after)
	}
	return time.Time{}
}

// anniversary returns the first instant after the given one of a yearly date.
// An offset moves it by a year at most.
func (on *On) anniversary(date customer.Date, after time.Time, loc *time.Location) time.Time {
	year := max(after.In(loc).Year()-2, date.Year)
	for {
		if t := on.onDate(date.In(year), loc); t.After(after) {
			return t
		}
		year++
	}
}

// onDate returns the instant that belongs to a date, which is its midnight. The
// offset moves the date, not the midnight, which on some days does not exist.
func (on *On) onDate(date customer.Date, loc *time.Location) time.Time {
	if on.After {
		return date.Add(on.Offset).At(on.Clock, loc).Add(on.Offset.Exact)
	}
	return date.Sub(on.Offset).At(on.Clock, loc).Add(-on.Offset.Exact)
}

// instant returns the instant that belongs to another.
func (on *On) instant(anchor time.Time, loc *time.Location) time.Time {
	t := on.Offset.Before(anchor, loc)
	if on.After {
		t = on.Offset.After(anchor, loc)
	}
	if on.Timed {
		t = customer.DateOf(t.In(loc)).At(on.Clock, loc)
	}
	return t
}

func later(t, than time.Time) time.Time {
	if t.After(than) {
		return t
	}
	return time.Time{}
}
