package pipeline_test

import (
	"bytes"
	"context"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/benbjohnson/clock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/pipeline"
	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/trigger"
)

// running is a shop whose engine runs on the bubble's time.
type running struct {
	*shop
	done   chan error
	cancel context.CancelFunc
	sent   []time.Time
}

// runs starts an engine inside a bubble, which begins at 2000-01-01 00:00 UTC.
func runs(t *testing.T, d pipeline.Definitions, more ...func(*pipeline.Config)) *running {
	t.Helper()
	r := &running{done: make(chan error, 1)}
	wall := func(c *pipeline.Config) {
		c.Clock = clock.New()
		c.Notifier = trigger.NotifierFunc(func(context.Context, trigger.Delivery) error {
			r.sent = append(r.sent, time.Now().UTC())
			return nil
		})
	}
	r.shop = emptyShop(t, d, append([]func(*pipeline.Config){wall}, more...)...)
	ctx, cancel := context.WithCancel(t.Context())
	r.cancel = cancel
	t.Cleanup(cancel)
	go func() { r.done <- r.Run(ctx) }()
	synctest.Wait()
	return r
}

func (r *running) stop() error {
	r.cancel()
	synctest.Wait()
	return <-r.done
}

// often shortens a cycle to a few days: Run looks around every minute, in fake
// time too.
func often(p *pipeline.Pipeline) {
	p.Cadence = pipeline.Every(customer.Days(2))
	p.Stages = []pipeline.Stage{
		p.Stages[0], p.Stages[1],
		{ID: "due", From: pipeline.AtNext()},
		{ID: "overdue", From: pipeline.AfterNext(customer.Days(1))},
		{ID: "lost", From: pipeline.AfterNext(customer.Days(2)), Closes: "did not come back"},
	}
}

// pass lets time pass, and what comes due in it be done.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func TestRunSleepsUntilSomethingIsDue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := runs(t, of(nails(often), sends("wait", trigger.StageEntered("nails", "waiting")), sends("due", trigger.StageEntered("nails", "due"))))
		r.must(customer.Customer{ID: "olga", Phones: phones}, bought("a", time.Now()))
		pass(4 * 24 * time.Hour)
		assert.Equal(t, []time.Time{at("2000-01-02 09:00"), at("2000-01-03 09:00")}, r.sent, "to the instant, not to the next look")
		require.ErrorIs(t, r.stop(), context.Canceled)
	})
}

func TestRunIsNudgedByApply(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := runs(t, of(nails(), sends("thank", trigger.Purchase())))
		pass(90 * time.Second) // it has nothing to do and sleeps
		before := time.Now().UTC()
		r.must(customer.Customer{ID: "olga", Phones: phones}, bought("a", before))
		synctest.Wait()
		assert.Equal(t, []time.Time{before}, r.sent)
	})
}

func TestRunSeesWhatAnotherProcessAdded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := runs(t, of(nails(), sends("thank", trigger.Purchase())))
		other, err := pipeline.New(r.cfg)
		require.NoError(t, err)
		require.NoError(t, other.Apply(t.Context(), customer.Customer{ID: "olga", Phones: phones}, bought("a", time.Now())))
		pass(time.Minute)
		assert.Len(t, r.sent, 1)
	})
}

func TestRunReturnsOnCancelEvenWhileAsleep(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := runs(t, of(nails()))
		start := time.Now()
		require.ErrorIs(t, r.stop(), context.Canceled)
		assert.Equal(t, start, time.Now())
	})
}

func TestRunSurvivesStoreErrors(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"ClaimWakeUps", "ClaimDeliveries", "Commit", "Settle", "NextDue"} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := new(faulty)
				var log bytes.Buffer
				r := runs(t, of(nails(), sends("wait", trigger.StageEntered("nails", "waiting"))), onFaulty(f), func(c *pipeline.Config) {
					c.Logger = slog.New(slog.NewTextHandler(&log, nil))
				})
				r.must(customer.Customer{ID: "olga", Phones: phones, Name: "Olga Example"}, bought("a", time.Now()))
				synctest.Wait()
				f.mu.Lock()
				f.before[method] = 3
				f.mu.Unlock()
				pass(48 * time.Hour)
				assert.NotEmpty(t, r.sent)
				assert.Contains(t, log.String(), "the connection was cut")
				assert.NotContains(t, log.String(), "Example")
				assert.Equal(t, "waiting", r.stage())
			})
		})
	}
}

func TestRunTriesFailedDeliveriesAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tried := 0
		r := runs(t, of(nails(), sends("thank", trigger.Purchase())), func(c *pipeline.Config) {
			c.Notifier = trigger.NotifierFunc(func(context.Context, trigger.Delivery) error {
				if tried++; tried < 4 {
					return errDown
				}
				return nil
			})
		})
		r.must(customer.Customer{ID: "olga", Phones: phones}, bought("a", time.Now()))
		pass(10 * time.Minute)
		assert.Equal(t, 4, tried)
	})
}

func TestRunGoesOnWhenDefinitionsDoNotSettle(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := unsettled(often)
		d.Triggers = append(d.Triggers, sends("due", trigger.StageEntered("nails", "due")))
		r := runs(t, d)
		r.must(customer.Customer{ID: "olga", Phones: phones}, bought("a", time.Now()))
		pass(4 * 24 * time.Hour)
		assert.Equal(t, []time.Time{at("2000-01-03 09:00")}, r.sent)
	})
}

// Two engines that run on one store do everything once.
func TestTwoRunningEnginesDoEverythingOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := of(nails(often))
		for _, stage := range d.Pipelines[0].Stages {
			d.Triggers = append(d.Triggers, sends(stage.ID, trigger.StageEntered("nails", stage.ID)))
		}
		r := runs(t, d)
		other, err := pipeline.New(r.cfg)
		require.NoError(t, err)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go func() { _ = other.Run(ctx) }()
		r.must(customer.Customer{ID: "olga", Phones: phones}, bought("a", time.Now()))
		pass(6 * 24 * time.Hour)
		assert.Len(t, r.sent, 5)
		assert.Len(t, r.lines(customer.StageEntered), 5)
		cancel()
		require.ErrorIs(t, r.stop(), context.Canceled)
	})
}

// unsettled is definitions that a stage makes go round in circles.
func unsettled(more ...func(*pipeline.Pipeline)) pipeline.Definitions {
	d := of(nails(more...),
		trigger.Trigger{ID: "on", On: trigger.SegmentLeft("tagged"), Steps: []trigger.Step{trigger.Tag("x")}},
		trigger.Trigger{ID: "off", On: trigger.SegmentEntered("tagged"), Steps: []trigger.Step{trigger.Untag("x")}},
		trigger.Trigger{ID: "start", On: trigger.StageEntered("nails", "waiting"), Steps: []trigger.Step{trigger.Tag("x")}})
	d.Segments = []segment.Segment{{ID: "tagged", Enter: segment.HasTag("x")}}
	return d
}
