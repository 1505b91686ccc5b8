package pipeline

import (
	"errors"
	"slices"
	"time"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/store"
)

// stepper does the step, the pure function that everything goes through: from
// the rules, a customer as loaded, and what happened, it makes the change to
// commit. There is no I/O in it, no clock and no chance: the same arguments give
// the same change, byte for byte.
//
// It is the working memory of steps, one after another, and not safe for
// concurrent use. What it returns in a store.Change stays valid.
type stepper struct {
	rules    *rules
	zone     *time.Location // of customers who have none of their own
	lateness time.Duration
	zones    *zones

	// The customer at work.
	rec        store.Record
	purchases  []customer.Purchase // as many as are known of
	activities []customer.Activity // likewise
	complete   bool                // those are all of the purchases
	foundP     []customer.Purchase
	foundA     []customer.Activity
	pruned     time.Time // when the last activity that was pruned happened; zero: none was
	loc        *time.Location
	own        owned
	room       room
	out        store.Change
	stepped    bool // something happened that is to be committed

	// The instant at work.
	at    time.Time // when it takes effect
	known time.Time // when it became known
	quiet bool      // no trigger starts
	// What changes now does so because the definitions did.
	redefined bool
	stale     stale
	cursor    int       // events before this one are answered
	muted     []int     // events that are not to be answered
	flip      time.Time // the earliest flip of the segments looked at
	state     *segment.State
	states    map[*segment.Set]*segment.State
	facts     segment.Facts
	wakeUps   int
	cut       int    // how often the rounds did not settle
	cutAt     string // the trigger that fired last then
}

// owned tells which slices of the record are copies of our own by now.
type owned struct{ cycles, segments, runs, counters, purchases, activities bool }

// stale tells what has to be derived again besides segments.
type stale struct {
	cycles bool // the place of every cycle
	dates  bool // the instants of date triggers
}

// errNeedHistory says that a step has to be done again with all of the
// customer's purchases.
var errNeedHistory = errors.New("the step needs all of the purchases")

func newStepper(zone *time.Location, lateness time.Duration, z *zones) *stepper {
	return &stepper{zone: zone, lateness: lateness, zones: z, states: make(map[*segment.Set]*segment.State)}
}

// begin takes up a customer, of whom so much history was loaded.
func (s *stepper) begin(l store.Loaded, reach segment.Reach) {
	s.rec = l.Record
	if s.rec.Version == 0 {
		s.rec = store.Record{} // whatever the store makes of someone who does not exist
	}
	s.purchases, s.activities = l.Purchases, l.Activities
	s.complete = reach.AllPurchases
	s.foundP, s.foundA, s.pruned = l.FoundPurchases, l.FoundActivities, l.Pruned
	s.own, s.out, s.stepped = owned{}, store.Change{}, false
	s.stale, s.cursor, s.muted = stale{}, 0, s.muted[:0]
	s.out.Events = s.room.begin()
	s.wakeUps, s.cut = 0, 0
	s.loc = s.zones.of(s.rec.Customer.Zone, s.zone)
	s.state.Load(s.rec.Segments)
}

// finish returns the change that the steps since begin amount to.
func (s *stepper) finish() store.Change {
	s.out.Record = s.rec
	s.out.Events = s.room.end(s.out.Events)
	return s.out
}

// advance processes the wake-ups due at or before the instant, each at its own
// due time.
func (s *stepper) advance(to time.Time) {
	for !s.rec.Wake.IsZero() && !s.rec.Wake.After(to) {
		s.wake(s.rec.Wake)
	}
}

// wake processes one wake-up: what the clock alone changes.
func (s *stepper) wake(at time.Time) {
	since := s.rec.AsOf
	s.stepped = true
	s.wakeUps++
	s.start(at, at, !s.rec.QuietUntil.IsZero() && !at.After(s.rec.QuietUntil))
	s.stale.dates = true
	s.state.MarkTime()
	s.cyclesDue()
	s.datesDue(since)
	s.settle()
	s.rec.Wake = time.Time{} // every flip, boundary and date is known anew
	s.rearm()
}

// start begins work on one instant.
func (s *stepper) start(at, known time.Time, quiet bool) {
	s.at, s.known, s.quiet, s.redefined = at, known, quiet, false
	s.flip = time.Time{}
	s.facts.At(at)
}

// maxRounds bounds how often triggers may change a customer at one instant.
const maxRounds = 32

// settle derives cycles and segments, answers what happened with triggers, and
// does so again as long as their steps change the customer.
func (s *stepper) settle() {
	for range maxRounds {
		s.placeCycles()
		s.settleSegments()
		s.answer()
		s.resume()
		if s.cursor == len(s.out.Events) && !s.stale.cycles && !s.state.Dirty() {
			return
		}
	}
	s.cut++
	s.cutAt = s.lastFired()
	s.emit(customer.Event{Kind: customer.RulesUnsettled, Trigger: s.cutAt, Reason: "triggers kept changing the customer; they were cut off"})
	s.placeCycles()
	s.settleSegments()
	s.cursor = len(s.out.Events)
}

// lastFired returns the trigger that fired last.
func (s *stepper) lastFired() string {
	for i := len(s.out.Events) - 1; i >= 0; i-- {
		if e := &s.out.Events[i]; e.Kind == customer.TriggerFired {
			return e.Trigger
		}
	}
	return ""
}

// rearm sets the next wake-up: the earliest of what it was, the flips of the
// segments just looked at, stage boundaries, dates and waiting runs. One that
// now stands too early does no harm; it finds nothing to do.
func (s *stepper) rearm() {
	wake := earliest(s.rec.Wake, s.flip)
	for i := range s.rec.Cycles {
		wake = earliest(wake, s.rec.Cycles[i].Due)
	}
	for i := range s.rec.Runs {
		wake = earliest(wake, s.due(&s.rec.Runs[i]))
	}
	if s.stale.dates {
		wake = earliest(wake, s.nextDate())
	}
	s.rec.Wake, s.rec.AsOf = wake, s.at
	s.stale = stale{}
}

// emit appends an event to the timeline and to what triggers are to answer. It
// fills in the times where they are not set.
func (s *stepper) emit(e customer.Event) {
	if e.At.IsZero() {
		e.At = s.at
	}
	e.Known = s.known
	s.out.Events = append(s.out.Events, e)
}

// mute keeps triggers from answering the event that is emitted next.
func (s *stepper) mute() { s.muted = append(s.muted, len(s.out.Events)) }

// settleSegments lets the customer enter and leave segments.
func (s *stepper) settleSegments() {
	s.readFacts()
	s.flip = earliest(s.flip, s.state.Settle(&s.facts, s.moved))
}

func (s *stepper) readFacts() {
	f := &s.facts
	f.Customer, f.Totals, f.Cycles = &s.rec.Customer, &s.rec.Totals, s.rec.Cycles
	f.Purchases, f.Activities, f.Zone = s.purchases, s.activities, s.loc
}

func (s *stepper) ownSegments() []segment.Membership {
	if !s.own.segments {
		own := make([]segment.Membership, len(s.rec.Segments), len(s.rec.Segments)+2)
		copy(own, s.rec.Segments)
		s.rec.Segments, s.own.segments = own, true
	}
	return s.rec.Segments
}

func (s *stepper) moved(id string, entered bool) {
	i, found := segment.Find(s.ownSegments(), id)
	switch {
	case entered && !found:
		s.rec.Segments = slices.Insert(s.rec.Segments, i, segment.Membership{Segment: id, Since: s.at})
	case !entered && found:
		s.rec.Segments = slices.Delete(s.rec.Segments, i, i+1)
	}
	kind := customer.SegmentLeft
	if entered {
		kind = customer.SegmentEntered
	}
	s.emit(customer.Event{Kind: kind, Segment: id})
}
