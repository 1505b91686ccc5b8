// Package store says what the engine asks of a database: the [Store] interface
// and the values that pass through it. Implementations are in the packages
// below this one; package storetest holds the contract as executable tests.
//
// The engine works in batches: it hands over many customers per call, so that a
// SQL store needs a constant number of round trips per batch. A store never
// reads a clock; every instant is handed to it, in UTC and truncated to
// microseconds, and comes back as the same instant in UTC.
package store

import (
	"context"
	"iter"
	"time"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/trigger"
)

// Store keeps customers, their history and the outbox. All methods may be
// called concurrently, and several engines, in several processes where the
// store allows it, may share one Store. Run in package storetest proves an
// implementation.
//
// A method that fails has changed nothing, unless the error matches
// [ErrOutcomeUnknown], as when a connection is cut during a commit. One whose ctx
// is done before it begins fails with the error of ctx. A store need not tell an empty
// list from nil.
type Store interface {
	// Load returns one Loaded per request, in the order of the requests. A
	// customer that does not exist comes as a record of version 0, not as an
	// error. Record and history are of the same commit.
	Load(ctx context.Context, requests ...Request) ([]Loaded, error)

	// Commit writes all the changes or none. A change whose record was written
	// by someone else since it was loaded, one that creates a record that
	// exists, and one that changes a record that does not, fail the whole call
	// with a *ConflictError naming every such customer. The version of every
	// record grows by one. A commit ends the lease on the customer's wake-up.
	// No two changes of a call may be of one customer.
	Commit(ctx context.Context, changes ...Change) error

	// ClaimWakeUps leases up to claim.Limit customers whose wake-up is due at
	// claim.Now, the earliest first (where a lease ran out, that is when it
	// did), and returns them loaded as far back as claim.Reach says. Nobody else
	// is handed a leased customer before the lease ends, at claim.Now plus
	// claim.Lease, or is ended by a Commit.
	ClaimWakeUps(ctx context.Context, claim Claim) ([]Loaded, error)

	// ClaimDeliveries leases up to claim.Limit deliveries that are due at
	// claim.Now, the earliest first, and counts the attempt. Deliveries of one
	// customer over one channel leave in the order in which they were
	// committed: the second is not handed out before the first is sent or dead.
	ClaimDeliveries(ctx context.Context, claim Claim) ([]Outgoing, error)

	// Settle records how attempts ended, and adds their events to the timelines.
	// It does not change any record's version. An outcome other than Sent is
	// ignored where the attempt is not the latest: the lease had run out and the
	// delivery was handed to another. So is any outcome of a delivery that is
	// unknown, sent or dead. An outcome that is ignored adds no event.
	Settle(ctx context.Context, outcomes ...Outcome) error

	// Redrive makes dead deliveries due again at now, with their attempts
	// forgotten but not their Error, behind what is waiting in their lane. It
	// fails with ErrUnknown, having changed nothing, where one of them is not
	// there or not dead.
	Redrive(ctx context.Context, now time.Time, deliveries ...DeliveryRef) error

	// NextDue returns the earliest instants at which a wake-up and a delivery can
	// be claimed, which may be past; zero where there is none.
	NextDue(ctx context.Context) (wakeUp, delivery time.Time, err error)

	// Find yields the customers that the query asks for, ordered by ID, with as
	// much of their history as is within its Reach, as Load would return them.
	// Who matches during the whole call is yielded exactly once, as of some
	// instant during the call; who begins or ceases to match meanwhile may or may
	// not be yielded; nobody is yielded twice. The sequence goes no further than
	// the last customer there was when it began, so that it ends while others
	// keep adding. What was yielded stays as it is when the sequence goes on,
	// unless the query allows Reuse. The sequence itself never holds more than
	// some of the customers.
	//
	// The loop body may call any method of the store, because no lock is held
	// and no rows are open while it runs. One that for each item adds another
	// between this one and the last must end itself. An error comes last, with a
	// zero Loaded; cancelling ctx ends the sequence with its error.
	Find(ctx context.Context, q Query) iter.Seq2[Loaded, error]

	// Timeline yields the events of one customer in the order in which they were
	// committed: each of those there were when it began, once, and perhaps some
	// that came later. An unknown customer has none. The loop body, errors and
	// ctx are as with Find.
	Timeline(ctx context.Context, customerID string) iter.Seq2[customer.Event, error]

	// Deliveries yields the deliveries that the query asks for, ordered by
	// customer ID and, for one customer, as they were committed. What Find says
	// of customers holds for deliveries.
	Deliveries(ctx context.Context, q DeliveryQuery) iter.Seq2[Outgoing, error]

	// Prune removes what is old of the customers whose IDs are greater than
	// p.After, in the order of their IDs: p.Limit of them at most, and fewer where
	// much is removed, so that nobody who writes waits for long. Called again with
	// After set to Next until More is false, it has been at everybody who was there
	// all the time. Each call is done wholly or not at all.
	//
	// It changes no record and no version, and does not touch purchases,
	// deliveries that wait, or wake-ups. It may go on beside everything else,
	// another Prune included. A sequence that has begun may or may not yield what
	// is removed meanwhile. That an activity may have been there, and is gone, is told
	// by Loaded.Pruned.
	Prune(ctx context.Context, p Pruning) (Pruned, error)

	// Cuts returns what activities were pruned by, in any order: each Keep once,
	// with the latest Before by which something was removed.
	Cuts(ctx context.Context) ([]Cut, error)

	// SaveDefinitions keeps the document of a version of the definitions, which is
	// JSON text and comes back byte for byte. Saving a version again changes
	// nothing, whatever the document: the first is kept. An empty version or
	// document is an error.
	SaveDefinitions(ctx context.Context, version string, document []byte) error

	// Definitions returns the document that was saved under the version, in a
	// slice of the caller's own. It fails with ErrUnknown where there is none.
	Definitions(ctx context.Context, version string) ([]byte, error)
}

// Record is everything a step needs to know of one customer. Whoever is handed
// a record must treat its slices and what they point to as read-only: a store
// may share them between readers.
type Record struct {
	Customer customer.Customer
	Totals   customer.Totals
	Cycles   []customer.Cycle     // ordered by pipeline
	Segments []segment.Membership // ordered by segment
	Runs     []trigger.Run        // that wait, in the order in which they began to
	Counters []trigger.Counter    // ordered by trigger

	Added       uint32    // [customer.Customer.Fingerprint] of the card as it was added
	PausedUntil time.Time // automation is held back before this; zero: it is not
	QuietUntil  time.Time // no wake-up at or before this starts a trigger; zero: any may
	AsOf        time.Time // the instant up to which the record has been stepped
	Wake        time.Time // when the customer may change by the clock alone; zero: never
	Definitions string    // version of the definitions it was last stepped under
	Version     uint64    // grows by one with each commit; 0: the record was never committed
}

// Request asks [Store.Load] for one customer.
type Request struct {
	Customer    string
	Reach       segment.Reach // counted back from the record's AsOf
	PurchaseIDs []string      // also find these purchases, however old
	ActivityIDs []string      // also find these activities, however old
}

// Loaded is a record with the part of its history that was asked for. It is as
// read-only as the record is.
type Loaded struct {
	Record     Record
	Purchases  []customer.Purchase // within reach, ordered by [customer.Purchase.Compare]
	Activities []customer.Activity // within reach, ordered by [customer.Activity.Compare]

	FoundPurchases  []customer.Purchase // those asked for by ID that exist, in any order; by Find, none
	FoundActivities []customer.Activity // likewise

	// Pruned is when the last of the activities that [Store.Prune] has removed of
	// them happened; zero: none was removed, or no activities were asked for by ID.
	Pruned time.Time
}

// Change is the outcome of one step, to be written at once.
type Change struct {
	Record     Record              // the new state; Version as it was loaded, 0 to create
	Purchases  []customer.Purchase // to add, or to replace by ID
	Activities []customer.Activity // to add
	Events     []customer.Event    // to append to the timeline
	Deliveries []trigger.Delivery  // to append to the outbox, due at their At
}

// Claim says what to lease. Limit and Lease must be positive.
type Claim struct {
	Now   time.Time
	Limit int
	Lease time.Duration
	Reach segment.Reach // of wake-ups
}

// Outgoing is a delivery in the outbox.
type Outgoing struct {
	trigger.Delivery
	State    DeliveryState
	Attempts int       // how often it was claimed
	Due      time.Time // when it can be claimed next, or when it was settled
	Error    string    // of the latest failed attempt
}

// Ref returns what the delivery is called by.
func (o Outgoing) Ref() DeliveryRef { return DeliveryRef{o.Customer, o.ID} }

// DeliveryRef names a delivery. IDs are unique only within a customer: a store
// that is spread over several machines keeps a customer's deliveries together
// and cannot look for one without knowing whose it is.
type DeliveryRef struct{ Customer, ID string }

// DeliveryState says how far a delivery has come.
type DeliveryState uint8

// The states of a delivery.
const (
	Waiting DeliveryState = iota // to be sent, or to be sent again, at Due
	Sent
	Dead // given up; [Store.Redrive] brings it back
)

// String names the state.
func (s DeliveryState) String() string {
	switch s {
	case Waiting:
		return "waiting"
	case Sent:
		return "sent"
	case Dead:
		return "dead"
	}
	return "unknown"
}

// Outcome is how one attempt to deliver ended.
type Outcome struct {
	Customer string
	Delivery string // its ID
	Attempt  int    // Outgoing.Attempts as it was claimed
	State    DeliveryState
	Due      time.Time      // Waiting: when to try again; else when it was settled
	Error    string         // why it failed, in the Notifier's words; kept, never logged
	Event    customer.Event // to append to the timeline; NoEvent: nothing
}

// Query asks [Store.Find] for customers to whom all of the fields that are set
// apply, with the history within Reach. The zero Query asks for the records of
// everybody.
type Query struct {
	Pipeline string // in this pipeline; with Stage: in that stage of it
	Stage    string // needs Pipeline
	Segment  string
	Manager  string
	Tag      string
	Contact  string // an e-mail address or phone of the card, exactly as it stands there
	After    string // only customers whose ID is greater, to go on behind a page
	NotUnder string // last stepped under definitions of another version than this

	Reach segment.Reach // how much of the history comes along, counted back from each record's AsOf; zero: none

	// Reuse allows the store to yield all customers in the same memory, for a
	// loop over a million of them: the body keeps nothing of what it was given,
	// not even a text that it has not cloned.
	Reuse bool
}

// DeliveryQuery asks [Store.Deliveries] for the deliveries to which all of the
// fields that are set apply.
type DeliveryQuery struct {
	Customer string
	Kind     trigger.DeliveryKind
	States   []DeliveryState // one of these; none: any
}
