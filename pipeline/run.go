package pipeline

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/regulars-go/regulars/store"
)

// maxSleep is the longest that Run sleeps without looking what is due: a wall
// clock may have jumped, another process may have added something.
const maxSleep = time.Minute

// Run does whatever is due, when it is due, until ctx ends, and returns ctx's
// error. Wake-ups and deliveries are done side by side, so that a Notifier that
// hangs holds up no customer's stages and segments. Both sleep until the earliest
// that is due, until this engine is told of something, or for a minute at most:
// a wall clock may be set, and other engines may be told of something. Where the
// store is [store.Notifying], what others are told of is seen at once. What goes
// wrong is logged and tried again after a pause.
func (e *Engine) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	if s, ok := e.cfg.Store.(store.Notifying); ok {
		wg.Go(func() { e.heed(s.Changes(ctx)) })
	}
	if e.cfg.Notifier != nil {
		wg.Go(func() { e.loop(ctx, e.deliveries, e.runDeliveries) })
	}
	e.loop(ctx, e.wakes, e.runWakeUps)
	wg.Wait()
	return ctx.Err()
}

// heed wakes the loops whenever the store has heard of a change.
func (e *Engine) heed(changes <-chan struct{}) {
	for range changes {
		e.Nudge()
	}
}

// runWakeUps does the wake-ups that are due, and returns when the next is.
func (e *Engine) runWakeUps(ctx context.Context) (time.Time, error) {
	unsettled, err := e.wakeUps(ctx, new(Progress))
	if unsettled != nil { // all was done and committed: there is nothing to wait for
		e.cfg.Logger.ErrorContext(ctx, "regulars: definitions do not settle", "error", unsettled)
	}
	if err != nil {
		return time.Time{}, err
	}
	due, _, err := e.cfg.Store.NextDue(ctx)
	return due, err
}

// runDeliveries does the deliveries that are due, and returns when the next is.
func (e *Engine) runDeliveries(ctx context.Context) (time.Time, error) {
	if err := e.dispatch(ctx, new(Progress)); err != nil {
		return time.Time{}, err
	}
	_, due, err := e.cfg.Store.NextDue(ctx)
	return due, err
}

// loop does the work again and again until ctx ends, and sleeps in between until
// the work says that more is due.
func (e *Engine) loop(ctx context.Context, wake nudge, work func(context.Context) (time.Time, error)) {
	failures := 0
	for ctx.Err() == nil {
		due, err := work(ctx)
		pause := maxSleep
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			failures++
			pause = min(maxSleep, time.Second<<min(failures, 6))
			err = fmt.Errorf("run: %w", err)
			e.cfg.Logger.ErrorContext(ctx, "regulars: will try again", "error", err, "in", pause)
		case !due.IsZero():
			failures = 0
			pause = min(maxSleep, due.Sub(e.now()))
		default:
			failures = 0
		}
		e.sleep(ctx, wake, pause)
	}
}

// sleep waits for d, a nudge, or the end of ctx. It makes a new timer each
// time: a mock timer that was not drained cannot be reset.
func (e *Engine) sleep(ctx context.Context, wake nudge, d time.Duration) {
	if d <= 0 {
		return
	}
	timer := e.cfg.Clock.Timer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-wake:
	}
}

// nudge wakes a loop up when something may be due earlier than it thinks.
type nudge chan struct{}

func newNudge() nudge { return make(nudge, 1) }

func (n nudge) wake() {
	select {
	case n <- struct{}{}:
	default:
	}
}
