package memory

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/store/internal/pack"
)

// TestLabelsAreThoseOfTheRecords looks into the index: Find would not show a
// label that stayed behind, because it checks the records.
func TestLabelsAreThoseOfTheRecords(t *testing.T) {
	t.Parallel()
	s, rng := New(), rand.New(rand.NewPCG(9, 10))
	seen := make(map[string]bool)
	for range 2000 {
		r := labelled(fmt.Sprintf("c%02d", rng.IntN(40)), rng)
		r.Version = s.version(r.Customer.ID)
		require.NoError(t, s.Commit(t.Context(), store.Change{Record: *r}))
		seen[r.Customer.ID] = true
	}
	want := newLabels()
	for _, e := range s.entries {
		want.move(e, nil, s.eye.Labels(nil, e.id, e.record))
	}
	assert.Equal(t, postings(&want), postings(&s.labels))

	for id := range seen {
		r := store.Record{Customer: customer.Customer{ID: id}, Version: s.version(id)}
		require.NoError(t, s.Commit(t.Context(), store.Change{Record: r}))
	}
	assert.Empty(t, s.labels.one)
	assert.Empty(t, s.labels.many)
}

// labelled returns a record with some labels, some of them twice.
func labelled(id string, rng *rand.Rand) *store.Record {
	some := func() (names []string) {
		for range rng.IntN(4) {
			names = append(names, fmt.Sprint(rng.IntN(5)))
		}
		return names
	}
	r := &store.Record{Customer: customer.Customer{ID: id, Emails: some(), Phones: some(), Tags: some(), Manager: fmt.Sprint(rng.IntN(3))}}
	for _, name := range some() {
		r.Segments = append(r.Segments, segment.Membership{Segment: name})
		r.Cycles = append(r.Cycles, customer.Cycle{Pipeline: name, Stage: fmt.Sprint(rng.IntN(2))})
	}
	return r
}

// postings lists the customers of each label.
func postings(l *labels) map[pack.Label][]string {
	out := make(map[pack.Label][]string)
	for x, e := range l.one {
		out[x] = append(out[x], e.id)
	}
	for x, tree := range l.many {
		tree.Ascend(func(e *entry) bool {
			out[x] = append(out[x], e.id)
			return true
		})
	}
	for _, ids := range out {
		slices.Sort(ids)
	}
	return out
}
