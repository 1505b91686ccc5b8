package postgres_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/store/postgres"
	"github.com/regulars-go/regulars/trigger"
)

var noon = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)

func customerID(i int) string { return fmt.Sprintf("c-%07d", i) }

// regular returns the change that makes customer i all at once: three purchases, an
// activity, six memberships, two cycles and a delivery. No two wake at the same time.
func regular(i int, rng *rand.Rand) store.Change {
	id := customerID(i)
	c := store.Change{Record: store.Record{
		Customer: customer.Customer{
			ID: id, Since: noon, Name: fmt.Sprintf("Customer %d", i), Emails: []string{fmt.Sprintf("customer%d@example.org", i)},
			Phones: []string{fmt.Sprintf("+49170%07d", i)}, Manager: fmt.Sprintf("m%d", i%50), Tags: []string{fmt.Sprintf("tag%d", i%40)}, Source: "web",
		},
		AsOf: noon, Wake: noon.Add(time.Hour + time.Duration(i)*time.Millisecond), Definitions: "0123456789ab-0123456789ab-0123456789ab",
	}}
	for j, pipeline := range []string{"cakes", "tea"} {
		c.Record.Cycles = append(c.Record.Cycles, customer.Cycle{
			Pipeline: pipeline, Number: 3, Stage: fmt.Sprintf("stage%d", rng.IntN(8)), Entered: noon, Next: noon.AddDate(0, 0, i%30+j),
		})
	}
	for j := range 6 {
		c.Record.Segments = append(c.Record.Segments, segment.Membership{Segment: fmt.Sprintf("s%02d", j*16+rng.IntN(16)), Since: noon})
	}
	for j := range 3 {
		bought(&c, fmt.Sprintf("p%d", j), noon.Add(-time.Duration(j)*24*time.Hour-time.Duration(rng.Int64N(1e14))))
	}
	c.Activities = []customer.Activity{{ID: "a", Customer: id, At: noon, Name: "page_view"}}
	c.Deliveries = []trigger.Delivery{message(id, "1", noon.Add(time.Duration(i)*time.Millisecond))}
	return c
}

// bought adds a purchase and the events that come of it to a change.
func bought(c *store.Change, id string, at time.Time) {
	at = at.Truncate(time.Microsecond)
	c.Record.Totals.Count++
	c.Purchases = append(c.Purchases, customer.Purchase{
		ID: id, Customer: c.Record.Customer.ID, At: at, Amount: 4_990, Source: "web",
		Items: []customer.Item{{SKU: "cake-12", Category: "cakes", Quantity: 1, Amount: 4_990}},
	})
	c.Events = append(c.Events, customer.Event{Kind: customer.Purchased, At: at, Known: at, Ref: id, Amount: 4_990},
		customer.Event{Kind: customer.StageEntered, At: at, Known: at, Pipeline: "cakes", Stage: "thank", Cycle: c.Record.Totals.Count})
}

func message(customerID, id string, at time.Time) trigger.Delivery {
	return trigger.Delivery{
		ID: customerID + "/thanks/" + id, Customer: customerID, Trigger: "thanks", Kind: trigger.MessageKind, Channel: "sms",
		To: "+49170", Text: "Thank you for your purchase!", At: at,
	}
}

// populate adds customers from..to, a thousand at a time.
func populate(t testing.TB, s *postgres.Store, from, to int) {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, uint64(from)))
	for ; from < to; from += 1000 {
		var changes []store.Change
		for i := from; i < min(from+1000, to); i++ {
			changes = append(changes, regular(i, rng))
		}
		require.NoError(t, s.Commit(t.Context(), changes...))
	}
}
