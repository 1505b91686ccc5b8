package storetest

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/store"
)

// A query with several fields is where an index of one of them is not enough.
var findRules = []rule{
	{"find/fields", "Find yields the customers to whom all the fields of the query apply, ordered by ID.", findFields},
	{"find/moved", "Find goes by the latest commit: what a customer was is not found.", findMoved},
	{"find/after", "After leaves out the customers whose ID is not greater.", findAfter},
	{"find/reach", "Find yields with each record the history within Reach, just as Load does, and leaves it so when it goes on.", findReach},
	{"find/reuse", "With Reuse each customer is, while the loop body runs, just as Load has it.", findReuse},
	{"find/not-under", "NotUnder asks for those who were last stepped under another version of the definitions, or none.", findNotUnder},
	{"find/together", "NotUnder, After and Reach go together with each other and with all other fields.", findTogether},
	{"find/stage-alone", "Stage needs Pipeline: without it the query fails.", findStageAlone},
}

// person returns the change that creates a customer with something of
// everything that can be looked up.
func person(id, stage, manager string, segments, tags, contacts []string) store.Change {
	c := created(id)
	c.Record.Cycles = []customer.Cycle{{Pipeline: "cakes", Stage: stage}, {Pipeline: "tea", Stage: "lost", Closed: "lost"}}
	c.Record.Segments = inSegment(segments...)
	c.Record.Customer.Manager, c.Record.Customer.Tags = manager, tags
	c.Record.Customer.Emails, c.Record.Customer.Phones = contacts[:1], contacts[1:]
	return c
}

func people(t *testing.T, s store.Store) {
	t.Helper()
	refused := person("e", "", "eva", nil, nil, []string{"e@x"})
	refused.Record.Cycles = refused.Record.Cycles[:1]
	commit(t, s,
		person("d", "due", "max", []string{"vip"}, []string{"new"}, []string{"d@x", "+4", "shared"}),
		person("b", "due", "eva", []string{"asleep", "vip"}, []string{"big", "new"}, []string{"b@x", "+2"}),
		person("a", "thank", "eva", []string{"asleep"}, []string{"big"}, []string{"a@x", "shared"}),
		created("c"), refused,
	)
}

func findFields(t *testing.T, s store.Store) {
	people(t, s)
	for _, row := range []struct {
		q   store.Query
		ids []string
	}{
		{store.Query{}, []string{"a", "b", "c", "d", "e"}},
		{store.Query{Pipeline: "cakes"}, []string{"a", "b", "d", "e"}},
		{store.Query{Pipeline: "tea"}, []string{"a", "b", "d"}},
		{store.Query{Pipeline: "tea", Stage: "lost"}, []string{"a", "b", "d"}},
		{store.Query{Pipeline: "cakes", Stage: "due"}, []string{"b", "d"}},
		{store.Query{Pipeline: "cakes", Stage: "lost"}, []string{}},
		{store.Query{Pipeline: "due", Stage: "cakes"}, []string{}},
		{store.Query{Segment: "asleep"}, []string{"a", "b"}},
		{store.Query{Segment: "big"}, []string{}},
		{store.Query{Manager: "eva"}, []string{"a", "b", "e"}},
		{store.Query{Tag: "new"}, []string{"b", "d"}},
		{store.Query{Contact: "b@x"}, []string{"b"}},
		{store.Query{Contact: "+4"}, []string{"d"}},
		{store.Query{Contact: "shared"}, []string{"a", "d"}},
		{store.Query{Contact: "B@x"}, []string{}},
		{store.Query{Segment: "vip", Manager: "eva"}, []string{"b"}},
		{store.Query{Segment: "vip", Tag: "new", Pipeline: "cakes", Stage: "due", Contact: "+4", Manager: "max"}, []string{"d"}},
		{store.Query{Segment: "vip", Tag: "none"}, []string{}},
		{store.Query{Segment: "vip", Manager: "max", After: "b"}, []string{"d"}},
		{store.Query{Contact: "b@x", After: "b"}, []string{}},
	} {
		assert.Equal(t, row.ids, found(t, s, row.q), "%+v", row.q)
	}
}

func findMoved(t *testing.T, s store.Store) {
	people(t, s)
	c := change(t, s, "b")
	c.Record.Cycles = []customer.Cycle{{Pipeline: "cakes", Stage: "overdue"}}
	c.Record.Segments = []segment.Membership{{Segment: "asleep", Since: t0.Add(1e9)}}
	c.Record.Customer.Manager = ""
	c.Record.Customer.Tags = []string{"new", "old"}
	c.Record.Customer.Emails, c.Record.Customer.Phones = []string{"+2"}, []string{"b2@x"}
	commit(t, s, c)
	for _, row := range []struct {
		q   store.Query
		ids []string
	}{
		{store.Query{Pipeline: "cakes"}, []string{"a", "b", "d", "e"}},
		{store.Query{Pipeline: "tea"}, []string{"a", "d"}},
		{store.Query{Pipeline: "cakes", Stage: "due"}, []string{"d"}},
		{store.Query{Pipeline: "cakes", Stage: "overdue"}, []string{"b"}},
		{store.Query{Segment: "vip"}, []string{"d"}},
		{store.Query{Segment: "asleep"}, []string{"a", "b"}},
		{store.Query{Manager: "eva"}, []string{"a", "e"}},
		{store.Query{Tag: "big"}, []string{"a"}},
		{store.Query{Tag: "old"}, []string{"b"}},
		{store.Query{Contact: "b@x"}, []string{}},
		{store.Query{Contact: "b2@x"}, []string{"b"}},
		{store.Query{Contact: "+2"}, []string{"b"}},
	} {
		assert.Equal(t, row.ids, found(t, s, row.q), "%+v", row.q)
	}
}

func findAfter(t *testing.T, s store.Store) {
	var all []string
	for i := range 200 {
		c := created(fmt.Sprintf("c%03d", i))
		c.Record.Segments = inSegment("vip")
		commit(t, s, c)
		all = append(all, c.Record.Customer.ID)
	}
	for _, q := range []store.Query{{}, {Segment: "vip"}} {
		assert.Equal(t, all, found(t, s, q))
		for _, i := range []int{0, 63, 64, 198, 199} { // also where pages are likely to end
			q.After = all[i]
			assert.Equal(t, all[i+1:], found(t, s, q), "after %s", q.After)
			q.After = all[i] + "x" // which nobody has
			assert.Equal(t, all[i+1:], found(t, s, q), "after %s", q.After)
		}
	}
}

// veterans creates customers last stepped at different times and under different
// versions, with histories of all lengths.
func veterans(t *testing.T, s store.Store) {
	t.Helper()
	lengths := []int{0, 1, 5, 31, 32, 33, 64, 70, 150}
	for i := range 90 {
		c := created(fmt.Sprintf("c%03d", i))
		c.Record.AsOf = at(time.Duration(i) * time.Minute)
		c.Record.Definitions = []string{"", "v1", "v2"}[i/2%3]
		c.Record.Customer.Manager = []string{"eva", "max"}[i%2]
		c.Record.Segments = inSegment("vip")
		for j := range lengths[i%len(lengths)] {
			ago := -time.Duration(j*7%150) * time.Minute
			p, a := purchase(fmt.Sprint("p", j), at(ago)), activity(fmt.Sprint("a", j), at(ago))
			p.Customer, a.Customer = c.Record.Customer.ID, c.Record.Customer.ID
			c.Purchases, c.Activities = append(c.Purchases, p), append(c.Activities, a)
		}
		commit(t, s, c)
	}
}

// foundAsLoaded checks, when all were yielded, that each is as Load has it, and
// returns their IDs.
func foundAsLoaded(t *testing.T, s store.Store, q store.Query) (ids []string) {
	t.Helper()
	for _, l := range gather(t, s.Find(t.Context(), q)) {
		id := l.Record.Customer.ID
		equal(t, load(t, s, store.Request{Customer: id, Reach: q.Reach}), l, id)
		ids = append(ids, id)
	}
	return ids
}

func findReach(t *testing.T, s store.Store) {
	veterans(t, s)
	for _, r := range []segment.Reach{
		{},
		{Purchases: time.Hour},
		{Activities: 40 * time.Minute},
		{Purchases: time.Microsecond, Activities: 1<<63 - 1},
		{Purchases: time.Minute, AllPurchases: true},
		everything,
	} {
		assert.Len(t, foundAsLoaded(t, s, store.Query{Reach: r}), 90, "%+v", r)
	}
}

// findReuse mixes customers in whom everything is set with others in whom nothing
// is, so that what was left of one would show in the next.
func findReuse(t *testing.T, s store.Store) {
	veterans(t, s)
	f := new(filler)
	for i := range 4 {
		full, empty := storedWhole(t, f, fmt.Sprintf("c%03d-full", i*5)), created(fmt.Sprintf("c%03d-none", i*5))
		hollow(reflect.ValueOf(&empty.Record).Elem())
		empty.Purchases = []customer.Purchase{{ID: "p", Customer: empty.Record.Customer.ID, At: t0}}
		hollow(reflect.ValueOf(&empty.Purchases[0]).Elem())
		commit(t, s, full, empty)
	}
	for _, q := range []store.Query{{}, {Reach: everything}, {Reach: segment.Reach{Purchases: time.Hour}, After: "c003"}} {
		q.Reuse = true
		n := 0
		for l, err := range s.Find(t.Context(), q) {
			require.NoError(t, err)
			id := l.Record.Customer.ID
			equal(t, load(t, s, store.Request{Customer: id, Reach: q.Reach}), l, id)
			n++
		}
		q.Reuse = false
		assert.Len(t, found(t, s, q), n, "of %+v", q)
	}
}

// storedWhole returns a change that creates a customer with everything set.
func storedWhole(t *testing.T, f *filler, id string) store.Change {
	t.Helper()
	c := store.Change{Record: filled[store.Record](t, f)}
	for range 2 {
		c.Purchases = append(c.Purchases, filled[customer.Purchase](t, f))
		c.Activities = append(c.Activities, filled[customer.Activity](t, f))
	}
	c.Record.Customer.ID, c.Record.Version, c.Record.AsOf = id, 0, t0
	for i := range c.Purchases {
		c.Purchases[i].Customer, c.Activities[i].Customer = id, id
	}
	return c
}

func findNotUnder(t *testing.T, s store.Store) {
	veterans(t, s)
	for version, n := range map[string]int{"v1": 60, "v2": 60, "v": 90, "v3": 90, "": 90} {
		got := gather(t, s.Find(t.Context(), store.Query{NotUnder: version}))
		assert.Len(t, got, n, "not under %q", version)
		for _, l := range got {
			assert.False(t, version != "" && l.Record.Definitions == version, "%s is under %q", l.Record.Customer.ID, version)
		}
	}
	c := change(t, s, "c002")
	require.Equal(t, "v1", c.Record.Definitions)
	c.Record.Definitions = "v2"
	commit(t, s, c)
	assert.Contains(t, found(t, s, store.Query{NotUnder: "v1"}), "c002", "by the latest commit")
	assert.NotContains(t, found(t, s, store.Query{NotUnder: "v2"}), "c002")
}

func findTogether(t *testing.T, s store.Store) {
	veterans(t, s)
	q := store.Query{NotUnder: "v2", Manager: "eva", Reach: segment.Reach{Purchases: 2 * time.Hour, AllActivities: true}}
	var all []string
	for i := 0; i < 90; i += 2 {
		if i%6 != 4 {
			all = append(all, fmt.Sprintf("c%03d", i))
		}
	}
	for _, q.Segment = range []string{"", "vip"} {
		for i := 0; i < len(all); i += 7 {
			q.After = all[i]
			assert.Equal(t, all[i+1:], foundAsLoaded(t, s, q), "after %s", q.After)
		}
	}
	q.Tag = "none"
	assert.Empty(t, found(t, s, q))
}

func findStageAlone(t *testing.T, s store.Store) {
	people(t, s)
	n := 0
	for l, err := range s.Find(t.Context(), store.Query{Stage: "due"}) {
		require.Error(t, err)
		assert.Zero(t, l)
		n++
	}
	assert.Equal(t, 1, n, "the error comes last")
}
