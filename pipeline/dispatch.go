package pipeline

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"sync"
	"time"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/trigger"
)

// Retry says when a delivery that failed is tried again: after First, then
// after twice as long each time, up to Most, each pause shortened by up to a
// fifth so that what failed together does not come back together. A Notifier's
// [trigger.RetryAfter] lengthens a pause.
type Retry struct {
	Attempts int           // how many attempts before it is given up; zero: 12
	First    time.Duration // zero: 30 seconds
	Most     time.Duration // zero: 6 hours
}

// pause returns how long to wait after the given failed attempt, from 1. The
// jitter is a hash of the delivery, so that it can be foretold.
func (r Retry) pause(delivery string, attempt int, atLeast time.Duration) time.Duration {
	d := r.First
	for i := 1; i < attempt && d < r.Most; i++ {
		d *= 2
	}
	d = min(d, r.Most)
	h := fnv.New32a()
	fmt.Fprintf(h, "%s %d", delivery, attempt)
	d -= d / 5 * time.Duration(h.Sum32()%1000) / 1000
	return max(d, atLeast)
}

// dispatch sends batch after batch until no delivery is due.
func (e *Engine) dispatch(ctx context.Context, now time.Time, p *Progress) error {
	if e.cfg.Notifier == nil {
		return nil
	}
	// What is claimed must be sent within the lease even if every attempt takes
	// as long as it may. As long as none does, more can be claimed at once.
	careful := min(e.cfg.Batch, e.cfg.Senders*int(e.cfg.Lease/(2*e.cfg.SendTimeout)))
	claim := store.Claim{Now: now, Limit: careful, Lease: e.cfg.Lease}
	for {
		began := e.now()
		claimed, err := e.cfg.Store.ClaimDeliveries(ctx, claim)
		if err != nil {
			return fmt.Errorf("claim deliveries: %w", err)
		}
		if len(claimed) == 0 {
			return nil
		}
		outcomes := e.sendAll(ctx, claimed)
		for _, o := range outcomes {
			p.count(o.State)
		}
		// What was sent must be settled even though ctx has ended, or it would be
		// sent again.
		if err := e.cfg.Store.Settle(context.WithoutCancel(ctx), outcomes...); err != nil {
			return fmt.Errorf("settle deliveries: %w", err)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if claim.Limit = careful; e.now().Sub(began) < e.cfg.SendTimeout {
			claim.Limit = min(e.cfg.Batch, max(careful, 2*len(claimed)))
		}
	}
}

func (p *Progress) count(s store.DeliveryState) {
	switch s {
	case store.Sent:
		p.Sent++
	case store.Waiting:
		p.Retried++
	case store.Dead:
		p.Dead++
	}
}

// sendAll attempts the deliveries, Senders of them at a time.
func (e *Engine) sendAll(ctx context.Context, claimed []store.Outgoing) []store.Outcome {
	outcomes := make([]store.Outcome, len(claimed))
	if e.cfg.Senders == 1 {
		for i := range claimed {
			outcomes[i] = e.attempt(ctx, &claimed[i])
		}
		return outcomes
	}
	var wg sync.WaitGroup
	slots := make(chan struct{}, e.cfg.Senders)
	for i := range claimed {
		slots <- struct{}{}
		wg.Go(func() {
			outcomes[i] = e.attempt(ctx, &claimed[i])
			<-slots
		})
	}
	wg.Wait()
	return outcomes
}

// attempt makes one attempt and says how it ended.
func (e *Engine) attempt(ctx context.Context, d *store.Outgoing) store.Outcome {
	err := e.send(ctx, d.Delivery)
	now := e.now()
	o := store.Outcome{Customer: d.Customer, Delivery: d.ID, Attempt: d.Attempts, State: store.Sent, Due: now}
	event := customer.Event{Trigger: d.Trigger, Ref: d.ID, Name: d.Channel, At: now, Known: now}
	var sendErr *trigger.SendError
	errors.As(err, &sendErr)
	switch {
	case err == nil:
		event.Kind = customer.DeliverySent
	case ctx.Err() != nil:
		o.State, o.Error = store.Waiting, "the engine stopped"
	case (sendErr != nil && sendErr.Permanent) || d.Attempts >= e.cfg.Retry.Attempts:
		o.State, o.Error = store.Dead, err.Error()
		event.Kind, event.Reason = customer.DeliveryDead, reason(sendErr)
	default:
		var atLeast time.Duration
		if sendErr != nil {
			atLeast = sendErr.After
		}
		o.State, o.Error = store.Waiting, err.Error()
		o.Due = now.Add(e.cfg.Retry.pause(d.ID, d.Attempts, atLeast))
	}
	if event.Kind != customer.NoEvent {
		o.Event = event
	}
	return o
}

func reason(err *trigger.SendError) string {
	if err != nil && err.Permanent {
		return "failed for good"
	}
	return "failed too often"
}

var (
	errPanicked = errors.New("the notifier panicked")
	errTimedOut = errors.New("the notifier took too long")
)

// send calls the Notifier. One that panics has failed; one that does not return
// in time has failed too, and is left behind.
func (e *Engine) send(ctx context.Context, d trigger.Delivery) error {
	ctx, cancel := context.WithTimeout(ctx, e.cfg.SendTimeout)
	defer cancel()
	done := make(chan error, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				done <- fmt.Errorf("%w: %T", errPanicked, p)
			}
		}()
		done <- e.cfg.Notifier.Notify(ctx, d)
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	select { // it may have returned at the same moment
	case err := <-done:
		return err
	default:
		return errTimedOut
	}
}
