package segment_test

import (
	"fmt"
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
)

// spans are the lengths of windows that properties draw from; so few that
// windows meet.
var spans = []customer.Period{
	customer.Days(1), customer.Days(7), customer.Weeks(4), customer.Days(90), customer.Months(1), customer.Months(3),
	customer.Years(1), customer.Hours(36), customer.Exact(time.Microsecond), customer.Exact(90 * time.Second),
	{Months: 1, Days: 3, Exact: 90 * time.Minute},
	{Days: 2, Exact: 25 * time.Hour},
}

var (
	anySpan  = rapid.SampledFrom(spans)
	someSpan = rapid.SampledFrom(append(slices.Clone(spans), customer.Period{}))
	anyOp    = rapid.SampledFrom([]segment.Op{
		segment.Equal, segment.NotEqual, segment.Less, segment.AtMost, segment.AtLeast, segment.More,
	})
	anyName = rapid.SampledFrom([]string{"a", "b", "c"})
)

// drawRule draws a rule in which other segments, if any, may be asked about.
func drawRule(t *rapid.T, depth int, others []string) rule {
	kind := rapid.IntRange(0, 10).Draw(t, "kind")
	if depth == 0 {
		kind = max(kind, 3)
	}
	kids := func() []rule {
		return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) rule { return drawRule(t, depth-1, others) }), 1, 3).Draw(t, "kids")
	}
	switch kind {
	case 0:
		return allOf(kids())
	case 1:
		return anyOf(kids())
	case 2:
		return notOf{drawRule(t, depth-1, others)}
	case 3:
		return drawOnCard(t, others)
	case 4, 5:
		return recency{anySpan.Draw(t, "span"), rapid.Bool().Draw(t, "within")}
	case 6, 7:
		of := segment.Activities{Name: anyName.Draw(t, "activity"), Within: someSpan.Draw(t, "span")}
		return acts{of, anyOp.Draw(t, "op"), rapid.Int64Range(-1, 4).Draw(t, "n")}
	}
	return drawBuys(t)
}

func drawBuys(t *rapid.T) rule {
	r := buys{
		metric: rapid.SampledFrom([]string{"count", "total", "average", "largest"}).Draw(t, "metric"),
		op:     anyOp.Draw(t, "op"),
	}
	r.of.Within = someSpan.Draw(t, "span")
	if rapid.Bool().Draw(t, "filtered") {
		r.of.Of.MinAmount = rapid.Int64Range(0, 5).Draw(t, "least")
		r.of.Of.Categories = rapid.SliceOfN(anyName, 0, 2).Draw(t, "categories")
		r.of.Of.Sources = rapid.SliceOfN(anyName, 0, 2).Draw(t, "sources")
	}
	most := int64(20)
	if r.metric == "count" {
		most = 4
	}
	r.n = rapid.Int64Range(-1, most).Draw(t, "n")
	return r
}

func drawOnCard(t *rapid.T, others []string) rule {
	name, op := anyName.Draw(t, "name"), anyOp.Draw(t, "op")
	kind := rapid.IntRange(0, 4).Draw(t, "card")
	if len(others) > 0 && rapid.Bool().Draw(t, "other") {
		other := rapid.SampledFrom(others).Draw(t, "segment")
		return onCard{segment.In(other), func(w *world) bool { return w.members[other] }}
	}
	switch kind {
	case 0:
		return onCard{segment.HasTag(name), func(w *world) bool { return slices.Contains(w.card.Tags, name) }}
	case 1:
		return onCard{segment.FromSource("z", name), func(w *world) bool { return w.card.Source == name }}
	case 2:
		return onCard{segment.ManagedBy(name, "z"), func(w *world) bool { return w.card.Manager == name }}
	case 3:
		return onCard{segment.InStage("p", name), func(w *world) bool { return len(w.cycles) > 0 && w.cycles[0].Stage == name }}
	}
	n := rapid.Int64Range(0, 3).Draw(t, "n")
	return onCard{segment.Field(name, op, customer.Number(float64(n))), func(w *world) bool {
		x, ok := w.card.Fields.Get(name).AsNumber()
		return ok && passes(int64(x), op, n)
	}}
}

// drawWorld draws a customer to whom nothing has happened yet.
func drawWorld(t *rapid.T, zone *time.Location) *world {
	w := &world{zone: zone, members: make(map[string]bool)}
	w.card = drawCard(t)
	if rapid.Bool().Draw(t, "has cycle") {
		w.cycles = []customer.Cycle{{Pipeline: "p", Stage: anyName.Draw(t, "stage")}}
	}
	return w
}

func drawCard(t *rapid.T) customer.Customer {
	c := customer.Customer{ID: "c", Tags: rapid.SliceOfNDistinct(anyName, 0, 3, rapid.ID).Draw(t, "tags")}
	named := rapid.SampledFrom([]string{"", "a", "b"})
	c.Source, c.Manager = named.Draw(t, "source"), named.Draw(t, "manager")
	values := []customer.Value{{}, customer.Number(0), customer.Number(2), customer.Text("2"), customer.Bool(true)}
	for _, name := range []string{"a", "b"} {
		if v := rapid.SampledFrom(values).Draw(t, "value"); !v.IsZero() {
			c.Fields = append(c.Fields, customer.Field{Name: name, Value: v})
		}
	}
	return c
}

// drawInstant draws an instant of the two years before now, now included.
func drawInstant(t *rapid.T, now time.Time) time.Time {
	if rapid.Bool().Draw(t, "near") { // so that short windows hold something too
		return now.Add(-time.Duration(rapid.Int64Range(0, 60_000_000).Draw(t, "µs")) * time.Microsecond)
	}
	hours := time.Duration(rapid.Int64Range(0, 2*366*24*2).Draw(t, "half hours")) * 30 * time.Minute
	return now.Add(-hours)
}

func drawPurchase(t *rapid.T, id int, at time.Time) customer.Purchase {
	p := customer.Purchase{ID: fmt.Sprint("p", id), At: at, Source: anyName.Draw(t, "source")}
	for range rapid.IntRange(0, 2).Draw(t, "items") {
		amount := rapid.Int64Range(0, 6).Draw(t, "amount")
		p.Items = append(p.Items, customer.Item{Category: anyName.Draw(t, "category"), Amount: amount})
		p.Amount += amount
	}
	if len(p.Items) == 0 {
		p.Amount = rapid.Int64Range(0, 9).Draw(t, "amount")
	}
	if back := rapid.Int64Range(-9, p.Amount).Draw(t, "refund"); back > 0 {
		p.Refunds = []customer.Refund{{ID: "r", Amount: back, At: at}}
	}
	return p
}

func (w *world) buy(p customer.Purchase) {
	w.purchases = append(w.purchases, p)
	slices.SortFunc(w.purchases, func(a, b customer.Purchase) int { return a.Compare(&b) })
}

func (w *world) act(a customer.Activity) {
	w.activities = append(w.activities, a)
	slices.SortFunc(w.activities, func(a, b customer.Activity) int { return a.Compare(&b) })
}

// drawHistory lets things happen up to now.
func (w *world) drawHistory(t *rapid.T, now time.Time) {
	for i := range rapid.IntRange(0, 6).Draw(t, "purchases") {
		w.buy(drawPurchase(t, i, drawInstant(t, now)))
	}
	for i := range rapid.IntRange(0, 6).Draw(t, "activities") {
		w.act(customer.Activity{ID: fmt.Sprint("a", i), Name: anyName.Draw(t, "activity"), At: drawInstant(t, now)})
	}
}

// edges returns every instant at which a fact begins or leaves a window of one
// of the spans, in order. Nothing can flip in between.
func (w *world) edges() []time.Time {
	var at, all []time.Time
	for _, p := range w.purchases {
		at = append(at, p.At)
	}
	for _, a := range w.activities {
		at = append(at, a.At)
	}
	for _, t := range at {
		all = append(all, t)
		for _, d := range spans {
			all = append(all, d.After(t, w.zone))
		}
	}
	slices.SortFunc(all, time.Time.Compare)
	return slices.CompactFunc(all, time.Time.Equal)
}
