package segment_test

import (
	"time"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
)

// oneOfEach returns predicates of every kind, with every comparison, moment,
// test and outcome that there is.
func oneOfEach() []segment.Predicate {
	all := []segment.Predicate{
		segment.All(), segment.All(segment.HasTag("a"), segment.In("vip")),
		segment.Any(segment.HasTag("a"), segment.Not(segment.HasTag("b"))),
		segment.Some(2, segment.HasTag("a"), segment.HasTag("b"), segment.HasTag("c")),
		segment.SourcePart(2, segment.Equal, "cpc"), segment.Empty(segment.CardEmail), segment.NoField("size"),
		segment.HasAllTags("a", "b"), segment.HasNoTag("staff"),
		segment.Consent("email", segment.Granted), segment.Consent("sms", segment.Denied), segment.Consent("push", segment.Unasked),
		segment.Customers("ann", "bob"), segment.Share("spring test", 0.25, 0.5),
		segment.Weekday(time.Saturday, time.Sunday), segment.Month(time.December, time.January),
		segment.InPipeline("tea"), segment.InStage("tea", "due", "overdue"), segment.CycleNumber("tea", segment.AtLeast, 2),
		segment.Closed("tea"), segment.Closed("tea", "lost", "refused"), segment.In("vip"),
	}
	all = append(all, eachOfCard()...)
	all = append(all, eachOfPurchases()...)
	all = append(all, eachOfActivities()...)
	return append(all, eachMoment()...)
}

func eachOfCard() (all []segment.Predicate) {
	for _, a := range attributes {
		all = append(all, segment.Card(a, segment.Equal, "x"))
	}
	for _, op := range numberOps {
		n := map[segment.Op]int{segment.Between: 2, segment.OneOf: 3, segment.NoneOf: 3}[op]
		all = append(all, segment.Card(segment.CardName, op, []string{"a", "b", "c"}[:max(1, n)]...))
	}
	for _, op := range []segment.Op{segment.Contains, segment.HasPrefix, segment.HasSuffix} {
		all = append(all, segment.Card(segment.CardEmail, op, `"é\`))
	}
	for _, v := range []customer.Value{
		customer.Text("cat"), customer.Number(-1.5), customer.Bool(true), customer.DateValue(2024, 2, 29),
		customer.Instant(utc("2026-03-29 01:00").Add(tick)),
	} {
		all = append(all, segment.Field("x", segment.Equal, v))
	}
	return append(all,
		segment.Field("x", segment.OneOf, customer.Text(""), customer.Number(1e21), customer.Bool(false)),
		segment.Field("x", segment.Between, customer.DateValue(1990, 1, 1), customer.DateValue(1999, 12, 31)))
}

func eachOfPurchases() []segment.Predicate {
	of := customer.Filter{
		Categories: []string{"cake"}, SKUs: []string{"c1", "c2"}, Sources: []string{"web"}, MinAmount: 100, MaxAmount: 900, MinQuantity: 2,
	}
	scale := segment.Scale{
		Recency: []customer.Period{customer.Days(30), customer.Days(90)}, Frequency: []int64{2, 5}, Money: []int64{1000}, Within: customer.Years(1),
	}
	year := segment.Purchases{From: customer.Date{Year: 2026, Month: 1, Day: 1}, To: customer.Date{Year: 2027, Month: 1, Day: 1}}
	return []segment.Predicate{
		segment.Spent(segment.AtLeast, 100_000), segment.Purchases{Of: of}.Count(segment.More, 1),
		segment.Purchases{Within: customer.Months(3)}.Total(segment.Between, 0, 500), year.Average(segment.Less, 9),
		segment.Purchases{Cycle: "tea"}.Largest(segment.OneOf, 1, 2), segment.Purchases{}.Smallest(segment.NoneOf, 3),
		segment.Purchases{}.Categories(segment.AtMost, 3), segment.Purchases{Of: of}.SKUs(segment.NotEqual, 1),
		segment.Purchases{Of: of}.Share(segment.AtLeast, 50),
		year.MeanInterval(segment.AtMost, customer.Days(30)),
		segment.Purchases{Of: of}.MedianInterval(segment.Between, customer.Exact(36*time.Hour), customer.Weeks(1)),
		segment.Lapsed(customer.Filter{}, 1.5), segment.Lapsed(of, 2),
		scale.Recent(segment.Equal, 3), scale.Frequent(segment.AtLeast, 2), scale.Monetary(segment.OneOf, 1, 2), scale.Cell(3, 3, 2),
	}
}

func eachOfActivities() []segment.Predicate {
	where := []segment.Property{segment.Prop("page", segment.HasPrefix, customer.Text("/tea")), segment.Prop("ms", segment.More, customer.Number(10))}
	viewed := segment.Activities{Name: "view", Where: where, Within: customer.Days(7)}
	s := segment.Sequence{First: segment.Did("cart_add", where...), Then: segment.Buys(customer.Filter{SKUs: []string{"c1"}})}
	long := s
	long.In, long.Within = customer.Hours(1), customer.Days(3)
	return []segment.Predicate{
		viewed.Count(segment.AtLeast, 3), segment.Never("return"),
		segment.Activities{Name: "view", Cycle: "tea"}.Count(segment.Equal, 0),
		s.Followed(), long.NotFollowed(), long.Unanswered(),
	}
}

func eachMoment() (all []segment.Predicate) {
	first, end := customer.Date{Year: 2026, Month: 1, Day: 1}, customer.Date{Year: 2026, Month: 7, Day: 1}
	of := customer.Filter{Categories: []string{"cake"}}
	moments := []segment.Moment{
		segment.Created(), segment.FirstPurchase(), segment.LastPurchase(), segment.FirstPurchaseOf(of), segment.LastPurchaseOf(of),
		segment.FirstActivity("view"), segment.LastActivity("view", segment.Prop("page", segment.Equal, customer.Text("/"))),
		segment.DateIn("birthday"), segment.NextPurchase("tea"), segment.CycleStart("tea"), segment.StageStart("tea"),
	}
	for i, m := range moments {
		all = append(all, []segment.Predicate{
			m.Within(customer.Days(30)), m.Ago(customer.Months(2)), m.Ahead(customer.Exact(90 * time.Minute)), m.Before(end),
			m.From(first), m.Between(first, end), m.Known(i%2 == 0),
		}[i%7])
	}
	return append(all,
		segment.Created().Known(false),
		segment.DateIn("birthday").Anniversary(customer.Days(7), customer.Days(1)),
		segment.DateIn("birthday").Anniversary(customer.Period{}, customer.Period{}),
		segment.LastPurchase().AnniversaryOn(segment.OnMarch1, customer.Period{}, customer.Hours(12)))
}
