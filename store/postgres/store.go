package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/benbjohnson/clock"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/regulars-go/regulars/store"
)

// DefaultSchema is where tables are unless [Options] says otherwise.
const DefaultSchema = "regulars"

// Options says how to use a database. The zero Options is fine.
type Options struct {
	// Schema is where the tables are. Zero: DefaultSchema. It is created if need
	// be. Several shops may share a database, each in a schema of its own.
	Schema string

	// Unmigrated keeps New and Open from migrating the schema, for a role that may
	// not: they fail where it is not as this code needs it. See [Migrate].
	Unmigrated bool

	// Clock times the pauses between announcements of commits, and between attempts
	// to listen for them when the connection broke. No instant that is stored comes
	// from it. Nil: the wall clock.
	Clock clock.Clock
}

// maxSchema leaves room, within the 63 bytes of a name, for what the channel of
// notifications is called.
const maxSchema = 63 - len(channelPrefix)

func (o *Options) fill() error {
	if o.Schema == "" {
		o.Schema = DefaultSchema
	}
	if o.Clock == nil {
		o.Clock = clock.New()
	}
	if len(o.Schema) > maxSchema {
		return fmt.Errorf("options.Schema: has %d bytes; a schema here has at most %d", len(o.Schema), maxSchema)
	}
	return nil
}

// Store is a [store.Store] in a PostgreSQL database. It is safe for concurrent
// use; any number of engines, in any number of processes, may work on one
// database. It is also [store.Notifying].
type Store struct {
	view
	pool  *pgxpool.Pool
	own   bool // the pool is closed with the store
	clock clock.Clock
}

var (
	_ store.Store     = (*Store)(nil)
	_ store.Notifying = (*Store)(nil)
)

// view is a store through some connection: the pool, or a transaction of the
// host's own.
type view struct {
	db     querier
	sql    *statements
	schema string
	recent *recent
	tx     bool       // db is a transaction
	news   *announcer // of what was committed; nil in a transaction, which tells by itself
}

// Open connects to a database and returns a store in it; [Store.Close] closes the
// connections. The DSN is one of package pgxpool, as
// "postgres://shop@db.example.org/shop?pool_max_conns=8".
func Open(ctx context.Context, dsn string, o Options) (*Store, error) {
	cfg, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	cfg.AfterConnect = AfterConnect
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	s, err := New(ctx, pool, o)
	if err != nil {
		pool.Close()
		return nil, err
	}
	s.own = true
	return s, nil
}

// AfterConnect sets up a connection of the host's own pool as those of [Open] are:
//
//	cfg, err := pgxpool.ParseConfig(dsn)
//	if err != nil {
//		return nil, err
//	}
//	cfg.AfterConnect = postgres.AfterConnect
//	pool, err := pgxpool.NewWithConfig(ctx, cfg)
//
// Each statement is then planned once, and rows are looked for by their keys. The
// host's own statements on the pool are planned so too, which suits those that find
// rows by keys, and not reports over whole tables: for these, have another pool, or
// say "set local" in their transactions.
func AfterConnect(ctx context.Context, c *pgx.Conn) error {
	// Otherwise a statement would be planned whenever it is executed, because fewer
	// rows are written than the planner guesses for a statement in general: that takes
	// longer than a small commit itself. The plan is to hold from when the tables are
	// empty until someone analyses them: so rows are looked for by their keys, one by
	// one, even where a scan would do for now. What can only be scanned then seems so
	// dear that it would be compiled first, which takes a hundred milliseconds.
	_, err := c.Exec(ctx, "set plan_cache_mode to force_generic_plan; set enable_seqscan to off; set enable_hashjoin to off; set enable_mergejoin to off; set jit to off")
	if err != nil {
		return fmt.Errorf("set up connection: %w", err)
	}
	return nil
}

// New returns a store on a pool of the host's own, which stays open when the store
// is closed. The pool's transactions must be read committed, as they are by
// default. Set its AfterConnect to [AfterConnect]: without, small commits take twice
// as long, and tables that have grown since a connection first used them are scanned.
func New(ctx context.Context, pool *pgxpool.Pool, o Options) (*Store, error) {
	if pool == nil {
		return nil, errors.New("new store: the pool is nil")
	}
	if err := o.fill(); err != nil {
		return nil, fmt.Errorf("new store: %w", err)
	}
	ready := Migrate
	if o.Unmigrated {
		ready = check
	}
	if err := ready(ctx, pool, o); err != nil {
		return nil, fmt.Errorf("new store: %w", err)
	}
	return &Store{pool: pool, clock: o.Clock, view: view{
		db: pooled{pool}, sql: newStatements(o.Schema), schema: o.Schema, recent: new(recent), news: newAnnouncer(pool, o),
	}}, nil
}

// Pool returns the pool that the store works on, for queries and for transactions
// for [Store.InTx]. After [Open], Close closes it: do not do so yourself.
func (s *Store) Pool() *pgxpool.Pool { return s.pool }

// Close ends what the store does in the background, and closes the pool if Open
// made it. Iterators and Changes must have ended.
func (s *Store) Close() {
	s.news.close()
	if s.own {
		s.pool.Close()
	}
}

// InTx returns a view of the store that reads and writes inside a transaction of
// the host's own, which must be read committed: for an engine's ApplyTx. It
// is valid as long as the transaction and, like it, for one goroutine at a time. A
// method that fails with a [store.ConflictError] leaves the transaction usable.
// Customers that it changes are locked until the transaction ends. Iterators must
// not be broken into by other uses of the transaction between two customers of
// one page; finish them first.
func (s *Store) InTx(tx pgx.Tx) store.Tx {
	v := txView{s.view, s}
	v.db, v.tx, v.recent, v.news = nil, true, new(recent), nil
	if tx != nil {
		v.db = within{tx}
	}
	return &v
}
