package segment_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
)

// cardChanges are the ways in which one thing on a card changes.
var cardChanges = map[string]func(c *customer.Customer){
	"since":    func(c *customer.Customer) { c.Since = utc("2026-01-01 00:00") },
	"name":     func(c *customer.Customer) { c.Name = "x" },
	"emails":   func(c *customer.Customer) { c.Emails = []string{"x"} },
	"phones":   func(c *customer.Customer) { c.Phones = []string{"x"} },
	"source":   func(c *customer.Customer) { c.Source = "x" },
	"manager":  func(c *customer.Customer) { c.Manager = "x" },
	"tags":     func(c *customer.Customer) { c.Tags = []string{"x"} },
	"zone":     func(c *customer.Customer) { c.Zone = "UTC" },
	"locale":   func(c *customer.Customer) { c.Locale = "de" },
	"consents": func(c *customer.Customer) { c.Consents = []customer.Consent{{Channel: "sms"}} },
	"x":        func(c *customer.Customer) { c.Fields = customer.Fields{{Name: "x", Value: customer.Number(1)}} },
	"y":        func(c *customer.Customer) { c.Fields = customer.Fields{{Name: "y", Value: customer.Number(1)}} },
	"cadence":  func(c *customer.Customer) { c.Cadences = []customer.PipelineCadence{{Pipeline: "p"}} },
	"nothing":  func(*customer.Customer) {},
}

// changes are the ways in which something that predicates read can change.
func changes() map[string]func(s *segment.State) {
	item := func(category, sku string) []customer.Item { return []customer.Item{{Category: category, SKU: sku}} }
	all := map[string]func(s *segment.State){
		"time":     func(s *segment.State) { s.MarkTime() },
		"p":        func(s *segment.State) { s.MarkPipeline("p") },
		"q":        func(s *segment.State) { s.MarkPipeline("q") },
		"view":     func(s *segment.State) { s.MarkActivity("view") },
		"open":     func(s *segment.State) { s.MarkActivity("open") },
		"cake":     func(s *segment.State) { s.MarkPurchase(&customer.Purchase{Source: "web", Items: item("cake", "c1")}) },
		"tea":      func(s *segment.State) { s.MarkPurchase(&customer.Purchase{Source: "till", Items: item("tea", "t1")}) },
		"no items": func(s *segment.State) { s.MarkPurchase(&customer.Purchase{}) },
		"both items": func(s *segment.State) {
			s.MarkPurchase(&customer.Purchase{Items: append(item("tea", ""), item("cake", "")...)})
		},
	}
	for name, change := range cardChanges {
		all[name] = func(s *segment.State) {
			before, after := customer.Customer{ID: "c"}, customer.Customer{ID: "c"}
			change(&after)
			s.MarkCard(&before, &after)
			if !s.Dirty() {
				s.MarkCard(&after, &before) // the way back changes as much
			}
		}
	}
	return all
}

// What happens makes nothing to be looked at that it cannot change, and nothing
// is forgotten that it can.
func TestAnInputMarksWhatItCanChangeAndNoMore(t *testing.T) {
	t.Parallel()
	const bought = "cake, tea, no items, both items"
	cake, sku, web := customer.Filter{Categories: []string{"cake"}}, customer.Filter{SKUs: []string{"c1"}}, customer.Filter{Sources: []string{"web"}}
	cheap := customer.Filter{MaxAmount: 5, MinQuantity: 1}
	jan, feb := customer.Date{Year: 2026, Month: 1, Day: 1}, customer.Date{Year: 2026, Month: 2, Day: 1}
	text := func(a segment.Attribute) segment.Predicate { return segment.Card(a, segment.Equal, "a") }
	cart := segment.Sequence{First: segment.Did("view"), Then: segment.Buys(cake)}
	evening := cart
	evening.In, evening.Within = customer.Hours(1), customer.Days(1)
	scale := segment.Scale{Recency: []customer.Period{customer.Hours(1)}, Frequency: []int64{2}, Money: []int64{2}}
	for _, tt := range []struct {
		of    segment.Predicate
		reads string
	}{
		{text(segment.CardID), ""},
		{text(segment.CardName), "name"},
		{text(segment.CardSource), "source"},
		{text(segment.CardManager), "manager"},
		{text(segment.CardLocale), "locale"},
		{text(segment.CardLanguage), "locale"},
		{text(segment.CardZone), "zone"},
		{text(segment.CardEmail), "emails"},
		{text(segment.CardPhone), "phones"},
		{text(segment.CardTag), "tags"},
		{segment.SourcePart(2, segment.Equal, "a"), "source"},
		{segment.Empty(segment.CardEmail), "emails"},
		{segment.NoField("x"), "x"},
		{segment.HasTag("a"), "tags"},
		{segment.Consent("sms", segment.Granted), "consents"},
		{segment.Customers("a"), ""},
		{segment.Share("a", 0, 1), ""},
		{segment.Field("x", segment.Equal, customer.Number(1)), "x"},

		{segment.Spent(segment.More, 1), bought},
		{segment.Purchases{}.Smallest(segment.More, 1), bought},
		{segment.Purchases{Of: cake}.Count(segment.More, 1), "cake, both items"},
		{segment.Purchases{Of: sku}.Count(segment.More, 1), "cake"},
		{segment.Purchases{Of: web}.Count(segment.More, 1), "cake"},
		{segment.Purchases{Of: cheap}.Count(segment.More, 1), bought},
		{segment.Purchases{Of: cake}.Share(segment.More, 1), bought},
		{segment.Purchases{Of: cake, Within: customer.Days(1)}.Total(segment.More, 1), "cake, both items, time, zone"},
		{segment.Purchases{Of: cake, Within: customer.Hours(1)}.Total(segment.More, 1), "cake, both items, time"},
		{segment.Purchases{Of: cake, From: jan}.Total(segment.More, 1), "cake, both items, zone"},
		{segment.Purchases{Of: cake, To: feb}.Total(segment.More, 1), "cake, both items, zone"},
		{segment.Purchases{Of: cake, Cycle: "p"}.Total(segment.More, 1), "cake, both items, p"},
		{segment.Purchases{Of: cake}.MedianInterval(segment.More, customer.Days(1)), "cake, both items"},
		{segment.Purchases{Within: customer.Hours(1)}.MeanInterval(segment.More, customer.Hours(1)), bought + ", time"},
		{segment.Lapsed(cake, 2), "cake, both items, time"},
		{scale.Recent(segment.More, 1), bought + ", time"},
		{scale.Frequent(segment.More, 1), bought},
		{scale.Monetary(segment.More, 1), bought},

		{segment.Activities{Name: "view"}.Count(segment.More, 1), "view"},
		{segment.Activities{Name: "view", Within: customer.Days(1)}.Count(segment.More, 1), "view, time, zone"},
		{segment.Activities{Name: "view", Cycle: "q"}.Count(segment.More, 1), "view, q"},
		{cart.Followed(), "view, cake, both items, time"},
		{evening.Unanswered(), "view, cake, both items, time, zone"},

		{segment.Created().Known(true), "since"},
		{segment.Created().Ago(customer.Hours(1)), "since, time"},
		{segment.Created().Before(jan), "since, zone"},
		{segment.Created().From(jan), "since, zone"},
		{segment.Created().Between(jan, feb), "since, zone"},
		{segment.FirstPurchase().Ahead(customer.Hours(1)), bought + ", time"},
		{segment.LastPurchaseOf(cake).Within(customer.Days(1)), "cake, both items, time, zone"},
		{segment.FirstActivity("view").Known(true), "view"},
		{segment.LastActivity("view").Within(customer.Hours(1)), "view, time"},
		{segment.DateIn("x").Within(customer.Hours(1)), "x, time, zone"},
		{segment.DateIn("x").Known(true), "x, zone"},
		{segment.NextPurchase("p").Known(true), "p"},
		{segment.CycleStart("p").Ago(customer.Hours(1)), "p, time"},
		{segment.StageStart("q").Ago(customer.Days(1)), "q, time, zone"},
		{segment.DateIn("x").Anniversary(customer.Period{}, customer.Period{}), "x, time, zone"},
		{segment.Weekday(time.Monday), "time, zone"},
		{segment.Month(time.May), "time, zone"},

		{segment.InPipeline("p"), "p"},
		{segment.InStage("p", "s"), "p"},
		{segment.CycleNumber("q", segment.More, 1), "q"},
		{segment.Closed("p"), "p"},
		{segment.All(segment.HasTag("a"), segment.Not(segment.Field("x", segment.Equal, customer.Number(1)))), "tags, x"},
	} {
		state := compile(t, segment.Segment{ID: "s", Enter: tt.of})
		reads := strings.Split(tt.reads, ", ")
		for name, change := range changes() {
			state.Load(nil)
			change(state)
			assert.Equal(t, slices.Contains(reads, name), state.Dirty(), "%v: %s", tt.of, name)
		}
	}
}

func TestExitAndStayAreReadAsWell(t *testing.T) {
	t.Parallel()
	state := compile(t, segment.Segment{ID: "s", Enter: segment.HasTag("a"), Exit: segment.Never("view")})
	state.MarkActivity("view")
	assert.True(t, state.Dirty())
	state = compile(t, segment.Segment{ID: "s", Enter: segment.HasTag("a"), Stay: customer.Hours(1)})
	state.MarkTime()
	assert.True(t, state.Dirty())
	for stay, byZone := range map[customer.Period]bool{customer.Days(1): true, customer.Hours(24): false} {
		state = compile(t, segment.Segment{ID: "s", Enter: segment.HasTag("a"), Stay: stay})
		state.MarkCard(&customer.Customer{}, &customer.Customer{Zone: "UTC"})
		assert.Equal(t, byZone, state.Dirty(), "%v", stay)
	}
}

// counted is a predicate that counts how often it is asked, by what it reads: the
// cycle of a pipeline of its own.
func counted(f *segment.Facts, pipeline string) func() int {
	asked := 0
	before := f.Place
	f.Cycles = append(f.Cycles, customer.Cycle{Pipeline: pipeline})
	f.Place = func(c *customer.Cycle, at time.Time) *customer.Cycle {
		if c.Pipeline == pipeline {
			asked++
		}
		if before != nil {
			return before(c, at)
		}
		return c
	}
	return func() int {
		n := asked
		asked = 0
		return n
	}
}

// A purchase of tea evaluates what is about tea, and what reads that if it has
// changed, and nothing else.
func TestAPurchaseEvaluatesOnlyWhatIsAboutIt(t *testing.T) {
	t.Parallel()
	about := func(id string) segment.Predicate {
		return segment.Any(segment.InStage(id, "never"), segment.Bought(id, customer.Period{}))
	}
	state := compile(t,
		segment.Segment{ID: "cake", Enter: about("cake")},
		segment.Segment{ID: "tea", Enter: about("tea")},
		segment.Segment{ID: "both", Enter: segment.Any(segment.InStage("both", "never"), segment.All(segment.In("cake"), segment.In("tea")))},
	)
	f := tags()
	f.At(utc("2026-01-01 00:00"))
	cake, tea, both := counted(f, "cake"), counted(f, "tea"), counted(f, "both")
	settle := func(category string) (moved []string) {
		p := customer.Purchase{At: utc("2025-12-01 00:00"), Items: []customer.Item{{Category: category}}}
		f.Purchases = append(f.Purchases, p)
		state.MarkPurchase(&p)
		state.Settle(f, func(id string, _ bool) { moved = append(moved, id) })
		return moved
	}
	state.Load(nil)
	require.Equal(t, []string{"tea"}, settle("tea"))
	assert.Equal(t, []int{0, 1, 1}, []int{cake(), tea(), both()}, "who reads tea is asked, for that has changed")
	require.Empty(t, settle("tea"))
	assert.Equal(t, []int{0, 1, 0}, []int{cake(), tea(), both()}, "nothing has changed for it")
	require.Equal(t, []string{"cake", "both"}, settle("cake"))
	assert.Equal(t, []int{1, 0, 1}, []int{cake(), tea(), both()})
	require.Empty(t, settle("milk"))
	assert.Equal(t, []int{0, 0, 0}, []int{cake(), tea(), both()})
}
