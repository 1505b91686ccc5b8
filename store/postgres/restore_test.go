package postgres_test

import (
	"context"
	"fmt"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/benbjohnson/clock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/pipeline"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/store/postgres"
	"github.com/regulars-go/regulars/store/postgres/postgrestest"
	"github.com/regulars-go/regulars/trigger"
)

const restored = 150 // customers

// branch is a store with an engine that is told of customers and one that sends.
type branch struct {
	t        *testing.T
	store    *postgres.Store
	till     *pipeline.Engine // whose clock stands at the opening
	sender   *pipeline.Engine
	now      time.Time // on the clock of sender
	got      map[string]string
	received func(n int) // called behind each message
}

func newBranch(t *testing.T, schema string) *branch {
	t.Helper()
	b := &branch{t: t, store: openIn(t, schema), now: opening, got: make(map[string]string), received: func(int) {}}
	begin := opening
	engine := func(now *time.Time) *pipeline.Engine {
		e, err := pipeline.New(pipeline.Config{
			Store: b.store, Definitions: lifetime(), Clock: shown{clock.New(), now}, Batch: 10, Notifier: trigger.NotifierFunc(b.notify),
		})
		require.NoError(t, err)
		return e
	}
	b.till, b.sender = engine(&begin), engine(&b.now)
	return b
}

func (b *branch) notify(_ context.Context, d trigger.Delivery) error {
	b.got[d.ID] = fmt.Sprintf("%+v", d)
	b.received(len(b.got))
	return nil
}

// isTold applies what happens to the customers.
func (b *branch) isTold() {
	for i := range restored {
		id := fmt.Sprintf("c%05d", i)
		assert.NoError(b.t, b.till.Apply(b.t.Context(), customer.Customer{ID: id, Phones: []string{"+49170"}, Since: opening},
			customer.Purchase{ID: "p", Customer: id, At: opening, Amount: 100}))
	}
}

// ticks does what is due at so many hours from the opening.
func (b *branch) ticks(hour int) {
	b.now = opening.Add(time.Duration(hour) * time.Hour)
	_, err := b.sender.Tick(b.t.Context())
	assert.NoError(b.t, err)
}

// came returns what came of it all: timelines and the outbox, but for when and after
// how many attempts.
func (b *branch) came() (events [][]customer.Event, box map[string]string) {
	b.t.Helper()
	for i := range restored {
		events = append(events, stepped(b.t, b.store.Timeline(b.t.Context(), fmt.Sprintf("c%05d", i))))
	}
	box = make(map[string]string)
	for _, o := range outbox(b.t, b.store) {
		assert.NotContains(b.t, box, o.ID)
		assert.Equal(b.t, store.Sent, o.State, o.ID)
		box[o.ID] = fmt.Sprintf("%+v", o.Delivery)
	}
	return events, box
}

// The schema is dumped while customers come in, and a batch of messages is leased, of
// which some are sent. An engine that goes on from there, and is told again what it
// does not know, ends where the first did.
func TestRestoredWhileEnginesWereAtWork(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("pg_dump"); err != nil {
		t.Skip("pg_dump is not installed")
	}
	schema := postgrestest.Schema(t)
	first := newBranch(t, schema)
	var script []byte
	first.received = func(n int) {
		if n == 95 { // there are ten in a batch
			script = dump(t, schema)
		}
	}
	const end = 5*24 + 1 // hours, with those of the leases
	var work sync.WaitGroup
	work.Go(first.isTold)
	for hour := 0; hour < end; hour++ {
		first.ticks(hour)
	}
	work.Wait()
	first.ticks(end)
	events, box := first.came()
	require.Equal(t, box, first.got)
	require.Len(t, box, perCustomer*restored)
	first.store.Close()
	require.NotEmpty(t, script)

	_, err := newPool(t, "").Exec(t.Context(), `drop schema `+schema+` cascade`)
	require.NoError(t, err)
	restore(t, script)
	second := newBranch(t, schema)
	states := make(map[store.DeliveryState]int)
	for _, o := range outbox(t, second.store) {
		states[o.State]++
	}
	t.Logf("restored with %d deliveries sent, %d waiting", states[store.Sent], states[store.Waiting])
	require.Positive(t, states[store.Waiting])
	require.Positive(t, states[store.Sent])
	second.isTold()
	second.ticks(end + 1) // when the leases are over that the dump may have
	eventsAgain, boxAgain := second.came()
	assert.Equal(t, events, eventsAgain)
	assert.Equal(t, box, boxAgain)
	assert.Len(t, second.got, len(box)-states[store.Sent], "what was settled is not sent again")
	for id, text := range second.got {
		assert.Equal(t, first.got[id], text, id)
	}
}
