package storetest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/benbjohnson/clock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/pipeline"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/trigger"
)

// What wall clocks do to engines: they are set back, and those of two machines differ.
var clockRules = []rule{
	{"clocks/set-back", "What is due or leased when the clock is set back waits until the clock comes there again, and is done once.", setBack},
	{"clocks/differ", "Whatever clocks say, every input counts once, every delivery has one content and is settled, and no engine goes round in circles.", clocksDiffer},
}

// claims is a store that counts how often an engine asks it for something to do.
type claims struct {
	store.Store
	n int
}

func (c *claims) ClaimWakeUps(ctx context.Context, claim store.Claim) ([]store.Loaded, error) {
	c.n++
	if c.n > 1000 {
		return nil, fmt.Errorf("the engine goes round in circles at %v", claim.Now)
	}
	return c.Store.ClaimWakeUps(ctx, claim)
}

// clocks is engines on one store, with a clock each, and what they have sent.
type clocks struct {
	t       *testing.T
	store   *claims
	engines []*pipeline.Engine
	now     []time.Time // on the clock of each
	sent    map[string]trigger.Delivery
	again   int
}

// handsOf is the clock of one of the engines.
type handsOf struct {
	clock.Clock
	*clocks
	engine int
}

func (h handsOf) Now() time.Time { return h.now[h.engine] }

func newClocks(t *testing.T, s store.Store, engines int) *clocks {
	t.Helper()
	c := &clocks{t: t, store: &claims{Store: s}, sent: make(map[string]trigger.Delivery)}
	for i := range engines {
		e, err := pipeline.New(pipeline.Config{
			Store: c.store, Clock: handsOf{clock.New(), c, i}, Definitions: visits(), Lease: lease, Batch: 3,
			Notifier: trigger.NotifierFunc(c.send),
		})
		require.NoError(t, err)
		c.engines, c.now = append(c.engines, e), append(c.now, t0)
	}
	return c
}

// visits is definitions with stages within days of a purchase, each of which sends.
func visits() pipeline.Definitions {
	d := pipeline.Definitions{Pipelines: []pipeline.Pipeline{{
		ID: "cakes", Cadence: pipeline.Every(customer.Days(4)),
		Stages: []pipeline.Stage{
			{ID: "thank", From: pipeline.SincePurchase(customer.Days(0))},
			{ID: "ask", From: pipeline.SincePurchase(customer.Hours(24))},
			{ID: "due", From: pipeline.AtNext()},
			{ID: "lost", From: pipeline.AfterNext(customer.Days(3)), Closes: "lost"},
		},
	}}}
	for _, stage := range d.Pipelines[0].Stages {
		d.Triggers = append(d.Triggers, trigger.Trigger{
			ID: stage.ID, On: trigger.StageEntered("cakes", stage.ID), Steps: []trigger.Step{trigger.Send("sms", stage.ID)},
		})
	}
	return d
}

func (c *clocks) send(_ context.Context, d trigger.Delivery) error {
	if before, again := c.sent[d.ID]; again {
		c.again++
		equal(c.t, before, d, "delivery "+d.ID)
	}
	c.sent[d.ID] = d
	return nil
}

// tick has one of the engines do what is due by its clock.
func (c *clocks) tick(engine int) pipeline.Progress {
	c.t.Helper()
	c.store.n = 0
	p, err := c.engines[engine].Tick(c.t.Context())
	require.NoError(c.t, err)
	return p
}

func (c *clocks) buys(engine int, customerID, id string) {
	c.t.Helper()
	require.NoError(c.t, c.engines[engine].RecordPurchase(c.t.Context(),
		customer.Purchase{ID: id, Customer: customerID, At: c.now[engine], Amount: 100}))
}

// crashes has a process with the clock of an engine claim what is due, send the first
// of it, and die.
func (c *clocks) crashes(engine int) {
	c.t.Helper()
	claimWakeUps(c.t, c.store, c.now[engine], 2)
	for i, o := range claimDeliveries(c.t, c.store, c.now[engine], 2) {
		if i == 0 {
			_ = c.send(c.t.Context(), o.Delivery)
		}
	}
}

// entered returns the stages that somebody came into.
func (c *clocks) entered(id string) (stages []string) {
	c.t.Helper()
	for _, e := range timeline(c.t, c.store, id) {
		if e.Kind == customer.StageEntered {
			stages = append(stages, e.Stage)
		}
	}
	return stages
}

func setBack(t *testing.T, s store.Store) {
	c := newClocks(t, s, 1)
	require.NoError(t, c.engines[0].AddCustomer(t.Context(), customer.Customer{ID: "c", Phones: []string{"+49170"}}))
	c.buys(0, "c", "p")
	c.tick(0)
	require.Len(t, c.sent, 1)

	c.now[0] = at(24 * time.Hour)
	c.crashes(0) // it has "ask" leased, until ten minutes later
	for _, hour := range []time.Duration{23, 0, -24, 23, 24} {
		c.now[0] = at(hour * time.Hour)
		assert.Equal(t, pipeline.Progress{}, c.tick(0), "at hour %d", hour)
		dueNext(t, s, at(24*time.Hour+lease), never, "the lease stands")
	}
	c.now[0] = at(24*time.Hour + lease)
	assert.Equal(t, 1, c.tick(0).Sent)
	c.now[0] = at(-24 * time.Hour)
	c.buys(0, "c", "before") // it is stepped up to a time that is yet to come
	c.now[0] = at(30 * 24 * time.Hour)
	c.tick(0)
	assert.Equal(t, []string{"thank", "ask", "due", "lost"}, c.entered("c"), "once each")
	assert.Equal(t, 2, record(t, s, "c").Totals.Count)
	c.settled()
}

// settled checks that nothing is left to do, and that what was sent is what there was
// to send.
func (c *clocks) settled() {
	c.t.Helper()
	dueNext(c.t, c.store, never, never, "all is done")
	all := deliveries(c.t, c.store, store.DeliveryQuery{})
	fired := 0
	for _, id := range found(c.t, c.store, store.Query{}) {
		for _, e := range timeline(c.t, c.store, id) {
			if e.Kind == customer.TriggerFired {
				fired++
			}
		}
	}
	assert.Len(c.t, all, fired, "each trigger that fired has a delivery")
	assert.Len(c.t, c.sent, fired, "nothing else was sent")
	for _, o := range all {
		assert.Equal(c.t, store.Sent, o.State, o.ID)
		equal(c.t, o.Delivery, c.sent[o.ID], "delivery "+o.ID)
	}
}

// leap returns by how much a clock is set, forward or back.
func leap(rng *rand.Rand) time.Duration {
	d := []time.Duration{10 * time.Minute, time.Hour, 24 * time.Hour}[rng.IntN(3)]
	if rng.IntN(2) == 0 {
		return -d
	}
	return d
}

func clocksDiffer(t *testing.T, s store.Store) {
	rng := rand.New(rand.NewPCG(4, 4))
	c := newClocks(t, s, 2)
	bought := make(map[string][]string)
	ids := []string{"a", "b", "c", "d", "e"}
	for _, id := range ids {
		require.NoError(t, c.engines[0].AddCustomer(t.Context(), customer.Customer{ID: id, Phones: []string{"+49170"}}))
	}
	for step := range 150 {
		engine := rng.IntN(2)
		switch rng.IntN(6) {
		case 0:
			id, p := ids[rng.IntN(len(ids))], fmt.Sprintf("p%03d", step)
			c.buys(engine, id, p)
			bought[id] = append(bought[id], p)
		case 1:
			c.now[engine] = c.now[engine].Add(leap(rng))
		case 2:
			c.crashes(engine)
		default:
			c.tick(engine)
		}
		for i := range c.now {
			c.now[i] = c.now[i].Add(time.Duration(rng.IntN(120)) * time.Minute)
		}
	}
	for range 5 { // when both clocks are right again
		for i := range c.now {
			c.now[i] = at(60 * 24 * time.Hour)
			c.tick(i)
		}
	}
	for _, id := range ids {
		var known []string
		for _, e := range timeline(t, s, id) {
			if e.Kind == customer.Purchased {
				known = append(known, e.Ref)
			}
		}
		assert.Equal(t, bought[id], known, "purchases on the timeline of %s", id)
		assert.Equal(t, len(bought[id]), record(t, s, id).Totals.Count, "purchases of %s", id)
	}
	c.settled()
	t.Logf("%d deliveries, %d sent again", len(c.sent), c.again)
}
