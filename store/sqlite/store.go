package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/regulars-go/regulars/store"
)

// Config says how a Store works. The zero Config is what [Open] and [New] use.
type Config struct {
	// Full makes every commit wait until the disk has it, so that not even a
	// power cut takes back what was committed; it costs two thirds of the speed
	// of single commits, and little with batches or many callers at once. By
	// default a power cut may take back the last moments, as if they had not
	// been; a process that is killed takes back nothing either way.
	Full bool

	// Wait is how long to wait for somebody else's transaction to end, in this
	// process or another, before a method fails. Zero: five seconds.
	Wait time.Duration

	// Readers is how many connections read at the same time, beside the one that
	// writes. Zero: four.
	Readers int

	// Cache is how many bytes of the file the connection that writes may keep in
	// memory; those that read, which must forget it whenever somebody has written,
	// an eighth of that each. Zero: 64 MiB.
	Cache int
}

// Store is a [store.Store] in a SQLite database. Open one with [Open] or [New];
// it is safe for concurrent use.
//
// One connection writes: what several callers write at the same time is
// committed together. The others read, each what was committed when it began,
// and neither wait for the writer nor hold it up.
type Store struct {
	methods

	cfg     Config
	db      *sql.DB
	file    string // where the database is; empty: not in a file
	owned   bool   // Close closes db
	jobs    queue
	pen     chan *session // holds the session that writes, unless somebody has it
	readers chan *session // hold those that read; nil: to be opened when it is needed

	closing sync.Once
	closed  chan struct{}
}

var _ store.Store = (*Store)(nil)

// errClosed is what methods fail with after Close.
var errClosed = errors.New("sqlite: the store is closed")

// New returns a Store in a SQLite database that the caller has opened, with
// whatever driver, and goes on to own. It brings the tables up to date. The Store
// keeps a connection to write and up to [Config.Readers] to read for itself until
// [Store.Close], which it sets up as it needs them: db must allow at least three.
func New(ctx context.Context, db *sql.DB) (*Store, error) { return Config{}.New(ctx, db) }

// New is the function [New] with a Config.
func (c Config) New(ctx context.Context, db *sql.DB) (*Store, error) {
	s, err := c.newStore(ctx, db)
	if err != nil {
		return nil, fmt.Errorf("sqlite: open: %w", err)
	}
	return s, nil
}

func (c Config) newStore(ctx context.Context, db *sql.DB) (*Store, error) {
	if err := c.fill(db); err != nil {
		return nil, err
	}
	s := &Store{
		cfg: c, db: db, closed: make(chan struct{}),
		pen: make(chan *session, 1), readers: make(chan *session, c.Readers),
	}
	s.methods = methods{s}
	pen, err := s.open(ctx, true)
	if err != nil {
		return nil, err
	}
	if err := migrate(ctx, db, c.Wait); err != nil {
		return nil, errors.Join(fmt.Errorf("migrate: %w", err), pen.close())
	}
	if err := errors.Join(pen.impatient(c.Wait), pen.file(&s.file)); err != nil {
		return nil, errors.Join(err, pen.close())
	}
	s.pen <- pen
	for range c.Readers {
		s.readers <- nil
	}
	return s, nil
}

const defaultWait = 5 * time.Second

// fill puts the defaults in and checks what was given.
func (c *Config) fill(db *sql.DB) error {
	if c.Wait < 0 || c.Readers < 0 || c.Cache < 0 {
		return errors.New("a field of the Config is negative")
	}
	if c.Wait == 0 {
		c.Wait = defaultWait
	}
	if c.Readers == 0 {
		c.Readers = 4
	}
	if c.Cache == 0 {
		c.Cache = 64 << 20
	}
	switch most := db.Stats().MaxOpenConnections; {
	case most == 0:
	case most < 3:
		return fmt.Errorf("the database allows %d connections; three are the least", most)
	default: // leave one for transactions of the caller
		c.Readers = min(c.Readers, most-2)
	}
	return nil
}

// DB returns the database, to read from and to begin transactions for
// [Store.InTx].
func (s *Store) DB() *sql.DB { return s.db }

// Close waits for what is being written and gives the connections back. What was
// opened by [Open] is closed; a database that was handed to [New] is its
// caller's. The Store cannot be used any more.
func (s *Store) Close() error {
	var errs []error
	s.closing.Do(func() {
		close(s.closed)
		for range cap(s.readers) {
			if r := <-s.readers; r != nil {
				errs = append(errs, r.close())
			}
		}
		errs = append(errs, (<-s.pen).close())
		if s.owned {
			errs = append(errs, s.db.Close())
		}
	})
	return errors.Join(errs...)
}

// isClosed reports whether Close was called.
func (s *Store) isClosed() bool {
	select {
	case <-s.closed:
		return true
	default:
		return false
	}
}

// read runs f on a connection of its own.
func (s *Store) read(ctx context.Context, f func(*session) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case <-s.closed:
		return errClosed
	case <-ctx.Done():
		return ctx.Err()
	case r := <-s.readers:
		defer func() { s.readers <- r }()
		if s.isClosed() {
			return errClosed
		}
		if r == nil {
			opened, err := s.open(ctx, false)
			if err != nil {
				return err
			}
			r = opened
		}
		return f(r)
	}
}
