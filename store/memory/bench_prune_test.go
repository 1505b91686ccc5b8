package memory_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/store/memory"
)

// BenchmarkPrune goes through 10,000 customers who have done forty things each,
// first of all to remove thirty of those, their events but for the segments, and
// then to find that there is nothing left to remove. A customer takes some 70 µs,
// and then half of that, which is to read what is kept.
func BenchmarkPrune(b *testing.B) {
	const n = 10_000
	p := store.Pruning{
		Timeline: noon, Keep: []customer.EventKind{customer.SegmentEntered},
		Activities: store.Cut{Before: noon, Keep: []segment.Sight{{Activity: "3", All: true}}}, Limit: 256,
	}
	for b.Loop() {
		b.StopTimer()
		s := memory.New()
		open(s, n)
		for i := range n {
			act(b, s, customerID(i))
		}
		b.StartTimer()
		for _, pass := range []string{"removing", "again"} {
			began := time.Now()
			removed := 0
			for more, q := true, p; more; {
				out, err := s.Prune(b.Context(), q)
				if err != nil {
					b.Fatal(err)
				}
				removed += out.Activities + out.Events
				more, q.After = out.More, out.Next
			}
			b.ReportMetric(float64(time.Since(began).Microseconds())/n, pass+"-µs/customer")
			b.ReportMetric(float64(removed)/n, pass+"-removed/customer")
		}
	}
}

// act adds forty activities of four kinds to a customer.
func act(b *testing.B, s *memory.Store, id string) {
	b.Helper()
	loaded, err := s.Load(b.Context(), store.Request{Customer: id})
	if err != nil {
		b.Fatal(err)
	}
	c := store.Change{Record: loaded[0].Record}
	for j := range 40 {
		when := noon.Add(time.Duration(j-40) * time.Hour)
		c.Activities = append(c.Activities, customer.Activity{ID: fmt.Sprint("a", j), Customer: id, At: when, Name: fmt.Sprint(j % 4)})
	}
	if err := s.Commit(b.Context(), c); err != nil {
		b.Fatal(err)
	}
}
