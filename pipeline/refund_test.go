package pipeline_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/pipeline"
	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/trigger"
)

// refund gives all of a purchase back, or the amount.
func (s *shop) refund(id, purchase string, amount int64) {
	s.t.Helper()
	s.must(customer.Refund{ID: id, Customer: "olga", Purchase: purchase, At: s.clock.Now(), Amount: amount, Reason: "unhappy"})
}

func TestFullRefundRestoresTheCycleBefore(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails()))
	s.buys("a")
	s.tick(at("2026-03-10 12:00"))
	before := s.cycle("nails")
	s.buys("b")
	s.tick(at("2026-03-17 12:00"))
	s.refund("r", "b", 0)

	after := s.cycle("nails")
	assert.Equal(t, "a", after.Purchase)
	assert.Equal(t, before.Started, after.Started)
	assert.Equal(t, before.Next, after.Next)
	assert.Equal(t, 1, after.Number)
	assert.Equal(t, "call", after.Stage, "where a's cycle stands by now")
	assert.Equal(t, at("2026-03-16 09:00"), after.Entered)
	assert.Contains(t, s.lines(customer.CycleRestored), "03-17 12:00 cycle_restored nails #1")
	assert.Equal(t, customer.Totals{Count: 1, Total: 25_00, Max: 25_00, First: opening, Last: opening}, s.record().Totals)
}

func TestRestoredCycleMayBeClosedByNow(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails()))
	s.buys("a")
	s.tick(at("2026-05-20 12:00"))
	s.buys("b")
	s.tick(at("2026-05-25 12:00"))
	s.refund("r", "b", 0)
	c := s.cycle("nails")
	assert.Equal(t, "lost", c.Stage)
	assert.Equal(t, "did not come back", c.Closed)
	assert.Equal(t, []string{`05-25 12:00 cycle_closed nails #1 "did not come back"`}, s.lines(customer.CycleClosed))
}

func TestRefundOfTheOnlyPurchaseLeavesThePipeline(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails()))
	s.buys("a")
	s.tick(at("2026-03-10 12:00"))
	s.refund("r", "a", 25_00)
	assert.Empty(t, s.record().Cycles)
	assert.Equal(t, customer.Totals{}, s.record().Totals)
	assert.Equal(t, []string{`03-10 12:00 cycle_closed nails #1 "refunded"`}, s.lines(customer.CycleClosed))
	s.tick(at("2026-12-31 00:00"))
	assert.Empty(t, s.lines(customer.CycleClosed)[1:], "no stage of a cycle that is gone comes")

	s.buys("b")
	assert.Equal(t, 1, s.cycle("nails").Number)
}

func TestRefundOfAnOlderPurchaseKeepsTheCycle(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails()))
	s.buys("a")
	s.tick(at("2026-03-10 12:00"))
	s.buys("b")
	before := s.cycle("nails")
	s.refund("r", "a", 0)
	before.Number = 1
	assert.Equal(t, before, s.cycle("nails"))
	assert.Empty(t, s.lines(customer.CycleRestored))
}

func TestPartialRefundLowersTotalsOnly(t *testing.T) {
	t.Parallel()
	d := of(nails())
	d.Segments = []segment.Segment{{ID: "vip", Enter: segment.Spent(segment.AtLeast, 25_00)}}
	s := setup(t, d)
	s.buys("a")
	before := s.cycle("nails")
	assert.True(t, s.in("vip"))
	s.tick(at("2026-03-02 12:00"))
	s.refund("r1", "a", 5_00)
	assert.Equal(t, before, s.cycle("nails"))
	assert.False(t, s.in("vip"))
	assert.Equal(t, int64(20_00), s.record().Totals.Total)
	assert.Equal(t, 1, s.record().Totals.Count)

	s.refund("r2", "a", 20_00) // the rest of it: now it is gone
	assert.Empty(t, s.record().Cycles)
}

func TestRefundNeverUnsends(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails(), sends("thank", trigger.StageEntered("nails", "thanks"))))
	s.buys("a")
	s.refund("r", "a", 0)
	s.tick(s.clock.Now())
	assert.Equal(t, []string{"03-02 10:00 thank: thank"}, s.messages())
}

func TestRefundFiresItsTrigger(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails(), sends("sorry", trigger.Refund())))
	s.buys("a")
	s.refund("r", "a", 1)
	s.refund("r", "a", 1) // again: nothing
	s.tick(s.clock.Now())
	assert.Equal(t, []string{"03-02 10:00 sorry: sorry"}, s.messages())
}

func TestGiftCanBeRefunded(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails()))
	s.buys("a", func(p *customer.Purchase) { p.Amount = 0 })
	assert.Equal(t, 1, s.record().Totals.Count)
	s.refund("r", "a", 0)
	assert.Zero(t, s.record().Totals.Count)
	assert.Empty(t, s.record().Cycles)
}

func TestRefundsThatCannotBe(t *testing.T) {
	t.Parallel()
	good := customer.Refund{ID: "r", Customer: "olga", Purchase: "a", At: opening, Amount: 10}
	for name, c := range map[string]struct {
		change func(*customer.Refund)
		is     error
		says   string
	}{
		"more than is left":        {func(r *customer.Refund) { r.Amount = 25_01 }, customer.ErrInvalid, "more than is left of the purchase, 2500"},
		"before the purchase":      {func(r *customer.Refund) { r.At = at("2026-03-02 09:59") }, customer.ErrInvalid, "before the purchase"},
		"of an unknown purchase":   {func(r *customer.Refund) { r.Purchase = "x" }, pipeline.ErrUnknownPurchase, "record it before its refund"},
		"of an unknown customer":   {func(r *customer.Refund) { r.Customer = "x" }, pipeline.ErrUnknownCustomer, "add the card first"},
		"ID of another's refund":   {func(r *customer.Refund) { r.ID, r.Purchase = "used", "a" }, pipeline.ErrIDReused, "recorded under this ID"},
		"ID with other content":    {func(r *customer.Refund) { r.ID, r.Purchase, r.Amount = "used", "b", 2 }, pipeline.ErrIDReused, "recorded under this ID"},
		"of a purchase given back": {func(r *customer.Refund) { r.Purchase = "gone" }, customer.ErrInvalid, "more than is left of the purchase, 0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := setup(t, of(nails()))
			s.buys("a")
			s.buys("b")
			s.buys("gone")
			s.refund("used", "b", 1)
			s.refund("gone", "gone", 0)
			before := dump(t, s.cfg.Store)
			r := good
			c.change(&r)
			err := s.RecordRefund(t.Context(), r)
			require.ErrorIs(t, err, c.is)
			require.ErrorContains(t, err, c.says)
			assert.Equal(t, before, dump(t, s.cfg.Store))
		})
	}
}
