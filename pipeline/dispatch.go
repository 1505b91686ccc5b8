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
		d = min(2*d, r.Most)
	}
	d = min(d, r.Most)
	h := fnv.New32a()
	fmt.Fprintf(h, "%s %d", delivery, attempt)
	d -= d / 5 * time.Duration(h.Sum32()%1000) / 1000
	return max(d, atLeast)
}

// dispatch sends batch after batch until no delivery is due.
func (e *Engine) dispatch(ctx context.Context, p *Progress) error {
	if e.cfg.Notifier == nil {
		return nil
	}
	// What is claimed must be sent within the lease even if every attempt takes
	// as long as it may. As long as none does, more can be claimed at once.
	careful := min(e.cfg.Batch, e.cfg.Senders*int(e.cfg.Lease/(2*e.cfg.SendTimeout)))
	claim := store.Claim{Limit: careful, Lease: e.cfg.Lease}
	for {
		claim.Now = e.now() // a lease counts from when it is taken
		claimed, err := e.cfg.Store.ClaimDeliveries(ctx, claim)
		if err != nil {
			return fmt.Errorf("claim deliveries: %w", err)
		}
		if len(claimed) == 0 {
			return nil
		}
		outcomes := e.sendAll(ctx, claimed)
		// What was sent must be settled even though ctx has ended, or it would be
		// sent again.
		if err := e.settle(context.WithoutCancel(ctx), outcomes); err != nil {
			return fmt.Errorf("settle deliveries: %w", err)
		}
		p.settled(outcomes)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		took := e.now().Sub(claim.Now) // less than nothing where the clock was set back: nobody knows
		if claim.Limit = careful; took >= 0 && took < e.cfg.SendTimeout {
			claim.Limit = min(e.cfg.Batch, max(careful, 2*len(claimed)))
		}
	}
}

// settle settles, again where it is not known whether it was done: a store passes
// over what was settled already, and what is not settled is sent again.
func (e *Engine) settle(ctx context.Context, outcomes []store.Outcome) error {
	var r retries
	for {
		err := e.cfg.Store.Settle(ctx, outcomes...)
		if !r.again(ctx, err) {
			return r.tell(err)
		}
	}
}

func (p *Progress) settled(outcomes []store.Outcome) {
	for i := range outcomes {
		switch outcomes[i].State {
		case store.Sent:
			p.Sent++
		case store.Waiting:
			p.Retried++
		case store.Dead:
			p.Dead++
		}
	}
}

// sendAll attempts the deliveries, Senders of them at a time. Once ctx has
// ended it begins no more.
func (e *Engine) sendAll(ctx context.Context, claimed []store.Outgoing) []store.Outcome {
	outcomes := make([]store.Outcome, len(claimed))
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
	var r result
	if ctx.Err() == nil {
		r = e.send(ctx, d.Delivery)
	}
	now := e.now()
	o := store.Outcome{Customer: d.Customer, Delivery: d.ID, Attempt: d.Attempts, Due: now, Error: r.fault}
	event := customer.Event{Trigger: d.Trigger, Ref: d.ID, Name: d.Channel, At: now, Known: now}
	switch {
	case r.sent:
		o.State, event.Kind = store.Sent, customer.DeliverySent
	case ctx.Err() != nil:
		o.State, o.Error = store.Waiting, "the engine stopped"
	case r.permanent:
		o.State, event.Kind, event.Reason = store.Dead, customer.DeliveryDead, "failed for good"
	case d.Attempts >= e.cfg.Retry.Attempts:
		o.State, event.Kind, event.Reason = store.Dead, customer.DeliveryDead, "failed too often"
	default:
		o.State, o.Due = store.Waiting, customer.Stored(now.Add(e.cfg.Retry.pause(d.ID, d.Attempts, r.after)))
	}
	if event.Kind != customer.NoEvent {
		o.Event = event
	}
	return o
}

// result is what became of one call of the Notifier.
type result struct {
	sent      bool
	fault     string // why not, in the Notifier's words
	permanent bool
	after     time.Duration
}

// resultOf reads an error of the Notifier, which may panic as it is read.
func resultOf(err error) result {
	if err == nil {
		return result{sent: true}
	}
	r := result{fault: err.Error(), permanent: trigger.IsPermanent(err)}
	var sendErr *trigger.SendError
	if errors.As(err, &sendErr) {
		r.after = sendErr.After
	}
	return r
}

// send calls the Notifier. One that panics has failed; one that does not return
// in time has failed too, and is left behind. When ctx ends, so does the
// Notifier's, and it is given what is left of its time to say whether it sent.
func (e *Engine) send(ctx context.Context, d trigger.Delivery) result {
	limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), e.cfg.SendTimeout)
	defer cancel()
	ctx, cancelSend := context.WithTimeout(ctx, e.cfg.SendTimeout)
	defer cancelSend()
	done := make(chan result, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				done <- result{fault: fmt.Sprintf("the notifier panicked: %T", p)}
			}
		}()
		done <- resultOf(e.cfg.Notifier.Notify(ctx, d))
	}()
	select {
	case r := <-done:
		return r
	case <-limit.Done():
	}
	select { // it may have returned at the same moment
	case r := <-done:
		return r
	default:
		return result{fault: "the notifier took too long"}
	}
}
