package pipeline_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/benbjohnson/clock"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/pipeline"
	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/store/memory"
)

var benchStart = time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)

// handClock is a clock that only shows a time. A clock.Mock sleeps for a
// millisecond whenever it is moved, which would be all that is measured.
type handClock struct {
	clock.Clock
	now time.Time
}

func (c *handClock) Now() time.Time { return c.now }

// base is an engine over n customers with five purchases each.
type base struct {
	eng   *pipeline.Engine
	store store.Store
	clk   *handClock
	rng   *rand.Rand
	n     int
	made  int // purchases and activities so far
	bytes uint64
}

// benchSegments returns 100 segments, of which 30 depend on time and 8 read
// the activity "page_view".
func benchSegments() []segment.Segment {
	var out []segment.Segment
	add := func(p segment.Predicate) {
		out = append(out, segment.Segment{ID: fmt.Sprintf("s%03d", len(out)), Enter: p})
	}
	for i := range 8 {
		add(segment.Activities{Name: "page_view", Within: customer.Days(1 + i)}.Count(segment.AtLeast, int64(1+i)))
	}
	for i := range 11 {
		add(segment.NoPurchaseFor(customer.Days(10 + 10*i)))
		add(segment.All(segment.PurchasedWithin(customer.Days(5+5*i)), segment.Spent(segment.AtLeast, int64(i*50_00))))
	}
	for i := range 30 {
		add(segment.Spent(segment.AtLeast, int64(20_00+i*30_00)))
		add(segment.Purchases{}.Count(segment.AtLeast, int64(3+i)))
	}
	for i := range 10 {
		add(segment.All(segment.HasTag(fmt.Sprintf("tag%d", i)), segment.Not(segment.FromSource("staff"))))
	}
	return out
}

func benchDefinitions() pipeline.Definitions {
	return pipeline.Definitions{
		Pipelines: []pipeline.Pipeline{{
			ID: "monthly", Cadence: pipeline.Every(customer.Days(30)),
			Stages: []pipeline.Stage{
				{ID: "thanks", From: pipeline.SincePurchase(customer.Days(0))},
				{ID: "waiting", From: pipeline.SincePurchase(customer.Days(1))},
				{ID: "motivate", From: pipeline.BeforeNext(customer.Days(7))},
				{ID: "due", From: pipeline.AtNext()},
				{ID: "overdue", From: pipeline.AfterNext(customer.Days(3))},
				{ID: "lost", From: pipeline.AfterNext(customer.Days(60)), Closes: "did not come back"},
			},
		}},
		Segments: benchSegments(),
	}
}

func newBase(b testing.TB, n int, definitions pipeline.Definitions) *base {
	b.Helper()
	before := heap()
	s := newCards(b, n, definitions)
	for range 5 {
		s.apply(b, n, func(i int) customer.Input { return s.purchase(i) })
		s.pass(b, 7*24*time.Hour)
	}
	s.bytes = heap() - before
	return s
}

// newCards returns an engine over n customers who have bought nothing yet.
func newCards(b testing.TB, n int, definitions pipeline.Definitions) *base {
	b.Helper()
	kept, clk := memory.New(), &handClock{clock.New(), benchStart}
	eng, err := pipeline.New(pipeline.Config{Store: kept, Clock: clk, Definitions: definitions})
	require.NoError(b, err)
	s := &base{eng: eng, store: kept, clk: clk, rng: rand.New(rand.NewPCG(1, 2)), n: n}
	s.apply(b, n, func(i int) customer.Input {
		return customer.Customer{ID: id(i), Source: "web", Tags: []string{fmt.Sprintf("tag%d", i%40)}}
	})
	return s
}

// apply hands over an input of each of n customers.
func (s *base) apply(b testing.TB, n int, input func(i int) customer.Input) {
	b.Helper()
	for from := 0; from < n; from += 1000 {
		var batch []customer.Input
		for i := from; i < min(from+1000, n); i++ {
			batch = append(batch, input(i))
		}
		require.NoError(b, s.eng.Apply(context.Background(), batch...))
	}
}

func id(i int) string { return fmt.Sprintf("c%07d", i) }

func (s *base) purchase(i int) customer.Purchase {
	s.made++
	at := s.clk.Now().Add(-time.Duration(s.rng.IntN(60)) * time.Second)
	return customer.Purchase{ID: fmt.Sprintf("p%d", s.made), Customer: id(i), At: at, Amount: int64(5_00 + s.rng.IntN(60_00))}
}

func (s *base) activity(name string) customer.Activity {
	s.made++
	return customer.Activity{ID: fmt.Sprintf("a%d", s.made), Customer: id(s.rng.IntN(s.n)), At: s.clk.Now(), Name: name}
}

func (s *base) pass(b testing.TB, d time.Duration) pipeline.Progress {
	b.Helper()
	s.clk.now = s.clk.now.Add(d)
	p, err := s.eng.Tick(context.Background())
	require.NoError(b, err)
	return p
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

var sizes = []int{10_000, 100_000, 1_000_000}

// bases keeps one base per size for the benchmarks of a run: filling a million
// customers takes far longer than measuring them.
var bases = map[int]*base{}

func sized(b *testing.B, n int) *base {
	b.Helper()
	if n > 100_000 && testing.Short() {
		b.Skip("a million customers take a minute to fill; run without -short")
	}
	if bases[n] == nil {
		clear(bases)
		runtime.GC()
		bases[n] = newBase(b, n, benchDefinitions())
	}
	return bases[n]
}

// BenchmarkEngine measures the engine on the memory store beside the bare loop of
// the same rules. On two shared cores, in one run: a month takes 92 to 105 µs a
// purchase, with its seven wake-ups, at 10 k and at 100 k customers alike, and the
// bare loop 6 µs; an activity nobody reads 9 to 19 µs, of which 1.6 to 2 µs are not
// the store's, a tick with nothing due 2 µs. Some two thirds of the month are the
// store's: packing records, indexes, timeline. bytes/customer is with the cards'
// tags and about twenty memberships.
func BenchmarkEngine(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprintf("customers=%d", n), func(b *testing.B) {
			b.Run("bare-month", func(b *testing.B) { benchBareMonth(b, n) })
			s := sized(b, n)
			for _, bench := range []struct {
				name string
				run  func(b *testing.B, s *base)
			}{
				{"bytes", benchBytes},
				{"month", benchMonth},
				{"purchase", benchPurchase},
				{"activity=read", benchActivity("page_view")},
				{"activity=unread", benchUnread},
				{"tick=idle", benchIdleTick},
				{"tick=100", benchTick100},
				{"lookup", benchLookup},
			} {
				b.Run(bench.name, func(b *testing.B) {
					b.ReportAllocs()
					bench.run(b, s)
				})
			}
		})
	}
}

func benchBytes(b *testing.B, s *base) {
	for b.Loop() {
	}
	b.ReportMetric(float64(s.bytes)/float64(s.n), "bytes/customer")
	b.ReportMetric(0, "ns/op")
}

// benchMonth spreads the purchases over virtual time as a month of one
// purchase per customer would be, and takes every flip and stage at its time.
func benchMonth(b *testing.B, s *base) {
	wakeUps := 0
	const batch = 200
	step := time.Duration(float64(30*24*time.Hour) * batch / float64(s.n))
	for done := 0; b.Loop(); {
		if done++; done%batch != 0 {
			continue
		}
		inputs := make([]customer.Input, batch)
		for i := range inputs {
			inputs[i] = s.purchase(s.rng.IntN(s.n))
		}
		require.NoError(b, s.eng.Apply(context.Background(), inputs...))
		wakeUps += s.pass(b, step).WakeUps
	}
	b.ReportMetric(float64(wakeUps)/float64(b.N), "wake-ups/op")
}

func benchPurchase(b *testing.B, s *base) {
	for b.Loop() {
		require.NoError(b, s.eng.RecordPurchase(context.Background(), s.purchase(s.rng.IntN(s.n))))
	}
}

func benchActivity(name string) func(b *testing.B, s *base) {
	return func(b *testing.B, s *base) {
		for b.Loop() {
			require.NoError(b, s.eng.RecordActivity(context.Background(), s.activity(name)))
		}
	}
}

// benchUnread is an activity that no live segment reads. overhead-ns is how much
// longer the median call takes than what the store does of it, made by turns.
func benchUnread(b *testing.B, s *base) {
	var ours, alone []time.Duration
	for b.Loop() {
		a := s.activity("scroll")
		start := time.Now()
		require.NoError(b, s.eng.RecordActivity(context.Background(), a))
		middle := time.Now()
		s.keep(b, s.activity("scroll"))
		ours, alone = append(ours, middle.Sub(start)), append(alone, time.Since(middle))
	}
	b.ReportMetric(float64(median(ours)), "ns/op")
	b.ReportMetric(float64(median(ours)-median(alone)), "overhead-ns")
	b.ReportMetric(float64(median(ours))/float64(median(alone)), "x-store")
}

// keep puts an activity into the store past the engine.
func (s *base) keep(b *testing.B, a customer.Activity) {
	ctx, reach := context.Background(), segment.Reach{Activities: 8 * 24 * time.Hour}
	loaded, err := s.store.Load(ctx, store.Request{Customer: a.Customer, Reach: reach, ActivityIDs: []string{a.ID}})
	require.NoError(b, err)
	change := store.Change{
		Record: loaded[0].Record, Activities: []customer.Activity{a},
		Events: []customer.Event{{Kind: customer.Acted, At: a.At, Known: a.At, Ref: a.ID, Name: a.Name}},
	}
	change.Record.AsOf = a.At
	require.NoError(b, s.store.Commit(ctx, change))
}

func median(of []time.Duration) time.Duration {
	slices.Sort(of)
	return of[len(of)/2]
}

func benchIdleTick(b *testing.B, s *base) {
	s.pass(b, 0)
	for b.Loop() {
		p := s.pass(b, 0)
		require.Zero(b, p.Customers)
	}
}

// benchTick100 lets about a hundred wake-ups come due at a time.
func benchTick100(b *testing.B, s *base) {
	s.pass(b, 0)
	wakeUps := 0
	for b.Loop() {
		wakeUps += s.pass(b, time.Duration(float64(24*time.Hour)*300/float64(s.n))).WakeUps
	}
	b.ReportMetric(float64(wakeUps)/float64(b.N), "wake-ups/op")
}

func benchLookup(b *testing.B, s *base) {
	for b.Loop() {
		found := 0
		for _, err := range s.eng.Customers(context.Background(), store.Query{Segment: "s060"}) {
			require.NoError(b, err)
			if found++; found == 100 {
				break
			}
		}
	}
}
