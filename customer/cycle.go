package customer

import "time"

// Cycle is where a customer stands in one pipeline: the run from the newest
// purchase that the pipeline took to the next one.
type Cycle struct {
	Pipeline string
	Number   int       // how many purchases the pipeline has taken, refunded ones apart; from 1
	Purchase string    // the ID of the purchase that opened the cycle
	Started  time.Time // when it was made
	Next     time.Time // when the day that the cycle aims at starts, in UTC: show it in the customer's zone; zero: none is known
	NextBy   NextBy    // who or what set Next
	Stage    string    // the current stage; empty once the cycle was refused
	Entered  time.Time // since when the customer is in that stage
	Furthest string    // the furthest stage that was entered and answered; one that is entered again by a correction is not answered again
	Due      time.Time // when the clock alone moves the customer on; zero: never
	Closed   string    // why the cycle is over; empty: it is open
	Gaps     []int     // the days between the newest purchases, oldest first, where the pipeline learns from them
	Hand     *Hand     // what people decided; nil: nothing. Shared between copies: replace it, never change it
}

// IsOpen reports whether the cycle is still running.
func (c *Cycle) IsOpen() bool { return c.Closed == "" }

// Hand is what people decided about a cycle. Moves hold for the cycle in which
// they were made, a refusal until the next purchase.
type Hand struct {
	Purchase  string    // the opening purchase of the cycle that the moves below belong to
	Stage     string    // the stage the customer was moved to; empty: was not
	StageAt   time.Time // when
	Next      time.Time // the date that was set, where NextAt is not zero; zero: no date
	NextAt    time.Time // when it was set; zero: was not
	Refused   string    // the reason of the latest refusal
	RefusedAt time.Time // when; zero: never
	RefusedIn string    // the opening purchase of the cycle at that time
}

// NextBy tells what the next purchase date of a [Cycle] came from.
type NextBy uint8

// What a next purchase date comes from; the first that is there decides.
const (
	ByNothing  NextBy = iota // there is no date
	ByHand                   // someone set it
	ByPurchase               // the purchase stated it
	ByCustomer               // the customer's own cadence
	ByItem                   // a rule for something bought
	ByHabit                  // the customer's median interval
	ByPipeline               // the pipeline's cadence
)

var nextByNames = [...]string{"nothing", "hand", "purchase", "customer", "item", "habit", "pipeline"}

// String names the origin.
func (n NextBy) String() string {
	if int(n) < len(nextByNames) {
		return nextByNames[n]
	}
	return "unknown"
}

// FindCycle returns the customer's cycle in the pipeline, or nil.
func FindCycle(cycles []Cycle, pipeline string) *Cycle {
	for i := range cycles {
		if cycles[i].Pipeline == pipeline {
			return &cycles[i]
		}
	}
	return nil
}
