package pipeline

import (
	"context"
	"errors"
	"fmt"
	"time"

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
	now := e.now()
	wakeErr := e.wakeUps(ctx, now, &p)
	if wakeErr != nil && !errors.Is(wakeErr, ErrUnsettled) {
		return p, fmt.Errorf("tick: %w", wakeErr)
	}
	if err := errors.Join(wakeErr, e.dispatch(ctx, now, &p)); err != nil {
		return p, fmt.Errorf("tick: %w", err)
	}
	return p, nil
}

// wakeUps claims, steps and commits batch after batch until nothing is due.
func (e *Engine) wakeUps(ctx context.Context, now time.Time, p *Progress) error {
	s := e.steppers.Get().(*stepper)
	defer e.steppers.Put(s)
	claim := store.Claim{Now: now, Limit: e.cfg.Batch, Lease: e.cfg.Lease, Reach: e.reach()}
	var unsettled error
	var changes []store.Change
	for {
		loaded, err := e.cfg.Store.ClaimWakeUps(ctx, claim)
		if err != nil {
			return fmt.Errorf("claim wake-ups: %w", err)
		}
		if len(loaded) == 0 {
			return unsettled
		}
		changes = changes[:0]
		done := *p
		for _, l := range loaded {
			s.begin(l, claim.Reach.All)
			s.advance(now)
			change := s.finish()
			changes = append(changes, change)
			done.WakeUps += s.wakeUps
			done.Events += len(change.Events)
			unsettled = errors.Join(unsettled, s.unsettled())
		}
		done.Customers += len(changes)
		if err := e.commitWakeUps(ctx, changes); err != nil {
			return fmt.Errorf("commit wake-ups: %w", err)
		}
		*p = done
	}
}

// commitWakeUps commits the changes, but for those of customers whom somebody
// else has changed in the meantime: that has set their wake-ups anew, and what
// is due is claimed again.
func (e *Engine) commitWakeUps(ctx context.Context, changes []store.Change) error {
	for len(changes) > 0 {
		err := e.cfg.Store.Commit(ctx, changes...)
		var conflict *store.ConflictError
		if !errors.As(err, &conflict) {
			return err
		}
		changed := make(map[string]bool, len(conflict.Customers))
		for _, id := range conflict.Customers {
			changed[id] = true
		}
		kept := changes[:0]
		for _, c := range changes {
			if !changed[c.Record.Customer.ID] {
				kept = append(kept, c)
			}
		}
		if len(kept) == len(changes) {
			return err // the store names none of ours: nothing to go on with
		}
		changes = kept
	}
	return nil
}

// unsettled returns an error where triggers of the customer were cut off.
func (s *stepper) unsettled() error {
	if s.cut == 0 {
		return nil
	}
	return fmt.Errorf("customer %q, trigger %q: %w", s.rec.Customer.ID, s.cutAt, ErrUnsettled)
}

// maxSleep is the longest that Run sleeps without looking what is due: a wall
// clock may have jumped, another process may have added something.
const maxSleep = time.Minute

// Run ticks whenever something is due, until ctx ends, and returns ctx's error.
// It sleeps until the earliest wake-up or delivery, or until this engine is told
// of something. What goes wrong is logged and tried again after a pause.
func (e *Engine) Run(ctx context.Context) error {
	failures := 0
	for {
		pause, err := e.runOnce(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			failures++
			pause = min(maxSleep, time.Second<<min(failures, 6))
			e.cfg.Logger.ErrorContext(ctx, "regulars: tick failed", "error", err, "retry_in", pause)
		} else {
			failures = 0
		}
		if err := e.sleep(ctx, pause); err != nil {
			return err
		}
	}
}

// runOnce ticks and returns how long to sleep.
func (e *Engine) runOnce(ctx context.Context) (time.Duration, error) {
	if _, err := e.Tick(ctx); err != nil {
		return 0, err
	}
	wake, delivery, err := e.cfg.Store.NextDue(ctx)
	if err != nil {
		return 0, fmt.Errorf("next due: %w", err)
	}
	next := wake
	if e.cfg.Notifier != nil {
		next = earliest(next, delivery)
	}
	if next.IsZero() {
		return maxSleep, nil
	}
	return min(maxSleep, next.Sub(e.now())), nil
}

// sleep waits for d, a nudge, or the end of ctx. It makes a new timer each
// time: a mock timer that was not drained cannot be reset.
func (e *Engine) sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := e.cfg.Clock.Timer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
	case <-e.nudge:
	}
	return nil
}
