package postgres_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/benbjohnson/clock"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/pipeline"
	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/store/memory"
	"github.com/regulars-go/regulars/store/postgres"
	"github.com/regulars-go/regulars/store/postgres/postgrestest"
	"github.com/regulars-go/regulars/trigger"
)

// job is what a worker process is told, in the variable jobEnv.
type job struct {
	DSN, Schema string
	Begin       time.Time     // when the clocks of all workers showed opening
	Lease       time.Duration // on those clocks
	Claims      bool          // it is one of a benchmark; see claimAsTold
}

const jobEnv = "REGULARS_TEST_WORKER"

var opening = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

// speed is how fast the workers' clocks go: two days a second.
const speed = 2 * 24 * 3600

// fastClock is the clock of the workers, which all show the same.
type fastClock struct {
	clock.Clock
	begin time.Time
}

func (c fastClock) Now() time.Time { return opening.Add(time.Since(c.begin) * speed) }

// lifetime is definitions by which a purchase leads to six messages and tasks in five
// days, and to a dozen wake-ups.
func lifetime() pipeline.Definitions {
	d := pipeline.Definitions{
		Pipelines: []pipeline.Pipeline{{
			ID: "cakes", Cadence: pipeline.Every(customer.Days(4)),
			Stages: []pipeline.Stage{
				{ID: "thank", From: pipeline.SincePurchase(customer.Days(0))},
				{ID: "remind", From: pipeline.BeforeNext(customer.Days(1))},
				{ID: "due", From: pipeline.AtNext()},
				{ID: "lost", From: pipeline.AfterNext(customer.Hours(20)), Closes: "lost"},
			},
		}},
		Segments: []segment.Segment{
			{ID: "active", Enter: segment.PurchasedWithin(customer.Days(2))},
			{ID: "asleep", Enter: segment.NoPurchaseFor(customer.Days(3))},
		},
		Triggers: []trigger.Trigger{
			{ID: "thanks", On: trigger.Purchase(), Steps: []trigger.Step{
				trigger.Send("sms", "Thank you!"), trigger.Wait(customer.Hours(30)), trigger.Send("sms", "How was it?"), trigger.Task("look"),
			}},
			{ID: "asleep", On: trigger.SegmentEntered("asleep"), Steps: []trigger.Step{trigger.Send("sms", "Still there?")}},
		},
	}
	for _, stage := range []string{"due", "lost"} {
		d.Triggers = append(d.Triggers, trigger.Trigger{
			ID: stage, On: trigger.StageEntered("cakes", stage), Steps: []trigger.Step{trigger.Send("sms", stage)},
		})
	}
	return d
}

const (
	perCustomer = 6 // deliveries
	lastWakeUp  = 5 * 24 * time.Hour
)

// work is what a worker process does: tick until its standard input ends.
func work(text string) error {
	var j job
	if err := json.Unmarshal([]byte(text), &j); err != nil {
		return err
	}
	if j.Claims {
		return claimAsTold(context.Background(), j)
	}
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	s, err := postgres.Open(ctx, postgrestest.With(j.DSN, "pool_max_conns=4"), postgres.Options{Schema: j.Schema})
	if err != nil {
		return err
	}
	defer s.Close()
	pool, err := pgxpool.New(ctx, postgrestest.With(j.DSN, "pool_max_conns=4 search_path="+j.Schema))
	if err != nil {
		return err
	}
	defer pool.Close()
	e, err := pipeline.New(pipeline.Config{
		Store: s, Definitions: lifetime(), Clock: fastClock{clock.New(), j.Begin}, Lease: j.Lease, Batch: 50, Senders: 4,
		Notifier: trigger.NotifierFunc(func(ctx context.Context, d trigger.Delivery) error {
			_, err := pool.Exec(ctx, `insert into sent (id, content) values ($1, $2)`, d.ID, fmt.Sprintf("%+v", d))
			return err
		}),
	})
	if err != nil {
		return err
	}
	for ctx.Err() == nil {
		if _, err := e.Tick(ctx); err != nil && ctx.Err() == nil {
			return err
		}
		select {
		case <-ctx.Done():
		case <-time.After(10 * time.Millisecond):
		}
	}
	return nil
}

// crew is worker processes on one database.
type crew struct {
	t       *testing.T
	job     job
	pool    *pgxpool.Pool
	store   *postgres.Store
	model   *pipeline.Engine // which did the same in memory, alone
	members []*exec.Cmd
	n       int // customers
}

// newCrew adds customers who buy, and begins to let time pass.
func newCrew(t *testing.T, customers int, lease time.Duration) *crew {
	t.Helper()
	schema := postgrestest.Schema(t)
	c := &crew{t: t, n: customers, store: openIn(t, schema), pool: newPool(t, "search_path="+schema)}
	_, err := c.pool.Exec(t.Context(), `create table sent (id text, content text)`)
	require.NoError(t, err)
	// The inputs are applied by engines whose clocks stand, so that the times are the
	// same for both.
	still := clock.NewMock()
	still.Set(opening)
	first := c.engine(c.store, still)
	c.model = c.engine(memory.New(), still)
	for from := 0; from < customers; from += 500 {
		var inputs []customer.Input
		for i := from; i < min(from+500, customers); i++ {
			id := fmt.Sprintf("c%05d", i)
			at := opening.Add(-time.Duration(i%600) * time.Second)
			inputs = append(inputs, customer.Customer{ID: id, Phones: []string{"+49" + id}, Since: at},
				customer.Purchase{ID: "p", Customer: id, At: at, Amount: 100})
		}
		require.NoError(t, first.Apply(t.Context(), inputs...))
		require.NoError(t, c.model.Apply(t.Context(), inputs...))
	}
	still.Set(opening.Add(lastWakeUp))
	_, err = c.model.Tick(t.Context())
	require.NoError(t, err)
	c.job = job{DSN: postgrestest.DSN(t), Schema: schema, Begin: time.Now(), Lease: lease}
	return c
}

func (c *crew) engine(s store.Store, clk clock.Clock) *pipeline.Engine {
	e, err := pipeline.New(pipeline.Config{Store: s, Definitions: lifetime(), Clock: clk})
	require.NoError(c.t, err)
	return e
}

// hire starts a worker process, which ends when the test does.
func (c *crew) hire() {
	c.t.Helper()
	text, err := json.Marshal(c.job)
	require.NoError(c.t, err)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), jobEnv+"="+string(text))
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	require.NoError(c.t, err)
	require.NoError(c.t, cmd.Start())
	c.members = append(c.members, cmd)
	c.t.Cleanup(func() {
		_ = stdin.Close()
		_ = cmd.Wait() // it was killed, or has said what is wrong
	})
}

// kill ends one of the workers as a power cut would.
func (c *crew) kill() {
	i := rand.IntN(len(c.members))
	require.NoError(c.t, c.members[i].Process.Kill())
	_ = c.members[i].Wait()
	c.members = append(c.members[:i], c.members[i+1:]...)
}

// settled reports whether everything that is to be done was done.
func (c *crew) settled() bool {
	var sent int
	require.NoError(c.t, c.pool.QueryRow(c.t.Context(), `select count(*) from deliveries where state = 1`).Scan(&sent))
	if sent < perCustomer*c.n {
		return false
	}
	wake, delivery, err := c.store.NextDue(c.t.Context())
	require.NoError(c.t, err)
	return delivery.IsZero() && (wake.IsZero() || wake.After(opening.Add(lastWakeUp)))
}

// check compares what the workers did with what the model did.
func (c *crew) check(most int) {
	c.t.Helper()
	var sent, ids, contents int
	require.NoError(c.t, c.pool.QueryRow(c.t.Context(),
		`select count(*), count(distinct id), count(distinct (id, content)) from sent`).Scan(&sent, &ids, &contents))
	assert.Equal(c.t, perCustomer*c.n, ids, "deliveries")
	assert.Equal(c.t, ids, contents, "no ID was sent with two contents")
	assert.LessOrEqual(c.t, sent, most, "sent")
	c.t.Logf("%d deliveries, %d of them sent again", ids, sent-ids)
	states := make(map[store.DeliveryState]int)
	for _, o := range outbox(c.t, c.store) {
		states[o.State]++
	}
	assert.Equal(c.t, map[store.DeliveryState]int{store.Sent: ids}, states)
	for i := range c.n {
		id := fmt.Sprintf("c%05d", i)
		require.Equal(c.t, stepped(c.t, c.model.Timeline(c.t.Context(), id)), stepped(c.t, c.store.Timeline(c.t.Context(), id)),
			"every wake-up of %s was stepped once", id)
	}
}

// stepped returns what steps added to a timeline, without what became of messages.
func stepped(t *testing.T, timeline func(func(customer.Event, error) bool)) (events []customer.Event) {
	t.Helper()
	for e, err := range timeline {
		require.NoError(t, err)
		if e.Kind != customer.DeliverySent {
			events = append(events, e)
		}
	}
	return events
}

func TestManyProcesses(t *testing.T) {
	t.Parallel()
	customers := 2000
	if testing.Short() {
		customers = 300
	}
	c := newCrew(t, customers, 365*24*time.Hour)
	for range 3 {
		c.hire()
	}
	require.Eventually(t, c.settled, 2*time.Minute, 50*time.Millisecond)
	c.check(perCustomer * customers)
}

// Workers are killed over and over. What they had claimed others do when the lease
// ends: again, if need be, under the same ID.
func TestProcessesKilled(t *testing.T) {
	t.Parallel()
	customers, kills := 1500, 60
	if testing.Short() {
		customers, kills = 300, 12
	}
	c := newCrew(t, customers, 4*24*time.Hour) // two seconds
	for range 3 {
		c.hire()
	}
	for range kills {
		time.Sleep(time.Duration(20+rand.IntN(200)) * time.Millisecond) // any moment is as good
		c.kill()
		c.hire()
	}
	require.Eventually(t, c.settled, 2*time.Minute, 50*time.Millisecond)
	c.check(2 * perCustomer * customers)
}
