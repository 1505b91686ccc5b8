package segment_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
)

// olga is a customer of whom everything is known.
func olga() *world {
	w := &world{zone: time.UTC, members: make(map[string]bool), since: make(map[string]time.Time)}
	w.card = customer.Customer{
		ID: "olga", Name: "Olga", Since: utc("2025-03-01 09:00"), Emails: []string{"o@x.de", "o@y.de"}, Source: "google/cpc/spring",
		Manager: "ann", Locale: "de-AT", Tags: []string{"b2c", "vip"},
		Fields: customer.Fields{
			{Name: "birthday", Value: customer.DateValue(1990, 6, 20)},
			{Name: "pet", Value: customer.Text("cat")},
			{Name: "renewal", Value: customer.Instant(utc("2026-07-01 10:00"))},
			{Name: "size", Value: customer.Number(42)},
		},
		Consents: []customer.Consent{{Channel: "email", Granted: true}, {Channel: "sms"}},
	}
	for i, bought := range []struct {
		at       string
		category string
		amount   int64
	}{
		{"2026-01-01 12:00", "tea", 500}, {"2026-03-02 12:00", "cake", 2000}, {"2026-05-01 12:00", "tea", 700}, {"2026-05-21 12:00", "cake", 3000},
	} {
		w.buy(customer.Purchase{
			ID: []string{"p1", "p2", "p3", "p4"}[i], At: utc(bought.at), Amount: bought.amount, Source: "web",
			Items: []customer.Item{{SKU: bought.category + " 1", Category: bought.category, Quantity: 1, Amount: bought.amount}},
		})
	}
	w.act(customer.Activity{ID: "a1", Name: "view", At: utc("2026-05-10 08:00"), Props: customer.Fields{{Name: "page", Value: customer.Text("/tea")}}})
	w.act(customer.Activity{ID: "a2", Name: "view", At: utc("2026-05-30 08:00"), Props: customer.Fields{{Name: "page", Value: customer.Text("/cake")}}})
	w.act(customer.Activity{ID: "a3", Name: "cart_add", At: utc("2026-05-31 08:00")})
	w.plans = []plan{
		{
			cycle: customer.Cycle{Pipeline: "tea", Number: 2, Purchase: "p3", Started: utc("2026-05-01 12:00"), Next: utc("2026-06-05 00:00")},
			starts: []stageStart{
				{at: utc("2026-05-01 12:00"), stage: "thank"}, {at: utc("2026-05-29 00:00"), stage: "remind"}, {at: utc("2026-06-05 00:00"), stage: "due"},
			},
		},
		{
			cycle:  customer.Cycle{Pipeline: "cake", Number: 1, Purchase: "p2", Started: utc("2026-03-02 12:00")},
			starts: []stageStart{{at: utc("2026-05-01 00:00"), stage: "gone", closed: "lost"}},
		},
	}
	return w
}

// olgaNow is when olga is looked at.
var olgaNow = utc("2026-06-01 12:00")

// explain tells why a customer is in the first of the segments or is not.
func explain(t require.TestingT, w *world, now time.Time, segments ...segment.Segment) segment.Explanation {
	set, err := segment.Compile(segments, anyStage)
	require.NoError(t, err)
	f := segment.Facts{Place: w.place}
	w.facts(&f, now)
	e, ok := set.Explain(segments[0].ID, &f, w.memberships())
	require.True(t, ok)
	return e
}

// told is what the reason of a leaf says.
type told struct {
	of         segment.Predicate
	holds      bool
	has, asked string
	by, until  string // by is kind, ID and time
}

func assertTold(t *testing.T, w *world, rows []told) {
	t.Helper()
	for _, tt := range rows {
		e := explain(t, w, olgaNow, segment.Segment{ID: "s", Enter: tt.of})
		until, by := "", e.Enter.By.Kind
		if !e.Enter.Until.IsZero() {
			until = e.Enter.Until.Format("2006-01-02 15:04")
		}
		if e.Enter.By.ID != "" {
			by += " " + e.Enter.By.ID
		}
		if !e.Enter.By.At.IsZero() {
			by += " " + e.Enter.By.At.Format("01-02 15:04")
		}
		assert.Equal(t, tt, told{tt.of, e.Enter.Holds, e.Enter.Has, e.Enter.Asked, by, until}, "%v", tt.of)
		assert.Equal(t, tt.of.String(), e.Enter.Rule)
	}
}

func TestALeafTellsWhatTheCardHas(t *testing.T) {
	t.Parallel()
	const card = "card olga"
	number := func(n float64) customer.Value { return customer.Number(n) }
	assertTold(t, olga(), []told{
		{segment.Card(segment.CardEmail, segment.HasSuffix, "y.de"), true, `"o@x.de", "o@y.de"`, `ending with "y.de"`, card, ""},
		{segment.Card(segment.CardPhone, segment.HasPrefix, "+43"), false, "", `beginning with "+43"`, card, ""},
		{segment.Card(segment.CardLanguage, segment.OneOf, "de", "fr"), true, `"de"`, `one of "de" or "fr"`, card, ""},
		{segment.Card(segment.CardID, segment.NotEqual, "ann"), true, `"olga"`, `not equal to "ann"`, card, ""},
		{segment.SourcePart(2, segment.Equal, "seo"), false, `"cpc"`, `equal to "seo"`, card, ""},
		{segment.SourcePart(4, segment.Equal, "seo"), false, "", `equal to "seo"`, card, ""},
		{segment.Empty(segment.CardPhone), true, "", "nothing", card, ""},
		{segment.Empty(segment.CardManager), false, `"ann"`, "nothing", card, ""},
		{segment.NoField("pet"), false, `"cat"`, "nothing", card, ""},
		{segment.NoField("car"), true, "", "nothing", card, ""},
		{segment.Field("size", segment.Between, number(40), number(45)), true, "42", "between 40 and 45", card, ""},
		{segment.Field("birthday", segment.Less, customer.DateValue(1980, 1, 1)), false, "1990-06-20", "less than 1980-01-01", card, ""},
		{segment.Field("renewal", segment.More, customer.Instant(olgaNow)), true, "2026-07-01T10:00:00Z", "more than 2026-06-01T12:00:00Z", card, ""},
		{segment.Field("pet", segment.OneOf, customer.Text("dog"), number(1)), false, `"cat"`, `one of "dog" or 1`, card, ""},
		{segment.Field("car", segment.Equal, customer.Text("")), false, "", `equal to ""`, card, ""},
		{segment.HasTag("vip"), true, `"b2c", "vip"`, `"vip"`, card, ""},
		{segment.HasAllTags("vip", "old"), false, `"b2c", "vip"`, `all of "vip" and "old"`, card, ""},
		{segment.HasNoTag("staff"), true, `"b2c", "vip"`, `none of "staff"`, card, ""},
		{segment.Consent("sms", segment.Granted), false, "denied", "granted", card, ""},
		{segment.Consent("push", segment.Unasked), true, "unasked", "unasked", card, ""},
		{segment.Customers("ann", "olga"), true, "olga", "listed", card, ""},
		{segment.Share("a", 0, 0.5), drawnNumber("a", "olga") < 0.5, "0.346567", "from 0 up to 0.5", card, ""},
	})
}

func TestALeafTellsWhatWasBoughtAndDone(t *testing.T) {
	t.Parallel()
	tea, cake := customer.Filter{Categories: []string{"tea"}}, customer.Filter{Categories: []string{"cake"}}
	spring := segment.Purchases{From: customer.Date{Year: 2026, Month: 3, Day: 1}, To: customer.Date{Year: 2026, Month: 5, Day: 15}}
	scale := segment.Scale{Recency: []customer.Period{customer.Days(30), customer.Days(60)}, Frequency: []int64{2, 5}, Money: []int64{1000}, Within: customer.Days(90)}
	const last = "purchase p4 05-21 12:00"
	cart := segment.Sequence{First: segment.Did("cart_add"), Then: segment.Buys(customer.Filter{}), In: customer.Days(2)}
	teaAgain := segment.Sequence{First: segment.Buys(tea), Then: segment.Buys(tea), Within: customer.Days(60)}
	assertTold(t, olga(), []told{
		{segment.Spent(segment.AtLeast, 10_000), false, "6200", "at least 10000", last, ""},
		{segment.Purchases{}.Count(segment.Equal, 4), true, "4", "equal to 4", last, ""},
		{segment.Purchases{}.Average(segment.More, 2000), false, "1550", "more than 2000", last, ""},
		{segment.Purchases{}.Largest(segment.AtLeast, 3000), true, "3000", "at least 3000", last, ""},
		{segment.Purchases{}.Smallest(segment.OneOf, 500), true, "500", "one of 500", last, ""},
		{segment.Purchases{Of: tea, Within: customer.Days(90)}.Count(segment.AtLeast, 1), true, "1", "at least 1", "purchase p3 05-01 12:00", "2026-07-30 12:00"},
		{segment.Purchases{Within: customer.Days(90)}.Categories(segment.AtLeast, 2), true, "2", "at least 2", last, "2026-07-30 12:00"},
		{segment.Purchases{Of: tea}.SKUs(segment.More, 1), false, "1", "more than 1", "purchase p3 05-01 12:00", ""},
		{segment.Purchases{Of: cake}.Share(segment.AtLeast, 80), true, "80", "at least 80", last, ""},
		{spring.Total(segment.Less, 2700), false, "2700", "less than 2700", "purchase p3 05-01 12:00", ""},
		{segment.Purchases{Cycle: "tea"}.Count(segment.AtLeast, 3), false, "2", "at least 3", last, ""},
		{segment.Purchases{Cycle: "milk"}.Count(segment.AtLeast, 0), false, "", "at least 0", "", ""},
		{segment.Purchases{Within: customer.Days(5)}.Largest(segment.AtLeast, 0), false, "", "at least 0", "", ""},
		{segment.Purchases{}.MedianInterval(segment.AtMost, customer.Days(59)), false, "P60D", "at most P59D", last, ""},
		{segment.Purchases{}.MeanInterval(segment.AtMost, customer.Days(47)), true, "P46DT16H", "at most P47D", last, ""},
		{segment.Lapsed(tea, 0.5), false, "P31D since the last, of a median of P120D", "0.5 times", "purchase p3 05-01 12:00", "2026-06-30 12:00"},
		{segment.Lapsed(customer.Filter{SKUs: []string{"milk"}}, 0.5), false, "", "0.5 times", "", ""},
		{scale.Recent(segment.Equal, 3), true, "3", "equal to 3", last, "2026-06-20 12:00"},
		{scale.Frequent(segment.AtLeast, 3), false, "2", "at least 3", last, ""},
		{scale.Monetary(segment.Equal, 2), true, "2", "equal to 2", last, "2026-08-19 12:00"},

		{segment.Activities{Name: "view", Within: customer.Days(30)}.Count(segment.AtLeast, 2), true, "2", "at least 2", "activity a2 05-30 08:00", "2026-06-09 08:00"},
		{segment.Never("review"), true, "0", "equal to 0", "", ""},
		{cart.Unanswered(), false, "1 of the first, 4 of what may follow", "unanswered", "activity a3 05-31 08:00", "2026-06-02 08:00"},
		{teaAgain.Followed(), false, "1 of the first, 2 of what may follow", "followed", "purchase p3 05-01 12:00", ""},
	})
}

func TestALeafTellsWhenSomethingWas(t *testing.T) {
	t.Parallel()
	cake := customer.Filter{Categories: []string{"cake"}}
	june := customer.Date{Year: 2026, Month: 6, Day: 1}
	const teaCycle, cakeCycle = "cycle p3 05-01 12:00", "cycle p2 03-02 12:00"
	assertTold(t, olga(), []told{
		{segment.Created().Ago(customer.Years(1)), true, "2025-03-01T09:00:00Z", "at least P1Y ago", "card olga", ""},
		{segment.PurchasedWithin(customer.Days(30)), true, "2026-05-21T12:00:00Z", "within the last P30D", "purchase p4 05-21 12:00", "2026-06-20 12:00"},
		{segment.FirstPurchase().Before(june), true, "2026-01-01T12:00:00Z", "before 2026-06-01", "purchase p1 01-01 12:00", ""},
		{segment.FirstPurchaseOf(cake).From(june), false, "2026-03-02T12:00:00Z", "on 2026-06-01 or later", "purchase p2 03-02 12:00", ""},
		{segment.LastPurchaseOf(customer.Filter{SKUs: []string{"milk"}}).Ago(customer.Days(1)), false, "", "at least P1D ago", "", ""},
		{segment.FirstActivity("view").Known(true), true, "2026-05-10T08:00:00Z", "is known", "activity a1 05-10 08:00", ""},
		{segment.LastActivity("view").Known(false), false, "2026-05-30T08:00:00Z", "is not known", "activity a2 05-30 08:00", ""},
		{segment.LastActivity("review").Known(false), true, "", "is not known", "", ""},
		{segment.DateIn("renewal").Ahead(customer.Days(10)), false, "2026-07-01T10:00:00Z", "within the next P10D", "card olga", "2026-06-21 10:00"},
		{segment.DateIn("birthday").Between(customer.Date{Year: 1990, Month: 1, Day: 1}, june), true, "1990-06-20", "from 1990-01-01 on and before 2026-06-01", "card olga", ""},
		{segment.DateIn("birthday").Anniversary(customer.Days(30), customer.Period{}), true, "1990-06-20", "the day within the next P30D", "card olga", "2026-06-21 00:00"},
		{segment.DateIn("birthday").Anniversary(customer.Period{}, customer.Days(3)), false, "1990-06-20", "the day until P3D after it", "card olga", "2026-06-20 00:00"},
		{segment.DateIn("pet").Anniversary(customer.Period{}, customer.Period{}), false, "", "the day", "", ""},
		{segment.Weekday(time.Monday), true, "Monday", "Monday", "", "2026-06-02 00:00"},
		{segment.Month(time.May, time.December), false, "June", "May or December", "", "2026-12-01 00:00"},

		{segment.NextPurchase("tea").Ahead(customer.Days(7)), true, "2026-06-05T00:00:00Z", "within the next P7D", teaCycle, "2026-06-05 00:00"},
		{segment.NextPurchase("cake").Known(true), false, "", "is known", "", ""},
		{segment.CycleStart("cake").Known(true), true, "2026-03-02T12:00:00Z", "is known", cakeCycle, ""},
		{segment.StageStart("tea").Ago(customer.Days(5)), false, "2026-05-29T00:00:00Z", "at least P5D ago", teaCycle, "2026-06-03 00:00"},
		{segment.InPipeline("tea"), true, "cycle 2", "a cycle", teaCycle, ""},
		{segment.InPipeline("milk"), false, "", "a cycle", "", ""},
		{segment.InStage("tea", "due", "lost"), false, `"remind"`, `"due" or "lost"`, teaCycle, "2026-06-05 00:00"},
		{segment.CycleNumber("tea", segment.AtLeast, 3), false, "2", "at least 3", teaCycle, ""},
		{segment.Closed("tea"), false, "", "closed", teaCycle, ""},
		{segment.Closed("cake", "lost"), true, `"lost"`, "closed", cakeCycle, ""},
	})
}

// What is kept of all purchases is told where the history is not loaded.
func TestTotalsAreToldWithoutTheHistory(t *testing.T) {
	t.Parallel()
	w := olga()
	for _, tt := range []struct {
		of        segment.Predicate
		has, date string
	}{
		{segment.Spent(segment.AtLeast, 1), "6200", "2026-05-21 12:00"},
		{segment.NoPurchaseFor(customer.Days(1)), "2026-05-21T12:00:00Z", "2026-05-21 12:00"},
		{segment.FirstPurchase().Ago(customer.Days(1)), "2026-01-01T12:00:00Z", "2026-01-01 12:00"},
	} {
		set, err := segment.Compile([]segment.Segment{{ID: "s", Enter: tt.of}}, anyStage)
		require.NoError(t, err)
		var f segment.Facts
		w.facts(&f, olgaNow)
		f.Purchases = nil
		e, ok := set.Explain("s", &f, nil)
		require.True(t, ok)
		assert.Equal(t, tt.has, e.Enter.Has)
		assert.Equal(t, segment.Fact{Kind: "purchase", At: utc(tt.date)}, e.Enter.By)
		assert.Contains(t, e.String(), "(purchase of "+tt.date)
	}
}

// Who no longer belongs, but stays for a while, is told until when.
func TestAStayIsExplained(t *testing.T) {
	t.Parallel()
	w := olga()
	s := segment.Segment{ID: "s", Enter: segment.HasTag("new"), Stay: customer.Days(10)}
	w.members["s"], w.since["s"] = true, utc("2026-05-30 12:00")
	e := explain(t, w, olgaNow, s)
	assert.True(t, e.Member)
	assert.Equal(t, utc("2026-06-09 12:00"), e.Stays)
	assert.Equal(t, e.Stays, e.Until)
	assert.Contains(t, e.String(), ", since 2026-05-30 12:00:00 UTC, stays until 2026-06-09 12:00:00 UTC, until 2026-06-09 12:00:00 UTC\n")
	w.card.Tags = []string{"new"}
	e = explain(t, w, olgaNow, s)
	assert.Equal(t, utc("2026-06-09 12:00"), e.Stays)
	assert.Zero(t, e.Until, "she belongs anyhow")
	assert.Zero(t, explain(t, w, e.Stays, s).Stays)
	// A stay that must end is a change of the whole segment.
	w.card.Tags = nil
	e = explain(t, w, olgaNow, segment.Segment{ID: "gone", Enter: segment.Not(segment.In("s"))}, s)
	require.Len(t, e.Needs, 1)
	assert.Equal(t, segment.Change{Path: "enter.not", Rule: `in segment "s"`, Until: utc("2026-06-09 12:00")}, e.Needs[0])
}

func TestExplainKnowsOnlyItsSegments(t *testing.T) {
	t.Parallel()
	set, err := segment.Compile(nil, anyStage)
	require.NoError(t, err)
	_, ok := set.Explain("nobody", tags(), nil)
	assert.False(t, ok)
}

// regularsOfOlga are segments that read each other, one with an exit and a stay.
func regularsOfOlga() []segment.Segment {
	return []segment.Segment{
		{
			ID: "best",
			Enter: segment.All(
				segment.In("regular"),
				segment.Any(segment.Spent(segment.AtLeast, 10_000), segment.All(segment.HasTag("vip"), segment.Not(segment.NoField("car")))),
				segment.Not(segment.In("asleep")),
				segment.Some(2, segment.Consent("sms", segment.Granted), segment.Consent("email", segment.Granted), segment.InStage("tea", "due")),
			),
			Exit: segment.NoPurchaseFor(customer.Days(10)),
		},
		{ID: "regular", Enter: segment.Purchases{Within: customer.Days(90)}.Count(segment.AtLeast, 2), Exit: segment.In("asleep"), Stay: customer.Days(30)},
		{ID: "asleep", Enter: segment.NoPurchaseFor(customer.Days(60))},
	}
}

func TestAnExplanationIsToldAsItAlwaysWas(t *testing.T) {
	t.Parallel()
	w := olga()
	w.members["regular"], w.since["regular"] = true, utc("2026-05-15 12:00")
	e := explain(t, w, olgaNow, regularsOfOlga()...)
	golden(t, "explain.txt", e.String()+"\n"+e.In(zone(t, "Europe/Berlin")))
	text, err := json.MarshalIndent(e, "", "  ")
	require.NoError(t, err)
	golden(t, "explain.json", string(text)+"\n")
	var read segment.Explanation
	require.NoError(t, json.Unmarshal(text, &read))
	again, err := json.MarshalIndent(read, "", "  ")
	require.NoError(t, err)
	assert.Equal(t, string(text), string(again))
}

func TestAMemberIsToldSinceAndUntilWhen(t *testing.T) {
	t.Parallel()
	w := olga()
	w.members["regular"], w.since["regular"] = true, utc("2026-05-15 12:00")
	e := explain(t, w, olgaNow, regularsOfOlga()[1:]...)
	assert.True(t, e.Member)
	assert.Equal(t, utc("2026-05-15 12:00"), e.Since)
	assert.Equal(t, utc("2026-07-20 12:00"), e.Until, "when she falls asleep")
	assert.Empty(t, e.Needs)
	assert.Equal(t, utc("2026-07-30 12:00"), e.Enter.Until, "when too few purchases are left")
	require.NotNil(t, e.Exit)
	assert.False(t, e.Exit.Holds)
	assert.Equal(t, utc("2026-07-20 12:00"), e.Exit.Until)
}
