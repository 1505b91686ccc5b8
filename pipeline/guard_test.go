package pipeline_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/trigger"
)

func TestMessageWithoutAnAddressIsBlocked(t *testing.T) {
	t.Parallel()
	steps := []trigger.Step{trigger.Send("sms", "a"), trigger.Mail("b", "b"), trigger.Send("push", "c"), trigger.Task("d")}
	s := emptyShop(t, of(nails(), trigger.Trigger{ID: "t", On: trigger.CustomerAdded(), Steps: steps}))
	s.must(customer.Customer{ID: "olga"})
	s.tick(opening)
	assert.Equal(t, []string{
		`03-02 10:00 message_blocked t (sms) "the card has no address for the channel"`,
		`03-02 10:00 message_blocked t (email) "the card has no address for the channel"`,
	}, s.lines(customer.MessageBlocked))
	require.Len(t, s.sent, 2, "push may know the customer by ID, and a task needs nobody")
}

func TestPurchaseMadeShortlyBeforeARunCancelsIt(t *testing.T) {
	t.Parallel()
	welcome := sends("welcome", trigger.CustomerAdded(), followUp, func(t *trigger.Trigger) { t.CancelOnPurchase = true })
	s := setup(t, of(nails(), welcome)) // adds the card, which starts the run
	s.must(bought("a", opening.Add(-time.Second)))
	assert.Len(t, s.lines(customer.RunCancelled), 1, "the order was stamped before the card was told of")
}

func TestRestoredStageIsNotAnsweredAgain(t *testing.T) {
	t.Parallel()
	for _, limit := range []trigger.Limit{trigger.EveryTime, trigger.OncePerCycle} {
		s := setup(t, of(nails(), sends("call", trigger.StageEntered("nails", "call"), func(t *trigger.Trigger) {
			t.Limit = limit
			t.Steps = []trigger.Step{trigger.Task("call")}
		})))
		s.buys("a")
		s.tick(at("2026-03-16 12:00"))
		s.buys("b")
		s.tick(at("2026-03-17 12:00"))
		s.must(customer.Refund{ID: "r", Customer: "olga", Purchase: "b", At: s.clock.Now()})
		s.tick(s.clock.Now())
		assert.Equal(t, "call", s.stage())
		assert.Len(t, s.sent, 1, "the first cycle came into the stage once")
		lines := s.lines(customer.StageLeft, customer.StageEntered, customer.CycleRestored)
		assert.Equal(t, []string{
			"03-17 12:00 stage_left nails/waiting #2",
			"03-17 12:00 cycle_restored nails #1",
			"03-17 12:00 stage_entered nails/call #1",
		}, lines[len(lines)-3:])
	}
}

// Which input it was is told by its ID, and what differs by the name of the field.
func TestReusedIDSaysWhatDiffers(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails()))
	s.buys("a")
	s.buys("b")
	s.refund("r", "a", 1)
	s.does("v", "page_view")
	known := s.record().Customer
	changed := func(change func(*customer.Customer)) customer.Customer {
		c := known
		change(&c)
		return c
	}
	for says, in := range map[string]customer.Input{
		`purchase "a": something else was recorded under this ID: At differs`:     bought("a", opening.Add(time.Second)),
		`refund "r": something else was recorded under this ID: Amount differs`:   customer.Refund{ID: "r", Customer: "olga", Purchase: "a", At: opening, Amount: 2},
		`refund "r": something else was recorded under this ID: Purchase differs`: customer.Refund{ID: "r", Customer: "olga", Purchase: "b", At: opening, Amount: 1},
		`refund "q": of purchase "x": unknown purchase`:                           customer.Refund{ID: "q", Customer: "olga", Purchase: "x", At: opening},
		`activity "v": something else was recorded under this ID: Name differs`:   customer.Activity{ID: "v", Customer: "olga", Name: "cart_add", At: opening},
		`"olga": something else was recorded under this ID: Emails differs`:       changed(func(c *customer.Customer) { c.Emails = []string{"x@example.org"} }),
		`"olga": something else was recorded under this ID: Since differs`:        changed(func(c *customer.Customer) { c.Since = opening.Add(-time.Hour) }),
		`"olga": something else was recorded under this ID: Tags differs`:         changed(func(c *customer.Customer) { c.Since, c.Tags = time.Time{}, []string{"x"} }),
	} {
		err := s.Apply(t.Context(), in)
		require.ErrorContains(t, err, says)
		assertNoPersonalData(t, err)
	}
}
