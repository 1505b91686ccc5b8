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
	ID      string           `json:"id" doc:"unique among the pipelines"`
	Name    string           `json:"name,omitzero" doc:"for people; left out: the ID"`
	Takes   customer.Filter  `json:"takes,omitzero" doc:"which purchases it takes; left out: all"`                     // zero: all
	Cadence customer.Cadence `json:"cadence,omitzero" doc:"the time between purchases, where nothing better is known"` // zero: not known
	Items   []ItemCadence    `json:"items,omitzero" doc:"the time between purchases by what was bought; the first that fits counts"`
	// LearnAfter is how many intervals between purchases of different days make
	// a habit: from then on the median of the customer's newest intervals, at
	// most 24, in days, is the time between purchases. Zero: never.
	LearnAfter int `json:"learn_after,omitzero" doc:"how many intervals between purchases make a habit, whose median is then the time between purchases; left out: none"`
	// DayStart is when the stages of a day begin, in the customer's zone.
	DayStart customer.TimeOfDay `json:"day_start,omitzero" doc:"when the stages of a day begin, in the customer's zone; left out: midnight"`
	Stages   []Stage            `json:"stages" doc:"in order; the first begins with the purchase"`
}

// MarshalJSON writes the pipeline as it stands in a document of definitions.
func (p Pipeline) MarshalJSON() ([]byte, error) { return language.Encode(p) }

// UnmarshalJSON reads what [Pipeline.MarshalJSON] writes, strictly.
func (p *Pipeline) UnmarshalJSON(data []byte) error { return language.Unmarshal(data, p) }

// ItemCadence is the time to the next purchase where something of a kind was
// bought.
type ItemCadence struct {
	Of      customer.Filter  `json:"of" doc:"what was bought"`
	Cadence customer.Cadence `json:"cadence" doc:"the time to the next purchase"`
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
	ID   string `json:"id" doc:"unique in the pipeline"`
	Name string `json:"name,omitzero" doc:"for people; left out: the ID"`
	From Start  `json:"from" doc:"when the stage begins"`
	// Closes, where it is not empty, ends the cycle as the customer comes into
	// the stage, for this reason: "did not come back". Only the last stage of a
	// pipeline can.
	Closes string `json:"closes,omitzero" doc:"why the cycle ends as the customer comes into this stage, the last; left out: it does not"`
}
