package trigger

import (
	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/customer/document"
)

// saying is what JSON says of an occasion.
type saying interface {
	take(on *On) // from on
	give(on *On) // to on
}

// fresh returns an empty T.
func fresh[T any, P interface {
	*T
	saying
}]() saying {
	return P(new(T))
}

type ofAnything struct{}

func (*ofAnything) take(*On) {}
func (*ofAnything) give(*On) {}

type ofActivity struct {
	Name string `json:"name,omitzero" doc:"the activity's name; left out: any"`
}

func (s *ofActivity) take(on *On) { s.Name = on.Activity }
func (s *ofActivity) give(on *On) { on.Activity = s.Name }

type ofPipeline struct {
	Pipeline string `json:"pipeline,omitzero" doc:"the pipeline's ID; left out: any"`
}

func (s *ofPipeline) take(on *On) { s.Pipeline = on.Pipeline }
func (s *ofPipeline) give(on *On) { on.Pipeline = s.Pipeline }

type ofStage struct {
	Pipeline string `json:"pipeline,omitzero" doc:"the pipeline's ID; left out: any"`
	Stage    string `json:"stage,omitzero" doc:"the stage's ID; left out: any"`
}

func (s *ofStage) take(on *On) { s.Pipeline, s.Stage = on.Pipeline, on.Stage }
func (s *ofStage) give(on *On) { on.Pipeline, on.Stage = s.Pipeline, s.Stage }

type ofSegment struct {
	Segment string `json:"segment,omitzero" doc:"the segment's ID; left out: any"`
}

func (s *ofSegment) take(on *On) { s.Segment = on.Segment }
func (s *ofSegment) give(on *On) { on.Segment = s.Segment }

type ofNext struct {
	Pipeline string          `json:"pipeline" doc:"the pipeline's ID"`
	By       customer.Period `json:"by,omitzero" doc:"how far from the date; left out: the date itself"`
	At       clock           `json:"at,omitzero" doc:"the time of day, in the customer's zone; left out: the pipeline's day start"`
}

func (s *ofNext) take(on *On) {
	s.Pipeline, s.By, s.At = on.Pipeline, on.Offset, clockOf(on)
}

func (s *ofNext) give(on *On) {
	on.Pipeline, on.Offset, on.Clock, on.Timed = s.Pipeline, s.By, s.At.time, s.At.set
}

type ofDate struct {
	Field    string          `json:"field" doc:"the field of the card that has the date"`
	Pipeline string          `json:"pipeline,omitzero" doc:"the pipeline whose cycle the trigger is about; left out: none"`
	By       customer.Period `json:"by,omitzero" doc:"how far from the date; left out: the date itself"`
	At       clock           `json:"at,omitzero" doc:"the time of day, in the customer's zone; left out: midnight"`
	Yearly   bool            `json:"yearly,omitzero" doc:"whether the date comes again every year"`
}

func (s *ofDate) take(on *On) {
	s.Field, s.Pipeline, s.By, s.Yearly, s.At = on.Field, on.Pipeline, on.Offset, on.Yearly, clockOf(on)
}

func (s *ofDate) give(on *On) {
	on.Field, on.Pipeline, on.Offset, on.Yearly = s.Field, s.Pipeline, s.By, s.Yearly
	on.Clock, on.Timed = s.At.time, s.At.set
}

// clock is a time of day that may be left out, midnight being one.
type clock struct {
	time customer.TimeOfDay
	set  bool
}

func clockOf(on *On) clock {
	if !on.Timed {
		return clock{}
	}
	return clock{on.Clock, true}
}

func (c clock) IsZero() bool { return !c.set }

func (c clock) MarshalJSON() ([]byte, error) { return plainly.Encode(c.time) }

func (c *clock) DecodeDocument(d *document.Decoder, n *document.Node) { c.set = d.Value(n, &c.time) }

func (c *clock) DescribeDocument(d *document.Describer) map[string]any { return d.TypeOf(c.time) }
