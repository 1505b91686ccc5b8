package pipeline_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/pipeline"
	"github.com/regulars-go/regulars/trigger"
)

func TestStagesComeByTheClockAlone(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails()))
	s.buys("a")
	s.tick(at("2027-01-01 00:00"))
	assert.Equal(t, []string{
		"03-02 10:00 cycle_started nails #1",
		"03-02 10:00 stage_entered nails/thanks #1",
		"03-03 09:00 stage_left nails/thanks #1",
		"03-03 09:00 stage_entered nails/waiting #1",
		"03-16 09:00 stage_left nails/waiting #1",
		"03-16 09:00 stage_entered nails/call #1",
		"03-22 09:00 stage_left nails/call #1",
		"03-22 09:00 stage_entered nails/remind #1",
		"03-23 09:00 stage_left nails/remind #1",
		"03-23 09:00 stage_entered nails/due #1",
		"03-24 09:00 stage_left nails/due #1",
		"03-24 09:00 stage_entered nails/overdue #1",
		"05-22 09:00 stage_left nails/overdue #1",
		"05-22 09:00 stage_entered nails/lost #1",
		`05-22 09:00 cycle_closed nails #1 "did not come back"`,
	}, s.lines(stageKinds...))
	for _, e := range s.timeline() {
		assert.Equal(t, e.At, e.Known, "nothing was late: %s", line(e))
	}
}

func TestStagesBeginAtTheirExactInstant(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ stage, begins string }{
		{"waiting", "2026-03-03 09:00"},
		{"call", "2026-03-16 09:00"},
		{"remind", "2026-03-22 09:00"},
		{"due", "2026-03-23 09:00"},
		{"overdue", "2026-03-24 09:00"},
		{"lost", "2026-05-22 09:00"},
	} {
		t.Run(c.stage, func(t *testing.T) {
			t.Parallel()
			s := setup(t, of(nails()))
			s.buys("a")
			s.tick(at(c.begins).Add(-time.Microsecond))
			assert.NotEqual(t, c.stage, s.stage())
			s.tick(at(c.begins))
			assert.Equal(t, c.stage, s.stage())
			assert.Equal(t, at(c.begins), s.cycle("nails").Entered)
		})
	}
}

func TestStageStarts(t *testing.T) {
	t.Parallel()
	mixed := customer.Period{Days: 1, Exact: 90 * time.Minute}
	for name, c := range map[string]struct {
		from pipeline.Start
		want string // the purchase is on 03-02 10:00, the next on 03-23 09:00
	}{
		"since, days":    {pipeline.SincePurchase(customer.Days(2)), "2026-03-04 09:00"},
		"since, weeks":   {pipeline.SincePurchase(customer.Weeks(1)), "2026-03-09 09:00"},
		"since, months":  {pipeline.SincePurchase(customer.Months(1)), "2026-04-02 09:00"},
		"since, exact":   {pipeline.SincePurchase(customer.Hours(36)), "2026-03-03 22:00"},
		"since, mixed":   {pipeline.SincePurchase(mixed), "2026-03-03 10:30"},
		"before, days":   {pipeline.BeforeNext(customer.Days(2)), "2026-03-21 09:00"},
		"before, exact":  {pipeline.BeforeNext(customer.Hours(5)), "2026-03-23 04:00"},
		"before, mixed":  {pipeline.BeforeNext(mixed), "2026-03-22 07:30"},
		"before, nought": {pipeline.BeforeNext(customer.Days(0)), "2026-03-23 09:00"},
		"at":             {pipeline.AtNext(), "2026-03-23 09:00"},
		"after, days":    {pipeline.AfterNext(customer.Days(2)), "2026-03-25 09:00"},
		"after, months":  {pipeline.AfterNext(customer.Months(1)), "2026-04-23 09:00"},
		"after, exact":   {pipeline.AfterNext(customer.Hours(5)), "2026-03-23 14:00"},
		"after, mixed":   {pipeline.AfterNext(mixed), "2026-03-24 10:30"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := setup(t, of(nails(func(p *pipeline.Pipeline) {
				p.Stages = append(p.Stages[:1:1], pipeline.Stage{ID: "x", From: c.from})
			})))
			s.buys("a")
			assert.Equal(t, at(c.want), s.record().Wake, "the wake-up is the start of the stage")
			s.tick(at(c.want).Add(-time.Microsecond))
			assert.Equal(t, "thanks", s.stage())
			s.tick(at(c.want))
			assert.Equal(t, "x", s.stage())
		})
	}
}

func TestDaylightSavingNeverMovesAStage(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		zone, bought, remind, due string
		dayStart                  customer.TimeOfDay
	}{
		"berlin, spring":    {"Europe/Berlin", "2026-03-10 15:00", "2026-03-30 09:00", "2026-03-31 09:00", customer.Clock(9, 0)},
		"berlin, autumn":    {"Europe/Berlin", "2026-10-10 15:00", "2026-10-30 09:00", "2026-10-31 09:00", customer.Clock(9, 0)},
		"new york, spring":  {"America/New_York", "2026-02-20 15:00", "2026-03-12 09:00", "2026-03-13 09:00", customer.Clock(9, 0)},
		"new york, autumn":  {"America/New_York", "2026-10-20 15:00", "2026-11-09 09:00", "2026-11-10 09:00", customer.Clock(9, 0)},
		"lord howe, autumn": {"Australia/Lord_Howe", "2026-03-20 15:00", "2026-04-09 09:00", "2026-04-10 09:00", customer.Clock(9, 0)},
		"lord howe, spring": {"Australia/Lord_Howe", "2026-09-20 15:00", "2026-10-10 09:00", "2026-10-11 09:00", customer.Clock(9, 0)},
		"skipped midnight":  {"Africa/Cairo", "2026-04-03 15:00", "2026-04-23 00:00", "2026-04-24 01:00", customer.Clock(0, 0)},
		"skipped hour":      {"Europe/Berlin", "2026-03-08 15:00", "2026-03-28 02:30", "2026-03-29 03:00", customer.Clock(2, 30)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := emptyShop(t, of(nails(func(p *pipeline.Pipeline) { p.DayStart = c.dayStart })))
			s.clock.set(in(c.zone, c.bought))
			s.must(customer.Customer{ID: "olga", Phones: phones, Zone: c.zone})
			s.buys("a")
			s.tick(in(c.zone, c.remind).Add(-time.Microsecond))
			assert.Equal(t, "call", s.stage())
			s.tick(in(c.zone, c.remind))
			assert.Equal(t, "remind", s.stage())
			s.tick(in(c.zone, c.due).Add(-time.Microsecond))
			assert.Equal(t, "remind", s.stage())
			s.tick(in(c.zone, c.due))
			assert.Equal(t, "due", s.stage())
		})
	}
}

func TestAnHourThatComesTwiceIsTheFirst(t *testing.T) {
	t.Parallel()
	s := emptyShop(t, of(nails(func(p *pipeline.Pipeline) { p.DayStart = customer.Clock(2, 30) })), inZone("Europe/Berlin"))
	s.clock.set(in("Europe/Berlin", "2026-10-04 12:00"))
	s.must(customer.Customer{ID: "olga", Phones: phones})
	s.buys("a")
	assert.Equal(t, at("2026-10-25 00:30"), s.cycle("nails").Next, "02:30 summer time, not winter time")
}

func TestTheCustomersZoneGoesBeforeTheEngines(t *testing.T) {
	t.Parallel()
	s := emptyShop(t, of(nails()), inZone("America/New_York"))
	s.must(customer.Customer{ID: "olga", Phones: phones, Zone: "Asia/Tokyo"})
	s.buys("a")
	assert.Equal(t, in("Asia/Tokyo", "2026-03-23 09:00"), s.cycle("nails").Next)
}

func TestStageWithoutRoomIsSkippedAndFiresNothing(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails(func(p *pipeline.Pipeline) { p.Cadence = pipeline.Every(customer.Days(4)) }),
		sends("waiting", trigger.StageEntered("nails", "waiting")), sends("not waiting", trigger.StageLeft("nails", "waiting")),
		sends("call", trigger.StageEntered("nails", "call"))))
	s.buys("a") // seven days before the next lies before the purchase: call at once
	s.tick(at("2026-03-10 00:00"))
	assert.Equal(t, []string{
		"03-02 10:00 stage_entered nails/call #1",
		"03-05 09:00 stage_left nails/call #1",
		"03-05 09:00 stage_entered nails/remind #1",
		"03-06 09:00 stage_left nails/remind #1",
		"03-06 09:00 stage_entered nails/due #1",
		"03-07 09:00 stage_left nails/due #1",
		"03-07 09:00 stage_entered nails/overdue #1",
	}, s.lines(customer.StageEntered, customer.StageLeft))
	assert.Equal(t, []string{"03-02 10:00 call: call"}, s.messages())
}

func TestStageLaterInTheListWinsEvenIfItBeganEarlier(t *testing.T) {
	t.Parallel()
	// The next purchase is 10 days off, so that "soon" begins before "late thanks".
	s := setup(t, of(nails(func(p *pipeline.Pipeline) {
		p.Cadence = pipeline.Every(customer.Days(10))
		p.Stages = []pipeline.Stage{
			{ID: "thanks", From: pipeline.SincePurchase(customer.Days(0))},
			{ID: "late thanks", From: pipeline.SincePurchase(customer.Days(5))},
			{ID: "soon", From: pipeline.BeforeNext(customer.Days(8))},
		}
	})))
	s.buys("a")
	s.tick(at("2026-03-20 00:00"))
	assert.Equal(t, []string{
		"03-02 10:00 stage_entered nails/thanks #1",
		"03-04 09:00 stage_left nails/thanks #1",
		"03-04 09:00 stage_entered nails/soon #1",
	}, s.lines(customer.StageEntered, customer.StageLeft))
}

func TestEarlyPurchaseJustStartsTheNextCycle(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails()))
	s.buys("a")
	s.tick(at("2026-03-10 12:00"))
	s.buys("b")
	assert.Equal(t, []string{
		"03-02 10:00 cycle_started nails #1",
		"03-02 10:00 stage_entered nails/thanks #1",
		"03-03 09:00 stage_left nails/thanks #1",
		"03-03 09:00 stage_entered nails/waiting #1",
		"03-10 12:00 stage_left nails/waiting #1",
		"03-10 12:00 cycle_started nails #2",
		"03-10 12:00 stage_entered nails/thanks #2",
	}, s.lines(stageKinds...))
	assert.Equal(t, at("2026-03-31 09:00"), s.cycle("nails").Next)
	assert.Equal(t, 2, s.cycle("nails").Number)
}

func TestTwoPurchasesInOneStageLeaveAndEnterItAnew(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails(), sends("thank", trigger.StageEntered("nails", "thanks"))))
	s.buys("a")
	s.tick(at("2026-03-02 11:00"))
	s.buys("b")
	s.tick(at("2026-03-02 11:00"))
	assert.Equal(t, []string{
		"03-02 10:00 stage_entered nails/thanks #1",
		"03-02 11:00 stage_left nails/thanks #1",
		"03-02 11:00 stage_entered nails/thanks #2",
	}, s.lines(customer.StageEntered, customer.StageLeft))
	assert.Equal(t, []string{"03-02 10:00 thank: thank", "03-02 11:00 thank: thank"}, s.messages())
}

func TestPurchaseAtTheInstantOfAStageComesAfterIt(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails()))
	s.buys("a")
	s.clock.set(at("2026-03-03 09:00"))
	s.buys("b")
	assert.Equal(t, []string{
		"03-02 10:00 stage_entered nails/thanks #1",
		"03-03 09:00 stage_left nails/thanks #1",
		"03-03 09:00 stage_entered nails/waiting #1",
		"03-03 09:00 stage_left nails/waiting #1",
		"03-03 09:00 stage_entered nails/thanks #2",
	}, s.lines(customer.StageEntered, customer.StageLeft))
}

func TestReturnAfterClosing(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails(), sends("welcome back", trigger.Returned("nails"))))
	s.buys("a")
	s.tick(at("2026-06-01 12:00"))
	assert.False(t, s.record().Cycles[0].IsOpen())
	s.buys("b")
	s.tick(at("2026-06-01 12:00"))
	assert.Equal(t, []string{"06-01 12:00 returned nails #2"}, s.lines(customer.Returned))
	assert.True(t, s.record().Cycles[0].IsOpen())
	assert.Equal(t, "thanks", s.stage())
	assert.Equal(t, []string{"06-01 12:00 welcome back: welcome back"}, s.messages())
}
