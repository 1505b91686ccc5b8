package pipeline_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/pipeline"
	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/trigger"
)

func TestTriggersAnswerEverythingTheyCan(t *testing.T) {
	t.Parallel()
	d := of(nails(), sends("added", trigger.CustomerAdded()), sends("purchase", trigger.Purchase()),
		sends("refund", trigger.Refund()), sends("review", trigger.Activity("review")), sends("started", trigger.CycleStarted("nails")),
		sends("returned", trigger.Returned("nails")), sends("refused", trigger.Refused("nails")),
		sends("thanks", trigger.StageEntered("nails", "thanks")), sends("left", trigger.StageLeft("nails", "thanks")),
		sends("vip", trigger.SegmentEntered("vip")), sends("no vip", trigger.SegmentLeft("vip")))
	d.Segments = []segment.Segment{{ID: "vip", Enter: segment.Spent(segment.AtLeast, 50_00)}}
	s := setup(t, d)
	fired := func() []string {
		s.t.Helper()
		s.tick(s.clock.Now())
		var ids []string
		for _, d := range s.sent {
			ids = append(ids, d.Text)
		}
		s.sent = nil
		return ids
	}
	assert.Equal(t, []string{"added"}, fired())
	s.does("x", "review")
	s.does("y", "page_view")
	assert.Equal(t, []string{"review"}, fired())
	s.buys("a")
	assert.Equal(t, []string{"purchase", "started", "thanks"}, fired())
	s.buys("b")
	assert.Equal(t, []string{"purchase", "left", "started", "thanks", "vip"}, fired())
	s.refund("r", "b", 1)
	assert.Equal(t, []string{"refund", "no vip"}, fired())
	s.must(customer.Refusal{Customer: "olga", By: anna})
	assert.Equal(t, []string{"refused", "left"}, fired())
	s.buys("c")
	assert.Equal(t, []string{"purchase", "returned", "started", "thanks", "vip"}, fired())
}

func TestTriggersOfOneEventFireInDefinitionOrder(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails(), sends("z", trigger.Purchase()), sends("a", trigger.Purchase()), sends("m", trigger.Purchase())))
	s.buys("1")
	s.tick(opening)
	assert.Equal(t, []string{"olga/z/1/0", "olga/a/1/0", "olga/m/1/0"}, s.sentIDs())
}

func TestConditionIsAskedWhenItHappens(t *testing.T) {
	t.Parallel()
	vip := func(t *trigger.Trigger) { t.If = segment.All(segment.In("vip"), segment.InStage("nails", "thanks")) }
	d := of(nails(), sends("thank", trigger.Purchase(), vip))
	d.Segments = []segment.Segment{{ID: "vip", Enter: segment.Spent(segment.AtLeast, 50_00)}}
	s := setup(t, d)
	s.buys("a")
	s.tick(at("2026-03-02 12:00"))
	s.buys("b")
	s.tick(at("2026-03-02 12:00"))
	assert.Equal(t, []string{"03-02 12:00 thank: thank"}, s.messages(), "the purchase that makes a VIP counts already")
}

// The condition counts the activity that the trigger answers, also where no
// segment reads activities of that name.
func TestConditionCountsTheActivityThatFiresIt(t *testing.T) {
	t.Parallel()
	views := segment.Activities{Name: "page_view", Within: customer.Days(7)}
	s := setup(t, of(nails(), sends("keen", trigger.Activity("page_view"), func(t *trigger.Trigger) { t.If = views.Count(segment.Equal, 3) })))
	for i, id := range []string{"a", "b", "c", "d"} {
		s.tick(opening.Add(time.Duration(i) * time.Hour))
		s.does(id, "page_view")
	}
	s.tick(s.clock.Now())
	assert.Equal(t, []string{"03-02 12:00 keen: keen"}, s.messages())
}

func TestLimits(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		limit trigger.Limit
		want  []string
	}{
		"every time": {trigger.EveryTime, []string{"03-16 09:00", "03-17 09:00", "04-07 09:00"}},
		"per cycle":  {trigger.OncePerCycle, []string{"03-16 09:00", "04-07 09:00"}},
		"ever":       {trigger.OnceEver, []string{"03-16 09:00"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := setup(t, of(nails(), sends("call", trigger.StageEntered("nails", "call"), func(t *trigger.Trigger) { t.Limit = c.limit })))
			s.buys("a")
			s.tick(at("2026-03-16 12:00"))
			s.must(moveNext(at("2026-03-24 00:00"))) // a second time in the first cycle
			s.tick(at("2026-03-24 12:00"))
			s.buys("b")
			s.tick(at("2026-04-10 00:00"))
			var got []string
			for _, m := range s.messages() {
				got = append(got, m[:len("03-16 09:00")])
			}
			assert.Equal(t, c.want, got)
		})
	}
}

func TestOncePerCycleCountsEveryCycleOfPurchasesToldLate(t *testing.T) {
	t.Parallel()
	once := func(t *trigger.Trigger) { t.Limit = trigger.OncePerCycle }
	s := setup(t, of(nails(), sends("thank", trigger.CycleStarted("nails"), once)))
	s.clock.set(at("2026-03-02 12:00"))
	s.must(bought("a", at("2026-03-02 09:00")))
	s.must(bought("b", at("2026-03-02 09:30")))
	s.tick(s.clock.Now())
	assert.Len(t, s.messages(), 2)
}

func TestPurchaseCancelsARun(t *testing.T) {
	t.Parallel()
	filtered := nails(func(p *pipeline.Pipeline) { p.Takes.Categories = []string{"nails"} })
	cancel := func(t *trigger.Trigger) { t.CancelOnPurchase = true }
	for name, c := range map[string]struct {
		trigger trigger.Trigger
		buys    func(*customer.Purchase)
		runs    bool
	}{
		"of the pipeline":         {sends("t", trigger.StageEntered("nails", "thanks"), followUp, cancel), category("nails"), false},
		"of another kind":         {sends("t", trigger.StageEntered("nails", "thanks"), followUp, cancel), category("hair"), true},
		"any, no pipeline named":  {sends("t", trigger.Activity("ask"), followUp, cancel), category("hair"), false},
		"the trigger says nought": {sends("t", trigger.Activity("ask"), followUp), category("nails"), true},
		"made before the cause": {
			sends("t", trigger.Activity("ask"), followUp, cancel),
			func(p *customer.Purchase) { p.At = at("2026-03-02 09:00") }, true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := setup(t, of(filtered, c.trigger))
			s.buys("a", category("nails"))
			s.does("q", "ask")
			s.tick(at("2026-03-03 10:00"))
			s.buys("b", c.buys)
			assert.Equal(t, !c.runs, len(s.lines(customer.RunCancelled)) > 0)
			s.tick(at("2026-03-04 10:00"))
			var second bool
			for _, m := range s.messages() {
				second = second || m == "03-04 10:00 t: second"
			}
			assert.Equal(t, c.runs, second)
		})
	}
}

func TestWaits(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		wait trigger.Step
		zone string
		when string
		want string
	}{
		"days, over the spring change": {trigger.Wait(customer.Days(1)), "Europe/Berlin", "2026-03-28 10:00", "2026-03-29 10:00"},
		"exact hours, over it":         {trigger.Wait(customer.Hours(24)), "Europe/Berlin", "2026-03-28 10:00", "2026-03-29 11:00"},
		"months, clamped":              {trigger.Wait(customer.Months(1)), "UTC", "2026-01-31 10:00", "2026-02-28 10:00"},
		"at, still to come":            {trigger.WaitAt(customer.Period{}, customer.Clock(18, 0)), "UTC", "2026-01-31 10:00", "2026-01-31 18:00"},
		"at, past":                     {trigger.WaitAt(customer.Period{}, customer.Clock(9, 0)), "UTC", "2026-01-31 10:00", "2026-02-01 09:00"},
		"at, this very minute":         {trigger.WaitAt(customer.Period{}, customer.Clock(10, 0)), "UTC", "2026-01-31 10:00", "2026-02-01 10:00"},
		"at, days later":               {trigger.WaitAt(customer.Days(2), customer.Clock(9, 0)), "America/New_York", "2026-03-06 10:00", "2026-03-08 09:00"},
		"at, an hour that is skipped":  {trigger.WaitAt(customer.Days(1), customer.Clock(2, 30)), "America/New_York", "2026-03-07 10:00", "2026-03-08 03:00"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := emptyShop(t, of(nails(), trigger.Trigger{ID: "t", On: trigger.Purchase(), Steps: []trigger.Step{c.wait, trigger.Send("sms", "x")}}), inZone(c.zone))
			s.clock.set(in(c.zone, c.when))
			s.must(customer.Customer{ID: "olga", Phones: phones})
			s.buys("a")
			s.tick(in(c.zone, c.want).Add(-time.Microsecond))
			assert.Empty(t, s.messages())
			s.tick(in(c.zone, c.want))
			require.Len(t, s.sent, 1)
			assert.Equal(t, in(c.zone, c.want), s.sent[0].At)
		})
	}
}

func TestRunsGoOnInTheOrderInWhichTheyBeganToWait(t *testing.T) {
	t.Parallel()
	wait := func(id string) trigger.Trigger {
		return trigger.Trigger{ID: id, On: trigger.Purchase(), Steps: []trigger.Step{trigger.Wait(customer.Days(1)), trigger.Send("sms", id)}}
	}
	s := setup(t, of(nails(), wait("z"), wait("a"), wait("m")))
	s.buys("1")
	s.buys("2")
	s.tick(at("2026-03-05 00:00"))
	assert.Equal(t, []string{"olga/z/1/1", "olga/a/1/1", "olga/m/1/1", "olga/z/2/1", "olga/a/2/1", "olga/m/2/1"}, s.sentIDs())
}

func TestStopEndsTheRun(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails(), trigger.Trigger{
		ID: "t", On: trigger.Purchase(),
		Steps: []trigger.Step{trigger.Send("sms", "x"), trigger.Stop(), trigger.Send("sms", "y")},
	}))
	s.buys("a")
	s.tick(opening)
	assert.Equal(t, []string{"03-02 10:00 t: x"}, s.messages())
}

func TestStepsThatChangeTheCardSettleSegmentsAgain(t *testing.T) {
	t.Parallel()
	d := of(nails(),
		trigger.Trigger{ID: "tag", On: trigger.Purchase(), Steps: []trigger.Step{
			trigger.Tag("buyer"), trigger.SetField("level", customer.Number(1)), trigger.Assign("anna"), trigger.Untag("new"),
		}},
		sends("welcome", trigger.SegmentEntered("complete")))
	d.Segments = []segment.Segment{{ID: "complete", Enter: segment.All(segment.HasTag("buyer"), segment.Field("level", segment.Equal, customer.Number(1)),
		segment.ManagedBy("anna"), segment.Not(segment.HasTag("new")))}}
	s := setup(t, d)
	s.must(customer.Edit{Customer: "olga", Change: func(c *customer.Customer) { c.Tags = []string{"new"} }})
	s.buys("a")
	s.buys("b") // everything is done already: no events
	s.tick(opening)
	assert.Equal(t, []string{
		"03-02 10:00 tagged tag (buyer)", "03-02 10:00 field_set tag (level)",
		"03-02 10:00 manager_assigned tag (anna)", "03-02 10:00 untagged tag (new)",
	}, s.lines(customer.Tagged, customer.Untagged, customer.FieldSet, customer.ManagerAssigned))
	assert.Equal(t, []string{"03-02 10:00 welcome: welcome"}, s.messages())
	assert.Equal(t, []string{"buyer"}, s.record().Customer.Tags)
}

func TestDefinitionsThatNeverSettleAreCutNotHung(t *testing.T) {
	t.Parallel()
	d := unsettled()
	d.Triggers = append(d.Triggers, sends("purchase", trigger.Purchase()))
	s := setup(t, d)
	err := s.Apply(t.Context(), customer.Edit{Customer: "olga", Change: func(c *customer.Customer) { c.Tags = []string{"x"} }})
	require.ErrorIs(t, err, pipeline.ErrUnsettled)
	require.ErrorContains(t, err, `customer "olga"`)
	assert.Len(t, s.lines(customer.RulesUnsettled), 1)
	fired := len(s.lines(customer.TriggerFired))
	assert.Positive(t, fired)
	assert.LessOrEqual(t, fired, 32)
	assert.Equal(t, len(s.record().Customer.Tags) > 0, s.in("tagged"), "what is committed fits together")

	s.buys("a")
	s.tick(opening)
	assert.Equal(t, []string{"03-02 10:00 purchase: purchase"}, s.messages(), "and the rest goes on")
}

func TestTickGoesOnAfterACut(t *testing.T) {
	t.Parallel()
	d := unsettled()
	d.Triggers = append(d.Triggers, sends("due", trigger.StageEntered("nails", "due")))
	s := setup(t, d)
	s.buys("a")
	s.clock.set(at("2026-03-24 00:00"))
	p, err := s.Tick(t.Context())
	require.ErrorIs(t, err, pipeline.ErrUnsettled)
	assert.Equal(t, "due", s.stage())
	assert.Equal(t, []string{"03-23 09:00 due: due"}, s.messages(), "deliveries leave all the same")
	assert.Equal(t, 1, p.Sent)
	_, err = s.Tick(t.Context())
	require.NoError(t, err)
}

// A trigger that answers what triggers do would never come to an end.
func TestTriggersCannotAnswerTheirOwnWork(t *testing.T) {
	t.Parallel()
	for _, kind := range []customer.EventKind{
		customer.Tagged, customer.Untagged, customer.FieldSet, customer.TriggerFired, customer.TriggerHeld, customer.RunCancelled,
		customer.StepFailed, customer.MessageBlocked, customer.DeliverySent, customer.RulesUnsettled, customer.EventKind(200),
	} {
		t.Run(kind.String(), func(t *testing.T) {
			t.Parallel()
			d := of(nails(), sends("t", trigger.On{Event: kind}))
			err := d.Validate()
			require.ErrorIs(t, err, customer.ErrDefinition)
			require.ErrorContains(t, err, "triggers[0].on")
		})
	}
}

func TestDeniedConsentBlocksMessagesOfThatChannelOnly(t *testing.T) {
	t.Parallel()
	s := emptyShop(t, of(nails(), trigger.Trigger{ID: "t", On: trigger.Purchase(), Steps: []trigger.Step{
		trigger.Send("sms", "sms"), trigger.Mail("hello", "mail"), trigger.Task("task"), trigger.Send("telegram", "telegram"),
	}}))
	s.must(customer.Customer{ID: "olga", Phones: phones, Emails: []string{"olga@example.org"}, Consents: []customer.Consent{{Channel: "sms"}, {Channel: "email", Granted: true}}})
	s.buys("a")
	s.tick(opening)
	assert.Equal(t, []string{"03-02 10:00 t: mail", "03-02 10:00 t: task", "03-02 10:00 t: telegram"}, s.messages())
	assert.Equal(t, []string{`03-02 10:00 message_blocked t (sms) "the customer denied consent"`}, s.lines(customer.MessageBlocked))
	assert.Equal(t, "olga@example.org", s.sent[0].To)
}

func TestConsentDeniedWhileARunWaitsBlocksItsNextMessage(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails(), sends("t", trigger.Purchase(), followUp)))
	s.buys("a")
	s.must(customer.Edit{Customer: "olga", Change: func(c *customer.Customer) { c.Consents = []customer.Consent{{Channel: "sms"}} }})
	s.tick(at("2026-03-10 00:00"))
	assert.Equal(t, []string{"03-02 10:00 t: first"}, s.messages())
	assert.Len(t, s.lines(customer.MessageBlocked), 1)
}

func TestDeliveryIDsTellCustomerTriggerCountAndStep(t *testing.T) {
	t.Parallel()
	s := setup(t, of(nails(), sends("t", trigger.Purchase(), followUp), sends("u", trigger.Purchase())))
	s.buys("a")
	s.restart()
	s.buys("b")
	s.tick(at("2026-03-10 00:00"))
	assert.ElementsMatch(t, []string{"olga/t/1/0", "olga/u/1/0", "olga/t/2/0", "olga/u/2/0", "olga/t/1/2", "olga/t/2/2"}, s.sentIDs())
}
