package storetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/trigger"
)

// A lane is the deliveries of one customer over one channel, of which only the
// first can be handed out.
var deliveryRules = []rule{
	{"delivery/due", "Claimed are deliveries that are due at Now, the earliest first, up to Limit; the attempt is counted.", deliveryDue},
	{"delivery/lane", "Deliveries of one customer over one channel leave in the order in which they were committed.", deliveryLane},
	{"delivery/lease", "A leased delivery is handed out again when its lease ends, and holds its lane until then.", deliveryLease},
	{"delivery/record", "Claiming and settling deliveries leaves records and wake-ups alone.", deliveryRecord},
	{"deliveries/listed", "Deliveries are listed by customer ID and, for one customer, as they were committed, whatever became of them.", deliveriesListed},
	{"deliveries/query", "A query asks for the deliveries to which all of its fields apply.", deliveriesQuery},
}

func deliveryDue(t *testing.T, s store.Store) {
	c := created("c")
	c.Deliveries = []trigger.Delivery{
		message("third", "c", "sms", at(3*time.Second)), message("first", "c", "email", at(time.Second)),
		message("second", "c", "push", at(2*time.Second)),
	}
	commit(t, s, c)
	assert.Empty(t, claimedIDs(t, s, at(time.Second-time.Microsecond), 9))
	out := claimDeliveries(t, s, at(2*time.Second), 1)
	require.Equal(t, []string{"first"}, deliveryIDs(out))
	assert.Equal(t, 1, out[0].Attempts)
	assert.Equal(t, store.Waiting, out[0].State)
	assert.Equal(t, at(2*time.Second+lease), out[0].Due, "when it can be claimed next")
	assert.Equal(t, []string{"second", "third"}, claimedIDs(t, s, at(3*time.Second), 9))
}

func deliveryLane(t *testing.T, s store.Store) {
	c := created("c")
	c.Deliveries = []trigger.Delivery{
		message("e1", "c", "email", at(time.Minute)), message("e2", "c", "email", t0), message("s1", "c", "sms", t0),
	}
	posted(t, s, "other", "o1")
	commit(t, s, c)
	assert.ElementsMatch(t, []string{"o1", "s1"}, claimedIDs(t, s, t0, 9), "e2 waits for e1, other lanes do not")
	more := change(t, s, "c")
	more.Deliveries = []trigger.Delivery{message("e3", "c", "email", t0)}
	commit(t, s, more)
	for _, id := range []string{"e1", "e2", "e3"} {
		require.Equal(t, []string{id}, claimedIDs(t, s, at(time.Minute), 1))
		settle(t, s, sent("c", id, 1))
	}
	assert.Equal(t, []string{"o1", "s1"}, sortedIDs(claimedIDs(t, s, at(time.Hour), 9)))
}

func deliveryLease(t *testing.T, s store.Store) {
	posted(t, s, "c", "d1", "d2")
	require.Equal(t, []string{"d1"}, claimedIDs(t, s, t0, 9))
	assert.Empty(t, claimedIDs(t, s, at(lease-time.Microsecond), 9))
	out := claimDeliveries(t, s, at(lease), 9)
	require.Equal(t, []string{"d1"}, deliveryIDs(out))
	assert.Equal(t, 2, out[0].Attempts)
}

func deliveryRecord(t *testing.T, s store.Store) {
	c := waking("c", t0)
	c.Deliveries = []trigger.Delivery{message("d", "c", "email", t0)}
	commit(t, s, c)
	before := record(t, s, "c")
	require.Len(t, claimDeliveries(t, s, t0, 9), 1)
	settle(t, s, sent("c", "d", 1))
	equal(t, before, record(t, s, "c"), "the record")
	assert.Equal(t, []string{"c"}, claimWakeUps(t, s, t0, 9))
}

// mixed makes deliveries of every kind and state.
func mixed(t *testing.T, s store.Store) {
	task := message("b1", "b", "task", at(-time.Hour))
	task.Kind = trigger.TaskKind
	hook := message("a2", "a", "webhook", t0)
	hook.Kind = trigger.WebhookKind
	b, a := created("b"), created("a")
	b.Deliveries = []trigger.Delivery{task, message("b2", "b", "email", at(time.Hour))}
	a.Deliveries = []trigger.Delivery{message("a1", "a", "email", t0), hook}
	commit(t, s, b)
	commit(t, s, a, created("none"))
	more := change(t, s, "b")
	more.Deliveries = []trigger.Delivery{message("b3", "b", "email", t0), message("b4", "b", "sms", t0)}
	commit(t, s, more)
	require.Len(t, claimDeliveries(t, s, t0, 9), 4)
	settle(t, s, sent("b", "b1", 1), failed("a", "a2", 1, store.Dead), failed("b", "b4", 1, store.Waiting), sent("a", "a1", 1))
}

func deliveriesListed(t *testing.T, s store.Store) {
	mixed(t, s)
	out := deliveries(t, s, store.DeliveryQuery{})
	assert.Equal(t, []string{"a1", "a2", "b1", "b2", "b3", "b4"}, deliveryIDs(out))
	var states []store.DeliveryState
	for _, o := range out {
		states = append(states, o.State)
	}
	assert.Equal(t, []store.DeliveryState{store.Sent, store.Dead, store.Sent, store.Waiting, store.Waiting, store.Waiting}, states)
	assert.Equal(t, at(time.Minute), out[0].Due, "when it was settled")
	assert.Equal(t, at(time.Hour), out[3].Due, "when it can be claimed next")
	assert.Equal(t, "no answer", out[1].Error)
}

func deliveriesQuery(t *testing.T, s store.Store) {
	mixed(t, s)
	settled := []store.DeliveryState{store.Sent, store.Dead}
	for _, row := range []struct {
		q   store.DeliveryQuery
		ids []string
	}{
		{store.DeliveryQuery{Customer: "b"}, []string{"b1", "b2", "b3", "b4"}},
		{store.DeliveryQuery{Customer: "none"}, []string{}},
		{store.DeliveryQuery{Customer: "nobody"}, []string{}},
		{store.DeliveryQuery{Kind: trigger.TaskKind}, []string{"b1"}},
		{store.DeliveryQuery{Kind: trigger.MessageKind}, []string{"a1", "b2", "b3", "b4"}},
		{store.DeliveryQuery{States: []store.DeliveryState{store.Waiting}}, []string{"b2", "b3", "b4"}},
		{store.DeliveryQuery{States: []store.DeliveryState{store.Dead}}, []string{"a2"}},
		{store.DeliveryQuery{States: settled}, []string{"a1", "a2", "b1"}},
		{store.DeliveryQuery{States: settled, Kind: trigger.MessageKind}, []string{"a1"}},
		{store.DeliveryQuery{States: settled, Customer: "b", Kind: trigger.MessageKind}, []string{}},
	} {
		assert.Equal(t, row.ids, deliveryIDs(deliveries(t, s, row.q)), "%+v", row.q)
	}
}

func sent(customerID, id string, attempt int) store.Outcome {
	return store.Outcome{Customer: customerID, Delivery: id, Attempt: attempt, State: store.Sent, Due: at(time.Minute)}
}

// failed returns the outcome of an attempt that may be tried again in a minute.
func failed(customerID, id string, attempt int, state store.DeliveryState) store.Outcome {
	return store.Outcome{
		Customer: customerID, Delivery: id, Attempt: attempt, State: state, Due: at(time.Minute), Error: "no answer",
		Event: customer.Event{Kind: customer.DeliveryDead, At: at(time.Minute), Ref: id},
	}
}
