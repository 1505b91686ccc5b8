package postgres_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// rival is one way of doing the same thing.
type rival struct {
	name string // "": ours
	do   func() error
}

// beside has the rivals take turns, so that whatever else the machine is doing slows
// all of them, and reports how many things a second ours does, and how much faster
// than each of the others: the median of each, when a turn does so many things.
func beside(b *testing.B, things int, rivals ...rival) {
	b.Helper()
	times := make([][]time.Duration, len(rivals))
	for b.Loop() {
		for i := range rivals {
			begin := time.Now()
			require.NoError(b, rivals[i].do())
			times[i] = append(times[i], time.Since(begin))
		}
	}
	ours := median(times[slices.IndexFunc(rivals, func(r rival) bool { return r.name == "" })])
	for i, r := range rivals {
		if r.name != "" {
			b.ReportMetric(median(times[i])/ours, "x-"+r.name)
		}
	}
	b.ReportMetric(float64(things)/ours, "per-s")
	b.ReportMetric(ours/float64(things)*1e6, "µs-each")
	b.ReportMetric(0, "ns/op") // of all of them together: it says nothing
}

// median is in seconds.
func median(times []time.Duration) float64 {
	sorted := slices.Sorted(slices.Values(times))
	return sorted[len(sorted)/2].Seconds()
}
