package memory_test

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/store/memory"
	"github.com/regulars-go/regulars/trigger"
)

// machine does the same to a store and to the model and compares what they say.
type machine struct {
	s       *memory.Store
	m       *model
	counter int
	running []*running
}

// running is a Find under way.
type running struct {
	q      store.Query
	next   func() (store.Loaded, error, bool)
	stop   func()
	last   string                    // the ID it yielded last
	steady map[string]bool           // who has matched ever since it began
	may    map[string][]store.Loaded // as whom customers have matched since
}

// watch notes who matches now.
func (r *running) watch(m *model) {
	now := make(map[string]bool)
	for _, l := range m.find(r.q) {
		id := l.Record.Customer.ID
		now[id], r.may[id] = true, append(r.may[id], l)
	}
	for id := range r.steady {
		if !now[id] {
			delete(r.steady, id)
		}
	}
}

func TestAgainstModel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		x := &machine{s: memory.New(), m: &model{people: make(map[string]*person)}}
		defer x.stopAll()
		rt.Repeat(map[string]func(*rapid.T){
			"commit":          x.commit,
			"load":            x.load,
			"claimWakeUps":    x.claimWakeUps,
			"claimDeliveries": x.claimDeliveries,
			"settle":          x.settle,
			"redrive":         x.redrive,
			"prune":           x.prune,
			"find":            x.find,
			"begin":           x.begin,
			"goOn":            x.goOn,
			"":                x.check,
		})
	})
}

// The worlds are small, so that things meet.
func anID() *rapid.Generator[string]   { return rapid.SampledFrom([]string{"a", "a/b", "b", "ж"}) }
func aName() *rapid.Generator[string]  { return rapid.SampledFrom([]string{"", "x", "y", "z"}) }
func aPlace() *rapid.Generator[string] { return rapid.SampledFrom([]string{"email", "sms"}) }

func aTime() *rapid.Generator[time.Time] {
	return rapid.Map(rapid.IntRange(-50, 50), func(n int) time.Time { return noon.Add(time.Duration(n) * time.Minute) })
}

func (x *machine) id(kind string) string {
	x.counter++
	return fmt.Sprintf("%s%d", kind, x.counter)
}

func (x *machine) commit(t *rapid.T) {
	ids := rapid.SliceOfNDistinct(anID(), 1, 3, rapid.ID).Draw(t, "customers")
	var changes []store.Change
	for _, id := range ids {
		changes = append(changes, x.change(t, id))
	}
	conflicts := x.m.commit(changes)
	err := x.s.Commit(t.Context(), changes...)
	if len(conflicts) == 0 {
		require.NoError(t, err)
		return
	}
	var conflict *store.ConflictError
	require.True(t, errors.As(err, &conflict))
	require.Equal(t, conflicts, conflict.Customers)
}

func (x *machine) change(t *rapid.T, id string) store.Change {
	c := store.Change{Record: store.Record{AsOf: aTime().Draw(t, "as of"), Definitions: aName().Draw(t, "definitions")}}
	if p := x.m.people[id]; p != nil {
		c.Record.Version = p.record.Version
	}
	if rapid.IntRange(0, 19).Draw(t, "stale") == 0 {
		c.Record.Version++
	}
	c.Record.Customer = customer.Customer{ID: id, Manager: aName().Draw(t, "manager")}
	c.Record.Customer.Tags = names(t, "tags")
	c.Record.Customer.Emails = names(t, "emails")
	for _, name := range names(t, "segments") {
		c.Record.Segments = append(c.Record.Segments, segment.Membership{Segment: name, Since: noon})
	}
	for _, name := range names(t, "pipelines") {
		c.Record.Cycles = append(c.Record.Cycles, customer.Cycle{Pipeline: name, Stage: aName().Draw(t, "stage"), Started: noon})
	}
	if rapid.Bool().Draw(t, "wakes") {
		c.Record.Wake = aTime().Draw(t, "wake")
	}
	x.history(t, &c)
	return c
}

// names returns some names, in order, each once.
func names(t *rapid.T, what string) (names []string) {
	for _, name := range rapid.SliceOfNDistinct(aName(), 0, 3, rapid.ID).Draw(t, what) {
		if name != "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func (x *machine) history(t *rapid.T, c *store.Change) {
	id := c.Record.Customer.ID
	for range rapid.IntRange(0, 12).Draw(t, "purchases") {
		c.Purchases = append(c.Purchases, customer.Purchase{
			ID: fmt.Sprint(rapid.IntRange(0, 150).Draw(t, "purchase")), Customer: id, At: aTime().Draw(t, "at"), Amount: int64(x.counter),
		})
		c.Activities = append(c.Activities, customer.Activity{ID: x.id("act"), Customer: id, At: aTime().Draw(t, "at"), Name: "view"})
		c.Events = append(c.Events, customer.Event{
			Kind: customer.Purchased, At: aTime().Draw(t, "at"), Known: noon, Ref: aName().Draw(t, "ref"), Cycle: x.counter,
		})
	}
	for range rapid.IntRange(0, 2).Draw(t, "deliveries") {
		c.Deliveries = append(c.Deliveries, trigger.Delivery{
			ID: id + x.id("/d"), Customer: id, Kind: trigger.MessageKind, Channel: aPlace().Draw(t, "channel"), At: aTime().Draw(t, "at"),
		})
	}
}

func (x *machine) load(t *rapid.T) {
	q := store.Request{
		Customer:    anID().Draw(t, "customer"),
		Reach:       aReach(t),
		PurchaseIDs: []string{fmt.Sprint(rapid.IntRange(0, 150).Draw(t, "purchase"))},
		ActivityIDs: []string{fmt.Sprintf("act%d", rapid.IntRange(0, x.counter).Draw(t, "activity"))},
	}
	got, err := x.s.Load(t.Context(), q)
	require.NoError(t, err)
	require.Equal(t, []store.Loaded{x.m.load(q)}, got)
}

func aReach(t *rapid.T) segment.Reach {
	minutes := func(what string) time.Duration {
		return time.Duration(rapid.IntRange(0, 60).Draw(t, what)) * time.Minute
	}
	return segment.Reach{
		Purchases: minutes("purchases"), AllPurchases: rapid.Bool().Draw(t, "all purchases"),
		Activities: minutes("activities"), AllActivities: rapid.Bool().Draw(t, "all activities"),
	}
}

func claim(t *rapid.T) store.Claim {
	return store.Claim{
		Now: aTime().Draw(t, "now"), Limit: rapid.IntRange(1, 3).Draw(t, "limit"),
		Lease: time.Duration(rapid.IntRange(1, 20).Draw(t, "lease")) * time.Minute,
	}
}

func (x *machine) claimWakeUps(t *rapid.T) {
	c := claim(t)
	c.Reach = segment.Reach{Purchases: time.Hour}
	got, err := x.s.ClaimWakeUps(t.Context(), c)
	require.NoError(t, err)
	var want []store.Loaded
	for _, id := range x.m.claimWakeUps(c) {
		want = append(want, x.m.load(store.Request{Customer: id, Reach: c.Reach}))
	}
	require.Equal(t, len(want), len(got))
	for i := range want {
		require.Equal(t, want[i], got[i])
	}
}

func (x *machine) claimDeliveries(t *rapid.T) {
	c := claim(t)
	got, err := x.s.ClaimDeliveries(t.Context(), c)
	require.NoError(t, err)
	require.ElementsMatch(t, x.m.claimDeliveries(c), got)
}

func (x *machine) settle(t *rapid.T) {
	out := x.m.outbox(store.DeliveryQuery{})
	if len(out) == 0 {
		t.Skip("no deliveries")
	}
	d := rapid.SampledFrom(out).Draw(t, "delivery")
	o := store.Outcome{
		Customer: d.Customer, Delivery: d.ID, Attempt: d.Attempts - rapid.IntRange(0, 1).Draw(t, "stale"),
		State: rapid.SampledFrom([]store.DeliveryState{store.Waiting, store.Sent, store.Dead}).Draw(t, "state"),
		Due:   aTime().Draw(t, "due"), Error: aName().Draw(t, "error"),
		Event: customer.Event{Kind: customer.EventKind(rapid.IntRange(0, 1).Draw(t, "event")), At: noon, Ref: d.ID},
	}
	x.m.settle(o)
	require.NoError(t, x.s.Settle(t.Context(), o))
}

func (x *machine) redrive(t *rapid.T) {
	out := x.m.outbox(store.DeliveryQuery{})
	if len(out) == 0 {
		t.Skip("no deliveries")
	}
	var refs []store.DeliveryRef
	for _, d := range rapid.SliceOfNDistinct(rapid.SampledFrom(out), 1, 2, rapid.ID).Draw(t, "deliveries") {
		refs = append(refs, d.Ref())
	}
	now := aTime().Draw(t, "now")
	if x.m.redrive(now, refs) {
		require.NoError(t, x.s.Redrive(t.Context(), now, refs...))
	} else {
		require.ErrorIs(t, x.s.Redrive(t.Context(), now, refs...), store.ErrUnknown)
	}
}

func query(t *rapid.T) store.Query {
	q := store.Query{
		Pipeline: aName().Draw(t, "pipeline"), Segment: aName().Draw(t, "segment"), Manager: aName().Draw(t, "manager"),
		Tag: aName().Draw(t, "tag"), Contact: aName().Draw(t, "contact"), After: rapid.SampledFrom([]string{"", "a", "a/", "b"}).Draw(t, "after"),
		NotUnder: aName().Draw(t, "not under"), Reach: aReach(t),
	}
	if q.Pipeline != "" {
		q.Stage = aName().Draw(t, "stage")
	}
	if rapid.Bool().Draw(t, "one field") {
		q = store.Query{Segment: q.Segment, After: q.After, Reach: q.Reach}
	}
	return q
}

func (x *machine) find(t *rapid.T) {
	q := query(t)
	require.Equal(t, x.m.find(q), gather(t, x.s.Find(t.Context(), q)))
}

// begin starts a Find that goes on while other things happen.
func (x *machine) begin(t *rapid.T) {
	if len(x.running) == 3 {
		t.Skip("enough of them")
	}
	r := &running{q: query(t), steady: make(map[string]bool), may: make(map[string][]store.Loaded)}
	for _, l := range x.m.find(r.q) {
		r.steady[l.Record.Customer.ID] = true
	}
	r.watch(x.m)
	r.next, r.stop = iter.Pull2(x.s.Find(t.Context(), r.q))
	x.running = append(x.running, r)
	x.advance(t, len(x.running)-1)
}

func (x *machine) goOn(t *rapid.T) {
	if len(x.running) == 0 {
		t.Skip("none is running")
	}
	i := rapid.IntRange(0, len(x.running)-1).Draw(t, "which")
	if rapid.IntRange(0, 3).Draw(t, "break") == 0 {
		x.end(i)
		return
	}
	x.advance(t, i)
}

// advance reads the next customer, which must leave out nobody who is steady.
func (x *machine) advance(t *rapid.T, i int) {
	r := x.running[i]
	l, err, ok := r.next()
	require.NoError(t, err)
	id := l.Record.Customer.ID
	for steady := range r.steady {
		require.False(t, steady > r.last && (!ok || steady < id), "%s was left out", steady)
	}
	if !ok {
		x.end(i)
		return
	}
	require.Greater(t, id, r.last)
	require.Contains(t, r.may[id], l)
	r.last = id
}

func (x *machine) end(i int) {
	x.running[i].stop()
	x.running = slices.Delete(x.running, i, i+1)
}

func (x *machine) stopAll() {
	for len(x.running) > 0 {
		x.end(0)
	}
}

// check compares what can be seen without changing anything.
func (x *machine) check(t *rapid.T) {
	for _, r := range x.running {
		r.watch(x.m)
	}
	require.Equal(t, x.m.find(store.Query{}), gather(t, x.s.Find(t.Context(), store.Query{})))
	for id, p := range x.m.people {
		require.Equal(t, p.events, gather(t, x.s.Timeline(t.Context(), id)))
	}
	for _, q := range []store.DeliveryQuery{{}, {Customer: "a"}, {States: []store.DeliveryState{store.Sent}}, {States: []store.DeliveryState{store.Dead}}} {
		var want []store.Outgoing
		for _, d := range x.m.outbox(q) {
			want = append(want, d.Outgoing)
		}
		require.Equal(t, want, gather(t, x.s.Deliveries(t.Context(), q)))
	}
	wakeUp, delivery := x.m.nextDue()
	gotWakeUp, gotDelivery, err := x.s.NextDue(t.Context())
	require.NoError(t, err)
	require.Equal(t, []time.Time{wakeUp, delivery}, []time.Time{gotWakeUp, gotDelivery})
}

func gather[T any](t *rapid.T, seq iter.Seq2[T, error]) (items []T) {
	for item, err := range seq {
		require.NoError(t, err)
		items = append(items, item)
	}
	return items
}
