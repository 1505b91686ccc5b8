// Package viewtest holds the views of the SQL stores, which people ask, to one form:
// the same names, columns and meaning in each, so that a question survives a move from
// one to the other. It is for tests alone.
package viewtest

import (
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

// columns are the views with their columns, in order. In PostgreSQL, cycles is a
// table.
var columns = map[string]string{
	"cycles":          "customer pipeline number stage entered next closed purchase",
	"who_is_where":    "customer name pipeline stage cycle since next closed manager",
	"who_is_in":       "customer name segment since",
	"what_was_sent":   "customer name sent kind channel recipient subject text url trigger attempts id",
	"what_is_stuck":   "customer name what since again kind channel recipient subject text attempts error trigger id",
	"timeline_events": "customer seq place at known kind pipeline stage segment trigger ref name amount cycle actor reason",
}

// answers are what the views say of history, row by row and column by column; null is
// a dash.
var answers = map[string][]string{
	"select * from cycles order by pipeline": {
		"olga|cakes|2|due|2026-03-01 12:00:00|2026-03-31 12:00:00||p1",
		"olga|tea|1||2026-03-01 12:00:00|-|too dear|p0",
	},
	"select * from who_is_where order by pipeline": {
		"olga|Olga|cakes|due|2|2026-03-01 12:00:00|2026-03-31 12:00:00|-|eva",
		"olga|Olga|tea||1|2026-03-01 12:00:00|-|too dear|eva",
	},
	"select * from who_is_in": {"olga|Olga|vip|2026-03-01 12:00:00"},
	"select * from what_was_sent": {
		"olga|Olga|2026-03-01 13:00:00|message|sms|+49170|Hello|Thank you!||thank|1|sent",
	},
	"select * from what_is_stuck order by id": {
		"olga|Olga|given up|2026-03-01 14:00:00|-|task|task|eva|Call|Ring up|1|nobody there|call|dead",
		"olga|Olga|tried again|2026-03-01 12:00:00|2026-03-01 15:00:00|webhook|webhook||||1|no answer|hook|failed",
	},
	"select customer, place, at, known, kind, pipeline, stage, segment, trigger, ref, name, amount, cycle, actor, reason from timeline_events order by seq, place": {
		"olga|1|2026-03-01 12:00:00|2026-03-01 12:00:00|purchase|-|-|-|-|p1|-|2500|-|-|-",
		"olga|2|2026-03-01 12:00:00|2026-03-01 13:00:00|stage_entered|cakes|due|-|-|-|-|-|2|max|by phone",
		"olga|3|2026-03-01 12:00:00|-|segment_entered|-|-|vip|-|-|-|-|-|-|-",
		"olga|1|2026-03-01 13:00:00|2026-03-01 13:00:00|delivery_sent|-|-|-|thank|sent|sms|-|-|-|-",
	},
}

// Answer is what a database says: the names of the columns and the rows. Times are
// texts as 2026-03-01 12:00:00, in UTC; null is a dash.
type Answer func(t *testing.T, query string) (columns []string, rows [][]string)

// Run tests the views of the store, which is empty.
func Run(t *testing.T, s store.Store, ask Answer) {
	t.Helper()
	history(t, s)
	for view, want := range columns {
		names, _ := ask(t, "select * from "+view)
		assert.Equal(t, want, strings.Join(names, " "), "columns of %s", view)
	}
	for query, want := range answers {
		_, rows := ask(t, query)
		var lines []string
		for _, r := range rows {
			lines = append(lines, strings.Join(r, "|"))
		}
		assert.Equal(t, want, lines, query)
	}
}

// history puts somebody into the store with something in every view, and what is in
// none: a delivery that waits to be sent for the first time, one that is under way, and
// a look-up that is no segment.
func history(t *testing.T, s store.Store) {
	t.Helper()
	noon := time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)
	hour := func(n int) time.Time { return noon.Add(time.Duration(n) * time.Hour) }
	c := store.Change{Record: store.Record{
		Customer: customer.Customer{ID: "olga", Name: "Olga", Manager: "eva", Tags: []string{"new"}, Since: noon}, AsOf: noon,
		Cycles: []customer.Cycle{
			{Pipeline: "cakes", Number: 2, Stage: "due", Entered: noon, Next: noon.AddDate(0, 0, 30), Purchase: "p1"},
			{Pipeline: "tea", Number: 1, Entered: noon, Closed: "too dear", Purchase: "p0"},
		},
		Segments: []segment.Membership{{Segment: "vip", Since: noon}},
	}, Events: []customer.Event{
		{Kind: customer.Purchased, At: noon, Known: noon, Ref: "p1", Amount: 2500},
		{Kind: customer.StageEntered, At: noon, Known: hour(1), Pipeline: "cakes", Stage: "due", Cycle: 2, Actor: "max", Reason: "by phone"},
		{Kind: customer.SegmentEntered, At: noon, Segment: "vip"},
	}}
	for _, d := range []trigger.Delivery{
		{ID: "sent", Trigger: "thank", Kind: trigger.MessageKind, Channel: "sms", To: "+49170", Subject: "Hello", Text: "Thank you!"},
		{ID: "dead", Trigger: "call", Kind: trigger.TaskKind, Channel: "task", To: "eva", Subject: "Call", Text: "Ring up"},
		{ID: "failed", Trigger: "hook", Kind: trigger.WebhookKind, Channel: "webhook"},
		{ID: "under way", Trigger: "news", Kind: trigger.MessageKind, Channel: "email"},
		{ID: "waits", Trigger: "news", Kind: trigger.MessageKind, Channel: "email"},
	} {
		d.Customer, d.At = "olga", noon
		c.Deliveries = append(c.Deliveries, d)
	}
	require.NoError(t, s.Commit(t.Context(), c))
	out, err := s.ClaimDeliveries(t.Context(), store.Claim{Now: noon, Limit: 9, Lease: 24 * time.Hour})
	require.NoError(t, err)
	require.Len(t, out, 4)
	require.NoError(t, s.Settle(t.Context(),
		store.Outcome{
			Customer: "olga", Delivery: "sent", Attempt: 1, State: store.Sent, Due: hour(1),
			Event: customer.Event{Kind: customer.DeliverySent, At: hour(1), Known: hour(1), Trigger: "thank", Ref: "sent", Name: "sms"},
		},
		store.Outcome{Customer: "olga", Delivery: "dead", Attempt: 1, State: store.Dead, Due: hour(2), Error: "nobody there"},
		store.Outcome{Customer: "olga", Delivery: "failed", Attempt: 1, State: store.Waiting, Due: hour(3), Error: "no answer"},
	))
}
