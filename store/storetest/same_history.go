package storetest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/pipeline"
	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/trigger"
)

// history is a random sequence of steps, each of which can be done by any number
// of twins.
type history struct {
	rng         *rand.Rand
	now         time.Time
	definitions [2]pipeline.Definitions
	steps       []step
	serial      int
}

// step is one of them. What do returns is compared as the state is.
type step struct {
	what string
	do   func(*twin) outcome
}

// outcome is what came of a step.
type outcome struct {
	Mishap   string
	Progress pipeline.Progress
	Over     pipeline.Redefinition
	Woken    map[string]uint64 // versions by customer
	Claimed  []store.Outgoing
	Pruned   store.Pruned
}

func newHistory(seed uint64, steps int) *history {
	h := &history{rng: rand.New(rand.NewPCG(seed, 1)), now: t0, definitions: [2]pipeline.Definitions{someDefinitions(30), someDefinitions(12)}}
	for i := range 3 {
		h.apply(h.card(fmt.Sprint("c", i)))
	}
	for len(h.steps) < steps {
		h.pass()
		h.step()
	}
	return h
}

// someDefinitions have a bit of everything that a store notices.
func someDefinitions(days int) pipeline.Definitions {
	stages := []pipeline.Stage{
		{ID: "thank", From: pipeline.SincePurchase(customer.Days(0))},
		{ID: "remind", From: pipeline.BeforeNext(customer.Days(3))},
		{ID: "due", From: pipeline.AtNext()},
		{ID: "late", From: pipeline.AfterNext(customer.Days(2))},
		{ID: "lost", From: pipeline.AfterNext(customer.Days(20)), Closes: "lost"},
	}
	of := func(category string) customer.Filter { return customer.Filter{Categories: []string{category}} }
	return pipeline.Definitions{
		Pipelines: []pipeline.Pipeline{
			{ID: "cakes", Takes: of("cake"), Cadence: pipeline.Every(customer.Days(days)), Stages: stages, LearnAfter: 2},
			{ID: "tea", Takes: of("tea"), Cadence: pipeline.EveryWeekday(time.Saturday), Stages: stages},
		},
		Segments: []segment.Segment{
			{ID: "active", Enter: segment.PurchasedWithin(customer.Days(10))},
			{ID: "asleep", Enter: segment.NoPurchaseFor(customer.Days(20))},
			{ID: "spender", Enter: segment.Spent(segment.AtLeast, 100)},
			{ID: "viewer", Enter: segment.Activities{Name: "view", Within: customer.Days(5)}.Count(segment.AtLeast, 2)},
		},
		Triggers: []trigger.Trigger{
			{ID: "hello", On: trigger.CustomerAdded(), Steps: []trigger.Step{trigger.Mail("Hello", "Hello, {{.Customer.Name}}"), trigger.Task("call")}},
			{ID: "thanks", On: trigger.Purchase(), Steps: []trigger.Step{
				trigger.Send("sms", "Thanks"), trigger.Wait(customer.Hours(30)), trigger.Send("sms", "How was it?"), trigger.Webhook("https://example.org"),
			}},
			{ID: "due", On: trigger.StageEntered("cakes", "due"), Steps: []trigger.Step{trigger.Mail("Cake?", "It is time"), trigger.Send("sms", "Cake?")}},
			{ID: "fan", On: trigger.SegmentEntered("spender"), Limit: trigger.OnceEver, Steps: []trigger.Step{trigger.Tag("fan"), trigger.Assign("max")}},
			{ID: "gone", On: trigger.SegmentEntered("asleep"), Steps: []trigger.Step{trigger.Untag("fan"), trigger.Task("call")}},
			{ID: "before", On: trigger.BeforeNext("tea", customer.Days(1)), Steps: []trigger.Step{trigger.Send("sms", "Tea tomorrow?")}},
		},
	}
}

func (h *history) n(n int) int { return h.rng.IntN(n) }

func (h *history) add(what string, do func(*twin) outcome) {
	now := h.now
	h.steps = append(h.steps, step{what, func(w *twin) outcome {
		w.now = now
		return do(w)
	}})
}

// pass lets some time pass; none, now and then.
func (h *history) pass() {
	h.now = h.now.Add(time.Duration([]int{0, h.n(600), h.n(3 * 24 * 60), h.n(10 * 24 * 60)}[h.n(4)]) * time.Minute)
}

func (h *history) step() {
	switch n := h.n(22); {
	case n < 8:
		inputs := make([]customer.Input, 1+h.n(4))
		for i := range inputs {
			inputs[i] = h.input()
		}
		h.apply(inputs...)
	case n < 13:
		h.add("tick", func(w *twin) outcome {
			p, err := w.Tick(context.Background())
			return outcome{Progress: p, Mishap: mishap(err)}
		})
	case n < 15:
		h.crash()
	case n == 15:
		h.claim()
	case n == 16:
		h.settle()
	case n == 17:
		h.redrive()
	case n == 18:
		d := h.definitions[h.n(2)]
		h.add("redefine", func(w *twin) outcome {
			r, err := w.Redefine(context.Background(), d, pipeline.RedefineOptions{Fire: true})
			return outcome{Over: r, Mishap: mishap(err)}
		})
	case n < 21:
		h.prune()
	default:
		h.apply(h.card(fmt.Sprint("c", h.n(9))))
	}
}

func (h *history) apply(inputs ...customer.Input) {
	h.add(fmt.Sprintf("apply %+v", inputs), func(w *twin) outcome {
		return outcome{Mishap: mishap(w.Apply(context.Background(), inputs...))}
	})
}

func (h *history) id(kind string) string {
	h.serial++
	return fmt.Sprint(kind, h.serial)
}

func (h *history) card(id string) customer.Customer {
	return customer.Customer{
		ID: id, Name: "N " + id, Emails: []string{id + "@example.org", "shared@example.org"}, Phones: []string{"+49" + id},
		Manager: []string{"eva", "max", ""}[h.n(3)], Zone: []string{"", "Europe/Berlin"}[h.n(2)],
	}
}

// input is of somebody who is known, as a rule.
func (h *history) input() customer.Input {
	id, by := fmt.Sprint("c", h.n(4)), customer.By{Actor: "anna", Reason: "so"}
	at := h.now
	if h.n(4) == 0 {
		at = at.Add(-time.Duration(h.n(4*24*60)) * time.Minute)
	}
	switch h.n(12) {
	case 0, 1, 2, 3:
		category := []string{"cake", "tea", "soap"}[h.n(3)]
		return customer.Purchase{
			ID: h.id("p"), Customer: id, At: at, Amount: int64(10 * h.n(9)), Source: "web",
			Items: []customer.Item{{SKU: category + "-1", Category: category, Quantity: 2}},
		}
	case 4, 5, 6:
		return customer.Activity{ID: h.id("a"), Customer: id, At: at, Name: "view", Props: customer.Fields{{Name: "page", Value: customer.Text("/ü")}}}
	case 7:
		return customer.Refund{ID: h.id("r"), Customer: id, Purchase: fmt.Sprint("p", 1+h.n(h.serial+1)), At: h.now}
	case 8:
		tags := [][]string{nil, {"fan"}, {"b", "fan"}}[h.n(3)]
		return customer.Edit{Customer: id, By: by, Change: func(c *customer.Customer) { c.Tags, c.Phones = tags, []string{"+1" + id} }}
	case 9:
		return customer.StageMove{Customer: id, Pipeline: "cakes", Stage: []string{"due", "late", "thank"}[h.n(3)], By: by}
	case 10:
		return customer.NextMove{Customer: id, Pipeline: "tea", Next: h.now.AddDate(0, 0, h.n(9)), By: by}
	}
	return customer.Assignment{Customer: id, Manager: []string{"eva", "max"}[h.n(2)], By: by}
}

// crash has an engine claim wake-ups and go down: they come again when the lease
// ends.
func (h *history) crash() {
	c := store.Claim{Now: h.now, Limit: 99, Lease: time.Duration(1+h.n(90)) * time.Minute, Reach: everything}
	h.add("claim wake-ups", func(w *twin) outcome {
		loaded, err := w.store.ClaimWakeUps(context.Background(), c)
		ids := make(map[string]uint64)
		for _, l := range loaded {
			ids[l.Record.Customer.ID] = l.Record.Version
		}
		return outcome{Woken: ids, Mishap: mishap(err)}
	})
}

// claim has one claim deliveries, of which perhaps it tells later.
func (h *history) claim() {
	c := store.Claim{Now: h.now, Limit: 99, Lease: time.Duration(1+h.n(90)) * time.Minute}
	h.add("claim deliveries", func(w *twin) outcome {
		out, err := w.store.ClaimDeliveries(context.Background(), c)
		w.claimed = append(w.claimed, byCustomer(out)...)
		return outcome{Claimed: out, Mishap: mishap(err)}
	})
}

// settle tells how some of what was claimed ended, perhaps too late.
func (h *history) settle() {
	states, due := make([]store.DeliveryState, 8), h.now.Add(time.Duration(h.n(60))*time.Minute)
	for i := range states {
		states[i] = store.DeliveryState(h.n(3))
	}
	h.add("settle", func(w *twin) outcome {
		var outcomes []store.Outcome
		for i, d := range w.claimed[:min(len(w.claimed), len(states))] {
			outcomes = append(outcomes, store.Outcome{
				Customer: d.Customer, Delivery: d.ID, Attempt: d.Attempts, State: states[i], Due: due, Error: "by hand",
				Event: customer.Event{Kind: customer.DeliveryDead, At: due, Ref: d.ID},
			})
		}
		w.claimed = w.claimed[len(outcomes):]
		return outcome{Mishap: mishap(w.store.Settle(context.Background(), outcomes...))}
	})
}

// redrive brings back what is dead, or fails because one is not.
func (h *history) redrive() {
	fails := h.n(3) == 0
	h.add("redrive", func(w *twin) outcome {
		var refs []store.DeliveryRef
		for d, err := range w.store.Deliveries(context.Background(), store.DeliveryQuery{States: []store.DeliveryState{store.Dead}}) {
			if err != nil {
				return outcome{Mishap: mishap(err)}
			}
			refs = append(refs, d.Ref())
		}
		if fails {
			refs = append(refs, store.DeliveryRef{Customer: "c0", ID: "none"})
		}
		return outcome{Mishap: mishap(w.Redrive(context.Background(), refs...))}
	})
}

// prune removes some of what is old, also some that a segment can still see: a
// store does as it is told.
func (h *history) prune() {
	ago := func() (t time.Time) {
		if h.n(3) > 0 {
			t = h.now.Add(-time.Duration(h.n(20*24*60)) * time.Minute)
		}
		return t
	}
	p := store.Pruning{Timeline: ago(), Sent: ago(), Dead: ago(), Activities: store.Cut{Before: ago()}, Limit: 1 + h.n(5)}
	if h.n(2) > 0 {
		p.Keep = []customer.EventKind{customer.SegmentEntered, customer.SegmentLeft}
		p.Activities.Keep = []segment.Sight{{Activity: "view", Back: time.Duration(h.n(120)) * time.Hour, All: h.n(4) == 0}}
	}
	h.add(fmt.Sprintf("prune %+v", p), func(w *twin) outcome {
		sum, err := pruneAll(context.Background(), w.store, p)
		return outcome{Pruned: sum, Mishap: mishap(err)}
	})
}
