package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/store/memory"
)

// A shop may move to another database.
var copyRules = []rule{
	{"copy/all", "What is copied into a store, and out of it again, is what was there.", copyAll},
	{"copy/long", "A history of thousands is copied whole and in order.", copyLong},
	{"copy/refused", "A store that holds customers is not copied into.", copyRefused},
}

// copyAll takes random lives through the store.
func copyAll(t *testing.T, s store.Store) {
	h := newHistory(99, 80)
	origin := newTwin(t, memory.New(), h.definitions[0])
	for _, step := range h.steps {
		step.do(origin)
	}
	in, err := store.Copy(t.Context(), s, origin.store, nil)
	require.NoError(t, err)
	back := memory.New()
	out, err := store.Copy(t.Context(), back, s, nil)
	require.NoError(t, err)
	assert.Equal(t, in, out)
	assert.Positive(t, in.Deliveries)
	want := copied(t, origin)
	requireSame(t, want, copied(t, &twin{store: s}), "into the store")
	requireSame(t, want, copied(t, &twin{store: back}), "out of it")
	for _, l := range want.People {
		document, err := origin.store.Definitions(t.Context(), l.Record.Definitions)
		require.NoError(t, err)
		again, err := s.Definitions(t.Context(), l.Record.Definitions)
		require.NoError(t, err)
		assert.Equal(t, document, again)
	}
}

// copied is what a copy has of a store: not how often something was written or
// tried, what was pruned, nor what is leased or redriven.
func copied(t *testing.T, w *twin) state {
	t.Helper()
	s := w.state(t)
	for i := range s.People {
		s.People[i].Record.Version = 0
		s.People[i].Pruned = time.Time{}
	}
	for _, list := range [][]store.Outgoing{s.Outbox, s.Dead, s.Waiting} {
		for i := range list {
			list[i].Attempts = 0
		}
	}
	s.Cuts, s.Wake, s.Delivery = nil, time.Time{}, time.Time{}
	return s
}

func copyLong(t *testing.T, s store.Store) {
	const n = 1234
	from := memory.New()
	for _, id := range []string{"a", "b"} {
		c := created(id)
		for i := range n {
			c.Events = append(c.Events, customer.Event{Kind: customer.Acted, At: t0, Known: t0, Ref: fmt.Sprint(id, i)})
		}
		commit(t, from, c)
	}
	for i := range 150 {
		commit(t, from, created(fmt.Sprintf("c%03d", i)))
	}
	told := 0
	done, err := store.Copy(t.Context(), s, from, func(store.Copied) { told++ })
	require.NoError(t, err)
	assert.Equal(t, store.Copied{Customers: 152, Events: 2 * n}, done)
	assert.Positive(t, told, "progress")
	for _, id := range []string{"a", "b"} {
		equal(t, timeline(t, from, id), timeline(t, s, id), "timeline")
	}
	assert.Len(t, found(t, s, store.Query{}), 152)
}

func copyRefused(t *testing.T, s store.Store) {
	commit(t, s, created("there"))
	from := memory.New()
	commit(t, from, created("c"))
	_, err := store.Copy(t.Context(), s, from, nil)
	require.ErrorContains(t, err, "empty")
	assert.Equal(t, []string{"there"}, found(t, s, store.Query{}))
}
