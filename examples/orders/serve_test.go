package main

import (
	"context"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A process that is told to end takes no more requests, and finishes those that it
// has.
func TestGracefulShutdown(t *testing.T) {
	t.Parallel()
	cfg := newConfig(t)
	web := launch(t, cfg, "serve", "-listen", "localhost:0")
	url := web.url()
	pool, err := pgxpool.New(t.Context(), cfg.db)
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	status, answer, err := send(http.DefaultClient, url+"/customers", olga)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, status, answer)

	tx, err := pool.Begin(t.Context())
	require.NoError(t, err)
	_, err = tx.Exec(t.Context(), "select from products where sku = 'grinder' for update")
	require.NoError(t, err)
	var ordering sync.WaitGroup
	ordering.Go(func() {
		status, answer, err := send(http.DefaultClient, url+"/orders", orderOf("o-1", "olga", "grinder"))
		assert.NoError(t, err)
		assert.Equal(t, http.StatusCreated, status, answer)
	})
	require.Eventually(t, func() (waits bool) {
		require.NoError(t, pool.QueryRow(t.Context(), "select exists (select from pg_stat_activity where $1 = any (pg_blocking_pids(pid)))",
			int32(tx.Conn().PgConn().PID())).Scan(&waits))
		return waits
	}, patience, 10*time.Millisecond, "the order waits for the grinder")

	web.ask()
	require.Eventually(t, func() bool {
		c, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
		if err == nil {
			_ = c.Close()
		}
		return err != nil
	}, patience, 10*time.Millisecond, "nobody is let in any more")
	require.NoError(t, tx.Rollback(t.Context()))
	ordering.Wait()
	assert.Zero(t, web.ended())
}

// A shop that is small runs one process.
func TestServeAndWorkInOne(t *testing.T) {
	t.Parallel()
	to := newReceiver(t)
	p := launch(t, newConfig(t), "serve", "work", "-listen", "localhost:0", "-webhook", to.server.URL+"/notes")
	url := p.url()
	for _, row := range [][2]string{{"/customers", olga}, {"/orders", orderOf("o-1", "olga", "espresso")}} {
		status, answer, err := send(http.DefaultClient, url+row[0], row[1])
		require.NoError(t, err)
		require.Equal(t, 2, status/100, answer)
	}
	require.Eventually(t, func() bool { return len(to.arrivals()) == 1 }, patience, 10*time.Millisecond)
	came := to.arrivals()["olga/confirm/1/0"]
	require.Len(t, came, 1)
	assert.Equal(t, "Your order o-1", came[0].Subject)
	assert.Equal(t, "olga@example.org", came[0].To)
	assert.Equal(t, "Thank you, Olga Meier! We roast on Tuesday.", came[0].Text)
	p.ask()
	assert.Zero(t, p.ended())
}

// A worker brings customers over to the definitions that it was started with.
func TestNewDefinitions(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	f.must(http.StatusOK, "POST", "/customers", olga)
	f.must(http.StatusCreated, "POST", "/orders", orderOf("o-1", "olga", "espresso"))
	cfg := f.cfg
	cfg.definitions = "seconds.json"
	worker, err := openShop(t.Context(), cfg, nil, f.shop.log)
	require.NoError(t, err)
	t.Cleanup(worker.close)
	ctx, stop := context.WithCancel(t.Context())
	var working sync.WaitGroup
	working.Go(func() { assert.NoError(t, worker.work(ctx)) })
	version, err := worker.engine.Definitions().Version()
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		rec, err := f.engine.Customer(t.Context(), "olga")
		return assert.NoError(t, err) && rec.Definitions == version
	}, patience, 10*time.Millisecond)
	stop()
	working.Wait()
}
