package pipeline_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/pipeline"
	"github.com/regulars-go/regulars/segment"
)

// BenchmarkFlips is a tick in which about a hundred customers are due because
// time alone changes a segment of theirs, and nothing else happens: there is no
// pipeline. x-rescan is how many times as long it takes at the least to find
// them without knowing who is due: to evaluate the hundred segments of everybody
// in memory, as fast as those of one customer over and over.
func BenchmarkFlips(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		b.Run(fmt.Sprintf("customers=%d", n), func(b *testing.B) {
			if n > 10_000 && testing.Short() {
				b.Skip("filling the store takes half a minute; run without -short")
			}
			benchFlips(b, n)
		})
	}
}

func benchFlips(b *testing.B, n int) {
	s := newBuyers(b, n)
	rescan := float64(n) * evaluate(b).Seconds()
	wakeUps, took := 0, time.Duration(0)
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		s.buy(b)
		b.StartTimer()
		start := time.Now()
		wakeUps += s.pass(b, s.step).WakeUps
		took += time.Since(start)
	}
	b.ReportMetric(float64(wakeUps)/float64(b.N), "wake-ups/op")
	b.ReportMetric(rescan*float64(b.N)/took.Seconds(), "x-rescan")
}

// buyers are customers who buy in turn, each every 29 days, so that as many
// flips come at any time as at any other.
type buyers struct {
	*base
	next int
	step time.Duration // in which some of them buy
}

const buyersInStep = 20

func newBuyers(b *testing.B, n int) *buyers {
	s := &buyers{base: newCards(b, n, pipeline.Definitions{Segments: benchSegments()})}
	s.step = 29 * 24 * time.Hour * buyersInStep / time.Duration(n)
	for range n / buyersInStep {
		s.buy(b)
		s.pass(b, s.step)
	}
	return s
}

func (s *buyers) buy(b *testing.B) {
	s.apply(b, buyersInStep, func(i int) customer.Input { return s.purchase((s.next + i) % s.n) })
	s.next += buyersInStep
}

// evaluate returns how long it takes to evaluate the hundred segments of a
// customer with five purchases, the best of many times.
func evaluate(b *testing.B) time.Duration {
	set, err := segment.Compile(benchSegments(), segment.Names{})
	require.NoError(b, err)
	f := segment.Facts{Customer: &customer.Customer{ID: "c", Tags: []string{"tag1"}}, Totals: new(customer.Totals), Zone: time.UTC}
	for i := range 5 {
		p := customer.Purchase{ID: fmt.Sprint(i), At: benchStart.AddDate(0, 0, 30*i), Amount: 20_00}
		require.True(b, f.Totals.Add(&p))
		f.Purchases = append(f.Purchases, p)
	}
	f.At(benchStart.AddDate(0, 0, 140))
	state, best := set.NewState(), time.Hour
	state.Load(nil)
	for range 1000 {
		start := time.Now()
		for range 20 {
			state.MarkAll()
			state.Settle(&f, func(string, bool) {})
		}
		best = min(best, time.Since(start)/20)
	}
	return best
}
