package trigger

import (
	"time"

	"github.com/regulars-go/regulars/customer"
)

// Run is one customer's walk through the steps of a trigger, as it waits
// between two of them. A walk that never waits is never stored.
type Run struct {
	ID      string // customer/trigger/how often it had fired
	Trigger string
	Step    int            // the step to go on with
	Due     time.Time      // when
	Cause   customer.Event // what the trigger answered

	Definitions string // version of the definitions it began under
}

// Counter is how often a trigger has fired for one customer. It is what limits
// and stable delivery IDs are made of.
type Counter struct {
	Trigger string
	Fired   int
	Last    time.Time // when it last fired
	Cycle   string    // the opening purchase of the cycle in which it last fired
}
