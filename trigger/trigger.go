package trigger

import (
	"github.com/regulars-go/regulars/segment"
)

// Trigger says what to do when something happens: when On, if If, do Steps.
type Trigger struct {
	ID    string // unique, without "/": delivery IDs are made of it
	On    On
	If    segment.Predicate // asked when On happens; nil: always
	Steps []Step
	Limit Limit
	// CancelOnPurchase ends a waiting run when the customer buys: anything, or,
	// where On is about a pipeline, something that pipeline takes.
	CancelOnPurchase bool
}

// Limit says how often a trigger fires for one customer.
type Limit uint8

// How often a trigger may fire.
const (
	EveryTime    Limit = iota
	OncePerCycle       // of the pipeline that On names
	OnceEver
)
