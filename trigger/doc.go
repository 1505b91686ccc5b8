// Package trigger defines what is to be done about what happens to a customer:
// a [Trigger] answers an event or a date ([On]), on a condition, with steps, and
// what must leave the process becomes a [Delivery] that a [Notifier] carries out.
//
//	trigger.Trigger{
//		ID: "call",
//		On: trigger.StageEntered("manicure", "call"),
//		Steps: []trigger.Step{
//			trigger.Task("Offer {{.Customer.Name}} a time"),
//			trigger.Wait(customer.Days(2)),
//			trigger.Send("sms", "{{.Customer.Name}}, shall we keep your place?"),
//		},
//		CancelOnPurchase: true,
//	}
//
// Texts are templates in a small, safe part of text/template; see [Send] for the
// rules and [Data] for what they may show.
//
// What a shop uses is [Trigger], the functions that make an [On] or a [Step],
// [Limit], and on the way out [Delivery], [Notifier], [Router], [Print],
// [Permanent] and [RetryAfter]. The rest is how the engine runs triggers:
// [Compile] checks them and makes a [Set] of [Program] values, whose steps act
// through [Hands]; [Run] and [Counter] are what a customer's record keeps.
package trigger
