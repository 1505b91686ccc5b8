package memory

import (
	"fmt"
	"hash/maphash"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/store/internal/pack"
)

// TestIDsThatCollide makes two IDs share a hash, which no other test can.
func TestIDsThatCollide(t *testing.T) {
	t.Parallel()
	s, h := New(), new(history)
	purchase := func(i int) *customer.Purchase {
		return &customer.Purchase{ID: fmt.Sprint(i), Customer: "c", At: time.UnixMicro(int64(i)).UTC()}
	}
	const n = 200
	for i := range n {
		s.purchases.put(h, "c", purchase(i))
	}
	require.NotNil(t, h.full.at, "IDs are indexed")
	require.Len(t, h.full.at, n)

	h.full.note(maphash.String(s.purchases.seed, "7"), 150)
	h.full.note(maphash.String(s.purchases.seed, "9"), 9)
	for _, i := range []int{7, 9, 150} {
		found, err := s.purchases.find(s.eye, h, "c", fmt.Sprint(i))
		require.NoError(t, err)
		assert.Equal(t, purchase(i), found)
	}
	assert.EqualValues(t, anywhere, h.full.at[maphash.String(s.purchases.seed, "7")])
	assert.EqualValues(t, 9, h.full.at[maphash.String(s.purchases.seed, "9")])
	found, err := s.purchases.find(s.eye, h, "c", "none")
	require.NoError(t, err)
	assert.Nil(t, found)
}

func TestPruningFreesTheIndex(t *testing.T) {
	t.Parallel()
	s := New()
	const n = 5 * pack.MaxItems
	c := store.Change{Record: store.Record{Customer: customer.Customer{ID: "c"}}}
	for i := range n {
		c.Activities = append(c.Activities, customer.Activity{ID: fmt.Sprint(i), Customer: "c", At: time.UnixMicro(int64(i)).UTC()})
	}
	require.NoError(t, s.Commit(t.Context(), c))
	h := &s.entries["c"].activities
	require.NotNil(t, h.full.at)
	prune := func(before int) {
		p := store.Pruning{Activities: store.Cut{Before: time.UnixMicro(int64(before)).UTC()}, Limit: 1}
		_, err := s.Prune(t.Context(), p)
		require.NoError(t, err)
	}
	prune(1)
	require.NotNil(t, h.full)
	assert.Nil(t, h.full.at)
	prune(n - 1)
	assert.Nil(t, h.full)
}
