package main

import (
	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/pipeline"
	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/trigger"
)

// channel reaches customers by their ID: a log has no addresses.
const channel = "app"

// shop is what a music shop wants done. Nobody there has set up anything per
// customer: after three intervals a customer's own habit decides when the next
// purchase is expected, until then a month does.
var shop = pipeline.Definitions{
	Pipelines: []pipeline.Pipeline{{
		ID:         "music",
		Cadence:    pipeline.Every(customer.Months(1)),
		LearnAfter: 3,
		DayStart:   customer.Clock(9, 0),
		Stages: []pipeline.Stage{
			{ID: "thanks", From: pipeline.SincePurchase(customer.Days(0))},
			{ID: "listening", From: pipeline.SincePurchase(customer.Days(2))},
			{ID: "news", From: pipeline.BeforeNext(customer.Days(7))},
			{ID: "due", From: pipeline.AtNext()},
			{ID: "overdue", From: pipeline.AfterNext(customer.Days(7))},
			{ID: "fading", From: pipeline.AfterNext(customer.Days(45))},
			{ID: "lost", From: pipeline.AfterNext(customer.Days(180)), Closes: "did not come back"},
		},
	}},
	Segments: []segment.Segment{
		{ID: "new", Enter: segment.All(
			segment.Purchases{}.Count(segment.Equal, 1),
			segment.PurchasedWithin(customer.Days(30)))},
		{ID: "one-timer", Enter: segment.All(
			segment.Purchases{}.Count(segment.Equal, 1),
			segment.NoPurchaseFor(customer.Days(90)))},
		{ID: "active", Enter: segment.PurchasedWithin(customer.Days(90))},
		{ID: "regular", Enter: segment.Purchases{Within: customer.Years(1)}.Count(segment.AtLeast, 3)},
		{ID: "big-basket", Enter: segment.All(
			segment.Purchases{}.Count(segment.AtLeast, 2),
			segment.Purchases{}.Average(segment.AtLeast, 60_00))},
		{ID: "vip", Enter: segment.Spent(segment.AtLeast, 500_00)},
		{ID: "asleep", Enter: segment.NoPurchaseFor(customer.Months(6))},
		{ID: "vip-asleep", Enter: segment.All(segment.In("vip"), segment.In("asleep"))},
	},
	Triggers: []trigger.Trigger{
		{ID: "welcome", On: trigger.CustomerAdded(), Steps: []trigger.Step{
			trigger.Send(channel, "Thank you for your first order, {{.Customer.ID}}!"),
		}},
		{ID: "how-was-it", On: trigger.StageEntered("music", "listening"), Limit: trigger.OncePerCycle, Steps: []trigger.Step{
			trigger.Send(channel, "Tell us, and hear first what is new around {{.Cycle.Next}}."),
		}},
		{ID: "news", On: trigger.StageEntered("music", "news"), If: segment.In("regular"), Steps: []trigger.Step{
			trigger.Send(channel, "Picked for you after {{.Totals.Count}} orders."),
		}},
		{ID: "win-back", On: trigger.StageEntered("music", "overdue"), CancelOnPurchase: true, Steps: []trigger.Step{
			trigger.Send(channel, "Something new for you is here."),
			trigger.Wait(customer.Days(14)),
			trigger.Send(channel, "For this week only."),
		}},
		{ID: "welcome-back", On: trigger.Returned("music"), Steps: []trigger.Step{
			trigger.Send(channel, "Good to see you again."),
		}},
		{ID: "vip", On: trigger.SegmentEntered("vip"), Limit: trigger.OnceEver, Steps: []trigger.Step{
			trigger.Tag("vip"),
			trigger.Task("{{.Customer.ID}} is a VIP now, after {{.Totals.Count}} orders: say thank you"),
		}},
		{ID: "call-vip", On: trigger.SegmentEntered("vip-asleep"), Steps: []trigger.Step{
			trigger.Task("Call {{.Customer.ID}}, asleep for half a year"),
		}},
	},
}
