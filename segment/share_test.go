package segment_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
)

// crowd is how many customers the tests of chance look at; always the same
// ones, so that they never fail by chance.
const crowd = 20_000

// inShares returns in which of some equal shares each of the crowd is.
func inShares(t *testing.T, salt string, shares int) []int {
	var segments []segment.Segment
	for i := range shares {
		p := segment.Share(salt, float64(i)/float64(shares), float64(i+1)/float64(shares))
		segments = append(segments, segment.Segment{ID: fmt.Sprint(i), Enter: p})
	}
	state := compile(t, segments...)
	f := tags()
	of := make([]int, crowd)
	for i := range of {
		f.Customer.ID = fmt.Sprintf("customer %d", i)
		state.Load(nil)
		state.MarkAll()
		entered := 0
		state.Settle(f, func(id string, _ bool) {
			entered++
			_, err := fmt.Sscan(id, &of[i])
			require.NoError(t, err)
		})
		require.Equal(t, 1, entered, "everybody is in one share")
	}
	return of
}

// deviation is the sum of squares of how far counts are from what is expected of
// each (chi squared).
func deviation(counts []int) (sum float64) {
	expected := float64(crowd) / float64(len(counts))
	for _, n := range counts {
		sum += math.Pow(float64(n)-expected, 2) / expected
	}
	return sum
}

func TestSharesAreUniform(t *testing.T) {
	t.Parallel()
	for _, salt := range []string{"a", "b", "spring test"} {
		counts := make([]int, 100)
		for _, share := range inShares(t, salt, len(counts)) {
			counts[share]++
		}
		assert.Less(t, deviation(counts), 170.0, "%q: of 99 degrees of freedom, once in 10,000 draws", salt)
	}
}

func TestSharesOfDifferentSaltsHaveNothingToDoWithEachOther(t *testing.T) {
	t.Parallel()
	a, b := inShares(t, "a", 8), inShares(t, "b", 8)
	counts := make([]int, 64)
	for i := range a {
		counts[a[i]*8+b[i]]++
	}
	assert.Less(t, deviation(counts), 116.0, "of 63 degrees of freedom, once in 10,000 draws")
}

// A draw is for good: whoever was in a share stays in it over every release.
func TestADrawIsForGood(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		salt, id string
		drawn    float64
	}{
		{"spring test", "ann", 0.4538363840394751},
		{"spring test", "bob", 0.26005802843871273},
		{"a", "customer 1", 0.17551200816431134},
		{"b", "customer 1", 0.5795435417197536},
		{"ü", "", 0.25725478187234474},
	} {
		f := &segment.Facts{Customer: &customer.Customer{ID: tt.id}}
		assert.InDelta(t, tt.drawn, drawnNumber(tt.salt, tt.id), 0)
		assertNow(t, f, segment.Share(tt.salt, tt.drawn, math.Nextafter(tt.drawn, 1)), true)
		assertNow(t, f, segment.Share(tt.salt, 0, tt.drawn), false)
		assertNow(t, f, segment.Share(tt.salt, math.Nextafter(tt.drawn, 1), 1), false)
	}
}
