package pipeline_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/pipeline"
	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/trigger"
)

func TestLatePurchaseOlderThanTheCycleIsCountedInWhereItBelongs(t *testing.T) {
	t.Parallel()
	d := of(nails())
	d.Segments = []segment.Segment{
		{ID: "often", Enter: segment.Purchases{Within: customer.Days(10)}.Count(segment.AtLeast, 2)},
		{ID: "all", Enter: segment.Spent(segment.AtLeast, 50_00)},
	}
	s := setup(t, d)
	s.tick(at("2026-03-20 10:00"))
	s.buys("b")
	before := s.cycle("nails")
	s.tick(at("2026-03-20 12:00"))
	s.must(bought("a", at("2026-03-15 10:00")))

	before.Number = 2
	assert.Equal(t, before, s.cycle("nails"), "the newest purchase still heads the cycle")
	assert.Equal(t, []string{"all", "often"}, s.segments())
	s.tick(at("2026-03-25 09:59"))
	assert.True(t, s.in("often"))
	s.tick(at("2026-03-25 10:00"))
	assert.False(t, s.in("often"), "the window is counted from when it was made")
	totals := s.record().Totals
	assert.Equal(t, at("2026-03-15 10:00"), totals.First)
	assert.Equal(t, at("2026-03-20 10:00"), totals.Last)
}

func TestLatePurchaseThatIsTheNewestMovesTheCycle(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails()))
	s.buys("a")
	s.tick(at("2026-03-20 12:00"))
	s.must(bought("b", at("2026-03-19 10:00")))
	c := s.cycle("nails")
	assert.Equal(t, "b", c.Purchase)
	assert.Equal(t, at("2026-03-19 10:00"), c.Started)
	s.tick(at("2026-03-20 12:00"))
	assert.Equal(t, "waiting", s.stage())
	assert.Equal(t, at("2026-03-20 09:00"), s.cycle("nails").Entered)
}

func TestWhatIsLateCarriesBothTimes(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails(), sends("thank", trigger.Purchase())))
	s.tick(at("2026-03-03 09:30"))
	s.must(bought("a", at("2026-03-02 12:00")))
	s.tick(s.clock.Now())
	var purchase customer.Event
	for _, e := range s.timeline() {
		if e.Kind == customer.Purchased {
			purchase = e
		}
	}
	assert.Equal(t, at("2026-03-02 12:00"), purchase.At)
	assert.Equal(t, at("2026-03-03 09:30"), purchase.Known)
	require.Len(t, s.sent, 1, "within the tolerance it fires")
	assert.Equal(t, at("2026-03-02 12:00"), s.sent[0].Cause.At)
	assert.Equal(t, at("2026-03-03 09:30"), s.sent[0].Cause.Known)
}

func TestOlderThanTheToleranceChangesStateAndFiresNothing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		lateness time.Duration
		age      time.Duration
		fires    bool
	}{
		"default, at it":     {0, 24 * time.Hour, true},
		"default, beyond":    {0, 24*time.Hour + time.Microsecond, false},
		"an hour, at it":     {time.Hour, time.Hour, true},
		"an hour, beyond it": {time.Hour, time.Hour + time.Microsecond, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := of(nails(), sends("purchase", trigger.Purchase()), sends("thanks", trigger.StageEntered("nails", "thanks")),
				sends("buyer", trigger.SegmentEntered("buyer")))
			d.Segments = []segment.Segment{{ID: "buyer", Enter: segment.Purchases{}.Count(segment.AtLeast, 1)}}
			s := setup(t, d, func(cfg *pipeline.Config) { cfg.Lateness = c.lateness })
			now := at("2026-03-20 12:00")
			s.tick(now)
			s.must(bought("a", now.Add(-c.age)))
			assert.True(t, s.in("buyer"))
			s.tick(now)
			if c.fires {
				assert.Contains(t, s.messages(), now.Add(-c.age).Format("01-02 15:04")+" purchase: purchase")
			} else {
				assert.Empty(t, s.messages())
				assert.Empty(t, s.lines(customer.TriggerFired))
			}
		})
	}
}

func TestWhatFollowsFromSomethingOldUpToNowFiresNothing(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails(), sends("waiting", trigger.StageEntered("nails", "waiting")),
		sends("call", trigger.StageEntered("nails", "call")), sends("due", trigger.StageEntered("nails", "due")),
		sends("before", trigger.BeforeNext("nails", customer.Days(7)))))
	s.clock.set(at("2026-03-20 12:00")) // nothing was ticked: the record stands at opening time
	s.must(bought("a", at("2026-03-02 12:00")))
	s.tick(at("2026-03-20 12:00"))
	assert.Equal(t, "call", s.stage())
	assert.Empty(t, s.messages(), "03-03 and 03-16 lie before 03-20")
	s.tick(at("2026-03-24 00:00"))
	assert.Equal(t, []string{"03-23 09:00 due: due"}, s.messages(), "what comes after now does fire")
}

func TestRival09_ImportOfTwoYearsOfOrdersSendsNothing(t *testing.T) {
	t.Parallel()
	d := of(nails(), sends("added", trigger.CustomerAdded()), sends("purchase", trigger.Purchase()), sends("returned", trigger.Returned("nails")),
		sends("big", trigger.SegmentEntered("big")), sends("small", trigger.SegmentLeft("new")))
	for _, stage := range d.Pipelines[0].Stages {
		d.Triggers = append(d.Triggers, sends("in "+stage.ID, trigger.StageEntered("nails", stage.ID)))
	}
	d.Segments = []segment.Segment{
		{ID: "big", Enter: segment.Spent(segment.AtLeast, 1_000_00)},
		{ID: "new", Enter: segment.Purchases{Within: customer.Days(30)}.Count(segment.AtMost, 1)},
	}
	s := emptyShop(t, d)
	s.must(customer.Customer{ID: "olga", Phones: phones, Since: opening.AddDate(-2, 0, 0)})
	for i := range 100 {
		s.must(bought(fmt.Sprint(i), opening.AddDate(-2, 0, 7*i)))
		if i%10 == 0 {
			s.tick(s.clock.Now())
		}
	}
	s.tick(opening)
	assert.Equal(t, 100, s.record().Totals.Count)
	assert.Empty(t, s.messages())

	s.tick(at("2026-03-02 10:01"))
	s.buys("fresh")
	s.tick(s.clock.Now())
	assert.Contains(t, s.messages(), "03-02 10:01 purchase: purchase", "what is new does send")
}

// A refusal on the 10th is not undone by a purchase of the 5th that is told on
// the 11th: it is not a later one.
func TestPurchaseOlderThanTheRefusalDoesNotReturn(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails()))
	s.buys("a")
	s.tick(at("2026-03-10 12:00"))
	s.must(customer.Refusal{Customer: "olga", By: customer.By{Reason: "moved away"}})
	s.tick(at("2026-03-11 12:00"))
	s.must(bought("b", at("2026-03-05 12:00")))
	assert.Empty(t, s.lines(customer.Returned))
	assert.Equal(t, "moved away", s.cycle("nails").Closed)
	assert.Equal(t, 2, s.cycle("nails").Number)
	assert.Len(t, s.lines(customer.CycleClosed), 1)

	s.buys("c")
	assert.Len(t, s.lines(customer.Returned), 1)
	assert.True(t, s.record().Cycles[0].IsOpen())
}

func TestRival08_ArrivalOrderGivesTheSameTotals(t *testing.T) {
	t.Parallel()
	times := []string{"2026-03-02 10:00", "2026-03-10 10:00", "2026-03-20 10:00", "2026-03-20 10:00"}
	var want string
	for _, order := range [][]int{{0, 1, 2, 3}, {3, 2, 1, 0}, {1, 3, 0, 2}, {2, 0, 3, 1}} {
		d := of(nails(func(p *pipeline.Pipeline) { p.LearnAfter = 2 }))
		d.Segments = []segment.Segment{{ID: "often", Enter: segment.Purchases{Within: customer.Days(12)}.Count(segment.AtLeast, 3)}}
		s := setup(t, d)
		s.clock.set(at("2026-03-21 12:00"))
		for _, i := range order {
			s.must(bought(fmt.Sprint(i), at(times[i])))
		}
		s.tick(s.clock.Now())
		c := s.cycle("nails")
		c.Hand = nil
		got := fmt.Sprintf("%+v %+v %v", c, s.record().Totals, s.segments())
		if want == "" {
			want = got
		}
		assert.Equal(t, want, got)
	}
}

func TestFutureTimesAreRefusedBeyondTheTolerance(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails()))
	before := dump(t, s.cfg.Store)
	err := s.RecordPurchase(t.Context(), bought("a", opening.Add(time.Minute+time.Microsecond)))
	var fault *customer.FieldError
	require.ErrorAs(t, err, &fault)
	assert.Equal(t, "At", fault.Field)
	assert.Contains(t, err.Error(), "in the future")
	assert.Equal(t, before, dump(t, s.cfg.Store))
	s.must(bought("a", opening.Add(time.Minute)))
	assert.Equal(t, opening.Add(time.Minute), s.cycle("nails").Started)
}

func TestClockGoingBackwardsIsTolerated(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails(), sends("thank", trigger.Purchase())))
	s.tick(at("2026-03-10 12:00"))
	s.buys("a")
	s.tick(at("2026-03-05 12:00")) // NTP is not that bad, but still
	s.buys("b")
	s.does("x", "page_view")
	assert.Equal(t, "a", s.cycle("nails").Purchase, "a is the newer one")
	assert.Equal(t, 2, s.cycle("nails").Number)
	s.tick(at("2026-03-31 09:00"))
	assert.Equal(t, "due", s.stage())
	assert.Len(t, s.messages(), 2)
	var last time.Time
	for _, e := range s.timeline() {
		assert.False(t, e.Known.Before(last), "known in order: %s", line(e))
		assert.False(t, e.At.After(e.Known), "effective before it is known: %s", line(e))
		last = e.Known
	}
}
