// Command cafe plays six weeks of a café in which one guest is in two pipelines
// at once.
//
// Whoever buys cake is brought back once a month, whoever drinks Chinese tea
// every Saturday. A purchase earns an offer that is good for exactly that long:
// until the day of the next visit. Three days before it ends the guest is
// reminded of it, one day before comes the list of specials, and to whoever has
// not come by the evening of the day the offer is extended by a week, once.
//
// Mira likes both. She comes on time, comes late, lets an offer lapse, and
// returns.
//
//	go run ./examples/cafe
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/benbjohnson/clock"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/pipeline"
	"github.com/regulars-go/regulars/store/memory"
	"github.com/regulars-go/regulars/trigger"
)

// definitions is what the café wants done: the same for cake and for tea, but
// for how long an offer lasts.
var definitions = pipeline.Definitions{
	Pipelines: []pipeline.Pipeline{
		{
			ID: "cake", Takes: customer.Filter{Categories: []string{"cake"}},
			Cadence:  pipeline.Every(customer.Months(1)), // 31 January, 28 February
			DayStart: opening, Stages: stages,
		},
		{
			ID: "tea", Takes: customer.Filter{Categories: []string{"tea"}},
			Cadence:  pipeline.EveryWeekday(time.Saturday),
			DayStart: opening, Stages: stages,
		},
	},
	Triggers: slices.Concat(
		messages("cake", "Sachertorte, apple strudel"),
		messages("tea", "Tie Guan Yin, Keemun"),
	),
}

var opening = customer.Clock(9, 0)

// stages are where an offer stands.
var stages = []pipeline.Stage{
	{ID: "offered", From: pipeline.SincePurchase(customer.Days(0))},
	{ID: "soon over", From: pipeline.BeforeNext(customer.Days(3))},
	{ID: "specials", From: pipeline.BeforeNext(customer.Days(1))},
	{ID: "last day", From: pipeline.AtNext()},
	{ID: "extended", From: pipeline.AfterNext(customer.Hours(9))}, // the evening of the day: 18:00
	{ID: "lapsed", From: pipeline.AfterNext(customer.Days(8)), Closes: "let the offer lapse"},
}

// messages is what is sent as an offer comes into each stage.
func messages(what, specials string) []trigger.Trigger {
	on := func(stage string, step trigger.Step) trigger.Trigger {
		return trigger.Trigger{ID: what + " " + stage, On: trigger.StageEntered(what, stage), Steps: []trigger.Step{step}}
	}
	return []trigger.Trigger{
		on("offered", trigger.Send("sms", "Thank you, {{.Customer.Name}}! 10 % off your next "+what+" until {{.Cycle.Next}}.")),
		on("soon over", trigger.Send("sms", "Three more days of 10 % off your "+what+".")),
		on("specials", trigger.Send("sms", "Tomorrow's specials: "+specials+", 10 % off for you.")),
		on("extended", trigger.Send("sms", "A special offer, since we missed you: one more week of 10 % off your "+what+".")),
		on("lapsed", trigger.Task("{{.Customer.Name}} let the "+what+" offer lapse: ask what was wrong")),
		{
			ID: what + " returned", On: trigger.Returned(what),
			Steps: []trigger.Step{trigger.Task("{{.Customer.Name}} is back for " + what + ": say hello")},
		},
	}
}

// visit is what Mira buys on a day of 2026.
type visit struct {
	month time.Month
	day   int
	buys  []string
}

var visits = []visit{
	{1, 31, []string{"cake", "tea"}}, // one purchase, two pipelines
	{2, 7, []string{"tea"}},          // on the day
	{2, 15, []string{"tea"}},         // a day late: the offer was extended on Saturday evening
	{2, 21, []string{"tea"}},
	{3, 5, []string{"cake"}}, // late for the cake, and too late for tea
	{3, 14, []string{"tea"}}, // she returns
}

func main() {
	if err := play(context.Background(), os.Stdout); err != nil {
		log.Fatal(err)
	}
}

// play lets six weeks pass and writes an account of them.
func play(ctx context.Context, out io.Writer) error {
	clk := clock.NewMock()
	clk.Set(at(1, 31))
	eng, err := pipeline.New(pipeline.Config{
		Store:       memory.New(),
		Clock:       clk,
		Definitions: definitions,
		Notifier: trigger.NotifierFunc(func(_ context.Context, d trigger.Delivery) error {
			return note(out, d.At, "  %-4s  %s", d.Channel, d.Text)
		}),
	})
	if err != nil {
		return err
	}
	mira := customer.Customer{ID: "mira", Name: "Mira", Phones: []string{"+43 1 5122 3470"}}
	if err := eng.AddCustomer(ctx, mira); err != nil {
		return err
	}
	for _, v := range visits {
		if err := passUntil(ctx, eng, clk, at(v.month, v.day)); err != nil {
			return err
		}
		if err := buy(ctx, eng, out, clk.Now(), v.buys); err != nil {
			return err
		}
	}
	if err := passUntil(ctx, eng, clk, at(3, 16)); err != nil {
		return err
	}
	return card(ctx, eng, out)
}

// buy records one purchase of several things.
func buy(ctx context.Context, eng *pipeline.Engine, out io.Writer, now time.Time, things []string) error {
	if err := note(out, now, "Mira buys %s", strings.Join(things, " and ")); err != nil {
		return err
	}
	p := customer.Purchase{ID: now.Format(time.DateOnly), Customer: "mira", At: now}
	for _, category := range things {
		p.Items = append(p.Items, customer.Item{Category: category, Amount: 6_50})
		p.Amount += 6_50
	}
	return eng.RecordPurchase(ctx, p)
}

// card writes where Mira stands in both pipelines.
func card(ctx context.Context, eng *pipeline.Engine, out io.Writer) error {
	rec, err := eng.Customer(ctx, "mira")
	if err != nil {
		return err
	}
	fmt.Fprintln(out)
	for _, c := range rec.Cycles {
		fmt.Fprintf(out, "%-4s  cycle %d, %s; next expected on %s\n", c.Pipeline, c.Number, c.Stage, c.Next.Format("Mon 2 Jan"))
	}
	return nil
}

// note writes a dated line of the account.
func note(out io.Writer, at time.Time, format string, args ...any) error {
	_, err := fmt.Fprintf(out, at.UTC().Format("Mon _2 Jan 15:04")+"  "+format+"\n", args...)
	return err
}

// at is three in the afternoon.
func at(month time.Month, day int) time.Time {
	return time.Date(2026, month, day, 15, 0, 0, 0, time.UTC)
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
