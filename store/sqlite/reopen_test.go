package sqlite_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"iter"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/store/sqlite"
	"github.com/regulars-go/regulars/trigger"
)

var noon = time.Date(2026, time.March, 1, 12, 0, 0, 123_456_000, time.UTC)

var everything = segment.Reach{AllPurchases: true, AllActivities: true}

// eachDriver runs a test on both.
func eachDriver(t *testing.T, test func(t *testing.T, open open)) {
	t.Helper()
	for name, open := range drivers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open)
		})
	}
}

// olga returns the change that makes a customer with something of everything.
func olga() store.Change {
	bought := customer.Event{Kind: customer.Purchased, At: noon, Known: noon, Ref: "p1", Amount: 2500}
	sms := func(id, text string) trigger.Delivery {
		return trigger.Delivery{
			ID: id, Customer: "olga", Trigger: "thank", Kind: trigger.MessageKind, Channel: "sms", To: "+49170", Text: text, At: noon, Cause: bought,
		}
	}
	return store.Change{
		Record: store.Record{
			Customer: customer.Customer{
				ID: "olga", Since: noon, Name: "Olga Example", Emails: []string{"olga@example.org"}, Phones: []string{"+49170"},
				Manager: "eva", Tags: []string{"new", "nice"},
			},
			Totals: customer.Totals{Count: 1, Total: 2500, Max: 2500, First: noon, Last: noon},
			Cycles: []customer.Cycle{{
				Pipeline: "cakes", Number: 1, Purchase: "p1", Started: noon, Stage: "thank", Entered: noon, Next: noon.AddDate(0, 1, 0),
			}},
			Segments: []segment.Membership{{Segment: "vip", Since: noon}},
			AsOf:     noon, Wake: noon.Add(time.Hour), Definitions: "v1",
		},
		Purchases: []customer.Purchase{{ID: "p1", Customer: "olga", At: noon, Amount: 2500, Source: "web"}},
		Activities: []customer.Activity{{
			ID: "a1", Customer: "olga", At: noon, Name: "page_view",
			Props: customer.Fields{{Name: "page", Value: customer.Text("/cakes")}},
		}},
		Events:     []customer.Event{bought, {Kind: customer.StageEntered, At: noon, Known: noon, Pipeline: "cakes", Stage: "thank", Cycle: 1}},
		Deliveries: []trigger.Delivery{sms("d1", "Thank you!"), sms("d2", "How was it?")},
	}
}

// contents is all that a store says it has, as text: a way to compare two.
func contents(t *testing.T, s store.Store) string {
	t.Helper()
	type person struct {
		Loaded   store.Loaded
		Timeline []customer.Event
	}
	var all struct {
		People         []person
		Outbox         []store.Outgoing
		Wake, Delivery time.Time
		Definitions    string
	}
	for _, l := range gather(t, s.Find(t.Context(), store.Query{Reach: everything})) {
		all.People = append(all.People, person{l, gather(t, s.Timeline(t.Context(), l.Record.Customer.ID))})
	}
	all.Outbox = gather(t, s.Deliveries(t.Context(), store.DeliveryQuery{}))
	var err error
	all.Wake, all.Delivery, err = s.NextDue(t.Context())
	require.NoError(t, err)
	if document, err := s.Definitions(t.Context(), "v1"); err == nil {
		all.Definitions = string(document)
	}
	text, err := json.MarshalIndent(all, "", " ")
	require.NoError(t, err)
	return string(text)
}

func gather[T any](t *testing.T, seq iter.Seq2[T, error]) (items []T) {
	t.Helper()
	for item, err := range seq {
		require.NoError(t, err)
		items = append(items, item)
	}
	return items
}

func TestReopenKeepsEverything(t *testing.T) {
	t.Parallel()
	eachDriver(t, func(t *testing.T, open open) {
		path := inDir(t)
		first := open(t, path)
		require.NoError(t, first.SaveDefinitions(t.Context(), "v1", []byte(`{}`)))
		require.NoError(t, first.Commit(t.Context(), olga()))
		claimed, err := first.ClaimDeliveries(t.Context(), store.Claim{Now: noon, Limit: 9, Lease: time.Minute})
		require.NoError(t, err)
		require.Len(t, claimed, 1, "d2 waits for d1")
		before := contents(t, first)
		require.NoError(t, first.Close())

		second := open(t, path)
		require.Equal(t, before, contents(t, second))
		require.NoError(t, second.Settle(t.Context(), store.Outcome{Customer: "olga", Delivery: "d1", Attempt: 1, State: store.Sent, Due: noon}))
		claimed, err = second.ClaimDeliveries(t.Context(), store.Claim{Now: noon, Limit: 9, Lease: time.Minute})
		require.NoError(t, err)
		require.Len(t, claimed, 1)
		assert.Equal(t, "d2", claimed[0].ID, "the lane goes on where it was")
	})
}

// A database that one driver wrote is read by the other.
func TestDriversReadEachOther(t *testing.T) {
	t.Parallel()
	path := inDir(t)
	first := modernc(t, path)
	require.NoError(t, first.Commit(t.Context(), olga()))
	before := contents(t, first)
	require.NoError(t, first.Close())
	assert.Equal(t, before, contents(t, ncruces(t, path)))
}

func TestClosedStore(t *testing.T) {
	t.Parallel()
	eachDriver(t, func(t *testing.T, open open) {
		s := open(t, inDir(t))
		require.NoError(t, s.Close())
		require.NoError(t, s.Close(), "twice")
		require.ErrorContains(t, s.Commit(t.Context(), olga()), "closed")
		_, err := s.Load(t.Context(), store.Request{Customer: "olga"})
		require.ErrorContains(t, err, "closed")
	})
}

func TestConfigIsChecked(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"", ":memory:"} {
		_, err := sqlite.Open(t.Context(), path)
		require.ErrorContains(t, err, "name a file", path)
	}
	_, err := sqlite.Config{Readers: -1}.Open(t.Context(), inDir(t))
	require.ErrorContains(t, err, "negative")
	db, err := sql.Open("sqlite", inDir(t))
	require.NoError(t, err)
	defer db.Close()
	db.SetMaxOpenConns(2)
	_, err = sqlite.New(t.Context(), db)
	require.ErrorContains(t, err, "three are the least")
	memory, err := sql.Open("sqlite", ":memory:")
	require.NoError(t, err)
	defer memory.Close()
	_, err = sqlite.New(t.Context(), memory)
	require.ErrorContains(t, err, "must be a file")
}

func TestPathsOfAllKinds(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"a b.db", "50%.db", "what?.db", "#1.db", "größe.db"} {
		path := filepath.Join(t.TempDir(), name)
		s := modernc(t, path)
		require.NoError(t, s.Commit(t.Context(), olga()), name)
		require.FileExists(t, path)
	}
}

func TestFullAndOtherConfigs(t *testing.T) {
	t.Parallel()
	path := inDir(t)
	s, err := sqlite.Config{Full: true, Readers: 1, Wait: time.Second, Cache: 1 << 20}.Open(t.Context(), path)
	require.NoError(t, err)
	require.NoError(t, s.Commit(t.Context(), olga()))
	assert.Len(t, gather(t, s.Find(t.Context(), store.Query{})), 1)
	require.NoError(t, s.Close())
}

// The database that was handed to New is the caller's again when the store is
// closed, with connections as they were.
func TestCloseGivesTheDatabaseBack(t *testing.T) {
	t.Parallel()
	for _, driver := range []string{"sqlite", "sqlite3"} {
		db, err := sql.Open(driver, "file:"+inDir(t))
		require.NoError(t, err)
		db.SetMaxOpenConns(3)
		s, err := sqlite.New(t.Context(), db)
		require.NoError(t, err)
		require.NoError(t, s.Commit(t.Context(), olga()))
		assert.Len(t, gather(t, s.Find(t.Context(), store.Query{})), 1)
		require.NoError(t, s.Close())
		for i := range 3 {
			conn, err := db.Conn(t.Context())
			require.NoError(t, err)
			defer conn.Close()
			_, err = conn.ExecContext(t.Context(), fmt.Sprintf("create table t%d (x)", i))
			require.NoError(t, err, "nothing is forbidden")
		}
	}
}

// Several that open a file at once that is not there wait for each other, whatever
// the driver: SQLite does not, where it changes the journal mode.
func TestOpenedAtOnce(t *testing.T) {
	t.Parallel()
	rounds := 8
	if testing.Short() {
		rounds = 2
	}
	eachDriver(t, func(t *testing.T, open open) {
		for range rounds {
			path := inDir(t)
			var together sync.WaitGroup
			for range 6 {
				together.Go(func() { open(t, path) })
			}
			together.Wait()
		}
	})
}
