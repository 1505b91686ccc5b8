package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	buyers = 40
	tries  = 300 // orders, of which every fourth asks for what there is too little of
	rare   = 5   // of it there are
)

// One web process and two workers share a database. Hundreds of orders are placed at
// once, each sent twice; some fail when the purchase was applied already; a worker is
// killed with deliveries in its hands. At the end everything is as if nothing had
// happened.
func TestWorkers(t *testing.T) {
	t.Parallel()
	cfg, to := newConfig(t), newReceiver(t)
	to.holdAt = 10
	web := launch(t, cfg, "serve", "-listen", "localhost:0", "-definitions", "seconds.json")
	work := func(path string) *process {
		return launch(t, cfg, "work", "-lease", "3s", "-definitions", "seconds.json", "-webhook", to.server.URL+path)
	}
	doomed, other := work("/doomed"), work("/notes")
	m := &market{t: t, url: web.url(), cfg: cfg, client: &http.Client{Timeout: patience, Transport: &http.Transport{MaxIdleConnsPerHost: tries}}}
	var err error
	m.pool, err = pgxpool.New(t.Context(), cfg.db)
	require.NoError(t, err)
	t.Cleanup(m.pool.Close)

	m.signUp()
	var ordering sync.WaitGroup
	ordering.Go(m.order)
	t.Cleanup(ordering.Wait)
	select {
	case <-to.holding:
	case <-time.After(patience):
		require.Fail(t, "the worker to be killed got nothing to do")
	}
	doomed.kill()
	ordering.Wait()

	require.Eventually(t, m.settled, patience, 50*time.Millisecond)
	m.checkOrders()
	m.checkDeliveries(to.arrivals())
	web.ask()
	other.ask()
	assert.Zero(t, web.ended())
	assert.Zero(t, other.ended())
}

// market is what the test does with the shop.
type market struct {
	t      *testing.T
	url    string
	cfg    config
	client *http.Client
	pool   *pgxpool.Pool

	mu     sync.Mutex
	placed map[string]placed // the orders that the shop says are placed
}

func buyer(i int) string { return fmt.Sprintf("c%02d", i%buyers) }

func (m *market) signUp() {
	var wg sync.WaitGroup
	for i := range buyers {
		wg.Go(func() {
			status, answer, err := send(m.client, m.url+"/customers", fmt.Sprintf(`{"id": %q, "name": "N.", "email": "n@example.org"}`, buyer(i)))
			assert.NoError(m.t, err)
			assert.Equal(m.t, http.StatusOK, status, answer)
		})
	}
	wg.Wait()
}

// order places the orders, many at once.
func (m *market) order() {
	m.placed = make(map[string]placed)
	slots := make(chan struct{}, 24)
	var wg sync.WaitGroup
	for i := range tries {
		slots <- struct{}{}
		wg.Go(func() {
			m.orderTwice(i)
			<-slots
		})
	}
	wg.Wait()
}

// orderTwice sends an order twice at once, as a client does that has lost patience.
// There must be one answer to both.
func (m *market) orderTwice(i int) {
	id, skus := fmt.Sprintf("o-%03d", i), []string{"espresso", "filter"}
	if i%4 == 0 {
		skus[1] = "geisha"
	}
	var wg sync.WaitGroup
	var codes [2]int
	var answers [2]string
	for n := range 2 {
		wg.Go(func() {
			var err error
			codes[n], answers[n], err = send(m.client, m.url+"/orders", orderOf(id, buyer(i/4), skus...))
			assert.NoError(m.t, err)
		})
	}
	wg.Wait()
	assert.Equal(m.t, answers[0], answers[1])
	if codes[0] == http.StatusConflict {
		assert.Equal(m.t, http.StatusConflict, codes[1])
		assert.Contains(m.t, answers[0], "geisha")
		return
	}
	assert.ElementsMatch(m.t, []int{http.StatusCreated, http.StatusOK}, codes, answers[0])
	var p placed
	assert.NoError(m.t, json.Unmarshal([]byte(answers[0]), &p))
	m.mu.Lock()
	defer m.mu.Unlock()
	m.placed[id] = p
}

// number returns what a query counts. LIB stands for the schema of the library.
func (m *market) number(sql string) (n int) {
	require.NoError(m.t, m.pool.QueryRow(context.Background(), strings.ReplaceAll(sql, "LIB", m.cfg.schema)).Scan(&n))
	return n
}

// settled reports whether everybody has come to the stage in which they are asked how
// the coffee is, and nothing waits to be sent.
func (m *market) settled() bool {
	return m.number("select count(*) from LIB.who_is_where where stage <> 'thanks'") == buyers &&
		m.number("select count(*) from LIB.deliveries where state = 0") == 0
}

// checkOrders compares the orders with the purchases.
func (m *market) checkOrders() {
	orders := m.ids("select customer || ' ' || id from orders")
	want := make([]string, 0, len(m.placed))
	totals := make(map[string]int64)
	for id, p := range m.placed {
		want = append(want, p.Customer+" "+id)
		totals[p.Customer] += p.Total
	}
	assert.Len(m.t, want, tries-tries/4+rare)
	assert.ElementsMatch(m.t, want, orders, "orders are those that the shop says are placed")
	assert.ElementsMatch(m.t, orders, m.ids("select customer || ' ' || id from LIB.purchases"), "each is a purchase")
	assert.ElementsMatch(m.t, orders, m.ids("select customer || ' ' || ref from LIB.timeline_events where kind = 'purchase'"), "that was taken in once")
	assert.Zero(m.t, m.number("select stock from products where sku = 'geisha'"))
	assert.Equal(m.t, len(orders), 10_000-m.number("select stock from products where sku = 'espresso'"))
	for i := range buyers {
		resp, err := m.client.Get(m.url + "/customers/" + buyer(i))
		require.NoError(m.t, err)
		var in standing
		require.NoError(m.t, json.NewDecoder(resp.Body).Decode(&in))
		require.NoError(m.t, resp.Body.Close())
		assert.Equal(m.t, totals[buyer(i)], in.Total, buyer(i))
	}
}

// ids returns the texts that a query finds.
func (m *market) ids(sql string) []string {
	rows, err := m.pool.Query(m.t.Context(), strings.ReplaceAll(sql, "LIB", m.cfg.schema))
	require.NoError(m.t, err)
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(m.t, err)
	return ids
}

// checkDeliveries compares what came with what the outbox says was sent.
func (m *market) checkDeliveries(came map[string][]arrival) {
	sent := m.attempts()
	assert.Len(m.t, sent, m.number("select count(*) from LIB.deliveries"), "none is dead or waits")
	confirmed, again := make(map[string]int), 0
	for id, attempts := range sent {
		all := came[id]
		if !assert.NotEmpty(m.t, all, "%s was sent", id) {
			continue
		}
		again += len(all) - 1
		assert.LessOrEqual(m.t, len(all), attempts, "%s comes again only where an attempt was not confirmed", id)
		for _, a := range all[1:] {
			assert.Equal(m.t, all[0].content, a.content, "one ID, one content")
		}
		if all[0].Trigger == "confirm" {
			confirmed[strings.TrimPrefix(all[0].Subject, "Your order ")]++
		}
	}
	assert.Len(m.t, confirmed, len(m.placed))
	for id, n := range confirmed {
		assert.Contains(m.t, m.placed, id, "no trace of an order that failed")
		assert.Equal(m.t, 1, n, id)
	}
	assert.Len(m.t, m.ids("select distinct customer from LIB.what_was_sent where trigger = 'how-was-it'"), buyers)
	assert.Positive(m.t, again, "what the killed worker had in its hands comes again")
	m.t.Logf("%d deliveries, %d of them sent again", len(sent), again)
}

// attempts returns how often each delivery that was sent was handed to a worker.
func (m *market) attempts() map[string]int {
	rows, err := m.pool.Query(m.t.Context(), "select id, attempts from "+m.cfg.schema+".what_was_sent")
	require.NoError(m.t, err)
	sent := make(map[string]int)
	var id string
	var attempts int
	_, err = pgx.ForEachRow(rows, []any{&id, &attempts}, func() error {
		sent[id] = attempts
		return nil
	})
	require.NoError(m.t, err)
	return sent
}
