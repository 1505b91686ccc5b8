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
// Texts are templates in a small, safe part of text/template; see [Send].
// Triggers are plain values; [Compile] checks them and makes what the engine
// runs.
package trigger
