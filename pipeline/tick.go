package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/regulars-go/regulars/store"
)

// Progress is what a tick did.
type Progress struct {
	WakeUps   int // wake-ups processed; several of one customer count each
	Customers int // customers stepped
	Events    int // entries added to timelines by them
	Sent      int // deliveries carried out
	Retried   int // deliveries that failed, and will be tried again
	Dead      int // deliveries given up
}

// Tick does everything that is due by the clock's now: it processes the due
// wake-ups, each at its own due time, and then hands the due deliveries to the
// Notifier. It costs in proportion to what is due. After an error it may be
// called again; what it had done by then is committed and in Progress.
func (e *Engine) Tick(ctx context.Context) (Progress, error) {
	var p Progress
	wakeErr := e.wakeUps(ctx, &p)
	if wakeErr != nil && !errors.Is(wakeErr, ErrUnsettled) {
		return p, fmt.Errorf("tick: %w", wakeErr)
	}
	if err := errors.Join(wakeErr, e.dispatch(ctx, &p)); err != nil {
		return p, fmt.Errorf("tick: %w", err)
	}
	return p, nil
}

// wakeUps claims, steps and commits batch after batch until nothing is due.
func (e *Engine) wakeUps(ctx context.Context, p *Progress) error {
	r := e.rules.Load()
	if err := e.keep(ctx, r); err != nil {
		return err
	}
	s := e.stepper(r)
	defer e.steppers.Put(s)
	claim := store.Claim{Limit: e.cfg.Batch, Lease: e.cfg.Lease, Reach: r.reach}
	var b batch
	for {
		claim.Now = e.now() // a lease counts from when it is taken
		loaded, err := e.cfg.Store.ClaimWakeUps(ctx, claim)
		if err != nil {
			return fmt.Errorf("claim wake-ups: %w", err)
		}
		if len(loaded) == 0 {
			return b.unsettled
		}
		if err := e.recall(ctx, r, loaded); err != nil {
			return err
		}
		b.changes, b.wakeUps = b.changes[:0], b.wakeUps[:0]
		for _, l := range loaded {
			if err := e.wake(ctx, s, l, claim); err != nil {
				return err
			}
			b.changes = append(b.changes, s.finish())
			b.wakeUps = append(b.wakeUps, s.wakeUps)
			b.unsettled = errors.Join(b.unsettled, s.unsettled())
		}
		if err := e.commitWakeUps(ctx, &b); err != nil {
			return fmt.Errorf("commit wake-ups: %w", err)
		}
		p.woke(&b)
		if len(b.changes) > 0 {
			e.deliveries.wake()
		}
	}
}

// wake steps a customer whose wake-up was claimed.
func (e *Engine) wake(ctx context.Context, s *stepper, l store.Loaded, claim store.Claim) error {
	s.begin(l, claim.Reach)
	if s.isStale() {
		whole, err := e.loadWhole(ctx, s.rules, []string{l.Record.Customer.ID})
		if err != nil {
			return err
		}
		s.begin(whole[0], everything)
		if err := s.adopt(claim.Now); err != nil {
			return err
		}
	}
	s.advance(claim.Now)
	return nil
}

// batch is the customers woken at once.
type batch struct {
	changes   []store.Change
	wakeUps   []int // of each of them
	unsettled error // of all batches so far
}

func (p *Progress) woke(b *batch) {
	p.Customers += len(b.changes)
	for i := range b.changes {
		p.WakeUps += b.wakeUps[i]
		p.Events += len(b.changes[i].Events)
	}
}

// commitWakeUps commits the changes, but for those of customers whom somebody
// else has changed in the meantime: that has set their wake-ups anew, and what
// is due is claimed again. It leaves in the batch what it committed.
func (e *Engine) commitWakeUps(ctx context.Context, b *batch) error {
	for len(b.changes) > 0 {
		err := e.cfg.Store.Commit(ctx, b.changes...)
		var conflict *store.ConflictError
		if !errors.As(err, &conflict) {
			return err
		}
		before := len(b.changes)
		b.without(conflict.Customers)
		if len(b.changes) == before {
			return err // the store names none of ours: nothing to go on with
		}
	}
	return nil
}

// without takes customers out of the batch.
func (b *batch) without(ids []string) {
	kept := 0
	for i := range b.changes {
		if !slices.Contains(ids, b.changes[i].Record.Customer.ID) {
			b.changes[kept], b.wakeUps[kept] = b.changes[i], b.wakeUps[i]
			kept++
		}
	}
	b.changes, b.wakeUps = b.changes[:kept], b.wakeUps[:kept]
}

// unsettled returns an error where triggers of the customer were cut off.
func (s *stepper) unsettled() error {
	if s.cut == 0 {
		return nil
	}
	return fmt.Errorf("customer %q, trigger %q: %w", s.rec.Customer.ID, s.cutAt, ErrUnsettled)
}
