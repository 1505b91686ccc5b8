//go:build unix

package river_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/benbjohnson/clock"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/pipeline"
	"github.com/regulars-go/regulars/store/postgres"
	"github.com/regulars-go/regulars/store/postgres/postgrestest"
	"github.com/regulars-go/regulars/trigger"
)

// server is one that loses nothing, which all share.
var server = sync.OnceValues(func() (*postgrestest.Server, error) {
	s, err := postgrestest.Start("fsync=on", "synchronous_commit=on", "full_page_writes=on", "shared_buffers=1GB", "max_wal_size=8GB")
	if err == nil {
		stop = func() { _ = s.Stop() }
	}
	return s, err
})

var stop = func() {}

func TestMain(m *testing.M) {
	code := m.Run()
	stop()
	os.Exit(code)
}

func dsn(tb testing.TB) string {
	tb.Helper()
	s, err := server()
	postgrestest.Require(tb, err)
	return postgrestest.With(s.DSN(), "pool_max_conns=12")
}

// queue is River, with jobs that do nothing.
type queue struct {
	tb     testing.TB
	client *river.Client[pgx.Tx]
	done   <-chan *river.Event
}

// job is a message to be sent, or a customer to be looked at.
type job struct {
	Customer string `json:"customer"`
	Ref      string `json:"ref"`
	Text     string `json:"text"`
}

func (job) Kind() string { return "job" }

// newJob returns a job with about as much in it as a delivery has.
func newJob(i int) job {
	return job{Customer: fmt.Sprintf("c%06d", i), Ref: fmt.Sprintf("p%d", i), Text: "Thank you for your purchase!"}
}

// newQueue returns River with its tables, and with workers if it is to work.
func newQueue(tb testing.TB, workers int) *queue {
	tb.Helper()
	pool, err := pgxpool.New(context.Background(), dsn(tb))
	require.NoError(tb, err)
	tb.Cleanup(pool.Close)
	driver := riverpgxv5.New(pool)
	quiet := slog.New(slog.DiscardHandler)
	m, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: quiet})
	require.NoError(tb, err)
	_, err = m.Migrate(context.Background(), rivermigrate.DirectionUp, nil)
	require.NoError(tb, err)
	q := &queue{tb: tb}
	cfg := &river.Config{Logger: quiet}
	if workers > 0 {
		cfg.Workers = river.NewWorkers()
		river.AddWorker(cfg.Workers, river.WorkFunc(func(context.Context, *river.Job[job]) error { return nil }))
		cfg.Queues = map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: workers}}
		// As River's own benchmark has it.
		cfg.FetchCooldown, cfg.FetchPollInterval = 2*time.Millisecond, 20*time.Millisecond
	}
	q.client, err = river.NewClient(driver, cfg)
	require.NoError(tb, err)
	if workers > 0 {
		q.done, _ = q.client.SubscribeConfig(&river.SubscribeConfig{ChanSize: 100_000, Kinds: []river.EventKind{river.EventKindJobCompleted}})
		require.NoError(tb, q.client.Start(context.Background()))
		tb.Cleanup(func() { _ = q.client.Stop(context.Background()) })
	}
	return q
}

func (q *queue) insert(i int) error {
	_, err := q.client.Insert(context.Background(), newJob(i), nil)
	return err
}

// insertMany inserts n jobs the fast way, which is COPY.
func (q *queue) insertMany(n int) error {
	params := make([]river.InsertManyParams, n)
	for i := range params {
		params[i].Args = newJob(i)
	}
	_, err := q.client.InsertManyFast(context.Background(), params)
	return err
}

// work inserts n jobs, a thousand at a time, and waits until all are worked and noted
// as such.
func (q *queue) work(n int) error {
	for left := n; left > 0; left -= 1000 {
		if err := q.insertMany(min(left, 1000)); err != nil {
			return err
		}
	}
	for range n {
		<-q.done
	}
	return nil
}

// shop is an engine on PostgreSQL whose customers are thanked for a purchase, and
// reminded of the next four weeks later.
type shop struct {
	tb     testing.TB
	engine *pipeline.Engine
	clock  *clock.Mock
	n      int // customers
	made   atomic.Int64
	sent   atomic.Int64
}

func definitions() pipeline.Definitions {
	return pipeline.Definitions{
		Pipelines: []pipeline.Pipeline{{
			ID: "cakes", Cadence: pipeline.Every(customer.Days(30)),
			Stages: []pipeline.Stage{
				{ID: "thank", From: pipeline.SincePurchase(customer.Days(0))},
				{ID: "remind", From: pipeline.BeforeNext(customer.Days(2))},
			},
		}},
		Triggers: []trigger.Trigger{
			{ID: "thanks", On: trigger.Purchase(), Steps: []trigger.Step{trigger.Send("sms", "Thank you for your purchase!")}},
			{ID: "reminder", On: trigger.StageEntered("cakes", "remind"), Steps: []trigger.Step{trigger.Send("sms", "Another cake?")}},
		},
	}
}

// newShop returns a shop in a schema that was not there. If it sends, what it sends goes
// nowhere, as do the jobs.
func newShop(tb testing.TB, schema string, customers int, sends bool) *shop {
	tb.Helper()
	pool, err := pgxpool.New(context.Background(), dsn(tb))
	require.NoError(tb, err)
	defer pool.Close()
	_, err = pool.Exec(context.Background(), "drop schema if exists "+schema+" cascade") // of a run before
	require.NoError(tb, err)
	s, err := postgres.Open(context.Background(), dsn(tb), postgres.Options{Schema: schema})
	require.NoError(tb, err)
	tb.Cleanup(s.Close)
	x := &shop{tb: tb, clock: clock.NewMock()}
	x.clock.Set(time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC))
	cfg := pipeline.Config{Store: s, Definitions: definitions(), Clock: x.clock, Batch: 1000, Senders: 8}
	if sends {
		cfg.Notifier = trigger.NotifierFunc(func(context.Context, trigger.Delivery) error {
			x.sent.Add(1)
			return nil
		})
	}
	x.engine, err = pipeline.New(cfg)
	require.NoError(tb, err)
	for x.n < customers {
		var cards []customer.Input
		for range min(1000, customers-x.n) {
			cards = append(cards, customer.Customer{ID: customerID(x.n), Phones: []string{"+49170"}})
			x.n++
		}
		require.NoError(tb, x.engine.Apply(context.Background(), cards...))
	}
	return x
}

func customerID(i int) string { return fmt.Sprintf("c%06d", i) }

// buy has n customers buy something, one after the other if need be.
func (x *shop) buy(n int) error {
	inputs := make([]customer.Input, n)
	for i := range inputs {
		k := x.made.Add(1)
		inputs[i] = customer.Purchase{
			ID: fmt.Sprintf("p%d", k), Customer: customerID(int(k * 7919 % int64(x.n))), At: x.clock.Now(), Amount: 4990, Source: "web",
		}
	}
	return x.engine.Apply(context.Background(), inputs...)
}

// month is everything that comes of a purchase of every customer: a message at once,
// and four weeks later a wake-up and another message. Two do it together, as many as
// River has at it between its own statements.
func (x *shop) month() (jobs int, err error) {
	var left, done atomic.Int64
	left.Store(int64(x.n))
	err = atOnce(2, 1, func() error {
		for {
			n := min(1000, left.Add(-1000)+1000)
			if n <= 0 {
				return nil
			}
			if err := x.buy(int(n)); err != nil {
				return err
			}
		}
	})
	for range 2 {
		if err != nil {
			return 0, err
		}
		err = atOnce(2, 1, func() error {
			p, err := x.engine.Tick(context.Background())
			done.Add(int64(p.WakeUps + p.Sent))
			return err
		})
		x.clock.Add(29 * 24 * time.Hour)
	}
	return int(done.Load()), err
}
