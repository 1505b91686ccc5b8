// Command quickstart plays half a year of a nail salon in a moment.
//
// Olga comes every three weeks. She is thanked with an offer after each visit;
// a week before the next one Anna is asked to call her and offer a time; the day
// before, Olga is reminded; when she does not come she is won back. She buys
// early once, skips once, and returns.
//
//	go run ./examples/quickstart
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"time"

	"github.com/benbjohnson/clock"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/pipeline"
	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/store/memory"
	"github.com/regulars-go/regulars/trigger"
)

// definitions is what the salon wants done.
var definitions = pipeline.Definitions{
	// A pipeline leads from one purchase to the next. Every purchase puts the
	// customer into its first stage; from there the clock moves her on.
	Pipelines: []pipeline.Pipeline{{
		ID:       "manicure",
		Cadence:  pipeline.Every(customer.Weeks(3)),
		DayStart: customer.Clock(9, 0),
		Stages: []pipeline.Stage{
			{ID: "thanks", From: pipeline.SincePurchase(customer.Days(0))},
			{ID: "waiting", From: pipeline.SincePurchase(customer.Days(1))},
			{ID: "call", From: pipeline.BeforeNext(customer.Days(7))},
			{ID: "remind", From: pipeline.BeforeNext(customer.Days(1))},
			{ID: "due", From: pipeline.AtNext()},
			{ID: "overdue", From: pipeline.AfterNext(customer.Days(1))},
			{ID: "lost", From: pipeline.AfterNext(customer.Days(60)), Closes: "did not come back"},
		},
	}},
	// Segments are entered and left by rules, many at a time.
	Segments: []segment.Segment{
		{ID: "regular", Enter: segment.Purchases{}.Count(segment.AtLeast, 3)},
		{ID: "asleep", Enter: segment.NoPurchaseFor(customer.Days(60))},
	},
	// Triggers say what is to be done when something of that happens.
	Triggers: []trigger.Trigger{
		{ID: "thank", On: trigger.StageEntered("manicure", "thanks"), Steps: []trigger.Step{
			trigger.Send("sms", "Thank you, {{.Customer.Name}}! 10 % off if you come again by {{.Cycle.Next}}."),
		}},
		{ID: "call", On: trigger.StageEntered("manicure", "call"), Steps: []trigger.Step{
			trigger.Task("Call {{.Customer.Name}} and offer a time around {{.Cycle.Next}}"),
		}},
		{ID: "remind", On: trigger.StageEntered("manicure", "remind"), Steps: []trigger.Step{
			trigger.Send("sms", "{{.Customer.Name}}, see you tomorrow!"),
		}},
		{ID: "win-back", On: trigger.StageEntered("manicure", "overdue"), CancelOnPurchase: true, Steps: []trigger.Step{
			trigger.Send("sms", "{{.Customer.Name}}, we missed you. Shall we find another time?"),
			trigger.Wait(customer.Weeks(3)),
			trigger.Send("sms", "{{.Customer.Name}}, 20 % off if you come this week."),
		}},
		{ID: "regular", On: trigger.SegmentEntered("regular"), Limit: trigger.OnceEver, Steps: []trigger.Step{
			trigger.Tag("regular"),
			trigger.Task("{{.Customer.Name}} is a regular now: {{.Totals.Count}} visits"),
		}},
	},
}

func main() {
	if err := play(context.Background(), os.Stdout); err != nil {
		log.Fatal(err)
	}
}

// play tells an engine what Olga does, and writes what becomes of it.
func play(ctx context.Context, out io.Writer) error {
	clk := clock.NewMock()
	clk.Set(date(3, 2))
	eng, err := pipeline.New(pipeline.Config{
		Store:       memory.New(),
		Clock:       clk,                // a real salon leaves this out, and runs go eng.Run(ctx)
		Notifier:    trigger.Print(out), // a real one sends the messages and puts up the tasks
		Definitions: definitions,
	})
	if err != nil {
		return err
	}
	olga := customer.Customer{ID: "olga", Name: "Olga", Phones: []string{"+49 30 901820"}, Manager: "anna"}
	if err := eng.AddCustomer(ctx, olga); err != nil {
		return err
	}
	fmt.Fprintln(out, "What happened:")
	for i, day := range []time.Time{
		date(3, 2),  // the first visit
		date(3, 23), // three weeks later, as agreed
		date(4, 7),  // early: straight into the next cycle
		date(5, 19), // she skipped one, and returns
	} {
		if err := passUntil(ctx, eng, clk, day); err != nil {
			return err
		}
		fmt.Fprintf(out, "%s  Olga comes\n", day.Format(minute))
		visit := customer.Purchase{ID: fmt.Sprintf("r-%d", i+1), Customer: "olga", At: day, Amount: 25_00}
		if err := eng.RecordPurchase(ctx, visit); err != nil {
			return err
		}
	}
	if err := passUntil(ctx, eng, clk, date(9, 1)); err != nil {
		return err
	}
	return card(ctx, eng, out)
}

const minute = "2006-01-02 15:04"

// date is ten in the morning of a day of 2026.
func date(month time.Month, day int) time.Time {
	return time.Date(2026, month, day, 10, 0, 0, 0, time.UTC)
}

// passUntil lets the days pass, and does what is due on each, as Run would.
func passUntil(ctx context.Context, eng *pipeline.Engine, clk *clock.Mock, until time.Time) error {
	for clk.Now().Before(until) {
		clk.Add(min(24*time.Hour, until.Sub(clk.Now())))
		if _, err := eng.Tick(ctx); err != nil {
			return err
		}
	}
	return nil
}

// card writes what anyone sees who opens Olga's card.
func card(ctx context.Context, eng *pipeline.Engine, out io.Writer) error {
	fmt.Fprintln(out, "\nWhat Olga's card shows:")
	for e, err := range eng.Timeline(ctx, "olga") {
		if err != nil {
			return err
		}
		if line := describe(e); line != "" {
			fmt.Fprintf(out, "%s  %s\n", e.At.Format(minute), line)
		}
	}
	rec, err := eng.Customer(ctx, "olga")
	if err != nil {
		return err
	}
	cycle := customer.FindCycle(rec.Cycles, "manicure")
	_, err = fmt.Fprintf(out, "\nOlga came %d times and spent %d euros; cycle %d is closed: %s.\n",
		rec.Totals.Count, rec.Totals.Total/100, cycle.Number, cycle.Closed)
	return err
}

// describe puts the entries of a timeline that Anna cares for into words.
func describe(e customer.Event) string {
	switch e.Kind {
	case customer.Purchased:
		return fmt.Sprintf("bought for %d euros", e.Amount/100)
	case customer.StageEntered:
		return fmt.Sprintf("cycle %d: %s", e.Cycle, e.Stage)
	case customer.CycleClosed:
		return fmt.Sprintf("cycle %d closed: %s", e.Cycle, e.Reason)
	case customer.SegmentEntered:
		return "is now " + e.Segment
	case customer.RunCancelled:
		return fmt.Sprintf("%s called off: %s", e.Trigger, e.Reason)
	}
	return ""
}
