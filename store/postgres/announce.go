package postgres

import (
	"context"
	"sync"
	"time"

	"github.com/benbjohnson/clock"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// channelPrefix and the schema make the name of a channel.
const channelPrefix = "regulars "

const announceSQL = `select pg_notify($1, '')`

// pace is the time between two announcements: a burst of commits is one piece of
// news, and every engine that hears of it looks into the database.
const pace = 20 * time.Millisecond

// announcer tells other processes that something is due. It does so behind the
// commits and not in them: PostgreSQL lets transactions that notify commit one
// after another, which would end group commit. What is not told, because the
// process died, engines find out within a minute.
type announcer struct {
	pool    *pgxpool.Pool
	channel string
	clock   clock.Clock

	mu     sync.Mutex
	stop   context.CancelFunc // ends the goroutine that announces; nil: there is none
	news   bool               // it is to announce once more
	closed bool
	done   sync.WaitGroup
}

func newAnnouncer(pool *pgxpool.Pool, o Options) *announcer {
	return &announcer{pool: pool, channel: channelPrefix + o.Schema, clock: o.Clock}
}

// announce says that there is news, and does not wait. A nil announcer is mute.
func (a *announcer) announce() {
	if a == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.news = true
	if a.stop == nil && !a.closed {
		ctx, stop := context.WithCancel(context.Background())
		a.stop = stop
		a.done.Go(func() { a.run(ctx) })
	}
}

// run announces until there is no more news.
func (a *announcer) run(ctx context.Context) {
	for a.more() {
		_, _ = a.pool.Exec(ctx, announceSQL, a.channel) // a hint that is lost does no harm
		sleep(ctx, a.clock, pace)
	}
}

// sleep waits for d, or until ctx ends.
func sleep(ctx context.Context, c clock.Clock, d time.Duration) {
	timer := c.Timer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// more reports whether there is news, and notes that the goroutine ends otherwise.
func (a *announcer) more() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	more := a.news && !a.closed
	a.news = false
	if !more {
		a.stop()
		a.stop = nil
	}
	return more
}

func (a *announcer) close() {
	a.mu.Lock()
	a.closed = true
	if a.stop != nil {
		a.stop()
	}
	a.mu.Unlock()
	a.done.Wait()
}

// notify has the host's transaction tell of itself when it is committed.
func (v *view) notify(batch *pgx.Batch) { batch.Queue(announceSQL, channelPrefix+v.schema) }
