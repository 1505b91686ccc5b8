package segment_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
)

var ops = []segment.Op{segment.Equal, segment.NotEqual, segment.Less, segment.AtMost, segment.AtLeast, segment.More}

func TestTextsCompareByteByByte(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		have  string
		op    segment.Op
		asked []string
		want  bool
	}{
		{"anna", segment.Equal, []string{"anna"}, true},
		{"anna", segment.Equal, []string{"Anna"}, false},
		{"anna", segment.NotEqual, []string{"Anna"}, true},
		{"anna", segment.NotEqual, []string{"anna"}, false},
		{"anna", segment.Less, []string{"annb"}, true},
		{"anna", segment.Less, []string{"anna"}, false},
		{"anna", segment.AtMost, []string{"anna"}, true},
		{"anna", segment.AtMost, []string{"ann"}, false},
		{"anna", segment.AtLeast, []string{"anna"}, true},
		{"anna", segment.AtLeast, []string{"annab"}, false},
		{"anna", segment.More, []string{"ann"}, true},
		{"anna", segment.More, []string{"anna"}, false},
		{"anna", segment.Between, []string{"anna", "bob"}, true},
		{"anna", segment.Between, []string{"abe", "anna"}, true},
		{"anna", segment.Between, []string{"annb", "bob"}, false},
		{"anna", segment.OneOf, []string{"bob", "anna"}, true},
		{"anna", segment.OneOf, []string{"bob", "ann"}, false},
		{"anna", segment.NoneOf, []string{"bob", "ann"}, true},
		{"anna", segment.NoneOf, []string{"bob", "anna"}, false},
		{"anna", segment.Contains, []string{"nn"}, true},
		{"anna", segment.Contains, []string{"NN"}, false},
		{"anna", segment.HasPrefix, []string{"an"}, true},
		{"anna", segment.HasPrefix, []string{"nn"}, false},
		{"anna", segment.HasSuffix, []string{"na"}, true},
		{"anna", segment.HasSuffix, []string{"nn"}, false},
	} {
		f := tags(tt.have)
		f.Customer.Name, f.Customer.Source, f.Customer.Emails = tt.have, "x/"+tt.have, []string{tt.have}
		var values []customer.Value
		for _, s := range tt.asked {
			values = append(values, customer.Text(s))
		}
		f.Customer.Fields = customer.Fields{{Name: "x", Value: customer.Text(tt.have)}}
		for _, p := range []segment.Predicate{
			segment.Card(segment.CardName, tt.op, tt.asked...), segment.Card(segment.CardEmail, tt.op, tt.asked...),
			segment.Card(segment.CardTag, tt.op, tt.asked...), segment.SourcePart(2, tt.op, tt.asked...), segment.Field("x", tt.op, values...),
		} {
			truth, _ := ask(t, f, p)
			assert.Equal(t, tt.want, truth, "%q: %v", tt.have, p)
		}
	}
}

// Of several e-mails, one that compares is enough.
func TestOneOfSeveralTextsIsEnough(t *testing.T) {
	t.Parallel()
	f := tags()
	f.Customer.Emails, f.Customer.Source = []string{"o@x.de", "o@y.de"}, "google//spring"
	for _, tt := range []struct {
		of   segment.Predicate
		want bool
	}{
		{segment.Card(segment.CardEmail, segment.HasSuffix, "y.de"), true},
		{segment.Card(segment.CardEmail, segment.Equal, "o@x.de"), true},
		{segment.Card(segment.CardEmail, segment.NotEqual, "o@x.de"), true}, // the other one
		{segment.Card(segment.CardEmail, segment.NoneOf, "o@x.de", "o@y.de"), false},
		{segment.Not(segment.Card(segment.CardEmail, segment.Equal, "o@x.de")), false},
		{segment.SourcePart(1, segment.Equal, "google"), true},
		{segment.SourcePart(2, segment.NotEqual, "google"), false}, // there is none
		{segment.SourcePart(3, segment.Equal, "spring"), true},
		{segment.SourcePart(4, segment.NotEqual, "spring"), false},
	} {
		truth, _ := ask(t, f, tt.of)
		assert.Equal(t, tt.want, truth, "%v", tt.of)
	}
	for locale, language := range map[string]string{"de": "de", "de-AT": "de", "en_US": "en", "zh-Hant-TW": "zh"} {
		f.Customer.Locale = locale
		truth, _ := ask(t, f, segment.Card(segment.CardLanguage, segment.Equal, language))
		assert.True(t, truth, locale)
	}
}

func TestFieldsCompareByKind(t *testing.T) {
	t.Parallel()
	low := []customer.Value{
		customer.Text("Berlin"), customer.Text(""), customer.Number(-1.5), customer.Number(math.Inf(-1)),
		customer.DateValue(1960, 2, 29), customer.Instant(utc("1969-12-31 23:59")),
	}
	high := []customer.Value{
		customer.Text("berlin"), customer.Text("a"), customer.Number(0), customer.Number(math.Inf(1)),
		customer.DateValue(2026, 1, 1), customer.Instant(utc("1970-01-01 00:00")),
	}
	for i := range low {
		for _, op := range ops {
			less := op == segment.Less || op == segment.AtMost || op == segment.NotEqual
			more := op == segment.More || op == segment.AtLeast || op == segment.NotEqual
			same := op == segment.Equal || op == segment.AtMost || op == segment.AtLeast
			assertField(t, less, low[i], op, high[i])
			assertField(t, more, high[i], op, low[i])
			assertField(t, same, low[i], op, low[i])
		}
	}
	for _, truth := range []bool{true, false} {
		assertField(t, truth, customer.Bool(true), segment.Equal, customer.Bool(truth))
		assertField(t, !truth, customer.Bool(true), segment.NotEqual, customer.Bool(truth))
	}
}

func assertField(t *testing.T, want bool, have customer.Value, op segment.Op, asked customer.Value) {
	f := tags()
	f.Customer.Fields = customer.Fields{{Name: "x", Value: have}}
	truth, _ := ask(t, f, segment.Field("x", op, asked))
	assert.Equal(t, want, truth, "%v %v %v", have, op, asked)
}

func TestSourceAndManager(t *testing.T) {
	t.Parallel()
	f := tags()
	f.Customer.Source, f.Customer.Manager = "web", "ann"
	for _, tt := range []struct {
		of   segment.Predicate
		want bool
	}{
		{segment.FromSource("till", "web"), true},
		{segment.FromSource("till"), false},
		{segment.ManagedBy("ann"), true},
		{segment.ManagedBy("bob"), false},
	} {
		truth, _ := ask(t, f, tt.of)
		assert.Equal(t, tt.want, truth, "%v", tt.of)
	}
}

// bought returns a customer who made purchases of 100 at the given times.
func bought(zone *time.Location, at ...time.Time) *world {
	w := &world{zone: zone}
	for _, at := range at {
		w.buy(customer.Purchase{ID: at.String(), At: at, Amount: 100})
	}
	return w
}

func (w *world) ask(t *testing.T, p segment.Predicate, now time.Time) (bool, time.Time) {
	var f segment.Facts
	w.facts(&f, now)
	return ask(t, &f, p)
}

func TestAWindowEndsAtTheMicrosecond(t *testing.T) {
	t.Parallel()
	berlin, lordHowe := zone(t, "Europe/Berlin"), zone(t, "Australia/Lord_Howe")
	for _, tt := range []struct {
		zone *time.Location
		d    customer.Period
		at   time.Time
		end  time.Time
	}{
		{time.UTC, customer.Days(30), utc("2026-03-20 18:30:15"), utc("2026-04-19 18:30:15")},
		{berlin, customer.Days(30), local(berlin, "2026-03-20 18:30"), local(berlin, "2026-04-19 18:30")},
		{berlin, customer.Hours(720), local(berlin, "2026-03-20 18:30"), local(berlin, "2026-04-19 19:30")},
		{berlin, customer.Days(1), local(berlin, "2026-03-28 02:30"), utc("2026-03-29 01:00")}, // skipped: after the gap
		{berlin, customer.Days(1), local(berlin, "2026-10-24 02:30"), utc("2026-10-25 00:30")}, // twice: the first
		{berlin, customer.Days(1), utc("2026-10-25 01:30"), local(berlin, "2026-10-26 02:30")}, // from the second
		{lordHowe, customer.Weeks(1), utc("2026-09-26 15:45"), utc("2026-10-03 15:30")},        // 02:15 is skipped
		{berlin, customer.Months(1), local(berlin, "2026-01-31 09:00"), local(berlin, "2026-02-28 09:00")},
		{berlin, customer.Years(1), local(berlin, "2028-02-29 09:00"), local(berlin, "2029-02-28 09:00")},
		{berlin, customer.Days(30), utc("1965-12-20 18:30"), utc("1966-01-19 18:30")},   // before 1970
		{berlin, customer.Years(200), utc("2026-01-10 18:30"), utc("2226-01-10 18:30")}, // beyond 2100
		{time.UTC, customer.Weeks(100_000), utc("2026-01-01 00:00"), utc("2026-01-01 00:00").AddDate(0, 0, 700_000)},
		{berlin, customer.Weeks(100_000), utc("2026-01-01 00:00"), customer.Weeks(100_000).After(utc("2026-01-01 00:00"), berlin)},
	} {
		w := bought(tt.zone, tt.at)
		for _, p := range []segment.Predicate{
			segment.PurchasedWithin(tt.d),
			segment.Not(segment.NoPurchaseFor(tt.d)),
			segment.Purchases{Within: tt.d}.Count(segment.Equal, 1),
			segment.Purchases{Within: tt.d}.Total(segment.AtLeast, 100),
		} {
			for now, want := range map[time.Time]bool{tt.at: true, tt.end.Add(-tick): true, tt.end: false, tt.end.Add(tick): false} {
				truth, flip := w.ask(t, p, now)
				assert.Equal(t, want, truth, "%v at %v", p, now.In(tt.zone))
				if want {
					assert.Equal(t, tt.end.In(tt.zone).String(), flip.In(tt.zone).String(), "%v", p)
				} else {
					assert.Zero(t, flip, "%v", p)
				}
			}
		}
	}
}

// Days begin at their midnight in the zone; the day To no longer counts.
func TestDaysBeginAndEndAtTheMicrosecond(t *testing.T) {
	t.Parallel()
	from, to := customer.Date{Year: 2026, Month: 3, Day: 29}, customer.Date{Year: 2026, Month: 10, Day: 25} // when clocks change
	for _, name := range zoneNames {
		w := &world{zone: zone(t, name)}
		first, end := w.midnight(from), w.midnight(to)
		for _, tt := range []struct {
			at   time.Time
			from bool
			to   bool
		}{
			{first.Add(-tick), false, true},
			{first, true, true},
			{first.Add(tick), true, true},
			{end.Add(-tick), true, true},
			{end, true, false},
			{end.Add(tick), true, false},
		} {
			w := bought(w.zone, tt.at)
			w.act(customer.Activity{ID: "a", Name: "a", At: tt.at})
			w.card.Fields = customer.Fields{{Name: "x", Value: customer.Instant(tt.at)}}
			now := utc("2026-12-01 00:00")
			check := func(p segment.Predicate, want bool) {
				truth, flip := w.ask(t, p, now)
				assert.Equal(t, want, truth, "%v of %v", p, tt.at.In(w.zone))
				assert.Zero(t, flip)
			}
			check(segment.Purchases{From: from}.Count(segment.Equal, 1), tt.from)
			check(segment.Purchases{To: to}.Count(segment.Equal, 1), tt.to)
			check(segment.Purchases{From: from, To: to}.Count(segment.Equal, 1), tt.from && tt.to)
			check(segment.Purchases{From: from, To: to}.Total(segment.AtLeast, 1), tt.from && tt.to)
			check(segment.Activities{Name: "a", From: from, To: to}.Count(segment.AtLeast, 1), tt.from && tt.to)
			for _, m := range []segment.Moment{segment.LastPurchase(), segment.FirstActivity("a"), segment.DateIn("x")} {
				check(m.From(from), tt.from)
				check(m.Before(to), tt.to)
				check(m.Between(from, to), tt.from && tt.to)
			}
		}
	}
}

// A cycle begins with the purchase that opened it.
func TestACycleBeginsAtTheMicrosecond(t *testing.T) {
	t.Parallel()
	started := utc("2026-03-01 12:00")
	for at, want := range map[time.Time]bool{started.Add(-tick): false, started: true, started.Add(tick): true} {
		w := bought(time.UTC, at)
		w.act(customer.Activity{ID: "a", Name: "a", At: at})
		w.plans = []plan{{cycle: customer.Cycle{Pipeline: "p", Started: started, Closed: "lost"}}}
		for _, p := range []segment.Predicate{
			segment.Purchases{Cycle: "p"}.Count(segment.Equal, 1), segment.Purchases{Cycle: "p"}.Largest(segment.More, 0),
			segment.Activities{Name: "a", Cycle: "p"}.Count(segment.AtLeast, 1),
		} {
			truth, _ := w.ask(t, p, utc("2026-04-01 00:00"))
			assert.Equal(t, want, truth, "%v of %v", p, at)
		}
	}
}

// The 28th and the 31st of January are a month ahead of the same day: what came
// first need not leave first.
func TestFactsThatSwapAtTheEndOfAMonth(t *testing.T) {
	t.Parallel()
	w := bought(time.UTC, utc("2026-01-28 18:00"), utc("2026-01-31 09:00"))
	w.purchases[1].Amount = 5
	total := segment.Purchases{Within: customer.Months(1)}.Total(segment.Equal, 100)
	truth, flip := w.ask(t, total, utc("2026-02-01 00:00"))
	assert.False(t, truth)
	assert.Equal(t, utc("2026-02-28 09:00"), flip, "the small one leaves first")
	truth, flip = w.ask(t, total, flip)
	assert.True(t, truth)
	assert.Equal(t, utc("2026-02-28 18:00"), flip)
}

func TestFactsOfOneInstantLeaveTogether(t *testing.T) {
	t.Parallel()
	at := utc("2026-01-01 12:00")
	w := bought(time.UTC, at, at, at.Add(time.Hour))
	within := segment.Purchases{Within: customer.Days(30)}
	truth, flip := w.ask(t, within.Count(segment.Equal, 2), utc("2026-01-02 00:00"))
	assert.False(t, truth)
	assert.Zero(t, flip, "there are three, then one: never two")
	_, flip = w.ask(t, within.Count(segment.NotEqual, 1), utc("2026-01-02 00:00"))
	assert.Equal(t, at.AddDate(0, 0, 30), flip)
}

func TestRefundsInsideAWindow(t *testing.T) {
	t.Parallel()
	now := utc("2026-01-20 00:00")
	w := bought(time.UTC, utc("2026-01-01 00:00"), utc("2026-01-02 00:00"), utc("2026-01-03 00:00"))
	in := segment.Purchases{Within: customer.Days(30)}
	check := func(count, sum, most int64) {
		t.Helper()
		for _, p := range []segment.Predicate{
			in.Count(segment.Equal, count), in.Total(segment.Equal, sum), in.Largest(segment.Equal, most),
			in.Average(segment.Equal, sum/count), segment.Spent(segment.Equal, sum), segment.Purchases{}.Count(segment.Equal, count),
		} {
			truth, _ := w.ask(t, p, now)
			assert.True(t, truth, "%v", p)
		}
	}
	check(3, 300, 100)
	w.purchases[2].Refunds = []customer.Refund{{ID: "r", Amount: 60}}
	check(3, 240, 100)
	w.purchases[2].Refunds = append(w.purchases[2].Refunds, customer.Refund{ID: "s", Amount: 40})
	check(2, 200, 100)
	_, flip := w.ask(t, segment.NoPurchaseFor(customer.Days(30)), now)
	assert.Equal(t, utc("2026-02-01 00:00"), flip, "counted from the last that still counts")
}

func TestSumsDoNotOverflow(t *testing.T) {
	t.Parallel()
	w := bought(time.UTC, utc("2026-01-01 00:00"), utc("2026-01-02 00:00"))
	for i := range w.purchases {
		w.purchases[i].Items = []customer.Item{{Category: "tea", Amount: math.MaxInt64}}
	}
	of := segment.Purchases{Of: customer.Filter{Categories: []string{"tea"}}, Within: customer.Days(30)}
	for _, tt := range []struct {
		op   segment.Op
		n    int64
		want bool
	}{
		{segment.AtLeast, math.MaxInt64, true},
		{segment.More, math.MaxInt64 - 1, true},
		{segment.AtMost, math.MaxInt64, true},
		{segment.Less, math.MaxInt64, false},
		{segment.Equal, math.MaxInt64, true},
		{segment.AtLeast, math.MinInt64, true},
	} {
		truth, _ := w.ask(t, of.Total(tt.op, tt.n), utc("2026-01-03 00:00"))
		assert.Equal(t, tt.want, truth, "%v %d", tt.op, tt.n)
	}
}

func TestStrings(t *testing.T) {
	t.Parallel()
	tea := customer.Filter{Categories: []string{"tea"}, SKUs: []string{"t1", "t2"}, Sources: []string{"web"}, MinAmount: 500}
	for _, tt := range []struct {
		of   segment.Predicate
		want string
	}{
		{segment.HasTag("vip"), `tagged "vip"`},
		{segment.FromSource("web", "till"), `source is one of "web" or "till"`},
		{segment.ManagedBy("ann"), `manager is one of "ann"`},
		{segment.Field("size", segment.AtLeast, customer.Number(42)), `field "size" is at least 42`},
		{segment.Spent(segment.More, 100), `total of purchases is more than 100`},
		{segment.Purchases{}.Average(segment.Less, 5), `average of purchases is less than 5`},
		{segment.Purchases{}.Largest(segment.AtMost, 5), `largest of purchases is at most 5`},
		{
			segment.Purchases{Of: tea, Within: customer.Days(30)}.Count(segment.NotEqual, 2),
			`number of purchases of category "tea" of SKU "t1" or "t2" of source "web" of at least 500 within P30D is not equal to 2`,
		},
		{segment.PurchasedWithin(customer.Hours(36)), `last purchase within the last PT36H`},
		{segment.NoPurchaseFor(customer.Months(2)), `last purchase at least P2M ago`},
		{segment.Activities{Name: "review"}.Count(segment.Equal, 1), `number of activities "review" is equal to 1`},
		{segment.InStage("salon", "due"), `in stage "due" of "salon"`},
		{segment.In("vip"), `in segment "vip"`},
		{segment.Not(segment.HasTag("x")), `not (tagged "x")`},
		{segment.Any(segment.HasTag("x"), segment.All(segment.In("y"))), `any of (tagged "x"; all of (in segment "y"))`},
		{segment.All(nil, segment.Not(nil)), `all of (<nil>; not (<nil>))`},
	} {
		assert.Equal(t, tt.want, tt.of.String())
	}
	assert.Equal(t, "op_0", segment.Op(0).String())
}

func TestFind(t *testing.T) {
	t.Parallel()
	members := []segment.Membership{{Segment: "a"}, {Segment: "c"}}
	for id, want := range map[string]int{"a": 0, "b": 1, "c": 1, "d": 2} {
		i, found := segment.Find(members, id)
		require.Equal(t, want, i)
		assert.Equal(t, id == "a" || id == "c", found)
	}
}
