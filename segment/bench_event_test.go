package segment_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
)

// BenchmarkEvent is what happens to one customer, where an event can change few
// of the segments that are live: at most eight read the same category, activity
// or field. x-all compares it with settling all of them, as an engine would have
// to that does not know who reads what. It was 0.11 to 0.13 with a hundred, and
// 0.013 to 0.018 with a thousand, where an event takes little longer.
func BenchmarkEvent(b *testing.B) {
	for _, n := range []int{10, 100, 1000} {
		b.Run(fmt.Sprintf("segments=%d", n), func(b *testing.B) {
			w := newEvents(b, n)
			for _, event := range []struct {
				name string
				mark func()
			}{
				{"all", w.state.MarkAll},
				{"purchase", func() { w.state.MarkPurchase(&w.purchase) }},
				{"activity", func() { w.state.MarkActivity("activity00") }},
				{"field", func() { w.state.MarkCard(w.facts.Customer, &w.edited) }},
				{"unread", func() { w.state.MarkActivity("scroll") }},
			} {
				b.Run(event.name, func(b *testing.B) { w.run(b, event.mark) })
			}
		})
	}
}

// events is a customer under some segments, each about one category, one
// activity, one field or one tag.
type events struct {
	facts    segment.Facts
	state    *segment.State
	purchase customer.Purchase // of a category that few read
	edited   customer.Customer // the card, but for one field
}

func newEvents(tb testing.TB, n int) *events {
	w := newBench(tb, "UTC")
	e := &events{facts: w.facts}
	card := *w.facts.Customer
	e.facts.Customer = &card
	var segments []segment.Segment
	for i := range n {
		segments = append(segments, segment.Segment{ID: fmt.Sprintf("s%04d", i), Enter: narrow(i)})
	}
	for i := range 4 {
		card.Fields = card.Fields.With(fieldName(i), customer.Number(2))
	}
	e.edited = card
	e.edited.Fields = card.Fields.With(fieldName(0), customer.Number(3))
	e.facts.Purchases = nil
	for i, p := range w.facts.Purchases {
		p.Items = []customer.Item{{Category: categoryName(i % 3), SKU: fmt.Sprint(i), Amount: p.Amount}}
		e.facts.Purchases = append(e.facts.Purchases, p)
	}
	e.purchase = e.facts.Purchases[0]
	e.facts.Activities = nil
	for i, a := range w.facts.Activities {
		a.Name = activityName(i % 3)
		e.facts.Activities = append(e.facts.Activities, a)
	}
	set, err := segment.Compile(segments, anyStage)
	require.NoError(tb, err)
	e.state = set.NewState()
	e.state.Load(nil)
	e.state.MarkAll()
	e.settle()
	return e
}

// narrow returns the i-th rule of those of which an event touches few.
func narrow(i int) segment.Predicate {
	name := i / 4 / 8 // each is read by eight
	switch i % 4 {
	case 0:
		return segment.Bought(categoryName(name), customer.Days(30+i%7))
	case 1:
		return segment.Activities{Name: activityName(name), Within: customer.Days(3 + i%5)}.Count(segment.AtLeast, 2)
	case 2:
		return segment.Field(fieldName(name), segment.AtLeast, customer.Number(float64(i%5)))
	}
	return segment.All(segment.HasTag(tagName(name)), segment.Not(segment.InStage("p", stageName(i%10))))
}

func categoryName(i int) string { return fmt.Sprintf("category%02d", i) }
func activityName(i int) string { return fmt.Sprintf("activity%02d", i) }
func fieldName(i int) string    { return fmt.Sprintf("field%02d", i) }

func (e *events) settle() { e.state.Settle(&e.facts, func(string, bool) {}) }

func (e *events) run(b *testing.B, mark func()) {
	event := func() { mark(); e.settle() }
	all := func() { e.state.MarkAll(); e.settle() }
	one, every := byTurns(event, all)
	b.ReportAllocs()
	for b.Loop() {
		event()
	}
	b.ReportMetric(one/every, "x-all")
	b.ReportMetric(one, "best-ns")
}

func TestEventsDoNotAllocate(t *testing.T) {
	w := newEvents(t, 100)
	for name, mark := range map[string]func(){
		"purchase": func() { w.state.MarkPurchase(&w.purchase) },
		"activity": func() { w.state.MarkActivity("activity00") },
		"field":    func() { w.state.MarkCard(w.facts.Customer, &w.edited) },
		"time":     w.state.MarkTime,
	} {
		require.Zero(t, testing.AllocsPerRun(100, func() { mark(); w.settle() }), name)
	}
}
