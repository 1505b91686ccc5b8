package memory

import (
	"fmt"
	"iter"
	"maps"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/store"
)

// TestNothingIsKept runs sequences over trees of several levels while commits
// go on, and looks at what is left in memory when they have ended.
func TestNothingIsKept(t *testing.T) {
	t.Parallel()
	const n = 3000
	s, rng := New(), rand.New(rand.NewPCG(7, 8))
	tagged := make(map[string]uint64) // version by ID of those with the tag
	for i := range n {
		flip(t, s, fmt.Sprintf("c%04d", i), true, tagged)
	}
	var running []*follower
	for range 40 {
		running = append(running, follow(t, s, tagged))
		for range 200 {
			flip(t, s, fmt.Sprintf("c%04d", rng.IntN(n)), rng.IntN(3) > 0, tagged)
		}
		i := rng.IntN(len(running))
		running[i].read(t, 500)
		if rng.IntN(3) == 0 {
			running[i].stop()
			running = append(running[:i], running[i+1:]...)
		}
	}
	assert.NotEmpty(t, s.versions.kept, "states that sequences see")
	for _, f := range running {
		f.read(t, n+1)
		assert.Empty(t, f.want, "what the sequence did not yield")
		f.stop()
	}
	assert.Empty(t, s.versions.kept)
	assert.Empty(t, s.versions.readers)
	for _, e := range s.entries {
		assert.Nil(t, e.older)
	}
}

// flip commits the next version of a customer, with or without the tag.
func flip(t *testing.T, s *Store, id string, tag bool, tagged map[string]uint64) {
	t.Helper()
	r := store.Record{Customer: customer.Customer{ID: id}, Version: s.version(id)}
	delete(tagged, id)
	if tag {
		r.Customer.Tags = []string{"tag"}
		tagged[id] = r.Version + 1
	}
	require.NoError(t, s.Commit(t.Context(), store.Change{Record: r}))
}

// follower is a Find and what it is to yield.
type follower struct {
	next func() (store.Record, error, bool)
	stop func()
	want map[string]uint64
}

// follow begins a Find, by reading its first record.
func follow(t *testing.T, s *Store, tagged map[string]uint64) *follower {
	t.Helper()
	f := &follower{want: maps.Clone(tagged)}
	f.next, f.stop = iter.Pull2(s.Find(t.Context(), store.Query{Tag: "tag"}))
	f.read(t, 1)
	return f
}

func (f *follower) read(t *testing.T, n int) {
	t.Helper()
	for range n {
		r, err, ok := f.next()
		require.NoError(t, err)
		if !ok {
			return
		}
		require.Equal(t, f.want[r.Customer.ID], r.Version, "of %s", r.Customer.ID)
		delete(f.want, r.Customer.ID)
	}
}
