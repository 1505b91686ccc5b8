//go:build unix

package river_test

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Both do what is compared.
func TestBothDoTheWork(t *testing.T) {
	x := newShop(t, "proof", 200, true)
	for range 2 {
		jobs, err := x.month()
		require.NoError(t, err)
		require.Equal(t, 3*x.n, jobs, "each purchase leads to two messages and a wake-up")
	}
	require.EqualValues(t, 4*x.n, x.sent.Load())
	require.NoError(t, newQueue(t, 100).work(600))
}

// beside has two take turns, so that whatever else the machine is doing slows both,
// and reports how many things a second ours does, and how much faster that is than
// theirs: the median of each, when a turn does so many things.
func beside(b *testing.B, things int, theirs, ours func() error) {
	b.Helper()
	var times [2][]time.Duration
	for b.Loop() {
		for i, do := range []func() error{theirs, ours} {
			begin := time.Now()
			require.NoError(b, do())
			times[i] = append(times[i], time.Since(begin))
		}
	}
	var median [2]float64
	for i := range times {
		slices.Sort(times[i])
		median[i] = times[i][len(times[i])/2].Seconds()
	}
	b.ReportMetric(float64(things)/median[1], "per-s")
	b.ReportMetric(median[0]/median[1], "x-river")
	b.ReportMetric(0, "ns/op") // of both together: it says nothing
}

// customers is how many a shop has here.
func customers() int {
	if testing.Short() {
		return 500
	}
	return 10_000
}

// BenchmarkOne applies a purchase per call, beside the insertion of a job per call.
func BenchmarkOne(b *testing.B) {
	q, x := newQueue(b, 0), newShop(b, "one", customers(), false)
	for _, connections := range []int{1, 8} {
		b.Run(fmt.Sprintf("connections=%d", connections), func(b *testing.B) {
			const each = 10
			beside(b, each*connections,
				func() error { return atOnce(connections, each, func() error { return q.insert(1) }) },
				func() error { return atOnce(connections, each, func() error { return x.buy(1) }) })
		})
	}
}

// atOnce has so many do something so often each.
func atOnce(workers, times int, do func() error) error {
	var wg sync.WaitGroup
	var failed atomic.Pointer[error]
	for range workers {
		wg.Go(func() {
			for range times {
				if err := do(); err != nil {
					failed.Store(&err)
				}
			}
		})
	}
	wg.Wait()
	if err := failed.Load(); err != nil {
		return *err
	}
	return nil
}

// BenchmarkMany applies purchases in batches, beside the insertion of as many jobs.
func BenchmarkMany(b *testing.B) {
	q, x := newQueue(b, 0), newShop(b, "many", customers(), false)
	for _, size := range []int{100, 1000} {
		b.Run(fmt.Sprintf("batch=%d", size), func(b *testing.B) {
			beside(b, size, func() error { return q.insertMany(size) }, func() error { return x.buy(size) })
		})
	}
}

// BenchmarkEndToEnd applies a purchase of each customer, wakes each up and sends two
// messages to each; beside as many jobs, of which each wake-up and each message would
// be one: inserted a thousand at a time, and worked.
func BenchmarkEndToEnd(b *testing.B) {
	for _, workers := range []int{100, 1000} {
		b.Run(fmt.Sprintf("workers=%d", workers), func(b *testing.B) {
			q, x := newQueue(b, workers), newShop(b, fmt.Sprintf("end%d", workers), customers()/5, true)
			jobs := 3 * x.n
			ours := func() error {
				n, err := x.month()
				if err == nil && n != jobs {
					err = fmt.Errorf("%d wake-ups and messages; want %d", n, jobs)
				}
				return err
			}
			require.NoError(b, ours()) // the first time takes longer, for both
			require.NoError(b, q.work(jobs))
			beside(b, jobs, func() error { return q.work(jobs) }, ours)
		})
	}
}
