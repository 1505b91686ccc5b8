package pipeline

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/store"
)

// RedefineOptions says how [Engine.Redefine] goes about it. The options hold for
// whomever this engine brings over to the definitions: the call itself, and
// inputs and ticks that come before it gets to a customer.
type RedefineOptions struct {
	// Fire lets triggers answer that customers enter and leave cycles, stages and
	// segments because the definitions changed. By default they do not. Dates that
	// are past under the new definitions do not come either way.
	Fire bool
	// CancelRemoved ends the waiting runs of triggers that the new definitions do
	// not have, as customers are brought over. By default they finish as they
	// began.
	CancelRemoved bool
	// Progress, where it is not nil, is called after every batch, by one goroutine.
	// It must not call Redefine, which does one redefinition at a time.
	Progress func(Redefinition)
}

// Redefinition is what a [Engine.Redefine] has done.
type Redefinition struct {
	Version   string // of the definitions, as [Definitions.Version] says
	Customers int    // customers whom it brought over
	Events    int    // entries that this added to timelines
	Gaps      []Gap  // what the definitions ask about that was pruned
}

// Redefine replaces the definitions. From the moment it is called, whatever
// happens to a customer happens under the new ones. It then brings over everybody
// else, at most Config.Batch with their history at a time, and returns when that
// is done: run it in a goroutine to go on meanwhile. Invalid definitions change
// nothing; every fault is told.
//
// A customer is brought over as of now, after all that came due under the
// definitions they were last stepped under, each wake-up at its own time. What
// differs becomes events of now: stages and segments entered and left. Whoever is
// where they were notices nothing. Pipelines that are new, or take other
// purchases, are filled from all purchases ever made; cycles of those that are
// gone are closed and dropped, and with them what people decided about them. Only
// a refusal stays, so that nobody who refused is written to should the pipeline
// come back. A stage that was answered in a cycle is not answered again in it.
//
// Runs that wait finish as they began, with the steps and the pipeline of that
// time, even where their trigger was changed or is gone; see CancelRemoved.
// Counters of triggers stay, so that a trigger that fires once ever, taken out
// and put back, does not fire again.
//
// Definitions may ask about activities that [Engine.Prune] removed when none asked
// about them. That is no error: customers are judged by what is left, and Gaps tells
// what for. Where a Preview of the segments shows no gap, Redefine finds none.
//
// Old definitions are read from the store. Where it does not have them, or this
// release cannot read them, what came due under them is passed over in silence,
// and a run goes on with the trigger of that ID as it is today, at the step it
// had come to; where that is gone, the run is cancelled when it is due.
//
// Redefine can be interrupted, also by ctx; the new definitions are in force
// then, unless Version of what it returns is empty. Called again with the same definitions, by any
// process, it goes on with those who are left; where nobody is, it only looks.
// So call it whenever a process starts on a store that outlives it, and before
// [Engine.Run] where the options matter. Where triggers of some customers do not
// settle, everybody is brought over even so, and the error is an [ErrUnsettled]
// about the first of them. Where other engines keep changing a customer, it gives
// up with [ErrConflict].
//
// Engines on one store should be redefined together: as long as two have
// different definitions, each brings over whom it steps. What another engine, or an
// [Engine.ApplyTx], has stepped under the old definitions and commits behind the
// place where Redefine is, it does not see: call it again, or leave those customers
// until something happens to them.
func (e *Engine) Redefine(ctx context.Context, d Definitions, o RedefineOptions) (Redefinition, error) {
	select {
	case e.redefining <- struct{}{}:
		defer func() { <-e.redefining }()
	case <-ctx.Done():
		return Redefinition{}, fmt.Errorf("redefine: %w", ctx.Err())
	}
	r, err := compile(d)
	if err != nil {
		return Redefinition{}, fmt.Errorf("redefine: %w", err)
	}
	before := e.rules.Load()
	r.archive = before.archive
	r.archive.known.Store(before.version, before)
	r.fire, r.cancelRemoved = o.Fire, o.CancelRemoved
	if err := e.keep(ctx, r); err != nil {
		return Redefinition{}, fmt.Errorf("redefine: %w", err)
	}
	gaps, err := e.gaps(ctx, r.sights(), e.now())
	if err != nil {
		return Redefinition{}, fmt.Errorf("redefine: %w", err)
	}
	done := Redefinition{Version: r.version, Gaps: gaps}
	if err := e.replace(ctx, r); err != nil {
		return done, fmt.Errorf("redefine: %w", err)
	}
	if err := e.bringOver(ctx, r, &done, o.Progress); err != nil {
		return done, fmt.Errorf("redefine: %w", err)
	}
	return done, nil
}

// bringOver brings over everybody who was last stepped under other definitions.
func (e *Engine) bringOver(ctx context.Context, r *rules, done *Redefinition, progress func(Redefinition)) error {
	var unsettled error
	ids := make([]string, 0, e.cfg.Batch)
	batch := func() error {
		err := e.bringOverBatch(ctx, r, ids, done)
		if errors.Is(err, ErrUnsettled) {
			unsettled, err = cmp.Or(unsettled, err), nil
		}
		if err == nil && progress != nil {
			progress(*done)
		}
		ids = ids[:0]
		return err
	}
	for l, err := range e.cfg.Store.Find(ctx, store.Query{NotUnder: r.version}) {
		if err != nil {
			return err
		}
		if ids = append(ids, l.Record.Customer.ID); len(ids) == cap(ids) {
			if err := batch(); err != nil {
				return err
			}
		}
	}
	if len(ids) > 0 {
		if err := batch(); err != nil {
			return err
		}
	}
	return unsettled
}

// bringOverBatch steps the customers, again where others changed them meanwhile.
func (e *Engine) bringOverBatch(ctx context.Context, r *rules, ids []string, done *Redefinition) error {
	s := e.stepper(r)
	defer e.steppers.Put(s)
	var b batch
	for range maxConflicts {
		b.clear()
		loaded, reach, err := e.loadToBring(ctx, r, ids)
		if err != nil {
			return err
		}
		now := e.now()
		for _, l := range loaded {
			if l.Record.Definitions == r.version {
				continue // by somebody else meanwhile
			}
			if err := s.bring(l, reach, now); err != nil {
				return err
			}
			b.add(s)
		}
		stepped := b.ids()
		if err := e.commitBatch(ctx, r, &b); err != nil {
			return err
		}
		done.count(&b)
		e.wakes.wake()
		e.deliveries.wake()
		committed := b.ids()
		ids = slices.DeleteFunc(stepped, func(id string) bool { return slices.Contains(committed, id) })
		if len(ids) == 0 {
			return b.unsettled
		}
	}
	return &store.ConflictError{Customers: ids}
}

func (d *Redefinition) count(b *batch) {
	d.Customers += len(b.changes)
	for i := range b.changes {
		d.Events += len(b.changes[i].Events)
	}
}

// bringReach is how much of the history it takes to bring customers over: what
// these rules see, and those they were stepped under, as far as they are known;
// and all purchases, from which cycles are derived anew.
func (r *rules) bringReach() segment.Reach {
	reach := segment.Reach{AllPurchases: true}.Widest(r.reach)
	r.archive.known.Range(func(_, old any) bool {
		if old := old.(*rules); old != nil {
			reach = reach.Widest(old.reach)
		}
		return true
	})
	return reach
}

// loadToBring loads customers as far back as it takes to bring them over, and the
// rules they were last stepped under. It loads them again where those see
// farther.
func (e *Engine) loadToBring(ctx context.Context, r *rules, ids []string) ([]store.Loaded, segment.Reach, error) {
	for {
		reach := r.bringReach()
		loaded, err := e.load(ctx, r, ids, reach)
		if err != nil || r.bringReach() == reach {
			return loaded, reach, err
		}
	}
}

// everything is all of a customer's history.
var everything = segment.Reach{AllPurchases: true, AllActivities: true}

// load loads customers, and the rules they were last stepped under.
func (e *Engine) load(ctx context.Context, r *rules, ids []string, reach segment.Reach) ([]store.Loaded, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	requests := make([]store.Request, len(ids))
	for i, id := range ids {
		requests[i] = store.Request{Customer: id, Reach: reach}
	}
	loaded, err := e.cfg.Store.Load(ctx, requests...)
	if err != nil {
		return nil, err
	}
	return loaded, e.recall(ctx, r, loaded)
}

// Definitions returns what the engine does, in a copy of the caller's own.
func (e *Engine) Definitions() Definitions { return e.rules.Load().definitions.clone() }
