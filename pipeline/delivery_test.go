package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/pipeline"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/trigger"
)

// failing fails as often as it is told to, and writes down when it was tried.
type failing struct {
	clock interface{ Now() time.Time }
	errs  []error
	tried []time.Time
}

func (f *failing) Notify(context.Context, trigger.Delivery) error {
	f.tried = append(f.tried, f.clock.Now())
	if len(f.errs) == 0 {
		return nil
	}
	err := f.errs[0]
	f.errs = f.errs[1:]
	return err
}

// failures returns a shop whose one delivery, of a purchase, fails like that.
func failures(t *testing.T, retry pipeline.Retry, errs ...error) (*shop, *failing) {
	t.Helper()
	s := setup(t, of(nails(), sends("t", trigger.Purchase())), func(c *pipeline.Config) { c.Retry = retry })
	f := &failing{clock: s.clock, errs: errs}
	s.cfg.Notifier = f
	s.restart()
	s.buys("a")
	return s, f
}

// tickUntil ticks second by second.
func (s *shop) tickUntil(end time.Time) {
	s.t.Helper()
	for now := s.clock.Now(); !now.After(end); now = now.Add(time.Second) {
		s.tick(now)
	}
}

var errDown = errors.New("gateway down")

func TestFailuresAreTriedAgainAfterGrowingPauses(t *testing.T) {
	t.Parallel()
	s, f := failures(t, pipeline.Retry{First: 10 * time.Second, Most: time.Minute}, errDown, errDown, errDown, errDown, errDown)
	s.tickUntil(opening.Add(10 * time.Minute))
	require.Len(t, f.tried, 6)
	for i, most := range []time.Duration{10, 20, 40, 60, 60} {
		most *= time.Second
		pause := f.tried[i+1].Sub(f.tried[i])
		assert.LessOrEqual(t, pause, most)
		assert.GreaterOrEqual(t, pause, most*4/5)
	}
	assert.Equal(t, 6, s.outbox(store.Sent)[0].Attempts)
	assert.Equal(t, []string{"olga/t/1/0"}, refs(s, customer.DeliverySent))
}

// refs returns what the events of a kind are about.
func refs(s *shop, kind customer.EventKind) []string {
	s.t.Helper()
	var list []string
	for _, e := range s.timeline() {
		if e.Kind == kind {
			list = append(list, e.Ref)
		}
	}
	return list
}

func TestRetryAfterIsHonoured(t *testing.T) {
	t.Parallel()
	s, f := failures(t, pipeline.Retry{First: 10 * time.Second}, trigger.RetryAfter(errDown, 5*time.Minute), trigger.RetryAfter(errDown, time.Nanosecond))
	s.tickUntil(opening.Add(10 * time.Minute))
	require.Len(t, f.tried, 3)
	assert.Equal(t, 5*time.Minute, f.tried[1].Sub(f.tried[0]))
	assert.Greater(t, f.tried[2].Sub(f.tried[1]), 15*time.Second, "less than usual is not less")
}

func TestPermanentErrorsAreDeadAtOnce(t *testing.T) {
	t.Parallel()
	s, f := failures(t, pipeline.Retry{}, fmt.Errorf("wrapped: %w", trigger.Permanent(errDown)))
	p := s.tick(opening)
	assert.Equal(t, 1, p.Dead)
	s.tickUntil(opening.Add(time.Minute))
	assert.Len(t, f.tried, 1)
	dead := s.outbox(store.Dead)
	require.Len(t, dead, 1)
	assert.Equal(t, "wrapped: gateway down", dead[0].Error)
	assert.Equal(t, []string{`03-02 10:00 delivery_dead t (sms) "failed for good"`}, s.lines(customer.DeliveryDead))
}

func TestExhaustedAttemptsAreDeadAndCanBeRedriven(t *testing.T) {
	t.Parallel()
	s, f := failures(t, pipeline.Retry{Attempts: 3, First: time.Second}, errDown, errDown, errDown, errDown)
	s.tickUntil(opening.Add(time.Minute))
	assert.Len(t, f.tried, 3)
	assert.Equal(t, []string{`03-02 10:00 delivery_dead t (sms) "failed too often"`}, s.lines(customer.DeliveryDead))

	theDead := s.outbox(store.Dead)[0].Ref()
	require.ErrorIs(t, s.Redrive(t.Context(), theDead, store.DeliveryRef{Customer: "olga", ID: "bogus"}), store.ErrUnknown)
	s.tick(s.clock.Now())
	assert.Len(t, f.tried, 3, "nothing was redriven")

	require.NoError(t, s.Redrive(t.Context(), theDead))
	s.tickUntil(s.clock.Now().Add(time.Minute))
	assert.Len(t, f.tried, 5, "with all its attempts ahead of it")
	assert.Empty(t, s.outbox(store.Dead))
	require.ErrorIs(t, s.Redrive(t.Context(), theDead), store.ErrUnknown, "it is sent")
}

func TestDeliveriesOfACustomerAndChannelLeaveInOrder(t *testing.T) {
	t.Parallel()
	steps := trigger.Trigger{ID: "t", On: trigger.Purchase(), Steps: []trigger.Step{
		trigger.Send("sms", "1"), trigger.Send("sms", "2"), trigger.Send("telegram", "3"), trigger.Send("sms", "4"),
	}}
	s := setup(t, of(nails(), steps))
	fail := true
	s.cfg.Notifier = trigger.NotifierFunc(func(ctx context.Context, d trigger.Delivery) error {
		if d.Text == "1" && fail {
			return errDown
		}
		return s.notify(ctx, d)
	})
	s.restart()
	s.buys("a")
	s.tick(opening)
	assert.Equal(t, []string{"03-02 10:00 t: 3"}, s.messages(), "another channel is not held up")
	fail = false
	s.tick(opening.Add(time.Minute))
	assert.Equal(t, []string{"03-02 10:00 t: 3", "03-02 10:00 t: 1", "03-02 10:00 t: 2", "03-02 10:00 t: 4"}, s.messages())
}

func TestDeadDeliveryLetsTheNextGo(t *testing.T) {
	t.Parallel()
	steps := trigger.Trigger{ID: "t", On: trigger.Purchase(), Steps: []trigger.Step{trigger.Send("sms", "1"), trigger.Send("sms", "2")}}
	s := setup(t, of(nails(), steps))
	s.cfg.Notifier = trigger.NotifierFunc(func(ctx context.Context, d trigger.Delivery) error {
		if d.Text == "1" {
			return trigger.Permanent(errDown)
		}
		return s.notify(ctx, d)
	})
	s.restart()
	s.buys("a")
	s.tick(opening)
	assert.Equal(t, []string{"03-02 10:00 t: 2"}, s.messages())
}

func TestNotifierThatPanicsCostsItsOwnDelivery(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails(), sends("bad", trigger.Purchase()), trigger.Trigger{ID: "good", On: trigger.Purchase(), Steps: []trigger.Step{trigger.Task("x")}}))
	s.cfg.Notifier = trigger.NotifierFunc(func(ctx context.Context, d trigger.Delivery) error {
		if d.Trigger == "bad" {
			panic("olga@example.org is not deliverable")
		}
		return s.notify(ctx, d)
	})
	s.restart()
	s.buys("a")
	p := s.tick(opening)
	assert.Equal(t, pipeline.Progress{Sent: 1, Retried: 1}, p)
	waiting := s.outbox(store.Waiting)
	require.Len(t, waiting, 1)
	assert.Equal(t, "the notifier panicked: string", waiting[0].Error, "what it panicked with may be personal")
}

func TestNotifierThatHangsCostsItsOwnDelivery(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := setup(t, of(nails(), sends("bad", trigger.Purchase()), trigger.Trigger{ID: "good", On: trigger.Purchase(), Steps: []trigger.Step{trigger.Task("x")}}),
			func(c *pipeline.Config) { c.SendTimeout = 10 * time.Second })
		release := make(chan struct{})
		s.cfg.Notifier = trigger.NotifierFunc(func(ctx context.Context, d trigger.Delivery) error {
			if d.Trigger == "bad" {
				<-release // deaf to ctx
			}
			return s.notify(ctx, d)
		})
		s.restart()
		s.buys("a")
		start := time.Now()
		p := s.tick(opening)
		assert.Equal(t, pipeline.Progress{Sent: 1, Retried: 1}, p)
		assert.Equal(t, 10*time.Second, time.Since(start))
		assert.Equal(t, "the notifier took too long", s.outbox(store.Waiting)[0].Error)
		close(release)
		synctest.Wait()
	})
}

func TestCancelledTickSettlesWhatWasSent(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails(), sends("t", trigger.Purchase())))
	ctx, cancel := context.WithCancel(t.Context())
	s.cfg.Notifier = trigger.NotifierFunc(func(_ context.Context, d trigger.Delivery) error {
		cancel()
		return s.notify(t.Context(), d)
	})
	s.restart()
	s.buys("a")
	_, err := s.Tick(ctx)
	require.ErrorIs(t, err, context.Canceled)
	assert.Len(t, s.outbox(store.Sent), 1)
	s.tick(opening.Add(time.Hour))
	assert.Len(t, s.sentIDs(), 1)
}

func TestCancelledAttemptIsNobodysFault(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails(), sends("t", trigger.Purchase())), func(c *pipeline.Config) { c.Retry.Attempts = 1 })
	ctx, cancel := context.WithCancel(t.Context())
	s.cfg.Notifier = trigger.NotifierFunc(func(ctx context.Context, d trigger.Delivery) error {
		cancel()
		return ctx.Err()
	})
	s.restart()
	s.buys("a")
	_, err := s.Tick(ctx)
	require.ErrorIs(t, err, context.Canceled)
	assert.Len(t, s.outbox(store.Waiting), 1, "it is not given up because the engine stopped")
}

func TestWithoutANotifierDeliveriesStayInTheOutbox(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails(), sends("t", trigger.Purchase())), func(c *pipeline.Config) { c.Notifier = nil })
	s.buys("a")
	s.tick(opening)
	assert.Len(t, s.outbox(store.Waiting), 1)
	s.cfg.Notifier = trigger.NotifierFunc(s.notify)
	s.restart()
	s.tick(opening)
	assert.Len(t, s.sentIDs(), 1)
}

func TestSendersShareTheWork(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := emptyShop(t, of(nails(), sends("t", trigger.Purchase())), func(c *pipeline.Config) { c.Senders = 5 })
		s.cfg.Notifier = trigger.NotifierFunc(func(ctx context.Context, d trigger.Delivery) error {
			time.Sleep(time.Second)
			return s.notify(ctx, d)
		})
		s.restart()
		for i := range 20 {
			p := bought("a", opening)
			p.Customer = fmt.Sprint(i)
			s.must(customer.Customer{ID: p.Customer, Phones: phones}, p)
		}
		start := time.Now()
		s.tick(opening)
		assert.Equal(t, 4*time.Second, time.Since(start))
		assert.Len(t, s.sentIDs(), 20)
	})
}

func TestRouterHandsDeliveriesToTheirChannel(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails(), sends("sms", trigger.Purchase()), trigger.Trigger{ID: "hook", On: trigger.Purchase(), Steps: []trigger.Step{trigger.Webhook("https://example.org/x")}}))
	s.cfg.Notifier = trigger.Router{"sms": trigger.NotifierFunc(s.notify)}
	s.restart()
	s.buys("a")
	s.tick(opening)
	assert.Equal(t, []string{"olga/sms/1/0"}, s.sentIDs())
	assert.Equal(t, "olga/hook/1/0", s.outbox(store.Dead)[0].ID)
}
