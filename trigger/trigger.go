package trigger

import (
	"fmt"
	"slices"

	"github.com/regulars-go/regulars/segment"
)

// Trigger says what to do when something happens: when On, if If, do Steps.
type Trigger struct {
	ID    string            `json:"id" doc:"unique, without a slash: delivery IDs are made of it"` // unique, without "/"
	On    On                `json:"on" doc:"what the trigger answers"`
	If    segment.Predicate `json:"if,omitzero" doc:"asked when it happens; left out: always"` // nil: always
	Steps []Step            `json:"steps" doc:"what to do, in order"`
	Limit Limit             `json:"limit,omitzero" doc:"how often the trigger fires for one customer; left out: every time"`
	// CancelOnPurchase ends a waiting run when the customer buys: anything, or,
	// where On is about a pipeline, something that pipeline takes.
	CancelOnPurchase bool `json:"cancel_on_purchase,omitzero" doc:"whether a waiting run ends when the customer buys"`
}

// MarshalJSON writes the trigger as it stands in a document of definitions.
func (t Trigger) MarshalJSON() ([]byte, error) { return language.Encode(t) }

// UnmarshalJSON reads what [Trigger.MarshalJSON] writes, strictly.
func (t *Trigger) UnmarshalJSON(data []byte) error { return language.Unmarshal(data, t) }

// Limit says how often a trigger fires for one customer. Its text is every_time,
// once_per_cycle or once_ever.
type Limit uint8

// How often a trigger may fire.
const (
	EveryTime    Limit = iota
	OncePerCycle       // of the pipeline that On names
	OnceEver
)

var limitNames = []string{"every_time", "once_per_cycle", "once_ever"}

// String returns the limit in snake case, as "once_ever".
func (l Limit) String() string {
	if int(l) < len(limitNames) {
		return limitNames[l]
	}
	return fmt.Sprintf("limit_%d", uint8(l))
}

// MarshalText writes the limit as [Limit.String] does.
func (l Limit) MarshalText() ([]byte, error) {
	if int(l) >= len(limitNames) {
		return nil, fmt.Errorf("%s does not exist", l)
	}
	return []byte(l.String()), nil
}

// UnmarshalText reads what [Limit.MarshalText] writes.
func (l *Limit) UnmarshalText(text []byte) error {
	i := slices.Index(limitNames, string(text))
	if i < 0 {
		return fmt.Errorf("%.40q is no limit; use every_time, once_per_cycle or once_ever", text)
	}
	*l = Limit(i)
	return nil
}

// DocumentTexts lists the texts of limits.
func (Limit) DocumentTexts() []string { return slices.Clone(limitNames) }
