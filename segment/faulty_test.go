package segment_test

import (
	"math"
	"time"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
)

// wrong is a predicate that nothing can be made of.
type wrong struct {
	of    segment.Predicate
	path  string // behind "segments[0].enter"
	fault string
}

// faulty returns predicates with one fault each.
func faulty() []wrong {
	bad, newYear, noDay := segment.Op(99), customer.Date{Year: 2026, Month: 1, Day: 1}, customer.Date{Year: 2026, Month: 2, Day: 30}
	return []wrong{
		{segment.HasTag(""), ".tags", "empty tag"},
		{segment.HasAllTags(), ".tags", "not exactly one"},
		{segment.FromSource(), ".card.is", "one of nothing"},
		{segment.FromSource("web", ""), ".card.is", "empty text"},
		{segment.Card(segment.CardName, segment.Equal), ".card.is", "0 values; give it one"},
		{segment.Card(segment.CardName, segment.Equal, "a", "b"), ".card.is", "2 values; give it one"},
		{segment.Card("nose", segment.Equal, "a"), ".card.attribute", `"nose" is unknown`},
		{segment.SourcePart(0, segment.Equal, "a"), ".source_part.part", "0 is not at least 1"},
		{segment.SourcePart(1, segment.Equal, ""), ".source_part.is", "empty text"},
		{segment.SourcePart(1, segment.OneOf), ".source_part.is", "one of nothing"},
		{segment.Empty(""), ".empty", "or neither"},
		{segment.Empty("nose"), ".empty.attribute", `"nose" is unknown`},
		{segment.Field("", segment.Equal, customer.Text("x")), ".field.name", "is empty"},
		{segment.Field("size", bad, customer.Text("x")), ".field.is", "unknown comparison 99"},
		{segment.Field("size", 0, customer.Text("x")), ".field.is", "unknown comparison 0"},
		{segment.Field("size", segment.Equal, customer.Value{}), ".field.is", "compares with nothing"},
		{segment.Field("vip", segment.More, customer.Bool(true)), ".field.is", "no order"},
		{segment.Field("vip", segment.Between, customer.Bool(false), customer.Bool(true)), ".field.is", "no order"},
		{segment.Field("size", segment.Contains, customer.Number(1)), ".field.is", "which is for texts"},
		{segment.Field("size", segment.Between, customer.Number(1), customer.Text("x")), ".field.is", "different kinds"},
		{segment.Field("size", segment.Between, customer.Number(1)), ".field.is", "between 1 values"},
		{segment.Consent("", segment.Granted), ".consent.channel", "is empty"},
		{segment.Consent("sms", "maybe"), ".consent.is", `"maybe" is unknown`},
		{segment.Customers("a", ""), ".customers[1]", "is empty"},
		{segment.Share("", 0, 1), ".share.salt", "is empty"},
		{segment.Share("a", 0.5, 0.5), ".share", "the smaller first"},
		{segment.Share("a", -0.1, 0.5), ".share", "from 0 to 1"},
		{segment.Share("a", 0, 1.1), ".share", "from 0 to 1"},
		{segment.Share("a", math.NaN(), 1), ".share", "from 0 to 1"},
		{segment.Share("a", 0, math.NaN()), ".share", "from 0 to 1"},

		{segment.Spent(bad, 1), ".purchases.is", "unknown comparison 99"},
		{segment.Spent(segment.Contains, 1), ".purchases.is", "which is for texts"},
		{segment.Spent(segment.Between, 1), ".purchases.is", "between 1 values"},
		{segment.Bought("", customer.Days(1)), ".purchases.of", "empty name"},
		{segment.Bought("tea", customer.Months(-1)), ".purchases.within", "-1 months is negative"},
		{segment.Purchases{Of: customer.Filter{MinAmount: -1}}.Count(segment.More, 0), ".purchases.of", "below zero"},
		{segment.Purchases{Within: customer.Days(1_000_000)}.Count(segment.More, 0), ".purchases.within", "longer than"},
		{segment.Purchases{Within: customer.Exact(-time.Hour)}.Count(segment.More, 0), ".purchases.within", "negative"},
		{segment.Purchases{Within: customer.Exact(time.Nanosecond)}.Count(segment.More, 0), ".purchases.within", "finer than"},
		{segment.Purchases{Within: customer.Days(1), From: newYear}.Count(segment.More, 0), ".purchases", "use one of the three"},
		{segment.Purchases{Within: customer.Days(1), Cycle: "p"}.Count(segment.More, 0), ".purchases", "use one of the three"},
		{segment.Purchases{From: newYear, To: newYear}.Count(segment.More, 0), ".purchases.to", "is not after"},
		{segment.Purchases{From: noDay, To: newYear}.Count(segment.More, 0), ".purchases.from", "2026-02-30 is no day"},
		{segment.Purchases{To: noDay}.Count(segment.More, 0), ".purchases.to", "2026-02-30 is no day"},
		{segment.Purchases{Cycle: "q"}.Count(segment.More, 0), ".purchases.cycle", `"q" is not defined`},
		{segment.Purchases{}.Share(segment.AtLeast, 50), ".purchases.of", "always 100"},
		{segment.Purchases{}.MeanInterval(segment.More, customer.Months(1)), ".purchase_interval.is", "no fixed length"},
		{segment.Purchases{}.MedianInterval(segment.More), ".purchase_interval.is", "0 values; give it one"},
		{segment.Purchases{}.MedianInterval(segment.HasPrefix, customer.Days(1)), ".purchase_interval.is", "which is for texts"},
		{segment.Purchases{}.MedianInterval(segment.More, customer.Days(-1)), ".purchase_interval.is", "negative"},
		{segment.Lapsed(customer.Filter{}, 0), ".lapsed.times", "not above 0"},
		{segment.Lapsed(customer.Filter{}, 1001), ".lapsed.times", "at most 1000"},
		{segment.Lapsed(customer.Filter{}, math.NaN()), ".lapsed.times", "not above 0"},
		{segment.Lapsed(customer.Filter{SKUs: []string{""}}, 1), ".lapsed.of", "empty name"},

		{segment.PurchasedWithin(customer.Period{}), ".moment.is.within", "no time at all"},
		{segment.NoPurchaseFor(customer.Period{}), ".moment.is.ago", "no time at all"},
		{segment.NoPurchaseFor(customer.Hours(-1)), ".moment.is.ago", "negative"},
		{segment.NextPurchase("p").Ahead(customer.Period{}), ".moment.is.ahead", "no time at all"},
		{segment.NextPurchase("q").Known(true), ".moment.of.next_purchase", `"q" is not defined`},
		{segment.CycleStart("").Known(true), ".moment.of.cycle_start", `"" is not defined`},
		{segment.StageStart("q").Known(true), ".moment.of.stage_start", `"q" is not defined`},
		{segment.DateIn("").Known(true), ".moment.of.field", "is empty"},
		{segment.FirstActivity("").Known(true), ".moment.of.first_activity.name", "is empty"},
		{segment.LastActivity("a", segment.Prop("", segment.Equal, customer.Text("x"))).Known(true), ".moment.of.last_activity.where[0].name", "is empty"},
		{segment.FirstPurchaseOf(customer.Filter{MaxAmount: -1}).Known(true), ".moment.of.first_purchase", "below zero"},
		{segment.LastPurchaseOf(customer.Filter{MinAmount: 2, MaxAmount: 1}).Known(true), ".moment.of.last_purchase", "exchange them"},
		{segment.Created().Before(noDay), ".moment.is.before", "2026-02-30 is no day"},
		{segment.Created().Before(customer.Date{}), ".moment.is.before", "give it a day"},
		{segment.Created().From(customer.Date{}), ".moment.is.from", "give it a day"},
		{segment.Created().Between(newYear, newYear), ".moment.is.between.to", "is not after"},
		{segment.Created().Between(newYear, customer.Date{}), ".moment.is.between.to", "give it a day"},
		{segment.Created().Between(noDay, newYear), ".moment.is.between.from", "2026-02-30 is no day"},
		{segment.Moment{}.Known(true), ".moment", "names no moment"},
		{segment.Moment{}.Anniversary(customer.Period{}, customer.Period{}), ".anniversary.of", "names no moment"},
		{segment.Created().Anniversary(customer.Days(-1), customer.Period{}), ".anniversary.before", "negative"},
		{segment.Created().Anniversary(customer.Period{}, customer.Days(-1)), ".anniversary.after", "negative"},
		{segment.Created().Anniversary(customer.Days(180), customer.Days(179)), ".anniversary", "more than the year"},
		{segment.Created().AnniversaryOn("june", customer.Period{}, customer.Period{}), ".anniversary.leap", `"june" is unknown`},
		{segment.Weekday(), ".weekday", "never true"},
		{segment.Month(), ".month", "never true"},
		{segment.Month(time.May, 13), ".month[1]", "13 is no month"},

		{segment.Activities{}.Count(segment.More, 0), ".activities.name", "is empty"},
		{segment.Activities{Name: "a"}.Count(bad, 0), ".activities.count", "unknown comparison"},
		{segment.Activities{Name: "a", Within: customer.Days(-1)}.Count(segment.More, 0), ".activities.within", "negative"},
		{
			segment.Activities{Name: "a", Where: []segment.Property{segment.Prop("x", segment.Less, customer.Bool(true))}}.Count(segment.More, 0),
			".activities.where[0].is", "no order",
		},
		{segment.Sequence{}.Followed(), ".sequence", "has no first"},
		{segment.Sequence{First: segment.Did(""), Then: segment.Did("a")}.Followed(), ".sequence.first.activity.name", "is empty"},
		{segment.Sequence{First: segment.Did("a"), Then: segment.Buys(customer.Filter{SKUs: []string{""}})}.Followed(), ".sequence.then.purchase", "empty name"},
		{segment.Sequence{First: segment.Did("a"), Then: segment.Did("b"), In: customer.Days(-1)}.Followed(), ".sequence.in", "negative"},
		{segment.Sequence{First: segment.Did("a"), Then: segment.Did("b"), Within: customer.Days(-1)}.Followed(), ".sequence.within", "negative"},

		{segment.Scale{}.Recent(segment.More, 1), ".rfm.scale.recency", "is empty"},
		{segment.Scale{Money: []int64{1, 1}}.Monetary(segment.More, 1), ".rfm.scale.money[1]", "the least first"},
		{segment.Scale{Frequency: []int64{2, 1}}.Frequent(segment.More, 1), ".rfm.scale.frequency[1]", "the least first"},
		{segment.Scale{Recency: []customer.Period{customer.Days(7), customer.Weeks(1)}}.Recent(segment.More, 1), ".rfm.scale.recency[1]", "the shortest first"},
		{segment.Scale{Recency: []customer.Period{customer.Days(-7)}}.Recent(segment.More, 1), ".rfm.scale.recency[0]", "negative"},
		{segment.Scale{Money: []int64{1}, Within: customer.Days(-1)}.Monetary(segment.More, 1), ".rfm.scale.within", "negative"},
		{segment.Scale{Money: []int64{0, 1}}.Monetary(segment.More, 1), ".rfm.scale.money[0]", "above zero"},
		{segment.Scale{Frequency: []int64{-1, 1}}.Frequent(segment.More, 1), ".rfm.scale.frequency[0]", "above zero"},
		{segment.Scale{Recency: days(101)}.Recent(segment.More, 1), ".rfm.scale.recency", "at most 100"},
		{segment.Scale{Money: make([]int64, 101)}.Monetary(segment.More, 1), ".rfm.scale.money", "at most 100"},
		{segment.Scale{Money: []int64{1}}.Monetary(segment.Contains, 1), ".rfm.is", "which is for texts"},

		{segment.InPipeline("q"), ".pipeline", `"q" is not defined`},
		{segment.InStage("p", "t"), ".stage.stages[0]", `"t" is no stage of pipeline "p"`},
		{segment.InStage("q", "t"), ".stage.pipeline", `"q" is not defined`},
		{segment.InStage("p"), ".stage.stages", "are empty"},
		{segment.CycleNumber("q", segment.More, 1), ".cycle_number.pipeline", `"q" is not defined`},
		{segment.CycleNumber("p", segment.More), ".cycle_number.is", "0 values; give it one"},
		{segment.Closed("q"), ".closed.pipeline", `"q" is not defined`},
		{segment.Closed("p", ""), ".closed.reasons", "empty reason"},
		{segment.In("nobody"), ".segment", `"nobody" is not defined`},
		{segment.In("s"), "", "s -> s"},
		{segment.All(segment.In("s"), segment.Not(segment.In("s"))), "", "s -> s"},
		{segment.Any(), ".any", "never true"},
		{segment.Some(0, segment.All()), ".some.n", "0 is not from 1 to 1"},
		{segment.Some(2, segment.All()), ".some.n", "2 is not from 1 to 1"},
		{segment.Some(1, segment.Any()), ".some.of[0].any", "never true"},
		{segment.All(segment.All(segment.HasTag("x"), nil)), ".all[0].all[1]", "is nil"},
	}
}
