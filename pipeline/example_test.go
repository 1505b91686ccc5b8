package pipeline_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/benbjohnson/clock"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/pipeline"
	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/store/memory"
	"github.com/regulars-go/regulars/trigger"
)

var weekly = pipeline.Pipeline{
	ID: "tea", Cadence: pipeline.EveryWeekday(time.Saturday),
	Stages: []pipeline.Stage{
		{ID: "thanks", From: pipeline.SincePurchase(customer.Days(0))},
		{ID: "invite", From: pipeline.BeforeNext(customer.Days(1))},
		{ID: "missed", From: pipeline.AfterNext(customer.Days(1))},
	},
}

// A customer moves through the stages of a pipeline as time passes, and what is
// to be done about it leaves through the Notifier.
func Example() {
	clk := clock.NewMock()
	clk.Set(time.Date(2026, 3, 3, 12, 0, 0, 0, time.UTC)) // a Tuesday
	eng, err := pipeline.New(pipeline.Config{
		Store:    memory.New(),
		Clock:    clk,
		Notifier: trigger.Print(os.Stdout),
		Definitions: pipeline.Definitions{
			Pipelines: []pipeline.Pipeline{weekly},
			Triggers: []trigger.Trigger{
				{ID: "invite", On: trigger.StageEntered("tea", "invite"), Steps: []trigger.Step{
					trigger.Send("sms", "{{.Customer.Name}}, the kettle is on tomorrow."),
				}},
				{ID: "missed", On: trigger.StageEntered("tea", "missed"), Steps: []trigger.Step{
					trigger.Task("Ask {{.Customer.Name}} what was wrong"),
				}},
			},
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	err = eng.Apply(ctx,
		customer.Customer{ID: "wei", Name: "Wei", Phones: []string{"+86 10 1234"}},
		customer.Purchase{ID: "t-1", Customer: "wei", At: clk.Now(), Amount: 4_50},
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	clk.Add(7 * 24 * time.Hour)
	if _, err := eng.Tick(ctx); err != nil {
		fmt.Println(err)
	}
	// Output:
	// 2026-03-06 00:00  sms      to +86 10 1234: Wei, the kettle is on tomorrow.
	// 2026-03-08 00:00  task     to anyone: Ask Wei what was wrong
}

// Every fault of the definitions is told at once, each with its place.
func ExampleNew_faults() {
	_, err := pipeline.New(pipeline.Config{
		Store: memory.New(),
		Definitions: pipeline.Definitions{
			Segments: []segment.Segment{{ID: "vip", Enter: segment.In("rich")}},
			Triggers: []trigger.Trigger{{
				ID: "greet", On: trigger.SegmentEntered("vips"),
				Steps: []trigger.Step{trigger.Send("sms", "Hello {{.Customer.Nmae}}")},
			}},
		},
	})
	fmt.Println(err)
	// Output:
	// new engine: segments[0].enter.segment: "rich" is not defined; check the ID
	// triggers[0].on.segment_entered.segment: "vips" is not defined; check the ID
	// triggers[0].steps[0].send.text: shows the unknown field .Customer.Nmae; see trigger.Data for what there is
}

// Who is in a stage, a segment, or looked after by a manager.
func ExampleEngine_Customers() {
	ctx := context.Background()
	clk := clock.NewMock()
	clk.Set(time.Date(2026, 3, 3, 12, 0, 0, 0, time.UTC))
	eng, err := pipeline.New(pipeline.Config{
		Store: memory.New(), Clock: clk,
		Definitions: pipeline.Definitions{Segments: []segment.Segment{
			{ID: "vip", Enter: segment.Spent(segment.AtLeast, 100_00)},
		}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	err = eng.Apply(ctx,
		customer.Customer{ID: "olga"}, customer.Customer{ID: "wei"},
		customer.Purchase{ID: "1", Customer: "olga", At: clk.Now(), Amount: 120_00},
		customer.Purchase{ID: "2", Customer: "wei", At: clk.Now(), Amount: 4_50},
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	for rec, err := range eng.Customers(ctx, store.Query{Segment: "vip"}) {
		fmt.Println(rec.Customer.ID, rec.Totals.Total, err)
	}
	// Output: olga 12000 <nil>
}

// Definitions as a document: what a UI or a repository owns. A fault is told
// with its line.
func ExampleParseDefinitions() {
	d, err := pipeline.ParseDefinitions([]byte(`{
		"version": 1,
		"pipelines": [{
			"id": "manicure",
			"cadence": {"every": "P3W"},
			"stages": [
				{"id": "thank", "from": {"since_purchase": "P0D"}},
				{"id": "call", "from": {"before_next": "P3D"}}
			]
		}],
		"triggers": [{
			"id": "call",
			"on": {"stage_entered": {"pipeline": "manicure", "stage": "call"}},
			"steps": [{"task": {"text": "Call {{.Customer.Name}}"}}]
		}]
	}`))
	fmt.Println(len(d.Pipelines), len(d.Triggers), err)
	text, err := json.Marshal(pipeline.Definitions{Segments: []segment.Segment{{ID: "regular", Enter: segment.Spent(segment.AtLeast, 100_00)}}})
	fmt.Println(string(text), err)

	_, err = pipeline.ParseDefinitions([]byte(`{
		"version": 1,
		"triggers": [{"id": "a", "on": {"purchase": {}}, "steps": [{"snd": {}}]}]
	}`))
	fmt.Println(err)
	// Output:
	// 1 1 <nil>
	// {"version":1,"segments":[{"id":"regular","enter":{"purchases":{"measure":"total","is":{"at_least":10000}}}}]} <nil>
	// line 3: triggers[0].steps[0].snd: is no known step; known are "send", "tag", "stop", "mail", "task", "untag", "wait", "assign", "webhook", "set_field", "wait_at"
}
