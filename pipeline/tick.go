package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"
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
	unsettled, err := e.wakeUps(ctx, &p)
	if err == nil {
		err = e.dispatch(ctx, &p)
	}
	if err := errors.Join(unsettled, err); err != nil {
		return p, fmt.Errorf("tick: %w", err)
	}
	return p, nil
}

// wakeUps claims, steps and commits batch after batch until nothing is due. What
// did not settle is of all that was committed, whatever the error.
func (e *Engine) wakeUps(ctx context.Context, p *Progress) (unsettled, err error) {
	var b batch
	for r := (retries{}); ; r = (retries{}) {
		err := e.wakeBatch(ctx, &b)
		// Of a claim whose answer was lost nobody knows whom it has leased: to claim
		// again would find the others, and look as if all were done.
		for (b.lost || errors.Is(err, errReplaced)) && r.again(ctx, err) {
			err = e.wakeBatch(ctx, &b)
		}
		if err != nil || b.claimed == 0 {
			return b.unsettled, r.tell(err)
		}
		p.woke(&b)
		if len(b.changes) > 0 {
			e.deliveries.wake()
		}
	}
}

// wakeBatch claims, steps and commits one batch; or, where that of the last came to
// nothing that is known, those who are left of it. The clock alone steps them, so
// that it does no harm where they were stepped by then; but what was committed is
// not committed again.
func (e *Engine) wakeBatch(ctx context.Context, b *batch) error {
	r, err := e.hold(ctx)
	if err != nil {
		return err
	}
	defer r.release()
	s := e.stepper(r)
	defer e.steppers.Put(s)
	now := e.now() // a lease counts from when it is taken
	left, again := b.left, len(b.left) > 0
	if !again {
		b.clear()
		if left, err = e.claimBatch(ctx, s, b, now); err != nil {
			return err
		}
	}
	loaded, reach, err := e.loadToBring(ctx, r, left)
	if err != nil {
		return err
	}
	if again {
		if b.lost && (&attempt{changes: b.changes}).outcome(loaded) == done {
			b.committed()
			return nil
		}
		b.clear()
	}
	for _, l := range loaded {
		if err := s.bring(l, reach, now); err != nil {
			return err
		}
		b.add(s)
	}
	if err := e.commitBatch(ctx, r, b); err != nil {
		return fmt.Errorf("commit wake-ups: %w", err)
	}
	return nil
}

// claimBatch claims customers and steps them, but for those whom it returns:
// they have to be brought over first.
func (e *Engine) claimBatch(ctx context.Context, s *stepper, b *batch, now time.Time) (stale []string, err error) {
	claim := store.Claim{Now: now, Limit: e.cfg.Batch, Lease: e.cfg.Lease, Reach: s.rules.reach}
	loaded, err := e.cfg.Store.ClaimWakeUps(ctx, claim)
	if err != nil {
		return nil, fmt.Errorf("claim wake-ups: %w", err)
	}
	if err := e.recall(ctx, s.rules, loaded); err != nil {
		return nil, err
	}
	b.claimed = len(loaded)
	for _, l := range loaded {
		if l.Record.Definitions != s.rules.version {
			stale = append(stale, l.Record.Customer.ID)
			continue
		}
		s.begin(l, claim.Reach)
		s.advance(now)
		b.add(s)
	}
	return stale, nil
}

// batch is the customers stepped at once.
type batch struct {
	claimed   int // how many there are
	changes   []store.Change
	wakeUps   []int    // of each of them
	faults    []error  // likewise
	left      []string // whom it claimed and did not commit, as far as is known
	lost      bool     // it may have committed them even so
	unsettled error    // of all that was committed so far
}

func (b *batch) clear() {
	b.changes, b.wakeUps, b.faults = b.changes[:0], b.wakeUps[:0], b.faults[:0]
	b.left, b.lost = nil, false
}

// committed notes that all that is in the batch was committed.
func (b *batch) committed() {
	b.left, b.lost = nil, false
	b.unsettled = errors.Join(b.unsettled, errors.Join(b.faults...))
}

// add adds the customer at work.
func (b *batch) add(s *stepper) {
	b.changes = append(b.changes, s.finish())
	b.wakeUps = append(b.wakeUps, s.wakeUps)
	b.faults = append(b.faults, s.unsettled())
}

// ids returns the customers in the batch.
func (b *batch) ids() []string {
	ids := make([]string, len(b.changes))
	for i := range b.changes {
		ids[i] = b.changes[i].Record.Customer.ID
	}
	return ids
}

func (p *Progress) woke(b *batch) {
	p.Customers += len(b.changes)
	for i := range b.changes {
		p.WakeUps += b.wakeUps[i]
		p.Events += len(b.changes[i].Events)
	}
}

// commitBatch commits the changes, but for those of customers whom somebody else
// has changed in the meantime: that has set their wake-ups anew, and what is due
// is claimed again. It leaves in the batch what it committed.
func (e *Engine) commitBatch(ctx context.Context, r *rules, b *batch) error {
	for len(b.changes) > 0 {
		err := e.commit(ctx, r, b.changes...)
		if err == nil {
			b.committed()
			return nil
		}
		b.lost = errors.Is(err, store.ErrOutcomeUnknown)
		if b.lost || errors.Is(err, errReplaced) {
			b.left = b.ids()
		}
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
			b.changes[kept], b.wakeUps[kept], b.faults[kept] = b.changes[i], b.wakeUps[i], b.faults[i]
			kept++
		}
	}
	b.changes, b.wakeUps, b.faults = b.changes[:kept], b.wakeUps[:kept], b.faults[:kept]
}

// unsettled returns an error where triggers of the customer were cut off.
func (s *stepper) unsettled() error {
	if s.cut == 0 {
		return nil
	}
	return fmt.Errorf("customer %q, trigger %q: %w", s.rec.Customer.ID, s.cutAt, ErrUnsettled)
}
