// Package regulars turns one-time buyers into regulars. It is a library to embed
// into the backend of a shop: told what happened (a purchase, a page view, a
// reply), it keeps for every customer
//
//   - where they stand in each repeat-purchase cycle: stages laid out around
//     the expected next purchase, advanced by the clock alone;
//   - which dynamic segments they are in right now, entered and left by rules at
//     the exact instant a rule becomes true or false;
//   - what is to be done about it: messages, tasks, webhooks, tags and chains of
//     steps, delivered through a durable outbox.
//
// This package holds only this overview. The library is in the packages below,
// each standing on those before it:
//
//   - [github.com/regulars-go/regulars/customer]: the nouns, and civil time;
//     customer/document reads and writes definitions as JSON;
//   - [github.com/regulars-go/regulars/segment]: predicates and segments;
//   - [github.com/regulars-go/regulars/trigger]: triggers, steps, deliveries, and
//     the Notifier that carries deliveries out;
//   - [github.com/regulars-go/regulars/store]: what the engine asks of a database.
//     [github.com/regulars-go/regulars/store/memory] keeps everything in memory,
//     [github.com/regulars-go/regulars/store/sqlite] in a file, for a shop that runs on
//     one machine, [github.com/regulars-go/regulars/store/postgres] in PostgreSQL, for
//     any number of processes. [github.com/regulars-go/regulars/store/storetest] proves
//     any other; store/postgres/postgrestest starts PostgreSQL servers for tests;
//   - [github.com/regulars-go/regulars/pipeline]: pipelines, and the Engine. Start
//     here.
//
// In twelve lines (imports and error handling left out):
//
//	eng, err := pipeline.New(pipeline.Config{
//		Store:    memory.New(),
//		Notifier: trigger.Print(os.Stdout),
//		Definitions: pipeline.Definitions{
//			Pipelines: []pipeline.Pipeline{{ID: "manicure", Cadence: pipeline.Every(customer.Weeks(3)), Stages: stages}},
//			Segments:  []segment.Segment{{ID: "asleep", Enter: segment.NoPurchaseFor(customer.Days(60))}},
//			Triggers:  []trigger.Trigger{{ID: "call", On: trigger.StageEntered("manicure", "call"), Steps: steps}},
//		},
//	})
//	go eng.Run(ctx)
//	err = eng.AddCustomer(ctx, customer.Customer{ID: "olga", Name: "Olga"})
//	err = eng.RecordPurchase(ctx, customer.Purchase{ID: "r-1", Customer: "olga", At: paidAt, Amount: 25_00})
//
// The clock is injected: with a fake one, a year of it runs in a test in
// milliseconds. See examples/quickstart; and examples/orders for a service on
// PostgreSQL whose orders are in the same transaction.
package regulars
