package sqlite

import (
	"context"
	"database/sql"
	"iter"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/trigger"
)

// scans are what reads a whole table. A look at the end of an index is called a
// scan of that index; it has a limit of one.
var (
	scansTable = regexp.MustCompile(`SCAN \w+( AS \w+)?$`)
	scansIndex = regexp.MustCompile(`SCAN .* USING .*INDEX`)
	onlyOne    = regexp.MustCompile(`(limit 1\)?$|select coalesce\(max\(turn\), 0\) from deliveries)`)
)

// TestNoStatementScansATable asks SQLite how it runs each statement that the
// methods of a store have prepared, which are all there are.
func TestNoStatementScansATable(t *testing.T) {
	t.Parallel()
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "shop.db"))
	require.NoError(t, err)
	defer s.Close()
	useEverything(t, s)
	queries := prepared(s)
	require.Greater(t, len(queries), 40, "statements")
	for _, query := range queries {
		if query == selectCuts {
			continue // a row for each way in which definitions have read activities
		}
		for _, step := range plan(t, s.db, query) {
			assert.False(t, scansTable.MatchString(step), "%s\n%s", step, query)
			assert.False(t, scansIndex.MatchString(step) && !onlyOne.MatchString(query), "%s\n%s", step, query)
			assert.NotContains(t, step, "TEMP B-TREE", query)
		}
	}
}

// prepared returns the statements of all connections of the store.
func prepared(s *Store) []string {
	queries := make(map[string]bool)
	pen := <-s.pen
	for query := range pen.stmts {
		queries[query] = true
	}
	s.pen <- pen
	for range cap(s.readers) {
		r := <-s.readers
		for query := range sessionOrNone(r).stmts {
			queries[query] = true
		}
		s.readers <- r
	}
	for _, query := range slices.Collect(maps.Keys(queries)) {
		if word, _, _ := strings.Cut(query, " "); slices.Contains([]string{"begin", "commit", "rollback"}, word) {
			delete(queries, query)
		}
	}
	return slices.Sorted(maps.Keys(queries))
}

func sessionOrNone(c *session) *session {
	if c == nil {
		return new(session)
	}
	return c
}

// plan returns the steps of a query plan. Arguments make no difference to it.
func plan(t *testing.T, db *sql.DB, query string) (steps []string) {
	t.Helper()
	args := make([]any, strings.Count(query, "?"))
	if numbered := regexp.MustCompile(`\?(\d+)`).FindAllString(query, -1); len(numbered) > 0 {
		args = args[:len(slices.Compact(slices.Sorted(slices.Values(numbered))))]
	}
	rows, err := db.QueryContext(context.Background(), "explain query plan "+query, args...)
	require.NoError(t, err, query)
	defer rows.Close()
	for rows.Next() {
		var id, parent, unused int
		var step string
		require.NoError(t, rows.Scan(&id, &parent, &unused, &step))
		steps = append(steps, step)
	}
	require.NoError(t, rows.Err())
	return steps
}

// useEverything calls every method in each way that makes another statement.
func useEverything(t *testing.T, s *Store) {
	t.Helper()
	noon := time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)
	c := everyKind("olga", noon)
	require.NoError(t, s.Commit(t.Context(), c))
	c.Record.Version = 1
	c.Record.AsOf = noon.Add(time.Hour)
	c.Record.Cycles = []customer.Cycle{{Pipeline: "cakes", Stage: "due", Number: 2}, {Pipeline: "tea", Stage: "lost"}}
	c.Deliveries = nil
	require.NoError(t, s.Commit(t.Context(), c), "the wake-up is what it was")
	c.Record.Version, c.Record.Wake = 2, noon.Add(time.Hour)
	c.Record.Cycles = []customer.Cycle{{Pipeline: "cakes", Stage: "due", Number: 3}}
	c.Record.Customer.Tags, c.Record.Segments = nil, nil
	require.NoError(t, s.Commit(t.Context(), c))
	everything := segment.Reach{AllPurchases: true, AllActivities: true}
	_, err := s.Load(t.Context(), store.Request{Customer: "olga", Reach: everything, PurchaseIDs: []string{"p"}, ActivityIDs: []string{"a"}})
	require.NoError(t, err)
	claim := store.Claim{Now: noon.Add(time.Hour), Limit: 9, Lease: time.Minute, Reach: everything}
	_, err = s.ClaimWakeUps(t.Context(), claim)
	require.NoError(t, err)
	_, err = s.ClaimDeliveries(t.Context(), claim)
	require.NoError(t, err)
	for id, state := range map[string]store.DeliveryState{"d1": store.Dead, "d3": store.Sent, "d4": store.Waiting} {
		require.NoError(t, s.Settle(t.Context(), store.Outcome{Customer: "olga", Delivery: id, Attempt: 1, State: state, Due: noon}))
	}
	require.NoError(t, s.Redrive(t.Context(), noon, store.DeliveryRef{Customer: "olga", ID: "d1"}))
	_, _, err = s.NextDue(t.Context())
	require.NoError(t, err)
	require.NoError(t, s.SaveDefinitions(t.Context(), "v1", []byte(`{}`)))
	_, err = s.Definitions(t.Context(), "v1")
	require.NoError(t, err)
	askEverything(t, s)
	pruneEverything(t, s, noon.Add(time.Hour))
}

// pruneEverything removes rows whole and in part.
func pruneEverything(t *testing.T, s *Store, before time.Time) {
	t.Helper()
	c := everyKind("igor", before.Add(-time.Hour))
	c.Events = append(c.Events, customer.Event{Kind: customer.SegmentEntered, At: before.Add(-time.Hour)})
	require.NoError(t, s.Commit(t.Context(), c))
	out, err := s.Prune(t.Context(), store.Pruning{
		Timeline: before, Keep: []customer.EventKind{customer.SegmentEntered}, Sent: before, Dead: before,
		Activities: store.Cut{Before: before}, Limit: 10,
	})
	require.NoError(t, err)
	require.Positive(t, min(out.Customers, out.Events, out.Deliveries, out.Activities), "%+v", out)
	_, err = s.Cuts(t.Context())
	require.NoError(t, err)
}

func askEverything(t *testing.T, s *Store) {
	t.Helper()
	for _, q := range []store.Query{
		{},
		{NotUnder: "v2"},
		{Contact: "x"},
		{Tag: "x"},
		{Manager: "x"},
		{Segment: "x"},
		{Pipeline: "cakes"},
		{Pipeline: "cakes", NotUnder: "v2"},
		{Pipeline: "x", Stage: "y"},
		{Contact: "x", Tag: "x", Manager: "x", Segment: "x", Pipeline: "x", Stage: "y", NotUnder: "v"},
		{Pipeline: "x", Stage: "y", Segment: "x", After: "a"},
		{Pipeline: "x", Tag: "y"},
	} {
		drain(t, s.Find(t.Context(), q))
	}
	waiting, dead, settled := []store.DeliveryState{store.Waiting}, []store.DeliveryState{store.Dead}, []store.DeliveryState{store.Sent, store.Dead}
	for _, q := range []store.DeliveryQuery{
		{},
		{Customer: "olga"},
		{States: waiting},
		{States: dead},
		{States: settled},
		{Kind: trigger.TaskKind},
		{Customer: "olga", States: waiting},
		{Customer: "olga", States: dead, Kind: trigger.MessageKind},
	} {
		drain(t, s.Deliveries(t.Context(), q))
	}
	drain(t, s.Timeline(t.Context(), "olga"))
}

func drain[T any](t *testing.T, seq iter.Seq2[T, error]) {
	t.Helper()
	for _, err := range seq {
		require.NoError(t, err)
	}
}

// everyKind returns a change with something for every table.
func everyKind(id string, at time.Time) store.Change {
	c := store.Change{
		Record: store.Record{
			Customer: customer.Customer{ID: id, Tags: []string{"new"}, Emails: []string{"x"}},
			Cycles:   []customer.Cycle{{Pipeline: "cakes", Stage: "thank"}, {Pipeline: "tea", Stage: "lost"}},
			Segments: []segment.Membership{{Segment: "vip", Since: at}}, AsOf: at, Wake: at,
		},
		Purchases:  []customer.Purchase{{ID: "p", Customer: id, At: at}},
		Activities: []customer.Activity{{ID: "a", Customer: id, At: at, Name: "view"}},
		Events:     []customer.Event{{Kind: customer.Purchased, At: at, Ref: "p"}},
	}
	for _, d := range []struct{ id, channel string }{{"d1", "sms"}, {"d2", "sms"}, {"d3", "email"}, {"d4", "push"}} {
		c.Deliveries = append(c.Deliveries, trigger.Delivery{ID: d.id, Customer: id, Channel: d.channel, Kind: trigger.MessageKind, At: at})
	}
	return c
}
