package pipeline_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/pipeline"
	"github.com/regulars-go/regulars/segment"
)

// BenchmarkPreview previews segments over a million customers of five purchases
// each, who are in some twenty segments already. On one of two cores shared with
// others a customer takes 1.1 µs where the segment reads the card or other
// segments, and 1.3 to 1.5 µs where it reads purchases: a million take a second
// or one and a half.
func BenchmarkPreview(b *testing.B) {
	s := sized(b, 1_000_000)
	s.pass(b, 0)
	for _, bench := range []struct {
		name string
		of   segment.Predicate
	}{
		{"card", segment.HasTag("tag7")},
		{"segment", segment.In("s060")},
		{"window", segment.Purchases{Within: customer.Days(15)}.Total(segment.AtLeast, 50_00)},
		{"history", segment.All(segment.HasTag("tag7"), segment.Not(segment.Bought("tea", customer.Period{})))},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				p, err := s.eng.Preview(context.Background(), segment.Segment{Enter: bench.of}, pipeline.PreviewOptions{})
				require.NoError(b, err)
				require.Equal(b, s.n, p.Scanned)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*s.n), "ns/customer")
		})
	}
}
