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
	Segments: []segment.Segment{
		{ID: "regular", Enter: segment.Purchases{}.Count(segment.AtLeast, 3)},
		{ID: "asleep", Enter: segment.NoPurchaseFor(customer.Days(60))},
	},
	Triggers: []trigger.Trigger{
		{
			ID: "thank", On: trigger.StageEntered("manicure", "thanks"),
			Steps: []trigger.Step{trigger.Send("sms", "Thank you, {{.Customer.Name}}! 10 % off if you come again by {{.Cycle.Next}}.")},
		},
		{
			ID: "call", On: trigger.StageEntered("manicure", "call"),
			Steps: []trigger.Step{trigger.Task("Call {{.Customer.Name}} and offer a time around {{.Cycle.Next}}")},
		},
		{
			ID: "remind", On: trigger.StageEntered("manicure", "remind"),
			Steps: []trigger.Step{trigger.Send("sms", "{{.Customer.Name}}, see you tomorrow!")},
		},
		{
			ID: "win-back", On: trigger.StageEntered("manicure", "overdue"), CancelOnPurchase: true,
			Steps: []trigger.Step{
				trigger.Send("sms", "{{.Customer.Name}}, we missed you. Shall we find another time?"),
				trigger.Wait(customer.Days(14)),
				trigger.Send("sms", "{{.Customer.Name}}, 20 % off if you come this week."),
			},
		},
		{
			ID: "regular", On: trigger.SegmentEntered("regular"), Limit: trigger.OnceEver,
			Steps: []trigger.Step{trigger.Tag("regular"), trigger.Task("{{.Customer.Name}} is a regular now: {{.Totals.Count}} visits")},
		},
	},
}

func main() {
	if err := play(context.Background(), os.Stdout); err != nil {
		log.Fatal(err)
	}
}

// play feeds the engine what Olga did and writes what became of it.
func play(ctx context.Context, out io.Writer) error {
	clk := clock.NewMock()
	clk.Set(time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC))

	eng, err := pipeline.New(pipeline.Config{
		Store:       memory.New(),
		Clock:       clk,
		Notifier:    trigger.Print(out),
		Definitions: definitions,
	})
	if err != nil {
		return err
	}
	olga := customer.Customer{ID: "olga", Name: "Olga", Phones: []string{"+49 30 901820"}, Manager: "anna"}
	if err := eng.AddCustomer(ctx, olga); err != nil {
		return err
	}

	visits := []time.Time{
		date(3, 2),  // the first visit
		date(3, 23), // three weeks later, as agreed
		date(4, 7),  // early: straight into the next cycle
		date(5, 25), // late: she skipped one, and returned
	}
	fmt.Fprintln(out, "What left the salon:")
	for i, at := range visits {
		if err := passUntil(ctx, eng, clk, at); err != nil {
			return err
		}
		visit := customer.Purchase{ID: fmt.Sprintf("r-%d", i+1), Customer: "olga", At: clk.Now(), Amount: 25_00}
		if err := eng.RecordPurchase(ctx, visit); err != nil {
			return err
		}
	}
	if err := passUntil(ctx, eng, clk, date(9, 1)); err != nil {
		return err
	}
	return card(ctx, eng, out)
}

func date(month time.Month, day int) time.Time {
	return time.Date(2026, month, day, 10, 0, 0, 0, time.UTC)
}

// passUntil lets the days pass one by one. One big step would do the same, only
// that every message would leave on the last day.
func passUntil(ctx context.Context, eng *pipeline.Engine, clk *clock.Mock, until time.Time) error {
	for {
		if _, err := eng.Tick(ctx); err != nil {
			return err
		}
		if !clk.Now().Before(until) {
			return nil
		}
		clk.Add(min(24*time.Hour, until.Sub(clk.Now())))
	}
}

// card shows what anyone who opens Olga's card sees.
func card(ctx context.Context, eng *pipeline.Engine, out io.Writer) error {
	fmt.Fprintln(out, "\nWhat Olga's card shows:")
	for e, err := range eng.Timeline(ctx, "olga") {
		if err != nil {
			return err
		}
		if line := describe(e); line != "" {
			fmt.Fprintf(out, "%s  %s\n", e.At.Format("2006-01-02 15:04"), line)
		}
	}
	rec, err := eng.Customer(ctx, "olga")
	if err != nil {
		return err
	}
	c := rec.Cycles[0]
	fmt.Fprintf(out, "\nOlga came %d times and spent %d.%02d; cycle %d is in stage %q.\n",
		rec.Totals.Count, rec.Totals.Total/100, rec.Totals.Total%100, c.Number, c.Stage)
	return nil
}

func describe(e customer.Event) string {
	switch e.Kind {
	case customer.Purchased:
		return fmt.Sprintf("bought for %d.%02d", e.Amount/100, e.Amount%100)
	case customer.StageEntered:
		return fmt.Sprintf("cycle %d: %s", e.Cycle, e.Stage)
	case customer.CycleClosed:
		return fmt.Sprintf("cycle %d closed: %s", e.Cycle, e.Reason)
	case customer.SegmentEntered:
		return "is now " + e.Segment
	case customer.SegmentLeft:
		return "is no longer " + e.Segment
	case customer.RunCancelled:
		return fmt.Sprintf("%s called off: %s", e.Trigger, e.Reason)
	}
	return ""
}
