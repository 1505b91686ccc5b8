package postgres_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/pipeline"
	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/store/postgres"
	"github.com/regulars-go/regulars/store/postgres/postgrestest"
	"github.com/regulars-go/regulars/trigger"
)

// blocked is a store whose commits of customer c wait for a lock.
type blocked struct {
	*postgres.Store
	t     *testing.T
	admin *pgxpool.Pool
	name  string
	free  func()
}

// block opens a store with the given pool parameters and locks the customer c.
func block(t *testing.T, parameters string) *blocked {
	t.Helper()
	schema := postgrestest.Schema(t)
	dsn := postgrestest.With(postgrestest.DSN(t), "application_name="+schema+" "+parameters)
	s, err := postgres.Open(t.Context(), dsn, postgres.Options{Schema: schema})
	require.NoError(t, err)
	t.Cleanup(s.Close)
	require.NoError(t, s.Commit(t.Context(), created("c")))
	admin := newPool(t, "")
	tx, err := admin.Begin(t.Context())
	require.NoError(t, err)
	_, err = tx.Exec(t.Context(), `select from `+schema+`.customers for update`)
	require.NoError(t, err)
	free := sync.OnceFunc(func() { assert.NoError(t, tx.Rollback(context.Background())) })
	t.Cleanup(free)
	return &blocked{s, t, admin, schema, free}
}

// commit begins to commit something of everything.
func (b *blocked) commit(ctx context.Context) <-chan error {
	c, other := created("c"), created("new")
	c.Record.Version = 1
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, x := range []*store.Change{&c, &other} {
		id := x.Record.Customer.ID
		x.Record.Customer.Tags, x.Record.Wake = []string{"vip"}, noon
		x.Record.Segments = []segment.Membership{{Segment: "vip", Since: noon}}
		x.Purchases = []customer.Purchase{{ID: "p", Customer: id, At: noon}}
		x.Events = []customer.Event{{Kind: customer.Purchased, At: noon}}
		x.Deliveries = []trigger.Delivery{{ID: id + "/1", Customer: id, Channel: "sms", At: noon}}
	}
	done := make(chan error, 1)
	go func() { done <- b.Commit(ctx, other, c) }()
	return done
}

// waits waits until the commit waits for the lock.
func (b *blocked) waits() {
	b.t.Helper()
	require.Eventually(b.t, func() bool {
		var n int
		err := b.admin.QueryRow(b.t.Context(),
			`select count(*) from pg_stat_activity where application_name = $1 and wait_event_type = 'Lock'`, b.name).Scan(&n)
		return err == nil && n == 1
	}, patience, 5*time.Millisecond)
}

// unchanged checks that nothing of the commit was written, and that it can be made
// again.
func (b *blocked) unchanged() {
	b.t.Helper()
	b.free()
	for _, table := range []string{"wakes where due is not null", "lookups", "purchases", "timeline", "deliveries"} {
		var n int
		require.NoError(b.t, b.admin.QueryRow(b.t.Context(), `select count(*) from `+b.name+`.`+table).Scan(&n))
		assert.Zero(b.t, n, table)
	}
	require.NoError(b.t, <-b.commit(b.t.Context()), "made again")
	loaded, err := b.Load(b.t.Context(), store.Request{Customer: "c"}, store.Request{Customer: "new"})
	require.NoError(b.t, err)
	assert.EqualValues(b.t, 2, loaded[0].Record.Version)
	assert.EqualValues(b.t, 1, loaded[1].Record.Version)
}

func TestConnectionCutDuringACommit(t *testing.T) {
	t.Parallel()
	b := block(t, "")
	done := b.commit(t.Context())
	b.waits()
	_, err := b.admin.Exec(t.Context(), `select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1`, b.name)
	require.NoError(t, err)
	require.ErrorIs(t, <-done, store.ErrOutcomeUnknown)
	b.unchanged()
}

func TestStatementTimeout(t *testing.T) {
	t.Parallel()
	b := block(t, "statement_timeout=500")
	err := <-b.commit(t.Context())
	var e *pgconn.PgError
	require.ErrorAs(t, err, &e)
	assert.Equal(t, "57014", e.Code)
	require.NotErrorIs(t, err, store.ErrOutcomeUnknown, "the server has rolled it back")
	b.unchanged()
}

func TestCommitGivenUp(t *testing.T) {
	t.Parallel()
	b := block(t, "")
	ctx, cancel := context.WithCancel(t.Context())
	done := b.commit(ctx)
	b.waits()
	cancel()
	err := <-done
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, err, store.ErrOutcomeUnknown)
	// The server notices only when it answers, so it must not get the lock.
	_, err = b.admin.Exec(t.Context(), `select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1 and wait_event_type = 'Lock'`, b.name)
	require.NoError(t, err)
	b.unchanged()
}

func TestPoolExhausted(t *testing.T) {
	t.Parallel()
	schema := postgrestest.Schema(t)
	pool := newPool(t, "pool_max_conns=1")
	s, err := postgres.New(t.Context(), pool, postgres.Options{Schema: schema})
	require.NoError(t, err)
	t.Cleanup(s.Close)
	held, err := pool.Acquire(t.Context())
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	err = s.Commit(ctx, created("c"))
	held.Release()
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.NotErrorIs(t, err, store.ErrOutcomeUnknown, "nothing was sent")
	require.NoError(t, s.Commit(t.Context(), created("c")), "once a connection is free")
	_, err = s.ClaimDeliveries(t.Context(), store.Claim{Now: noon, Limit: 1, Lease: time.Minute})
	require.NoError(t, err)
	require.Zero(t, pool.Stat().AcquiredConns(), "what was taken is given back")
	pool.Close()
	for what, err := range map[string]error{
		"commit":           s.Commit(t.Context(), created("d")),
		"settle":           s.Settle(t.Context(), store.Outcome{Customer: "c", Delivery: "d", Attempt: 1, State: store.Sent, Due: noon}),
		"save definitions": s.SaveDefinitions(t.Context(), "v", []byte(`{}`)),
	} {
		require.ErrorContains(t, err, "closed pool", what)
		require.NotErrorIs(t, err, store.ErrOutcomeUnknown, what)
	}
	_, err = s.ClaimDeliveries(t.Context(), store.Claim{Now: noon, Limit: 1, Lease: time.Minute})
	require.ErrorContains(t, err, "closed pool")
	require.NotErrorIs(t, err, store.ErrOutcomeUnknown)
	_, _, err = s.NextDue(t.Context())
	require.ErrorContains(t, err, "closed pool")
}

// sentBy counts the statements that a store sends, by how they begin.
type sentBy struct {
	mu sync.Mutex
	n  map[string]int
}

func (c *sentBy) count(sql string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	words := strings.Fields(sql)
	c.n[strings.Join(words[:min(2, len(words))], " ")]++
}

func (c *sentBy) TraceQueryStart(ctx context.Context, _ *pgx.Conn, q pgx.TraceQueryStartData) context.Context {
	c.count(q.SQL)
	return ctx
}
func (c *sentBy) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// What the server has answered is no broken connection: it is read once, its outcome
// is known, and what was loaded of others is still known.
func TestAnswersAreNotTakenForBrokenConnections(t *testing.T) {
	t.Parallel()
	schema := postgrestest.Schema(t)
	cfg, err := pgxpool.ParseConfig(postgrestest.DSN(t))
	require.NoError(t, err)
	sent := &sentBy{n: make(map[string]int)}
	cfg.ConnConfig.Tracer = sent
	pool, err := pgxpool.NewWithConfig(t.Context(), cfg)
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	s, err := postgres.New(t.Context(), pool, postgres.Options{Schema: schema})
	require.NoError(t, err)
	t.Cleanup(s.Close)
	damaged := created("damaged")
	damaged.Record.Wake = noon
	require.NoError(t, s.Commit(t.Context(), damaged, created("whole")))
	loaded, err := s.Load(t.Context(), store.Request{Customer: "whole"})
	require.NoError(t, err)
	_, err = pool.Exec(t.Context(), `update `+schema+`.customers set record = '\x00' where customer = 'damaged'`)
	require.NoError(t, err)

	sent.n = make(map[string]int)
	_, err = s.Load(t.Context(), store.Request{Customer: "damaged"})
	require.ErrorContains(t, err, "corrupt")
	assert.Equal(t, map[string]int{"select r.place,": 1}, sent.n, "to read it again would not mend it")
	_, err = s.ClaimWakeUps(t.Context(), store.Claim{Now: noon, Limit: 9, Lease: time.Minute})
	require.ErrorContains(t, err, "corrupt")
	require.NotErrorIs(t, err, store.ErrOutcomeUnknown)
	err = s.Commit(t.Context(), created("whole"))
	require.ErrorIs(t, err, store.ErrConflict)
	require.NotErrorIs(t, err, store.ErrOutcomeUnknown)

	sent.n = make(map[string]int)
	require.NoError(t, s.Commit(t.Context(), store.Change{Record: loaded[0].Record}))
	assert.Empty(t, sent.n, "it is still known what is replaced, so all goes in one batch")
}

// A hundred connections are cut while purchases are committed, each of which is
// written with all that belongs to it or not at all.
func TestConnectionsCutAtRandom(t *testing.T) {
	t.Parallel()
	schema := postgrestest.Schema(t)
	s, err := postgres.Open(t.Context(), postgrestest.With(postgrestest.DSN(t), "application_name="+schema), postgres.Options{Schema: schema})
	require.NoError(t, err)
	t.Cleanup(s.Close)
	require.NoError(t, s.Commit(t.Context(), created("c")))

	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	unknown := 0
	go func() {
		defer close(done)
		for i := 0; ctx.Err() == nil; i++ {
			if err := buy(t.Context(), s, fmt.Sprint(i)); err != nil {
				unknown++
			}
		}
	}()
	admin := newPool(t, "")
	for range 100 {
		_, err := admin.Exec(t.Context(), `select pg_terminate_backend(pid), pg_sleep($2) from pg_stat_activity where application_name = $1`,
			schema, rand.Float64()/50)
		require.NoError(t, err)
	}
	cancel()
	<-done
	assert.Positive(t, unknown, "commits that were cut")
	consistent(t, s)
}

// buy adds a purchase to the customer, whatever was committed before.
func buy(ctx context.Context, s store.Store, id string) error {
	loaded, err := s.Load(ctx, store.Request{Customer: "c"})
	if err != nil {
		return err
	}
	c := store.Change{Record: loaded[0].Record}
	at := time.UnixMicro(int64(c.Record.Version)).UTC()
	c.Record.Totals.Count++
	c.Record.Segments = []segment.Membership{{Segment: fmt.Sprint(c.Record.Totals.Count % 7), Since: at}}
	c.Purchases = []customer.Purchase{{ID: id, Customer: "c", At: at}}
	c.Events = []customer.Event{{Kind: customer.Purchased, At: at}}
	c.Deliveries = []trigger.Delivery{{ID: "c/" + id, Customer: "c", Channel: "sms", At: at}}
	return s.Commit(ctx, c)
}

// consistent checks that what buy wrote is there altogether.
func consistent(t *testing.T, s store.Store) {
	t.Helper()
	loaded, err := s.Load(t.Context(), store.Request{Customer: "c", Reach: segment.Reach{AllPurchases: true}})
	require.NoError(t, err)
	r := loaded[0].Record
	assert.Positive(t, r.Totals.Count)
	assert.EqualValues(t, r.Version, r.Totals.Count+1)
	assert.Len(t, loaded[0].Purchases, r.Totals.Count)
	assert.Len(t, outbox(t, s), r.Totals.Count)
	events := 0
	for _, err := range s.Timeline(t.Context(), "c") {
		require.NoError(t, err)
		events++
	}
	assert.Equal(t, r.Totals.Count, events)
	for i := range 7 {
		n := 0
		for _, err := range s.Find(t.Context(), store.Query{Segment: fmt.Sprint(i)}) {
			require.NoError(t, err)
			n++
		}
		assert.Equal(t, i == r.Totals.Count%7, n == 1, "segment %d", i)
	}
}

// The engine goes on by itself when the server is back.
func TestServerRestarted(t *testing.T) {
	t.Parallel()
	server, err := postgrestest.Start("fsync=on", "synchronous_commit=on")
	postgrestest.Require(t, err)
	t.Cleanup(func() { assert.NoError(t, server.Stop()) })
	s, err := postgres.Open(t.Context(), server.DSN(), postgres.Options{})
	require.NoError(t, err)
	t.Cleanup(s.Close)
	sent := running(t, s)
	e, err := pipeline.New(pipeline.Config{Store: s, Definitions: thanks()})
	require.NoError(t, err)
	require.NoError(t, e.AddCustomer(t.Context(), customer.Customer{ID: "olga", Phones: []string{"+49170"}}))
	require.NoError(t, e.RecordPurchase(t.Context(), purchase("o1")))
	soon(t, sent, "olga/thank/1/0")
	settled := func() bool { return outbox(t, s)[0].State == store.Sent }
	require.Eventually(t, settled, patience, 5*time.Millisecond, "else it holds its lane until the lease ends")

	require.NoError(t, server.Down())
	err = e.RecordPurchase(t.Context(), purchase("o2"))
	require.Error(t, err)
	assert.False(t, strings.Contains(err.Error(), "49170"), "no personal data")
	require.NoError(t, server.Boot())
	require.NoError(t, e.RecordPurchase(t.Context(), purchase("o2")), "without further ado")
	soon(t, sent, "olga/thank/2/0")
}
