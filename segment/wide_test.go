package segment_test

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
)

// What compiling takes grows with what is compiled, not with its square, which
// would be minutes here, more than go test waits for.
func TestCompileTakesNoAgesForManyNames(t *testing.T) {
	t.Parallel()
	names := make([]string, 200_000)
	for i := range names {
		names[i] = fmt.Sprintf("sku %d", i)
	}
	of := customer.Filter{SKUs: names}
	_, err := segment.Compile([]segment.Segment{{ID: "s", Enter: segment.LastPurchaseOf(of).Known(true)}}, anyStage)
	require.NoError(t, err)
}

// Segments that have nothing to do with each other do not pay for each other.
// Not parallel: it counts all that is allocated.
func TestASetTakesNoMoreMemoryPerSegmentWhereThereAreMany(t *testing.T) {
	perSegment := func(n int) uint64 {
		segments := make([]segment.Segment, n)
		for i := range segments {
			name := fmt.Sprintf("%08d", i)
			segments[i] = segment.Segment{ID: name, Enter: segment.Activities{Name: name}.Count(segment.AtLeast, 1)}
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := segment.Compile(segments, anyStage)
		require.NoError(t, err)
		runtime.ReadMemStats(&after)
		return (after.TotalAlloc - before.TotalAlloc) / uint64(n)
	}
	few := perSegment(500)
	assert.Less(t, perSegment(16_000), 2*few)
}
