package sqlite

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/store"
)

// written returns how many rows the connection that writes has written by now.
func written(t *testing.T, s *Store) (n int) {
	t.Helper()
	pen := <-s.pen
	defer func() { s.pen <- pen }()
	_, err := pen.one(`select total_changes()`, nil, &n)
	require.NoError(t, err)
	return n
}

// TestACommitWritesWhatChanged counts rows: what a commit costs is the rows it
// writes.
func TestACommitWritesWhatChanged(t *testing.T) {
	t.Parallel()
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "shop.db"))
	require.NoError(t, err)
	defer s.Close()
	at := time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)
	c := everyKind("olga", at)
	require.NoError(t, s.Commit(t.Context(), c))
	next := store.Change{Record: c.Record}
	for _, row := range []struct {
		what   string
		change func()
		rows   int
	}{
		{"a wake-up that finds nothing", func() { next.Record.AsOf, next.Record.Wake = at.Add(time.Hour), at.Add(2*time.Hour) }, 1},
		{"a stage entered: the record, the stage left and entered, the timeline", func() {
			next.Record.Cycles = []customer.Cycle{{Pipeline: "cakes", Stage: "due"}, c.Record.Cycles[1]}
			next.Events = []customer.Event{{Kind: customer.StageLeft, At: at}, {Kind: customer.StageEntered, At: at}}
		}, 4},
		{"a purchase with a message: the record, both, the timeline", func() {
			next.Record.Cycles = []customer.Cycle{{Pipeline: "cakes", Stage: "due", Number: 2}, c.Record.Cycles[1]}
			next.Purchases = []customer.Purchase{{ID: "p2", Customer: "olga", At: at}}
			next.Deliveries = c.Deliveries[:1]
			next.Events = []customer.Event{{Kind: customer.Purchased, At: at, Ref: "p2"}}
		}, 4},
		{"a segment left: the record and a look-up", func() { next.Record.Segments = nil }, 2},
		{"a tag: the record, the card and a look-up", func() { next.Record.Customer.Tags = []string{"new", "old"} }, 3},
	} {
		next.Record.Version++
		next.Purchases, next.Deliveries, next.Events = nil, nil, nil
		row.change()
		before := written(t, s)
		require.NoError(t, s.Commit(t.Context(), next), row.what)
		assert.Equal(t, row.rows, written(t, s)-before, row.what)
	}
}
