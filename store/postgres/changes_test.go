package postgres_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/pipeline"
	"github.com/regulars-go/regulars/store/postgres"
	"github.com/regulars-go/regulars/store/postgres/postgrestest"
	"github.com/regulars-go/regulars/trigger"
)

// patience is how long a test waits for what should come at once. Run looks by
// itself only after a minute.
const patience = 30 * time.Second

// running starts an engine that sends, until the test ends, and returns what it
// sends.
func running(t *testing.T, s *postgres.Store) <-chan string {
	t.Helper()
	sent := make(chan string, 100)
	e, err := pipeline.New(pipeline.Config{
		Store: s, Definitions: thanks(),
		Notifier: trigger.NotifierFunc(func(_ context.Context, d trigger.Delivery) error {
			sent <- d.ID
			return nil
		}),
	})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- e.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		assert.ErrorIs(t, <-done, context.Canceled)
	})
	return sent
}

func soon(t *testing.T, sent <-chan string, want string) {
	t.Helper()
	select {
	case id := <-sent:
		require.Equal(t, want, id)
	case <-time.After(patience):
		require.Fail(t, "the other engine has not heard of "+want)
	}
}

// Two engines on two stores, as in two processes: one is told of purchases, the
// other sends what comes of them.
func TestACommitWakesOtherProcesses(t *testing.T) {
	t.Parallel()
	schema := postgrestest.Schema(t)
	sent := running(t, openIn(t, schema))
	e, err := pipeline.New(pipeline.Config{Store: openIn(t, schema), Definitions: thanks()})
	require.NoError(t, err)
	require.NoError(t, e.AddCustomer(t.Context(), customer.Customer{ID: "olga", Phones: []string{"+49170"}}))
	for i := 1; i <= 5; i++ {
		require.NoError(t, e.RecordPurchase(t.Context(), purchase(fmt.Sprint("o", i))))
		soon(t, sent, fmt.Sprintf("olga/thank/%d/0", i))
	}
}

func TestAHostsTransactionWakesOtherProcesses(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	sent := running(t, openIn(t, schemaOf(t, s)))
	for i := 1; i <= 3; i++ {
		tx := s.begin()
		s.order(tx, fmt.Sprint("o", i))
		require.NoError(t, tx.Commit(t.Context()))
		soon(t, sent, fmt.Sprintf("olga/thank/%d/0", i))
	}
}

func schemaOf(t *testing.T, s *shop) (schema string) {
	t.Helper()
	require.NoError(t, s.pool.QueryRow(t.Context(), `select current_schema`).Scan(&schema))
	return schema
}

func TestListeningGoesOnAfterTheConnectionBroke(t *testing.T) {
	t.Parallel()
	schema := postgrestest.Schema(t)
	s := openIn(t, schema)
	ctx, cancel := context.WithCancel(t.Context())
	changes := s.Changes(ctx)
	hint := func() {
		t.Helper()
		select {
		case <-changes:
		case <-time.After(patience):
			require.Fail(t, "no hint")
		}
	}
	hint() // there is a connection
	admin := newPool(t, "")
	for range 3 {
		_, err := admin.Exec(t.Context(), `select pg_terminate_backend(pid) from pg_stat_activity where query = $1`, `listen "regulars `+schema+`"`)
		require.NoError(t, err)
		hint() // for what may have been missed
	}
	cancel()
	for range changes { // until it is closed
	}
}
