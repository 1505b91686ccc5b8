package pipeline_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
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
	clk := &handClock{clock.New(), benchStart}
	eng, err := pipeline.New(pipeline.Config{Store: memory.New(), Clock: clk, Definitions: definitions})
	require.NoError(b, err)
	s := &base{eng: eng, clk: clk, rng: rand.New(rand.NewPCG(1, 2)), n: n}
	ctx := context.Background()
	for from := 0; from < n; from += 1000 {
		var batch []customer.Input
		for i := from; i < min(from+1000, n); i++ {
			batch = append(batch, customer.Customer{ID: id(i), Source: "web", Tags: []string{fmt.Sprintf("tag%d", i%40)}})
		}
		require.NoError(b, eng.Apply(ctx, batch...))
	}
	for range 5 {
		for from := 0; from < n; from += 1000 {
			var batch []customer.Input
			for i := from; i < min(from+1000, n); i++ {
				batch = append(batch, s.purchase(i))
			}
			require.NoError(b, eng.Apply(ctx, batch...))
		}
		s.pass(b, 7*24*time.Hour)
	}
	s.bytes = heap() - before
	return s
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
// bare loop 6 µs; an activity nobody reads 10 to 19 µs, a tick with nothing due
// 2 µs. Some two thirds of the month are the store's: packing records, indexes,
// timeline. bytes/customer is with the cards' tags and about twenty memberships.
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
				{"activity=unread", benchActivity("scroll")},
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
