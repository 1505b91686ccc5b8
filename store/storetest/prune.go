package storetest

import (
	"context"
	"fmt"
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

// What is old goes, and nothing else changes. Histories are long enough for a
// store to keep them in several pieces.
var pruneRules = []rule{
	{"prune/timeline", "Events that became known before the instant go, up to the first that became known later; those of the kinds kept stay.", pruneTimeline},
	{"prune/activities", "Activities before the instant go; of a name in Keep, only those that cannot be seen from the record's AsOf.", pruneActivities},
	{"prune/deliveries", "Sent and dead deliveries that were settled before their instants go; what waits stays.", pruneDeliveries},
	{"prune/nothing", "A zero time removes nothing of its kind, and purchases are never removed.", pruneNothing},
	{"prune/leaves", "Prune changes no record, no version and no wake-up, and what comes behind it is kept in order.", pruneLeaves},
	{"prune/pages", "Called again with After set to Next until More is false, Prune has been at every customer.", prunePages},
	{"prune/much", "A history of thousands that are old goes, in as many calls as it takes.", pruneMuch},
	{"prune/cuts", "Cuts returns each Keep that activities were pruned by once, with the latest Before; nothing of a Prune that removed none.", pruneCuts},
	{"prune/marked", "Load tells, of whom it finds activities by ID, when the last of those that were pruned happened, and of nobody else.", pruneMarked},
	{"prune/invalid", "A limit that is not positive, or a Keep that is not in order, is an error and prunes nothing.", pruneInvalid},
	{"prune/begun", "A sequence that has begun goes on when what it would yield is pruned, and yields nothing twice.", pruneBegun},
	{"prune/begun-outbox", "So it is with deliveries and customers: what stays is yielded, once and in order.", pruneBegunOutbox},
}

// prune prunes everybody.
func prune(t *testing.T, s store.Store, p store.Pruning) store.Pruned {
	t.Helper()
	if p.Limit == 0 {
		p.Limit = 10
	}
	sum, err := pruneAll(t.Context(), s, p)
	require.NoError(t, err, "prune")
	return sum
}

// pruneAll calls Prune until there is no more, and adds up.
func pruneAll(ctx context.Context, s store.Store, p store.Pruning) (sum store.Pruned, err error) {
	for more, calls := true, 0; more; calls++ {
		out, err := s.Prune(ctx, p)
		if err != nil {
			return sum, err
		}
		if out.Customers > p.Limit || calls > 10_000 {
			return sum, fmt.Errorf("call %d looked at %d customers; it may look at %d, and must come to an end", calls, out.Customers, p.Limit)
		}
		sum.Customers += out.Customers
		sum.Events += out.Events
		sum.Deliveries += out.Deliveries
		sum.Activities += out.Activities
		more, p.After = out.More, out.Next
	}
	return sum, nil
}

func pruneTimeline(t *testing.T, s store.Store) {
	edges := []customer.EventKind{customer.SegmentEntered, customer.SegmentLeft}
	event := func(i int, known time.Time) customer.Event {
		kind := []customer.EventKind{customer.Purchased, customer.SegmentEntered, customer.StageEntered}[i%3]
		return customer.Event{Kind: kind, At: at(-time.Hour), Known: known, Ref: fmt.Sprint(i), Reason: "größe"}
	}
	commit(t, s, created("c"), created("other"))
	var all []customer.Event
	for i := range 70 { // several in each commit
		c := change(t, s, "c")
		for j := range 3 {
			minute := 3*i + j
			if minute%7 == 0 { // what the clock brought may be known to have been earlier
				minute -= 40
			}
			c.Events = append(c.Events, event(3*i+j+i%2, at(time.Duration(minute)*time.Minute)))
		}
		all = append(all, c.Events...)
		commit(t, s, c)
	}
	c := change(t, s, "c") // known late
	c.Events = []customer.Event{event(0, at(-time.Hour))}
	all = append(all, c.Events...)
	commit(t, s, c)
	for _, minutes := range []int{0, 1, 27, 100, 100, 149} {
		horizon := at(time.Duration(minutes) * time.Minute)
		before := len(all)
		old := true
		all = slices.DeleteFunc(all, func(e customer.Event) bool {
			old = old && e.Known.Before(horizon)
			return old && !slices.Contains(edges, e.Kind)
		})
		out := prune(t, s, store.Pruning{Timeline: horizon, Keep: edges})
		assert.Equal(t, before-len(all), out.Events, "events, %d minutes", minutes)
		equal(t, all, timeline(t, s, "c"), "timeline")
	}
	out := prune(t, s, store.Pruning{Timeline: at(1000 * time.Hour)})
	assert.Equal(t, len(all), out.Events)
	assert.Empty(t, timeline(t, s, "c"))
	c = change(t, s, "c")
	c.Events = []customer.Event{event(0, at(time.Hour)), event(1, at(time.Hour))}
	commit(t, s, c)
	equal(t, c.Events, timeline(t, s, "c"), "what came afterwards")
}

// did is a customer who was stepped up to t0, and did each thing every hour
// before.
func did(t *testing.T, s store.Store, id string, hours int, names ...string) (all []customer.Activity) {
	t.Helper()
	c := created(id)
	for i := range hours {
		for _, name := range names {
			a := customer.Activity{ID: fmt.Sprint(name, i), Customer: id, At: at(-time.Duration(i) * time.Hour), Name: name}
			c.Activities = append(c.Activities, a)
		}
	}
	commit(t, s, c)
	slices.SortFunc(c.Activities, func(a, b customer.Activity) int { return a.Compare(&b) })
	return c.Activities
}

func pruneActivities(t *testing.T, s store.Store) {
	all := did(t, s, "c", 120, "cart", "for ever", "view")
	late := change(t, s, "c") // the window counts from where the customer stands, not from now
	late.Record.AsOf = at(10 * time.Hour)
	commit(t, s, late)
	cut := store.Cut{Before: at(-20 * time.Hour), Keep: []segment.Sight{
		{Activity: "for ever", All: true, Back: time.Hour}, {Activity: "view", Back: 50 * time.Hour}, {Activity: "wave", Back: time.Hour},
	}}
	want := slices.DeleteFunc(all, func(a customer.Activity) bool { return cut.Takes(&a, late.Record.AsOf) })
	out := prune(t, s, store.Pruning{Activities: cut})
	assert.Equal(t, 3*120-len(want), out.Activities)
	l := load(t, s, store.Request{Customer: "c", Reach: everything, ActivityIDs: []string{"view40", "view41", "cart20", "cart21", "for ever119"}})
	equal(t, want, l.Activities, "activities")
	assert.ElementsMatch(t, []string{"view40", "cart20", "for ever119"}, activityIDs(l.FoundActivities), "by ID")

	again := change(t, s, "c") // as if it had never been there
	again.Activities = []customer.Activity{{ID: "cart21", Customer: "c", At: at(-21 * time.Hour), Name: "cart"}}
	commit(t, s, again)
	l = load(t, s, store.Request{Customer: "c", Reach: everything, ActivityIDs: []string{"cart21", "view40"}})
	assert.ElementsMatch(t, []string{"cart21", "view40"}, activityIDs(l.FoundActivities), "by ID")
	assert.Len(t, l.Activities, len(want)+1)
}

func pruneDeliveries(t *testing.T, s store.Store) {
	for i, id := range []string{"a", "b", "c"} {
		c := created(id)
		for j := range 3 {
			c.Deliveries = append(c.Deliveries, message(fmt.Sprint(id, j), id, fmt.Sprint("channel", j), t0))
		}
		commit(t, s, c)
		require.Len(t, claimDeliveries(t, s, t0, 9), 3)
		due := at(time.Duration(i) * time.Hour)
		settle(t, s, store.Outcome{Customer: id, Delivery: id + "0", Attempt: 1, State: store.Sent, Due: due},
			store.Outcome{Customer: id, Delivery: id + "1", Attempt: 1, State: store.Dead, Due: due},
			store.Outcome{Customer: id, Delivery: id + "2", Attempt: 1, State: store.Waiting, Due: at(50 * time.Hour)})
	}
	left := func() []string { return deliveryIDs(deliveries(t, s, store.DeliveryQuery{})) }
	out := prune(t, s, store.Pruning{Sent: at(time.Hour), Dead: t0})
	assert.Equal(t, 1, out.Deliveries)
	assert.Equal(t, []string{"a1", "a2", "b0", "b1", "b2", "c0", "c1", "c2"}, left())
	out = prune(t, s, store.Pruning{Dead: at(time.Hour + time.Microsecond), Sent: at(time.Hour)})
	assert.Equal(t, 2, out.Deliveries)
	assert.Equal(t, []string{"a2", "b0", "b2", "c0", "c1", "c2"}, left())
	require.ErrorIs(t, s.Redrive(t.Context(), t0, store.DeliveryRef{Customer: "a", ID: "a1"}), store.ErrUnknown)
	settle(t, s, sent("a", "a0", 1)) // it is unknown by now
	assert.Empty(t, timeline(t, s, "a"))
	require.NoError(t, s.Redrive(t.Context(), at(time.Hour), store.DeliveryRef{Customer: "c", ID: "c1"}))
	prune(t, s, store.Pruning{Dead: at(99 * time.Hour), Sent: at(99 * time.Hour)})
	assert.Equal(t, []string{"a2", "b2", "c1", "c2"}, left(), "what waits")
	assert.Empty(t, deliveries(t, s, store.DeliveryQuery{States: []store.DeliveryState{store.Sent}}))
	assert.ElementsMatch(t, []string{"a2", "b2", "c1", "c2"}, claimedIDs(t, s, at(99*time.Hour), 9))
	for _, id := range []string{"a2", "b2", "c1", "c2"} {
		settle(t, s, store.Outcome{Customer: id[:1], Delivery: id, State: store.Sent, Due: t0})
	}
	prune(t, s, store.Pruning{Sent: at(time.Hour)})
	assert.Empty(t, left())
	posted := change(t, s, "a")
	posted.Deliveries = []trigger.Delivery{message("new", "a", "email", t0)}
	commit(t, s, posted)
	assert.Equal(t, []string{"new"}, left())
	assert.Equal(t, []string{"new"}, claimedIDs(t, s, at(time.Hour), 9))
}

// aged returns a customer with something of everything that is old.
func aged(t *testing.T, s store.Store, id string) {
	t.Helper()
	c := waking(id, at(time.Hour))
	c.Purchases = []customer.Purchase{{ID: "p", Customer: id, At: at(-999 * time.Hour), Amount: 5}}
	c.Activities = []customer.Activity{{ID: "a", Customer: id, At: at(-999 * time.Hour), Name: "view"}}
	c.Events = []customer.Event{{Kind: customer.Purchased, At: at(-999 * time.Hour), Known: at(-999 * time.Hour), Ref: "p"}}
	c.Deliveries = []trigger.Delivery{message(id+"/sent", id, "sms", at(-999*time.Hour)), message(id+"/waits", id, "sms", at(-999*time.Hour))}
	commit(t, s, c)
	claimDeliveries(t, s, at(-999*time.Hour), 9)
	settle(t, s, store.Outcome{Customer: id, Delivery: id + "/sent", Attempt: 1, State: store.Sent, Due: at(-998 * time.Hour)})
}

func pruneNothing(t *testing.T, s store.Store) {
	aged(t, s, "c")
	before := load(t, s, store.Request{Customer: "c", Reach: everything})
	events, mail := timeline(t, s, "c"), deliveries(t, s, store.DeliveryQuery{})
	out := prune(t, s, store.Pruning{Keep: []customer.EventKind{customer.Tagged}, Activities: store.Cut{Keep: []segment.Sight{{Activity: "view"}}}})
	assert.Equal(t, store.Pruned{Customers: 1}, out)
	equal(t, before, load(t, s, store.Request{Customer: "c", Reach: everything}), "the customer")
	equal(t, events, timeline(t, s, "c"), "timeline")
	equal(t, mail, deliveries(t, s, store.DeliveryQuery{}), "deliveries")
	cuts, err := s.Cuts(t.Context())
	require.NoError(t, err)
	assert.Empty(t, cuts)
	p := store.Pruning{Timeline: t0, Sent: t0, Dead: t0, Activities: store.Cut{Before: t0}}
	assert.Equal(t, store.Pruned{Customers: 1, Events: 1, Deliveries: 1, Activities: 1}, prune(t, s, p))
	assert.Equal(t, store.Pruned{Customers: 1}, prune(t, s, p), "again")
	equal(t, before.Purchases, load(t, s, store.Request{Customer: "c", Reach: everything}).Purchases, "purchases")
}

func pruneLeaves(t *testing.T, s store.Store) {
	aged(t, s, "c")
	before := record(t, s, "c")
	held := change(t, s, "c") // loaded before, committed afterwards
	prune(t, s, store.Pruning{Timeline: t0, Sent: t0, Dead: t0, Activities: store.Cut{Before: t0}})
	equal(t, before, record(t, s, "c"), "the record")
	dueNext(t, s, at(time.Hour), at(-999*time.Hour), "nothing was touched")
	held.Events = []customer.Event{{Kind: customer.Tagged, At: t0, Known: t0, Name: "1"}, {Kind: customer.Tagged, At: t0, Known: t0, Name: "2"}}
	held.Activities = []customer.Activity{activity("a", t0)}
	commit(t, s, held)
	require.Equal(t, []string{"c/waits"}, claimedIDs(t, s, t0, 9))
	outcome := sent("c", "c/waits", 1)
	outcome.Event = customer.Event{Kind: customer.DeliverySent, At: t0, Known: t0}
	settle(t, s, outcome)
	equal(t, append(held.Events, outcome.Event), timeline(t, s, "c"), "timeline")
	assert.Equal(t, []string{"a"}, activityIDs(load(t, s, store.Request{Customer: "c", Reach: everything}).Activities))
	assert.Equal(t, []string{"c"}, claimWakeUps(t, s, at(time.Hour), 9))
}

func prunePages(t *testing.T, s store.Store) {
	ids := []string{"a", "a/b", "b", "c", "d", "ж"}
	for _, id := range ids {
		aged(t, s, id)
	}
	p := store.Pruning{Sent: t0, Limit: 2}
	out, err := s.Prune(t.Context(), p)
	require.NoError(t, err)
	assert.Equal(t, store.Pruned{Customers: 2, Deliveries: 2, More: true, Next: "a/b"}, out)
	var left []string
	for _, d := range deliveries(t, s, store.DeliveryQuery{States: []store.DeliveryState{store.Sent}}) {
		left = append(left, d.Customer)
	}
	assert.Equal(t, ids[2:], left, "those behind the page")
	p.After = "c"
	assert.Equal(t, store.Pruned{Customers: 2, Deliveries: 2}, prune(t, s, p))
	p.After = ""
	assert.Equal(t, store.Pruned{Customers: 6, Deliveries: 2}, prune(t, s, p))
	p.After = "я"
	assert.Equal(t, store.Pruned{}, prune(t, s, p), "behind the last")
}

func pruneMuch(t *testing.T, s store.Store) {
	const n = 12_000
	c, other := created("c"), created("b")
	for i := range n {
		when := at(time.Duration(i-n) * time.Second)
		c.Activities = append(c.Activities, activity(fmt.Sprintf("a%05d", i), when))
		c.Events = append(c.Events, customer.Event{Kind: customer.Acted, At: when, Known: when, Ref: fmt.Sprint(i)})
	}
	other.Activities = []customer.Activity{{ID: "a", Customer: "b", At: at(-time.Hour), Name: "page_view"}}
	commit(t, s, c, other)
	horizon := at(-10 * time.Second)
	out := prune(t, s, store.Pruning{Timeline: horizon, Activities: store.Cut{Before: horizon}})
	assert.Equal(t, n-10, out.Events)
	assert.Equal(t, n-10+1, out.Activities)
	l := load(t, s, store.Request{Customer: "c", Reach: everything, ActivityIDs: []string{"a00000", "a11995"}})
	assert.Equal(t, activityIDs(c.Activities[n-10:]), activityIDs(l.Activities))
	assert.Equal(t, []string{"a11995"}, activityIDs(l.FoundActivities))
	equal(t, c.Events[n-10:], timeline(t, s, "c"), "timeline")
}

func pruneCuts(t *testing.T, s store.Store) {
	view, cart := segment.Sight{Activity: "view", Back: time.Hour}, segment.Sight{Activity: `ca"rt`, All: true}
	did(t, s, "c", 4, "idle")
	cut := func(hours int, keep ...segment.Sight) store.Cut {
		return store.Cut{Before: at(time.Duration(hours)*time.Hour + time.Microsecond), Keep: keep}
	}
	for i, c := range []struct {
		store.Cut
		removes int
	}{
		{cut(-5, view), 0},
		{cut(-3, view), 1},
		{cut(-2, cart, view), 1},
		{cut(-2, view), 0}, // the other one has taken what this would have
		{cut(-2), 0},
		{cut(-1, view), 1},
		{cut(0, cart, view), 1},
		{cut(9), 0},
	} {
		assert.Equal(t, c.removes, prune(t, s, store.Pruning{Activities: c.Cut}).Activities, "cut %d", i)
	}
	cuts, err := s.Cuts(t.Context())
	require.NoError(t, err)
	slices.SortFunc(cuts, func(a, b store.Cut) int { return strings.Compare(fmt.Sprint(a.Keep), fmt.Sprint(b.Keep)) })
	equal(t, []store.Cut{
		{Before: at(time.Microsecond), Keep: []segment.Sight{cart, view}},
		{Before: at(-time.Hour + time.Microsecond), Keep: []segment.Sight{view}},
	}, cuts, "cuts")
}

func pruneMarked(t *testing.T, s store.Store) {
	did(t, s, "a", 9, "idle", "view")
	did(t, s, "b", 2, "view")
	marked := func(id string) time.Time {
		t.Helper()
		return load(t, s, store.Request{Customer: id, ActivityIDs: []string{"idle3", "x"}}).Pruned
	}
	assert.Zero(t, marked("a"))
	cut := store.Cut{Before: at(-3 * time.Hour), Keep: []segment.Sight{{Activity: "view", All: true}}}
	assert.Equal(t, 5, prune(t, s, store.Pruning{Activities: cut}).Activities)
	equal(t, at(-4*time.Hour), marked("a"), "the last that went")
	assert.Zero(t, marked("b"), "nothing of theirs went")
	assert.Zero(t, marked("nobody"))
	assert.Zero(t, load(t, s, store.Request{Customer: "a", Reach: everything}).Pruned, "none was asked for by ID")
	late := change(t, s, "a")
	late.Activities = []customer.Activity{{ID: "late", Customer: "a", At: at(-99 * time.Hour), Name: "idle"}}
	commit(t, s, late)
	prune(t, s, store.Pruning{Activities: cut})
	equal(t, at(-4*time.Hour), marked("a"), "what went afterwards happened before")
	prune(t, s, store.Pruning{Activities: store.Cut{Before: at(time.Hour)}})
	equal(t, t0, marked("a"), "all went")
	equal(t, t0, marked("b"), "all went")
	again := change(t, s, "a")
	again.Activities = []customer.Activity{{ID: "x", Customer: "a", At: at(time.Hour), Name: "idle"}}
	commit(t, s, again)
	equal(t, t0, marked("a"), "whatever came since")
}

func pruneInvalid(t *testing.T, s store.Store) {
	aged(t, s, "c")
	unordered := store.Cut{Before: t0, Keep: []segment.Sight{{Activity: "b"}, {Activity: "a"}}}
	for _, p := range []store.Pruning{{Sent: t0}, {Sent: t0, Limit: -1}, {Sent: t0, Limit: 1, Activities: unordered}} {
		_, err := s.Prune(t.Context(), p)
		require.Error(t, err)
	}
	assert.Len(t, deliveries(t, s, store.DeliveryQuery{}), 2)
	cuts, err := s.Cuts(t.Context())
	require.NoError(t, err)
	assert.Empty(t, cuts)
}

func pruneBegun(t *testing.T, s store.Store) {
	c := created("c")
	for i := range 3000 {
		c.Events = append(c.Events, customer.Event{Kind: customer.Acted, At: t0, Known: at(time.Duration(i) * time.Microsecond), Ref: fmt.Sprint(i)})
	}
	commit(t, s, c)
	for range 2 {
		more := change(t, s, "c")
		more.Events = []customer.Event{{Kind: customer.Acted, At: t0, Known: t0, Ref: fmt.Sprint("more", more.Record.Version)}}
		commit(t, s, more)
	}
	seen := make(map[string]bool)
	for e, err := range s.Timeline(t.Context(), "c") {
		require.NoError(t, err)
		assert.False(t, seen[e.Ref], "%s twice", e.Ref)
		if len(seen) == 0 {
			prune(t, s, store.Pruning{Timeline: at(time.Hour)})
			again := change(t, s, "c")
			again.Events = []customer.Event{{Kind: customer.Acted, At: t0, Known: t0, Ref: "again"}}
			commit(t, s, again)
		}
		seen[e.Ref] = true
	}
	assert.Equal(t, []string{"again"}, []string{timeline(t, s, "c")[0].Ref})
}

func pruneBegunOutbox(t *testing.T, s store.Store) {
	for i := range 150 {
		aged(t, s, fmt.Sprintf("c%03d", i))
	}
	everything := store.Pruning{Timeline: t0, Sent: t0, Dead: t0, Activities: store.Cut{Before: t0}}
	var waits, who []string
	seen := make(map[string]bool)
	for d, err := range s.Deliveries(t.Context(), store.DeliveryQuery{}) {
		require.NoError(t, err)
		assert.False(t, seen[d.ID], "%s twice", d.ID)
		if len(seen) == 0 { // what is posted now may be given the place of what goes
			prune(t, s, everything)
			for _, id := range []string{"c000", "c149"} {
				c := change(t, s, id)
				c.Deliveries = []trigger.Delivery{message(id+"/new", id, "sms", t0)}
				commit(t, s, c)
			}
		}
		if seen[d.ID] = true; strings.HasSuffix(d.ID, "/waits") {
			waits = append(waits, d.Customer)
		}
	}
	assert.Len(t, waits, 150, "what waits is yielded")
	for l, err := range s.Find(t.Context(), store.Query{Reach: segment.Reach{AllActivities: true, AllPurchases: true}}) {
		require.NoError(t, err)
		if len(who) == 0 {
			prune(t, s, store.Pruning{Activities: store.Cut{Before: at(99 * time.Hour)}})
		}
		assert.Len(t, l.Purchases, 1, "purchases of %s", l.Record.Customer.ID)
		who = append(who, l.Record.Customer.ID)
	}
	assert.Equal(t, waits, who)
}
