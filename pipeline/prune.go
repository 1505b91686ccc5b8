package pipeline

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/store"
)

// Retention says how long [Engine.Prune] leaves things where they are, counted
// back from now on the calendar of Config.Zone. A zero period keeps for ever.
//
// Purchases are always kept: totals, refunds, learned cadences and purchases that
// become known late rest on all of them. So are deliveries that wait.
type Retention struct {
	// Timeline is for events, since they became known. That a customer entered or
	// left a segment always stays, so that [Engine.At] answers what it did before.
	Timeline customer.Period

	Sent customer.Period // for deliveries, since they were sent
	Dead customer.Period // for deliveries, since they were given up; they cannot be redriven then

	// Activities is for activities, since they happened. What a segment or a trigger
	// can still see stays, however old, and so does what is younger than
	// Config.Lateness.
	Activities customer.Period
}

// PruneOptions says how [Engine.Prune] goes about it.
type PruneOptions struct {
	// After leaves out the customers up to that ID, to go on where a call that was
	// interrupted has stopped: it is Last of what that returned.
	After string
	// Progress, where it is not nil, is called after every batch, by one goroutine.
	Progress func(Pruned)
}

// Pruned is what an [Engine.Prune] has done.
type Pruned struct {
	Customers  int    // customers whom it is done with
	Last       string // the ID of the last of them
	Events     int    // entries removed from timelines
	Deliveries int    // deliveries removed
	Activities int    // activities removed
	Kept       []Kept // which activities stay though they are old, and what for
}

// Kept says that activities of a name would be kept longer than
// Retention.Activities, because a segment or a trigger sees farther back than that;
// whether there are any is not counted.
type Kept struct {
	segment.Sight        // of which activities, and how far back; for calendar periods, a bound
	Segment       string // whose predicates see them; or
	Trigger       string // whose condition does
	Definitions   string // the version it is of, where some customers or runs that wait are still under that; empty: the one in force
}

// Prune removes what is older than the retention says, at most Config.Batch
// customers at a time, in the order of their IDs. It changes nothing of what the
// engine does from then on: no state, no event, no delivery.
//
// Activities of a name that no predicate asks about go by age alone. Of a name
// that one does ask about, those stay which it can still see: all of them, or
// those within its window, counted back from where the customer stands
// (Record.AsOf), because what becomes known late may take effect there. Customers
// to whom nothing has happened for long thus keep what was in the window when
// something last did. The definitions in force count, and those under which
// customers were last stepped or runs that wait began. Kept of what is returned
// names what sees farther back than the retention.
//
// In the words of these packages: how far back predicates see the activities of a
// name is a [segment.Sight]; what activities were removed by, an instant and the
// sights that were spared, is a [store.Cut]; and what somebody asks about that a
// cut has removed is a [Gap].
//
// The IDs of what was removed are not kept. But of each customer the store knows
// when the last of the activities that were removed happened. One that happened
// after it and is not there is new, whatever the clocks say. One that did not may
// have been there:
//
//   - where a predicate in force can see it, it is taken in, and starts no trigger;
//   - else it is passed over, like any that is known, without an error.
//
// So nothing starts twice, what a customer is in is right, and history may be fed
// in at any time of customers of whom nothing was pruned; of others, feed it in
// before the first Prune.
//
// Definitions that ask about what was removed are not refused. [Engine.Redefine]
// and [Engine.Preview] tell of such gaps; what they find is true of what is left.
// So is what [Engine.Explain] says of the past.
//
// Prune may be called beside everything else, and by several processes, each of
// which tells what it has removed itself; but not while engines of another process
// are being redefined, or were started with other definitions and have stepped
// nobody yet: of those it does not know. It can be interrupted, also by ctx: what
// was removed until then is, and another call goes on, from the beginning or behind
// Last. Call it now and then, such as every night. It fails with a
// *customer.FieldError for each faulty period.
func (e *Engine) Prune(ctx context.Context, r Retention, o PruneOptions) (Pruned, error) {
	p := pruner{e: e, now: e.now(), told: Pruned{Last: o.After}}
	err := r.check()
	if err == nil {
		p.what = r.from(p.now, &e.cfg)
		p.what.After, p.what.Limit = o.After, e.cfg.Batch
		for more := true; more && err == nil; {
			if more, err = p.batch(ctx); err == nil && o.Progress != nil {
				o.Progress(p.told)
			}
		}
	}
	if err != nil {
		return p.told, fmt.Errorf("prune: %w", err)
	}
	return p.told, nil
}

// check reports every faulty period.
func (r *Retention) check() error {
	var faults []error
	for _, p := range []struct {
		field  string
		period customer.Period
	}{{"Timeline", r.Timeline}, {"Sent", r.Sent}, {"Dead", r.Dead}, {"Activities", r.Activities}} {
		if err := p.period.Validate(); err != nil {
			faults = append(faults, &customer.FieldError{What: "retention", Field: p.field, Fault: err.Error()})
		}
	}
	return errors.Join(faults...)
}

// from returns what is to be removed now.
func (r *Retention) from(now time.Time, cfg *Config) store.Pruning {
	ago := func(d customer.Period) time.Time {
		if d.IsZero() || d.AtMost() > now.Sub(ages) {
			return time.Time{}
		}
		return customer.Stored(d.Before(now, cfg.Zone))
	}
	p := store.Pruning{
		Timeline: ago(r.Timeline), Keep: []customer.EventKind{customer.SegmentEntered, customer.SegmentLeft},
		Sent: ago(r.Sent), Dead: ago(r.Dead),
	}
	if before := ago(r.Activities); !before.IsZero() {
		p.Activities.Before = earliest(before, now.Add(-cfg.Lateness))
	}
	return p
}

// pruner is a Prune under way.
type pruner struct {
	e     *Engine
	now   time.Time
	what  store.Pruning
	rules *rules // by which what is kept was found out; nil: it was not yet
	told  Pruned
}

// batch prunes some customers and reports whether there are others. Nobody
// redefines the engine meanwhile.
func (p *pruner) batch(ctx context.Context) (more bool, err error) {
	select {
	case p.e.redefining <- struct{}{}:
		defer func() { <-p.e.redefining }()
	case <-ctx.Done():
		return false, ctx.Err()
	}
	if r := p.e.rules.Load(); r != p.rules && !p.what.Activities.Before.IsZero() {
		watchers, err := p.e.watchers(ctx, r)
		if err != nil {
			return false, err
		}
		p.what.Activities.Keep = widest(watchers)
		p.told.Kept = keptBack(watchers, p.what.Activities.Before, p.now)
		p.rules = r
	}
	out, err := p.e.cfg.Store.Prune(ctx, p.what)
	if err != nil {
		return false, err
	}
	p.told.Customers += out.Customers
	p.told.Events += out.Events
	p.told.Deliveries += out.Deliveries
	p.told.Activities += out.Activities
	p.told.Last, p.what.After = out.Next, out.Next
	return out.More, nil
}

// ages is before anything that a store holds.
var ages = time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC)
