package postgres_test

import (
	"context"
	"encoding/binary"
	"errors"
	"net"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/store/postgres"
	"github.com/regulars-go/regulars/store/postgres/postgrestest"
)

// scissors cut one of the connections through them at some message of the protocol.
type scissors struct {
	mu    sync.Mutex
	armed bool
	at    place
	count int // messages that have passed
}

// place is where a connection is cut.
type place struct {
	toServer bool // whose messages are counted
	after    int  // so many of them pass
	half     bool // and half of the next
}

var errScissors = errors.New("cut")

// arm has the next connection that comes so far be cut.
func (s *scissors) arm(at place) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.armed, s.at, s.count = true, at, 0
}

// disarm reports whether something was cut.
func (s *scissors) disarm() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	cut := !s.armed
	s.armed = false
	return cut
}

// begins counts a message, and reports whether the connection is cut at it, and half
// of it passes.
func (s *scissors) begins(toServer bool) (cut, half bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.armed || s.at.toServer != toServer {
		return false, false
	}
	s.count++
	if s.count > s.at.after {
		s.armed = false
		return true, s.at.half
	}
	return false, false
}

// cutConn is a connection between the scissors.
type cutConn struct {
	net.Conn
	by      *scissors
	out, in messages
}

func (c *cutConn) Write(b []byte) (written int, err error) {
	for written < len(b) {
		n, first := c.out.next(b[written:])
		if first {
			if cut, half := c.by.begins(true); cut {
				if half {
					_, _ = c.Conn.Write(b[written : written+n/2])
				}
				_ = c.Close()
				return written, errScissors
			}
		}
		n, err = c.Conn.Write(b[written : written+n])
		if written += n; err != nil {
			return written, err
		}
	}
	return written, nil
}

func (c *cutConn) Read(b []byte) (int, error) {
	all, err := c.Conn.Read(b)
	for read := 0; read < all; {
		n, first := c.in.next(b[read:all])
		if first {
			if cut, half := c.by.begins(false); cut {
				_ = c.Close()
				return c.partly(read, n, half)
			}
		}
		read += n
	}
	return all, err
}

// partly is the end of a read of which only some is handed over.
func (c *cutConn) partly(read, n int, half bool) (int, error) {
	if half {
		read += n / 2
	}
	if read == 0 {
		return 0, errScissors
	}
	return read, nil
}

// messages finds out where messages begin in a stream.
type messages struct {
	prefix int    // bytes ahead of the length
	head   []byte // of the current one, as far as it is known
	left   int    // bytes that are missing of it, behind its head
}

// next returns how many of the bytes, at least one, are of the same message, and
// whether they are its first.
func (m *messages) next(b []byte) (n int, first bool) {
	first = len(m.head) == 0 && m.left == 0
	for n < len(b) && len(m.head) < m.prefix+4 && m.left == 0 {
		m.head = append(m.head, b[n])
		n++
	}
	if len(m.head) == m.prefix+4 {
		m.left = int(binary.BigEndian.Uint32(m.head[m.prefix:])) - 4
		m.head, m.prefix = m.head[:0], 1 // only the first a client sends has no type
		if m.left == 0 {
			return n, first
		}
	}
	if m.left > 0 {
		more := min(m.left, len(b)-n)
		n, m.left = n+more, m.left-more
	}
	return n, first
}

// throughScissors opens a store in the schema whose only connection can be cut.
func throughScissors(t *testing.T, schema string) (*postgres.Store, *scissors) {
	t.Helper()
	pool, by := scissorsPool(t)
	s, err := postgres.New(t.Context(), pool, postgres.Options{Schema: schema})
	require.NoError(t, err)
	t.Cleanup(s.Close)
	return s, by
}

func scissorsPool(t *testing.T) (*pgxpool.Pool, *scissors) {
	t.Helper()
	cfg, err := pgxpool.ParseConfig(postgrestest.With(postgrestest.DSN(t), "pool_max_conns=1"))
	require.NoError(t, err)
	if cfg.ConnConfig.TLSConfig != nil {
		t.Skip("messages cannot be told apart in a connection that is encrypted")
	}
	by, dial := new(scissors), cfg.ConnConfig.DialFunc
	cfg.ConnConfig.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := dial(ctx, network, address)
		return &cutConn{Conn: c, by: by, in: messages{prefix: 1}}, err
	}
	pool, err := pgxpool.NewWithConfig(t.Context(), cfg)
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	return pool, by
}
