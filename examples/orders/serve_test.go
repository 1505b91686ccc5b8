package main

import (
	"context"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// stuck is a web process, and a transaction that holds the grinders it sells.
type stuck struct {
	t      *testing.T
	web    *process
	url    string
	pool   *pgxpool.Pool
	holder pgx.Tx
}

func newStuck(t *testing.T, args ...string) *stuck {
	t.Helper()
	cfg := newConfig(t)
	s := &stuck{t: t, web: launch(t, cfg, append([]string{"serve", "-listen", "localhost:0"}, args...)...)}
	s.url = s.web.url()
	var err error
	s.pool, err = pgxpool.New(t.Context(), cfg.db)
	require.NoError(t, err)
	t.Cleanup(s.pool.Close)
	status, answer, err := send(http.DefaultClient, s.url+"/customers", olga)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, status, answer)
	s.holder, err = s.pool.Begin(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.holder.Rollback(context.Background()) }) // it may be rolled back already
	_, err = s.holder.Exec(t.Context(), "select from products where sku = 'grinder' for update")
	require.NoError(t, err)
	return s
}

// order orders a grinder, and returns once the order waits for it. The function it
// returns waits for the status of the answer; zero: there was none.
func (s *stuck) order() (status func() int) {
	s.t.Helper()
	answered := make(chan int, 1)
	go func() {
		status, _, err := send(http.DefaultClient, s.url+"/orders", orderOf("o-1", "olga", "grinder"))
		s.t.Log("the order is answered", status, err)
		answered <- status
	}()
	require.Eventually(s.t, func() (waits bool) {
		require.NoError(s.t, s.pool.QueryRow(s.t.Context(), "select exists (select from pg_stat_activity where $1 = any (pg_blocking_pids(pid)))",
			int32(s.holder.Conn().PgConn().PID())).Scan(&waits))
		return waits
	}, patience, 10*time.Millisecond, "the order waits for the grinder")
	return func() int {
		select {
		case status := <-answered:
			return status
		case <-time.After(patience):
			require.Fail(s.t, "the order is not answered")
			return 0
		}
	}
}

// end asks the process to end, and returns once it lets nobody in any more.
func (s *stuck) end() {
	s.t.Helper()
	s.web.ask()
	require.Eventually(s.t, func() bool {
		c, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
		if err == nil {
			_ = c.Close()
		}
		return err != nil
	}, patience, 10*time.Millisecond, "nobody is let in any more")
}

// A process that is told to end takes no more requests, and finishes those that it
// has.
func TestGracefulShutdown(t *testing.T) {
	t.Parallel()
	s := newStuck(t)
	status := s.order()
	s.end()
	require.NoError(t, s.holder.Rollback(t.Context()))
	assert.Equal(t, http.StatusCreated, status())
	assert.Zero(t, s.web.ended())
}

// A request that waits for what nobody gives back is answered at its deadline, and
// holds up neither its connection nor the end of the process.
func TestDeadline(t *testing.T) {
	t.Parallel()
	s := newStuck(t, "-deadline", "3s")
	status := s.order()
	s.web.ask()
	assert.Equal(t, http.StatusServiceUnavailable, status())
	assert.Zero(t, s.web.ended())
	var orders int
	require.NoError(t, s.pool.QueryRow(t.Context(), "select count(*) from orders").Scan(&orders))
	assert.Zero(t, orders)
}

// Who has no time to wait for the end asks twice.
func TestASecondSignalKills(t *testing.T) {
	t.Parallel()
	s := newStuck(t, "-deadline", "10m")
	status := s.order()
	s.end()
	require.Eventually(t, func() bool {
		_ = s.web.cmd.Process.Signal(syscall.SIGTERM) // it may have ended
		select {
		case <-s.web.done:
			return true
		default:
			return false
		}
	}, patience, 10*time.Millisecond)
	assert.Equal(t, -1, s.web.ended(), "killed")
	assert.Zero(t, status())
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
