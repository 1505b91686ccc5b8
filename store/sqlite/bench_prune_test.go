package sqlite

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/store"
)

// BenchmarkPrune goes through 10,000 customers who have done forty things each,
// first of all to remove thirty of those, their deliveries, and their events but
// for the segments, and then to find that there is nothing left to remove.
func BenchmarkPrune(b *testing.B) {
	const n = 10_000
	end := opening.AddDate(1, 0, 0)
	p := store.Pruning{
		Timeline: end, Keep: []customer.EventKind{customer.SegmentEntered}, Sent: end,
		Activities: store.Cut{Before: end, Keep: []segment.Sight{{Activity: "3", All: true}}}, Limit: 256,
	}
	for b.Loop() {
		b.StopTimer()
		x := newBench(b, n)
		x.actAndSend(b, n)
		b.StartTimer()
		for _, pass := range []string{"removing", "again"} {
			began, longest := time.Now(), time.Duration(0)
			removed := 0
			for more, q := true, p; more; {
				call := time.Now()
				out, err := x.Prune(b.Context(), q)
				if err != nil {
					b.Fatal(err)
				}
				longest = max(longest, time.Since(call))
				removed += out.Activities + out.Events + out.Deliveries
				more, q.After = out.More, out.Next
			}
			b.ReportMetric(float64(time.Since(began).Microseconds())/n, pass+"-µs/customer")
			b.ReportMetric(float64(removed)/n, pass+"-removed/customer")
			b.ReportMetric(float64(longest.Milliseconds()), pass+"-longest-ms")
		}
	}
}

// actAndSend adds forty activities of four kinds to each customer, and settles
// what waits.
func (x *bench) actAndSend(b *testing.B, n int) {
	b.Helper()
	var places []int
	for place := range n {
		places = append(places, place)
	}
	for part := range slices.Chunk(places, 500) {
		changes := x.changes(part)
		var outcomes []store.Outcome
		for i := range changes {
			c := &changes[i]
			for j := range 40 {
				when := opening.Add(time.Duration(j-40) * time.Hour)
				c.Activities = append(c.Activities, customer.Activity{ID: fmt.Sprint("a", j), Customer: c.Record.Customer.ID, At: when, Name: fmt.Sprint(j % 4)})
			}
			for j := range c.Deliveries {
				outcomes = append(outcomes, store.Outcome{Customer: c.Record.Customer.ID, Delivery: c.Deliveries[j].ID, State: store.Sent, Due: opening})
			}
		}
		if err := x.Commit(b.Context(), changes...); err != nil {
			b.Fatal(err)
		}
		if err := x.Settle(b.Context(), outcomes...); err != nil {
			b.Fatal(err)
		}
	}
}
