package segment_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
)

// BenchmarkLeaf settles one segment of one leaf, for a customer in Berlin with
// twelve purchases and ten activities. x-all compares it with All(), which does
// nothing but what settling takes as such.
func BenchmarkLeaf(b *testing.B) {
	none := settling(b, segment.All())
	for _, leaf := range eachLeaf() {
		b.Run(leaf.name, func(b *testing.B) {
			settle := settling(b, leaf.of)
			ours, least := byTurns(settle, none)
			b.ReportAllocs()
			for b.Loop() {
				settle()
			}
			b.ReportMetric(ours/least, "x-all")
			b.ReportMetric(ours, "best-ns")
		})
	}
}

type namedLeaf struct {
	name string
	of   segment.Predicate
}

func eachLeaf() []namedLeaf {
	days, year := customer.Days, customer.Date{Year: 2026, Month: 1, Day: 1}
	scale := segment.Scale{
		Recency:   []customer.Period{days(30), days(90), days(180), days(365)},
		Frequency: []int64{2, 4, 8, 16}, Money: []int64{100_00, 300_00, 900_00, 2700_00}, Within: customer.Years(1),
	}
	read := segment.Did("page_view", segment.Prop("page", segment.Equal, customer.Text("price")))
	cakes := customer.Filter{Categories: []string{"cake"}}
	return []namedLeaf{
		{"tag", segment.HasTag(tagName(7))},
		{"source=prefix", segment.Card(segment.CardSource, segment.HasPrefix, "google/")},
		{"field=number", segment.Field("size", segment.AtLeast, customer.Number(4))},
		{"field=text", segment.Field("pet", segment.OneOf, customer.Text("dog"), customer.Text("cat"))},
		{"stage", segment.InStage("p", stageName(3))},
		{"spent", segment.Spent(segment.AtLeast, 500_00)},
		{"recency", segment.NoPurchaseFor(days(30))},
		{"recency=category", segment.LastPurchaseOf(cakes).Ago(days(30))},
		{"recency=activity", segment.LastActivity("review").Within(days(30))},
		{"count=trailing", segment.Purchases{Within: days(90)}.Count(segment.AtLeast, 3)},
		{"count=equal", segment.Purchases{Within: days(90)}.Count(segment.Equal, 3)},
		{"count=months", segment.Purchases{Within: customer.Months(3)}.Count(segment.AtLeast, 3)},
		{"count=dates", segment.Purchases{From: year}.Count(segment.AtLeast, 3)},
		{"total=category", segment.Purchases{Of: cakes, Within: days(180)}.Total(segment.AtLeast, 100_00)},
		{"average=trailing", segment.Purchases{Within: days(180)}.Average(segment.More, 50_00)},
		{"categories", segment.Purchases{Within: days(365)}.Categories(segment.AtLeast, 2)},
		{"share", segment.Purchases{Of: cakes, Within: days(365)}.Share(segment.AtLeast, 50)},
		{"activities", segment.Activities{Name: "page_view", Within: days(14)}.Count(segment.AtLeast, 3)},
		{"rfm=score", scale.Frequent(segment.AtLeast, 3)},
		{"rfm=cell", scale.Cell(4, 3, 3)},
		{"sequence=followed", segment.Sequence{First: read, Then: segment.Buys(customer.Filter{}), In: days(3), Within: days(30)}.Followed()},
		{"sequence=unanswered", segment.Sequence{First: segment.Did("email_open"), Then: read, In: days(1)}.Unanswered()},
		{"interval=mean", segment.Purchases{}.MeanInterval(segment.Less, days(45))},
		{"interval=median", segment.Purchases{Within: days(365)}.MedianInterval(segment.Less, days(45))},
		{"lapsed", segment.Lapsed(customer.Filter{}, 1.5)},
		{"anniversary", segment.DateIn("birthday").Anniversary(days(7), days(0))},
		{"anniversary=since", segment.FirstPurchase().Anniversary(days(0), days(3))},
		{"weekday", segment.Weekday(5, 6)},
		{"share of customers", segment.Share("test", 0, 0.5)},
	}
}

// settling returns what settles a customer in Berlin in one segment.
func settling(tb testing.TB, of segment.Predicate) func() {
	w := newBench(tb, "Europe/Berlin")
	card := *w.facts.Customer
	card.Source = "google/cpc/spring"
	card.Fields = card.Fields.With("birthday", customer.DateValue(1990, 6, 20))
	w.facts.Customer = &card
	for i := range w.facts.Purchases {
		p := &w.facts.Purchases[i]
		p.Items = []customer.Item{{Category: []string{"cake", "tea", "cake"}[i%3], Amount: p.Amount}}
	}
	for i := range w.facts.Activities {
		w.facts.Activities[i].Props = customer.Fields{{Name: "page", Value: customer.Text([]string{"price", "start"}[i%2])}}
	}
	set, err := segment.Compile([]segment.Segment{{ID: "s", Enter: of}}, anyStage)
	require.NoError(tb, err)
	state := set.NewState()
	state.Load(nil)
	return func() {
		state.MarkAll()
		state.Settle(&w.facts, func(string, bool) {})
	}
}

func TestLeavesDoNotAllocate(t *testing.T) {
	for _, leaf := range eachLeaf() {
		settle := settling(t, leaf.of)
		settle()
		require.Zero(t, testing.AllocsPerRun(100, settle), leaf.name)
	}
}
