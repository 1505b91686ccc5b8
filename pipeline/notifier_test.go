package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/pipeline"
	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/trigger"
)

// notified returns a shop whose deliveries go to the function.
func notified(t *testing.T, d pipeline.Definitions, notify trigger.NotifierFunc, more ...func(*pipeline.Config)) *shop {
	t.Helper()
	return emptyShop(t, d, append(more, func(c *pipeline.Config) { c.Notifier = notify })...)
}

// crowd adds n customers who buy now.
func (s *shop) crowd(n int) {
	s.t.Helper()
	for i := range n {
		p := bought("a", s.clock.Now())
		p.Customer = fmt.Sprintf("%02d", i)
		s.must(customer.Customer{ID: p.Customer, Phones: phones}, p)
	}
}

func TestNotifierThatHangsHoldsUpNobodysSegments(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := of(nails(), sends("thank", trigger.Purchase()))
		d.Segments = []segment.Segment{{ID: "asleep", Enter: segment.NoPurchaseFor(customer.Exact(10 * time.Second))}}
		r := runs(t, d, func(c *pipeline.Config) {
			c.Notifier = trigger.NotifierFunc(func(ctx context.Context, _ trigger.Delivery) error {
				<-ctx.Done()
				return ctx.Err()
			})
		})
		for i := range 20 {
			p := bought("a", time.Now())
			p.Customer = fmt.Sprintf("%02d", i)
			r.must(customer.Customer{ID: p.Customer, Phones: phones}, p)
		}
		began := time.Now().UTC()
		pass(11 * time.Second)
		rec, err := r.Customer(t.Context(), "00")
		require.NoError(t, err)
		require.Len(t, rec.Segments, 1, "the flip was not committed while messages hung")
		assert.Equal(t, began.Add(10*time.Second), rec.Segments[0].Since)
		r.cancel()
		pass(time.Minute)
		<-r.done
	})
}

func TestLeaseCountsFromWhenItWasTaken(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	sent := map[string]int{}
	var a, b *shop
	ticks := 0
	a = notified(t, of(nails(), sends("thank", trigger.Purchase())), func(_ context.Context, d trigger.Delivery) error {
		mu.Lock()
		sent[d.ID]++
		ticks++
		slow := ticks == 30
		mu.Unlock()
		a.clock.set(a.clock.Now().Add(25 * time.Second)) // within SendTimeout, but no more is claimed than fits the lease
		if slow {
			_, err := b.Tick(context.Background()) // a peer looks in, twelve minutes after a began
			return err
		}
		return nil
	})
	cfg := a.cfg
	b = &shop{t: t, clock: a.clock, cfg: cfg}
	b.cfg.Notifier = trigger.NotifierFunc(func(_ context.Context, d trigger.Delivery) error {
		mu.Lock()
		defer mu.Unlock()
		sent[d.ID]++
		return nil
	})
	b.restart()
	a.crowd(40)
	_, err := a.Tick(t.Context())
	require.NoError(t, err)
	assert.Len(t, sent, 40)
	for id, n := range sent {
		assert.Equal(t, 1, n, "%s was leased by one and sent by two", id)
	}
}

// treacherous is an error that panics as it is read.
type treacherous struct{}

func (treacherous) Error() string { panic("gotcha") }

func TestErrorThatCannotBeReadCostsItsOwnDelivery(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]func() error{
		"typed nil":           func() error { var e *trigger.SendError; return e },
		"without a cause":     func() error { return &trigger.SendError{} },
		"panics when read":    func() error { return treacherous{} },
		"panics, and wrapped": func() error { return trigger.RetryAfter(treacherous{}, time.Second) },
	} {
		for _, senders := range []int{1, 4} {
			t.Run(fmt.Sprint(name, " ", senders), func(t *testing.T) {
				t.Parallel()
				s := notified(t, of(nails(), sends("thank", trigger.Purchase())), func(_ context.Context, d trigger.Delivery) error {
					if d.Customer == "00" {
						return answer()
					}
					return nil
				}, func(c *pipeline.Config) { c.Senders = senders })
				s.crowd(3)
				p := s.tick(opening)
				assert.GreaterOrEqual(t, p.Sent, 2)
				assert.Equal(t, 3, p.Sent+p.Retried)
			})
		}
	}
}

func TestEngineThatIsStoppedBeginsNoMoreAndKeepsWhatWasSent(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	calls := 0
	s := notified(t, of(nails(), sends("thank", trigger.Purchase())), func(context.Context, trigger.Delivery) error {
		calls++
		cancel() // and it sends all the same
		return nil
	})
	s.crowd(20)
	p, err := s.Tick(ctx)
	require.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, 1, calls)
	assert.Equal(t, 1, p.Sent)
	assert.Len(t, s.outbox(store.Sent), 1)
}

func TestRetryIsDueToTheMicrosecond(t *testing.T) {
	t.Parallel()
	s := notified(t, of(nails(), sends("thank", trigger.Purchase())), func(context.Context, trigger.Delivery) error {
		return trigger.RetryAfter(errors.New("busy"), 90*time.Second+123)
	})
	s.crowd(1)
	s.tick(opening)
	out := s.outbox(store.Waiting)
	require.Len(t, out, 1)
	assert.Equal(t, opening.Add(90*time.Second), out[0].Due)
}
