package pipeline

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/benbjohnson/clock"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/trigger"
)

// Config says what an Engine works with. Every field but Store and Definitions
// may be left zero.
type Config struct {
	// Store keeps everything; required. Engines may share one.
	Store store.Store

	// Definitions is what the engine does. Engines on one store have the same.
	// Customers who were last stepped under other definitions are brought over to
	// these by [Engine.Redefine], or else as soon as something happens to them.
	Definitions Definitions

	// Notifier carries deliveries out. Nil: they stay in the outbox, for another
	// engine on the same store to send.
	Notifier trigger.Notifier

	// Clock is where every instant comes from. Nil: the wall clock. One that is set
	// back holds up what is due until it comes there again, and makes nothing happen
	// twice. Those of engines on one store may differ; by less than Lease, or one
	// sends again what another is sending.
	Clock clock.Clock

	// Zone is the time zone of customers who have none of their own. Nil: UTC.
	Zone *time.Location

	// Lateness is how old something may be when it becomes known and still start
	// triggers. What is older changes state, and starts none; neither does what
	// follows from it up to now. Engines on one store have the same. Zero: 24 hours.
	Lateness time.Duration

	// Ahead is how far in the future something may be said to have happened, for
	// clocks that differ. Zero: one minute.
	Ahead time.Duration

	// Senders is how many deliveries may be under way at once. Zero: one, so that
	// they leave one by one in the order in which they became due, which is what
	// a test wants. A server that sends over a network wants more.
	Senders int

	// SendTimeout is how long one attempt to deliver may take, in real time. A
	// Notifier that takes longer has failed, and is left alone. Zero: 30 seconds.
	SendTimeout time.Duration

	// Retry says when a delivery that failed is tried again.
	Retry Retry

	// Batch is how many customers or deliveries are claimed at once, at most.
	// Zero: 256.
	Batch int

	// Lease is how long a claim lasts before someone else may take it over: how
	// long what a crashed process was at is held up. A batch must be done within
	// it, so it is at least twice SendTimeout. Zero: five minutes, or twice
	// SendTimeout where that is longer.
	Lease time.Duration

	// Logger is told of what goes wrong while [Engine.Run] has nobody to return
	// an error to. It never sees personal data. Nil: nothing is logged.
	Logger *slog.Logger
}

// Engine keeps every customer's place in every pipeline and segment, and does
// what is to be done about it. Tell it what happened with [Engine.AddCustomer],
// [Engine.RecordPurchase], [Engine.RecordActivity] and the other methods, or
// many things at once with [Engine.Apply], or in a transaction of your own with
// [Engine.ApplyTx]; let time pass with [Engine.Run], or
// step by step with [Engine.Tick]; look with [Engine.Customer],
// [Engine.Customers], [Engine.Timeline] and [Engine.Deliveries], or ask with
// [Engine.Explain], [Engine.At] and [Engine.Preview]; change what it does with
// [Engine.Redefine]; remove what is old with [Engine.Prune].
//
// All methods may be called concurrently. Several engines with the same
// definitions may work on one store.
type Engine struct {
	cfg      Config
	rules    *atomic.Pointer[rules] // shared with views of transactions
	steppers *sync.Pool             // of *stepper
	tx       store.Tx               // the store, where it is a view of a transaction
	// Whoever is redefining holds the one place in it.
	redefining chan struct{}
	// What wakes the loops of Run up.
	wakes, deliveries nudge
}

// New checks the configuration, all of it at once, and returns an engine. It
// starts nothing. Every fault of the definitions is told, each a
// *customer.DefinitionError that names its place.
func New(cfg Config) (*Engine, error) {
	cfg.fill()
	r, err := compile(cfg.Definitions)
	if err := errors.Join(cfg.check(), err); err != nil {
		return nil, fmt.Errorf("new engine: %w", err)
	}
	z := new(zones)
	e := &Engine{
		cfg: cfg, rules: new(atomic.Pointer[rules]), redefining: make(chan struct{}, 1),
		wakes: newNudge(), deliveries: newNudge(),
		steppers: &sync.Pool{New: func() any { return newStepper(cfg.Zone, cfg.Lateness, z) }},
	}
	e.rules.Store(r)
	return e, nil
}

// stepper returns a stepper that works by the rules, to be put back.
func (e *Engine) stepper(r *rules) *stepper {
	s := e.steppers.Get().(*stepper)
	s.under(r)
	return s
}

// maxDuration bounds what is configured, so that sums of it do not overflow.
const maxDuration = 10 * 365 * 24 * time.Hour

func (c *Config) check() error {
	var faults customer.Faults
	if c.Store == nil {
		faults.Add("config.Store", "is nil; give the engine a store, as memory.New()")
	}
	for _, d := range []struct {
		name string
		d    time.Duration
	}{
		{"Lateness", c.Lateness},
		{"Ahead", c.Ahead},
		{"SendTimeout", c.SendTimeout},
		{"Lease", c.Lease},
		{"Retry.First", c.Retry.First},
		{"Retry.Most", c.Retry.Most},
	} {
		if d.d < 0 || d.d > maxDuration {
			faults.Add("config."+d.name, "%v is negative or longer than ten years", d.d)
		}
	}
	for _, n := range []struct {
		name string
		n    int
	}{{"Senders", c.Senders}, {"Batch", c.Batch}, {"Retry.Attempts", c.Retry.Attempts}} {
		if n.n < 0 {
			faults.Add("config."+n.name, "%d is negative", n.n)
		}
	}
	if c.Lease > 0 && c.Lease < 2*c.SendTimeout {
		faults.Add("config.Lease", "%v is less than twice SendTimeout, so a delivery could be sent by two", c.Lease)
	}
	return faults.Err()
}

// fill puts the defaults in.
func (c *Config) fill() {
	setDefault(&c.Lateness, 24*time.Hour)
	setDefault(&c.Ahead, time.Minute)
	setDefault(&c.Senders, 1)
	setDefault(&c.SendTimeout, 30*time.Second)
	setDefault(&c.Batch, 256)
	setDefault(&c.Lease, max(5*time.Minute, 2*c.SendTimeout))
	setDefault(&c.Retry.Attempts, 12)
	setDefault(&c.Retry.First, 30*time.Second)
	setDefault(&c.Retry.Most, 6*time.Hour)
	if c.Clock == nil {
		c.Clock = clock.New()
	}
	if c.Zone == nil {
		c.Zone = time.UTC
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// now reads the clock: once per operation.
func (e *Engine) now() time.Time { return customer.Stored(e.cfg.Clock.Now()) }

// Customer returns the customer's record as it was last stepped: by an input,
// or by the clock as of the last tick. It fails with [ErrUnknownCustomer].
func (e *Engine) Customer(ctx context.Context, id string) (store.Record, error) {
	loaded, err := e.cfg.Store.Load(ctx, store.Request{Customer: id})
	if err != nil {
		return store.Record{}, fmt.Errorf("load customer %q: %w", id, err)
	}
	if loaded[0].Record.Version == 0 {
		return store.Record{}, fmt.Errorf("load customer %q: %w", id, ErrUnknownCustomer)
	}
	return loaded[0].Record, nil
}

// Customers yields the records that the query asks for, ordered by customer ID,
// each as it was last stepped. An error comes last, with a zero record. The loop
// body may call any method of the engine. Their history is not read, whatever
// the query's Reach.
func (e *Engine) Customers(ctx context.Context, q store.Query) iter.Seq2[store.Record, error] {
	q.Reach = segment.Reach{}
	return func(yield func(store.Record, error) bool) {
		for l, err := range e.cfg.Store.Find(ctx, q) {
			if !yield(l.Record, err) {
				return
			}
		}
	}
}

// Timeline yields what happened to a customer, in the order in which it was
// stepped and committed. Of what moves at one instant, segments come in the order
// of the definitions, each behind those it reads, entered and left alike. What
// [Engine.Prune] removed is not there. Nothing has happened to an unknown customer.
func (e *Engine) Timeline(ctx context.Context, id string) iter.Seq2[customer.Event, error] {
	return e.cfg.Store.Timeline(ctx, id)
}

// Deliveries yields the deliveries that the query asks for: what is waiting,
// what was sent, what is dead.
func (e *Engine) Deliveries(ctx context.Context, q store.DeliveryQuery) iter.Seq2[store.Outgoing, error] {
	return e.cfg.Store.Deliveries(ctx, q)
}

// Redrive makes dead deliveries due again now, with all their attempts ahead of
// them. It fails, having changed nothing, where one is not there or not dead.
func (e *Engine) Redrive(ctx context.Context, deliveries ...store.DeliveryRef) error {
	if err := e.cfg.Store.Redrive(ctx, e.now(), deliveries...); err != nil {
		return fmt.Errorf("redrive: %w", err)
	}
	e.deliveries.wake()
	return nil
}
