package pipeline_test

import (
	"context"
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

// Each test here is a bug that users of other engines file again and again;
// those numbers that are missing stand beside what they are about, in
// crash_test.go and late_test.go.

// member is definitions of one segment, with a trigger for each way.
func member(enter segment.Predicate) pipeline.Definitions {
	d := of(nails(), sends("in", trigger.SegmentEntered("s")), sends("out", trigger.SegmentLeft("s")))
	d.Segments = []segment.Segment{{ID: "s", Enter: enter}}
	return d
}

func TestRival04_BoughtWithin30DaysIsLeftByTimeAlone(t *testing.T) {
	t.Parallel()
	s := setup(t, member(segment.PurchasedWithin(customer.Days(30))))
	s.buys("a")
	s.tick(at("2026-04-01 10:00").Add(-time.Microsecond))
	assert.True(t, s.in("s"))
	s.tick(at("2026-04-01 10:00"))
	assert.False(t, s.in("s"))
	assert.Equal(t, []string{"03-02 10:00 in: in", "04-01 10:00 out: out"}, s.messages())
}

func TestRival05_NoPurchaseFor30DaysBeginsAtTheInstant(t *testing.T) {
	t.Parallel()
	s := setup(t, member(segment.NoPurchaseFor(customer.Days(30))))
	s.tick(at("2026-03-05 10:00"))
	assert.False(t, s.in("s"), "who never bought is not asleep")
	s.buys("a")
	s.tick(at("2026-04-04 10:00").Add(-time.Minute)) // day 29.999
	s.buys("b")
	s.tick(at("2026-05-04 09:58"))
	assert.Empty(t, s.messages(), "the first purchase left no timer behind")
	s.tick(at("2026-06-01 00:00"))
	assert.Equal(t, []string{"05-04 09:59 in: in"}, s.messages())
}

func TestRival06_SegmentThatEmptiesIsNotRebuiltInALoop(t *testing.T) {
	t.Parallel()
	f := new(faulty)
	s := setup(t, member(segment.PurchasedWithin(customer.Days(30))), onFaulty(f))
	s.buys("a")
	s.tick(at("2026-08-01 00:00"))
	loads := f.loads
	for range 10 {
		assert.Equal(t, pipeline.Progress{}, s.tick(s.clock.Now().AddDate(0, 1, 0)))
	}
	assert.Equal(t, loads, f.loads)
}

func TestRival07_DowntimeLosesAndRepeatsNothing(t *testing.T) {
	t.Parallel()
	d := of(nails())
	for _, stage := range d.Pipelines[0].Stages {
		d.Triggers = append(d.Triggers, sends(stage.ID, trigger.StageEntered("nails", stage.ID)))
	}
	up, down := setup(t, d), setup(t, d)
	up.buys("a")
	down.buys("a")
	for now := opening; now.Before(at("2026-06-01 00:00")); now = now.Add(6 * time.Hour) {
		up.tick(now)
	}
	down.restart()
	down.tick(at("2026-06-01 00:00"))
	assert.Equal(t, up.messages(), down.messages(), "each once, dated when it came about")
	assert.Equal(t, withoutSent(up.timeline()), withoutSent(down.timeline()))
}

func withoutSent(events []customer.Event) []customer.Event {
	var list []customer.Event
	for _, e := range events {
		if e.Kind != customer.DeliverySent {
			list = append(list, e)
		}
	}
	return list
}

func TestRival10_SameEventFiveTimesCountsOnce(t *testing.T) {
	t.Parallel()
	s := setup(t, member(segment.Activities{Name: "page_view"}.Count(segment.AtLeast, 2)))
	for range 5 {
		s.must(customer.Activity{ID: "x", Customer: "olga", Name: "page_view", At: opening}, bought("a", opening))
		s.clock.set(s.clock.Now().Add(time.Minute))
	}
	assert.Equal(t, 1, s.record().Totals.Count)
	assert.False(t, s.in("s"))
}

func TestRival11_TheSecondCycleRuns(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails(), sends("due", trigger.StageEntered("nails", "due"), func(t *trigger.Trigger) { t.Limit = trigger.OncePerCycle })))
	for i := range 4 {
		s.tick(opening.AddDate(0, 0, 25*i)) // overdue each time
		s.buys(fmt.Sprint(i))
	}
	s.tick(at("2026-06-30 00:00"))
	assert.Len(t, s.messages(), 4)
}

func TestRival12_BeingStillInIsNotEnteringAgain(t *testing.T) {
	t.Parallel()
	s := setup(t, member(segment.Any(segment.PurchasedWithin(customer.Days(30)), segment.HasTag("x"))))
	for i := range 10 {
		s.tick(opening.AddDate(0, 0, 5*i))
		s.buys(fmt.Sprint(i))
		s.must(customer.Edit{Customer: "olga", Change: func(c *customer.Customer) { c.Tags = []string{"x", fmt.Sprint(i)} }})
	}
	assert.Equal(t, []string{"03-02 10:00 in: in"}, s.messages())
	assert.Equal(t, opening, s.record().Segments[0].Since)
}

func TestRival13_RestartLeavesNoSecondSetOfTimers(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails(), sends("follow", trigger.Purchase(), followUp), sends("due", trigger.StageEntered("nails", "due"))))
	s.buys("a")
	for now := opening; now.Before(at("2026-03-25 00:00")); now = now.Add(12 * time.Hour) {
		s.restart()
		s.tick(now)
	}
	assert.Equal(t, []string{"03-02 10:00 follow: first", "03-04 10:00 follow: second", "03-23 09:00 due: due"}, s.messages())
}

func TestRival14_DaySevenMailDoesNotGoOutAfterAPurchaseOnDayThree(t *testing.T) {
	t.Parallel()
	winBack := trigger.Trigger{
		ID: "cart", On: trigger.Activity("cart_add"), CancelOnPurchase: true,
		Steps: []trigger.Step{trigger.Wait(customer.Days(7)), trigger.Send("sms", "still there?")},
	}
	s := setup(t, of(nails(), winBack))
	s.does("x", "cart_add")
	s.tick(at("2026-03-05 10:00"))
	s.buys("a")
	s.tick(at("2026-04-01 00:00"))
	assert.Empty(t, s.messages())
	assert.Equal(t, []string{`03-05 10:00 run_cancelled cart "the customer bought"`}, s.lines(customer.RunCancelled))
}

func TestRival15_WhatTheBirthdayBeganGoesOnAfterIt(t *testing.T) {
	t.Parallel()
	steps := trigger.Trigger{
		ID: "b", On: trigger.BeforeDate("day", customer.Days(0)).EveryYear(),
		Steps: []trigger.Step{trigger.Send("sms", "cheers"), trigger.Wait(customer.Days(2)), trigger.Send("sms", "and the gift?")},
	}
	s := withField(t, "UTC", customer.DateValue(1990, 3, 10), steps)
	s.tick(at("2026-03-20 00:00"))
	assert.Equal(t, []string{"03-10 00:00 b: cheers", "03-12 00:00 b: and the gift?"}, s.messages())
}

func TestRival16_NineLocalIsNineOnBothSidesOfTheChange(t *testing.T) {
	t.Parallel()
	for _, zone := range []string{"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Tokyo"} {
		t.Run(zone, func(t *testing.T) {
			t.Parallel()
			s := withField(t, zone, customer.DateValue(2000, 1, 1))
			step := trigger.Trigger{ID: "daily", On: trigger.Purchase()}
			for range 400 {
				step.Steps = append(step.Steps, trigger.WaitAt(customer.Period{}, customer.Clock(9, 0)), trigger.Send("sms", "x"))
			}
			s.cfg.Definitions = of(nails(), step)
			s.restart()
			s.buys("a")
			s.tick(opening.AddDate(1, 0, 0))
			require.GreaterOrEqual(t, len(s.sent), 365)
			for i, d := range s.sent {
				local := d.At.In(zoneOf(zone))
				assert.Equal(t, "09:00", local.Format("15:04"))
				assert.Equal(t, s.sent[0].At.In(zoneOf(zone)).AddDate(0, 0, i).Format(time.DateOnly), local.Format(time.DateOnly))
			}
		})
	}
}

func TestRival17_MondayInTokyoIsMondayInTokyo(t *testing.T) {
	t.Parallel()
	s := emptyShop(t, of(nails(func(p *pipeline.Pipeline) {
		p.Cadence, p.DayStart = pipeline.EveryWeekday(time.Monday), customer.Clock(5, 0)
	})))
	s.must(customer.Customer{ID: "olga", Zone: "Asia/Tokyo"})
	s.buys("a")
	next := s.cycle("nails").Next.In(zoneOf("Asia/Tokyo"))
	assert.Equal(t, "Monday 2026-03-09 05:00", next.Format("Monday 2006-01-02 15:04"))
}

func TestRival20_LeapDayBirthdaysComeOnceEachYear(t *testing.T) {
	t.Parallel()
	s := withField(t, "UTC", customer.DateValue(2000, 2, 29), sends("b", trigger.BeforeDate("day", customer.Days(0)).EveryYear()))
	for year := 2026; year < 2034; year++ {
		for range 3 {
			s.restart()
			s.tick(time.Date(year, 6, 1, 0, 0, 0, 0, time.UTC))
		}
	}
	var days []string
	for _, d := range s.sent {
		days = append(days, d.At.Format(time.DateOnly))
	}
	assert.Equal(t, []string{"2027-02-28", "2028-02-29", "2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29", "2033-02-28"}, days)
}

func TestRival21_PredicatesMeanWhatTheySay(t *testing.T) {
	t.Parallel()
	views := segment.Activities{Name: "page_view", Within: customer.Days(7)}
	field := func(op segment.Op) segment.Predicate { return segment.Field("size", op, customer.Text("")) }
	for name, c := range map[string]struct {
		p    segment.Predicate
		does func(s *shop)
		want bool
	}{
		"a later event that does not match": {segment.Bought("cake", customer.Days(30)), func(s *shop) { s.buys("a", category("cake")); s.buys("b", category("tea")) }, true},
		"count is nought":                   {views.Count(segment.Equal, 0), func(*shop) {}, true},
		"count is no longer nought":         {views.Count(segment.Equal, 0), func(s *shop) { s.does("a", "page_view") }, false},
		"fewer than three":                  {views.Count(segment.Less, 3), func(s *shop) { s.does("a", "page_view"); s.does("b", "page_view") }, true},
		"no longer fewer than three": {views.Count(segment.Less, 3), func(s *shop) {
			for i := range 3 {
				s.does(fmt.Sprint(i), "page_view")
			}
		}, false},
		"neither a nor b": {segment.Not(segment.Any(segment.HasTag("a"), segment.HasTag("b"))), func(s *shop) {
			s.must(customer.Edit{Customer: "olga", Change: func(c *customer.Customer) { c.Tags = []string{"b"} }})
		}, false},
		"missing is not empty":         {field(segment.Equal), func(*shop) {}, false},
		"missing is not not empty":     {field(segment.NotEqual), func(*shop) {}, false},
		"missing, negated":             {segment.Not(field(segment.Equal)), func(*shop) {}, true},
		"empty is empty":               {field(segment.Equal), func(s *shop) { s.must(customer.Edit{Customer: "olga", Change: emptySize}) }, true},
		"fewer than three comes back ": {views.Count(segment.Less, 3), func(s *shop) { s.threeViewsAWeekAgo() }, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := setup(t, member(c.p))
			c.does(s)
			assert.Equal(t, c.want, s.in("s"))
		})
	}
}

func emptySize(c *customer.Customer) { c.Fields = c.Fields.With("size", customer.Text("")) }

func (s *shop) threeViewsAWeekAgo() {
	s.t.Helper()
	for i := range 3 {
		s.does(fmt.Sprint(i), "page_view")
	}
	s.tick(s.clock.Now().AddDate(0, 0, 7))
}

func TestRival23_NestedSegmentsMoveTogether(t *testing.T) {
	t.Parallel()
	d := of(nails(), sends("a", trigger.SegmentEntered("a")), sends("b", trigger.SegmentEntered("b")), sends("c", trigger.SegmentLeft("c")))
	d.Segments = []segment.Segment{
		{ID: "a", Enter: segment.All(segment.In("b"), segment.Not(segment.In("c")))},
		{ID: "b", Enter: segment.In("z")},
		{ID: "c", Enter: segment.Not(segment.In("b"))},
		{ID: "z", Enter: segment.PurchasedWithin(customer.Days(1))},
	}
	s := setup(t, d)
	s.buys("1")
	assert.Equal(t, []string{"a", "b", "z"}, s.segments())
	s.tick(at("2026-03-03 10:00"))
	assert.Equal(t, []string{"c"}, s.segments(), "and back, by time alone, at one instant")
	for _, e := range s.timeline() {
		if e.Kind == customer.SegmentLeft {
			assert.Contains(t, []time.Time{opening, at("2026-03-03 10:00")}, e.At)
		}
	}
}

func TestRival25_EnteringAndLeavingWithinASecondIsSeen(t *testing.T) {
	t.Parallel()
	d := member(segment.Activities{Name: "page_view", Within: customer.Exact(time.Second)}.Count(segment.AtLeast, 1))
	s := setup(t, d)
	s.does("x", "page_view")
	s.tick(opening.AddDate(0, 1, 0))
	assert.Equal(t, []string{"03-02 10:00 in: in", "03-02 10:00 out: out"}, s.messages())
	moves := s.lines(customer.SegmentEntered, customer.SegmentLeft)
	assert.Len(t, moves, 2)
}

func TestRival25_BusyCustomerIsStillEvaluated(t *testing.T) {
	t.Parallel()
	s := setup(t, member(segment.Activities{Name: "cart_add", Within: customer.Hours(1)}.Count(segment.AtLeast, 1)))
	s.does("cart", "cart_add")
	for i := range 120 { // something every minute, always ahead of the tick
		s.clock.set(opening.Add(time.Duration(i) * time.Minute))
		s.does(fmt.Sprint(i), "page_view")
	}
	assert.Equal(t, []string{"03-02 10:00 segment_entered s", "03-02 11:00 segment_left s"}, s.lines(customer.SegmentEntered, customer.SegmentLeft))
}

func TestRival25_OneSlowWebhookDoesNotHoldUpTheOthers(t *testing.T) {
	t.Parallel()
	s := emptyShop(t, of(nails(), sends("t", trigger.Purchase())), func(c *pipeline.Config) { c.Senders = 4 })
	release := make(chan struct{})
	done := make(chan string, 20)
	s.cfg.Notifier = trigger.NotifierFunc(func(_ context.Context, d trigger.Delivery) error {
		if d.Customer == "00" {
			<-release
		}
		done <- d.Customer
		return nil
	})
	s.restart()
	for i := range 20 {
		p := bought("a", opening)
		p.Customer = fmt.Sprintf("%02d", i)
		s.must(customer.Customer{ID: p.Customer, Phones: phones}, p)
	}
	go func() {
		for range 19 {
			<-done // everybody else's
		}
		close(release)
	}()
	p := s.tick(opening)
	assert.Equal(t, 20, p.Sent)
}
