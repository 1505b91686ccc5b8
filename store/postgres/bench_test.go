package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/benbjohnson/clock"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/pipeline"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/store/postgres"
	"github.com/regulars-go/regulars/store/postgres/postgrestest"
	"github.com/regulars-go/regulars/trigger"
)

// durable is a server that loses nothing, unlike that of the tests.
var durable = sync.OnceValues(func() (*postgrestest.Server, error) {
	server, err := postgrestest.Start("fsync=on", "synchronous_commit=on", "full_page_writes=on", "shared_buffers=1GB", "max_wal_size=8GB")
	if err == nil {
		stopDurable = func() { _ = server.Stop() }
	}
	return server, err
})

// stopDurable ends it, if it was started.
var stopDurable = func() {}

// bench is a store of n customers on a durable server, or on the database that the
// variable names.
type bench struct {
	*postgres.Store
	dsn, schema string
	n           int
	made        atomic.Int64
}

var benches = map[string]*bench{}

// filled returns a store of n customers, which the benchmarks of a run share. The
// bare loop has one of its own: what it writes nobody can read.
func filled(b *testing.B, of string, n int) *bench {
	b.Helper()
	if n > 10_000 && testing.Short() {
		b.Skip("it takes minutes to fill; run without -short")
	}
	schema := fmt.Sprintf("%s%d", of, n)
	if benches[schema] == nil {
		x := empty(b, schema)
		populate(b, x.Store, 0, n)
		x.n = n
		x.exec(b, "vacuum analyze")
		benches[schema] = x
	}
	return benches[schema]
}

func empty(b *testing.B, schema string) *bench {
	b.Helper()
	dsn := durableDSN(b)
	s, err := postgres.Open(context.Background(), dsn, postgres.Options{Schema: schema})
	require.NoError(b, err)
	return &bench{Store: s, dsn: dsn, schema: schema}
}

func durableDSN(b *testing.B) string {
	b.Helper()
	dsn := os.Getenv(postgrestest.Env)
	if dsn == "" {
		server, err := durable()
		postgrestest.Require(b, err)
		dsn = server.DSN()
	}
	return postgrestest.With(dsn, "pool_max_conns=12")
}

func (x *bench) exec(b *testing.B, sql string) {
	b.Helper()
	pool := newPoolOf(b, x.dsn)
	_, err := pool.Exec(context.Background(), sql)
	require.NoError(b, err)
}

// pick returns the IDs of some customers, each once, in no order.
func (x *bench) pick(rng *rand.Rand, n int) []string {
	seen := make(map[int]bool, n)
	ids := make([]string, 0, n)
	for len(ids) < n {
		if i := rng.IntN(x.n); !seen[i] {
			seen[i] = true
			ids = append(ids, customerID(i))
		}
	}
	return ids
}

// purchases loads customers and returns changes by which each buys something: their
// cycle moves on, there are four events and a message; a quarter of them leave a
// segment and enter another. The wake-up stands: engines re-arm it lazily.
func (x *bench) purchases(b *testing.B, ids []string) []store.Change {
	requests := make([]store.Request, len(ids))
	for i := range ids {
		requests[i].Customer, requests[i].PurchaseIDs = ids[i], []string{fmt.Sprintf("b%d", x.made.Load()+int64(i)+1)}
	}
	loaded, err := x.Load(context.Background(), requests...)
	require.NoError(b, err)
	changes := make([]store.Change, len(ids))
	for i := range loaded {
		n := x.made.Add(1)
		c := store.Change{Record: loaded[i].Record}
		for range 2 {
			bought(&c, fmt.Sprintf("b%d", n), noon.Add(time.Duration(n)*time.Microsecond))
		}
		c.Purchases = c.Purchases[:1]
		c.Record.Cycles = slices.Clone(c.Record.Cycles)
		c.Record.Cycles[0].Number++
		if n%4 == 0 {
			c.Record.Segments = slices.Clone(c.Record.Segments)
			c.Record.Segments[0].Segment = fmt.Sprintf("s%02d", n/4%16)
		}
		c.Deliveries = []trigger.Delivery{message(ids[i], fmt.Sprintf("b%d", n), noon)}
		changes[i] = c
	}
	return changes
}

// BenchmarkCommit measures purchases per second through Load and Commit, beside two
// bare loops: rows writes the same rows from constants; wide is a table of wide rows.
//
// On two cores that others kept busy, a purchase at a time came to 1.2 of rows and 0.37
// to 1.24 of wide, which saves the round trip of Load; batches of 100 to 0.7 and a
// quarter to a half; batches of 1000 to 0.5 to 0.65 and 0.26 to 0.45. Either writes
// five to six index entries for a purchase, wide in three rows and the store in five,
// with 13 records of 1.9 kB in the log. What limits is the rest: the store looks for
// five rows by key that wide does not, and sends 38 columns instead of 15; in a quiet
// moment statements take half of a batch's time, and packing, sending and taking apart
// the other half.
func BenchmarkCommit(b *testing.B) {
	for _, size := range []int{1, 100, 1000} {
		b.Run(fmt.Sprintf("batch=%d", size), func(b *testing.B) {
			const n = 10_000
			x, bare, wide := filled(b, "store", n), newBareLoop(b, filled(b, "bare", n), size), wide(b, n)
			rng := rand.New(rand.NewPCG(1, uint64(size)))
			beside(b, size,
				rival{"rows", func() error { return bare.buy(bare.x.pick(rng, size)) }},
				rival{"wide", func() error { return wide.buy(rng, size) }},
				rival{"", func() error { return x.buy(b, rng, size) }})
		})
	}
}

func (x *bench) buy(b *testing.B, rng *rand.Rand, size int) error {
	return x.Commit(context.Background(), x.purchases(b, x.pick(rng, size))...)
}

// BenchmarkConnections is one purchase per call, over several connections at once. It
// came to half of wide with 1 and with 8.
func BenchmarkConnections(b *testing.B) {
	for _, workers := range []int{1, 8} {
		b.Run(fmt.Sprintf("connections=%d", workers), func(b *testing.B) {
			const n, each = 10_000, 10
			x, bare, wide := filled(b, "store", n), newBareLoop(b, filled(b, "bare", n), 1), wide(b, n)
			turn := func(do func(*rand.Rand) error) func() error {
				return func() error { return atOnce(workers, each, do) }
			}
			beside(b, workers*each,
				rival{"rows", turn(func(rng *rand.Rand) error { return bare.buy(bare.x.pick(rng, 1)) })},
				rival{"wide", turn(func(rng *rand.Rand) error { return wide.buy(rng, 1) })},
				rival{"", turn(func(rng *rand.Rand) error { return x.buy(b, rng, 1) })})
		})
	}
}

var seeds atomic.Uint64

// atOnce has so many workers do something so often each.
func atOnce(workers, times int, do func(*rand.Rand) error) error {
	var wg sync.WaitGroup
	errs := make([]error, workers)
	for i := range workers {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(seeds.Add(1), 7))
			for range times {
				err := do(rng)
				for errors.Is(err, store.ErrConflict) { // two chose the same customer
					err = do(rng)
				}
				errs[i] = errors.Join(errs[i], err)
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// BenchmarkEngine applies purchases of customers whose cycle, message and two
// memberships they change, beside the wide rows. Batches came to about 0.4 of them.
func BenchmarkEngine(b *testing.B) {
	x := empty(b, "engine")
	still := clock.NewMock()
	still.Set(noon)
	e, err := pipeline.New(pipeline.Config{Store: x.Store, Definitions: lifetime(), Clock: still})
	require.NoError(b, err)
	for ; x.n < 10_000; x.n += 1000 {
		cards := make([]customer.Input, 1000)
		for i := range cards {
			cards[i] = customer.Customer{ID: customerID(x.n + i), Phones: []string{"+49170"}}
		}
		require.NoError(b, e.Apply(context.Background(), cards...))
	}
	x.exec(b, "vacuum analyze")
	for _, size := range []int{1, 100, 1000} {
		b.Run(fmt.Sprintf("batch=%d", size), func(b *testing.B) {
			rng, wide := rand.New(rand.NewPCG(2, uint64(size))), wide(b, 10_000)
			beside(b, size, rival{"wide", func() error { return wide.buy(rng, size) }}, rival{"", func() error {
				inputs := make([]customer.Input, size)
				for i, id := range x.pick(rng, size) {
					inputs[i] = customer.Purchase{ID: fmt.Sprintf("e%d", x.made.Add(1)), Customer: id, At: noon, Amount: 4_990, Source: "web"}
				}
				return e.Apply(context.Background(), inputs...)
			}})
		})
	}
}

// BenchmarkClaim claims 500 wake-ups at a time, loaded, and commits each customer
// with a later one and a message: in several goroutines. It came to 0.7 to 1.1 of a
// bare loop of the same rows, and with two cores no faster from two goroutines on.
func BenchmarkClaim(b *testing.B) {
	for _, workers := range []int{1, 2, 4} {
		b.Run(fmt.Sprintf("workers=%d", workers), func(b *testing.B) {
			x, bare := filled(b, "store", 10_000), newBareLoop(b, filled(b, "bare", 10_000), claimed)
			beside(b, workers*claimed,
				rival{"rows", func() error { return atOnce(workers, 1, func(*rand.Rand) error { return bare.claim() }) }},
				rival{"", func() error { return atOnce(workers, 1, func(*rand.Rand) error { return x.claim() }) }})
		})
	}
}

// claimed is how many wake-ups are claimed at a time.
const claimed = 500

// claim claims wake-ups and moves them on, but not so far that there are none.
func (x *bench) claim() error {
	loaded, err := x.ClaimWakeUps(context.Background(), store.Claim{Now: noon.AddDate(1, 0, 0), Limit: claimed, Lease: 1000 * time.Hour})
	if err != nil {
		return err
	}
	changes := make([]store.Change, len(loaded))
	for i := range loaded {
		id, n := loaded[i].Record.Customer.ID, x.made.Add(1)
		name := fmt.Sprintf("w%d.%d", os.Getpid(), n)
		changes[i] = store.Change{Record: loaded[i].Record, Deliveries: []trigger.Delivery{message(id, name, noon)}}
		changes[i].Record.Wake = noon.Add(2*time.Hour + time.Duration(n)*time.Microsecond)
	}
	return x.Commit(context.Background(), changes...)
}
