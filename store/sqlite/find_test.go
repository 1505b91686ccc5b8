package sqlite_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/store"
)

// Whoever is in a pipeline is found in order, however many stages it has.
func TestFindInAPipelineOfManyStages(t *testing.T) {
	t.Parallel()
	for _, stages := range []int{2, 100, 1200} {
		s := modernc(t, inDir(t))
		changes := make([]store.Change, 1200)
		want := make([]string, 0, 600)
		for i := range changes {
			c := &changes[i].Record
			c.Customer.ID = fmt.Sprintf("c%04d", i)
			c.Cycles = []customer.Cycle{{Pipeline: []string{"cakes", "tea"}[i%2], Stage: fmt.Sprint("s", i*7919%stages)}}
			if i%2 == 0 {
				want = append(want, c.Customer.ID)
			}
		}
		require.NoError(t, s.Commit(t.Context(), changes...))
		var got []string
		for l, err := range s.Find(t.Context(), store.Query{Pipeline: "cakes"}) {
			require.NoError(t, err)
			got = append(got, l.Record.Customer.ID)
		}
		assert.Equal(t, want, got, "%d stages", stages)
	}
}
