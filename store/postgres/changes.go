package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// Changes implements [store.Notifying] on a connection of its own, outside of the
// pool. When that breaks, it is made again, and a hint given for what may have
// been missed.
func (s *Store) Changes(ctx context.Context) <-chan struct{} {
	hints := make(chan struct{}, 1)
	go func() {
		defer close(hints)
		for pause := firstPause; ctx.Err() == nil; pause = min(2*pause, lastPause) {
			if s.listen(ctx, hints) {
				pause = firstPause
			}
			sleep(ctx, s.clock, pause)
		}
	}()
	return hints
}

// How long to wait before a connection is made again.
const (
	firstPause = 100 * time.Millisecond
	lastPause  = 10 * time.Second
)

// listen passes notifications on until the connection breaks or ctx ends. It
// reports whether there was a connection at all.
func (s *Store) listen(ctx context.Context, hints chan<- struct{}) (connected bool) {
	c, err := s.connect(ctx)
	if err != nil {
		return false
	}
	defer c.Close(context.WithoutCancel(ctx))
	if _, err := c.Exec(ctx, "listen "+pgx.Identifier{channelPrefix + s.schema}.Sanitize()); err != nil {
		return false
	}
	for {
		hint(hints)
		if _, err := c.WaitForNotification(ctx); err != nil {
			return true
		}
	}
}

// connect makes a connection as the pool does.
func (s *Store) connect(ctx context.Context) (*pgx.Conn, error) {
	cfg := s.pool.Config()
	if cfg.BeforeConnect != nil { // which may fetch a password
		if err := cfg.BeforeConnect(ctx, cfg.ConnConfig); err != nil {
			return nil, err
		}
	}
	return pgx.ConnectConfig(ctx, cfg.ConnConfig)
}

// hint passes a hint on; one that was not taken yet stands for all.
func hint(hints chan<- struct{}) {
	select {
	case hints <- struct{}{}:
	default:
	}
}
