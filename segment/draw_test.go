package segment_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
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

// numberOps are the comparisons of what has an order.
var numberOps = []segment.Op{
	segment.Equal, segment.NotEqual, segment.Less, segment.AtMost, segment.AtLeast, segment.More,
	segment.Between, segment.OneOf, segment.NoneOf,
}

var (
	anySpan = rapid.SampledFrom(spans)
	anyName = rapid.SampledFrom([]string{"a", "b", "c"})
	anyID   = rapid.SampledFrom([]string{"a", "b", "c", "d", "e", "f", "customer 1", "customer 2", "customer 3"})
)

// leaves are how each kind of leaf is drawn.
var leaves = []struct {
	name string
	draw func(t *rapid.T) rule
}{
	{"card", drawCardLeaf},
	{"source part", drawSourcePart},
	{"empty", drawEmpty},
	{"tags", drawTags},
	{"consent", drawConsent},
	{"customers", drawCustomers},
	{"share", drawShare},
	{"field", drawField},
	{"purchases", drawBuys},
	{"interval", drawInterval},
	{"lapsed", drawLapsed},
	{"rfm", drawRFM},
	{"activities", drawActs},
	{"sequence", drawSequence},
	{"moment", drawMomentLeaf},
	{"anniversary", drawAnniversary},
	{"weekday", drawWeekday},
	{"month", drawMonth},
	{"pipeline", drawInPipeline},
	{"stage", drawInStage},
	{"cycle number", drawCycleNumber},
	{"closed", drawClosed},
}

func drawLeaf(t *rapid.T) rule {
	names := make([]string, len(leaves))
	for i, l := range leaves {
		names[i] = l.name
	}
	name := rapid.SampledFrom(names).Draw(t, "leaf")
	return leaves[slices.Index(names, name)].draw(t)
}

// drawRule draws a rule in which other segments, if any, may be asked about.
func drawRule(t *rapid.T, depth int, others []string) rule {
	kind := rapid.IntRange(0, 8).Draw(t, "kind")
	kids := func(least int) []rule {
		one := rapid.Custom(func(t *rapid.T) rule { return drawRule(t, depth-1, others) })
		return rapid.SliceOfN(one, least, 3).Draw(t, "kids")
	}
	switch {
	case kind > 5 && len(others) > 0:
		return isIn(rapid.SampledFrom(others).Draw(t, "segment"))
	case depth == 0 || kind > 4:
		return drawLeaf(t)
	case kind == 0:
		return notOf{drawRule(t, depth-1, others)}
	case kind == 1:
		of := kids(1)
		return someOf{rapid.IntRange(1, len(of)).Draw(t, "n"), of}
	case kind == 2:
		return anyOf(kids(1))
	}
	return allOf(kids(0))
}

func isIn(id string) rule {
	return leaf{of: segment.In(id), truth: func(w *world, _ time.Time) bool { return w.members[id] }}
}

// drawNumbers draws a comparison of numbers.
func drawNumbers(t *rapid.T, least, most int64) (segment.Op, []int64) {
	op := rapid.SampledFrom(numberOps).Draw(t, "op")
	n := drawList(t, op, rapid.Int64Range(least, most))
	for x := range most + 2 {
		if passes(x, op, n) {
			return op, n
		}
	}
	return segment.NoneOf, n // no number passes, which is a fault
}

// drawList draws as many values as the comparison takes.
func drawList[T any](t *rapid.T, op segment.Op, of *rapid.Generator[T]) []T {
	least, most := 1, 1
	switch op {
	case segment.Between:
		least, most = 2, 2
	case segment.OneOf, segment.NoneOf:
		most = 3
	}
	list := rapid.SliceOfN(of, least, most).Draw(t, "values")
	if op == segment.Between {
		inOrder(list)
	}
	return list
}

// inOrder sorts values, so that something can lie between them.
func inOrder(list any) {
	switch list := list.(type) {
	case []int64:
		slices.Sort(list)
	case []string:
		slices.Sort(list)
	case []customer.Period:
		slices.SortFunc(list, func(a, b customer.Period) int { return cmp.Compare(days24(a), days24(b)) })
	case []customer.Value:
		slices.SortFunc(list, func(a, b customer.Value) int {
			x, _ := a.AsNumber()
			y, _ := b.AsNumber()
			return cmp.Or(cmp.Compare(x, y), strings.Compare(a.String(), b.String()))
		})
	}
}

// base is about where histories end.
var base = utc("2027-04-05 12:00")

// drawDay draws a day of the time in which histories happen.
func drawDay(t *rapid.T) customer.Date {
	return customer.Date{Year: 2025, Month: 1, Day: 1}.Add(customer.Days(rapid.IntRange(0, 850).Draw(t, "day")))
}

func drawFilter(t *rapid.T) (of customer.Filter) {
	if rapid.Bool().Draw(t, "takes all") {
		return of
	}
	few := func(name string) []string { return rapid.SliceOfN(anyName, 0, 2).Draw(t, name) }
	switch rapid.IntRange(0, 4).Draw(t, "filter") {
	case 0:
		of.Categories, of.SKUs = few("categories"), few("skus")
	case 1:
		of.Sources = few("sources")
	case 2:
		of.MinAmount = rapid.Int64Range(0, 5).Draw(t, "least")
		of.MaxAmount = rapid.SampledFrom([]int64{0, 5, 8}).Draw(t, "most")
	case 3:
		of.MinQuantity = rapid.Int64Range(1, 4).Draw(t, "pieces")
		of.Categories = few("categories")
	default:
		of.Categories, of.Sources, of.MinAmount = few("categories"), few("sources"), rapid.Int64Range(0, 3).Draw(t, "least")
	}
	return of
}

// drawWorld draws a customer to whom nothing has happened yet.
func drawWorld(t *rapid.T, zone *time.Location) *world {
	return &world{zone: zone, card: drawCard(t), members: make(map[string]bool), since: make(map[string]time.Time)}
}

func drawCard(t *rapid.T) customer.Customer {
	few := func(of *rapid.Generator[string], name string) []string {
		return rapid.SliceOfNDistinct(of, 0, 3, rapid.ID).Draw(t, name)
	}
	maybe := rapid.SampledFrom([]string{"", "a", "b", "ab", "aba"})
	c := customer.Customer{
		ID: anyID.Draw(t, "id"), Name: maybe.Draw(t, "name"), Manager: maybe.Draw(t, "manager"),
		Emails: few(anyText, "emails"), Phones: few(anyText, "phones"), Tags: few(anyTag, "tags"),
		Source: rapid.SampledFrom([]string{"", "a", "a/b", "b//ab", "/a", "ab/ba/aba/a"}).Draw(t, "source"),
		Locale: rapid.SampledFrom([]string{"", "de", "de-AT", "en_US", "a-b", "-a"}).Draw(t, "locale"),
	}
	if rapid.Bool().Draw(t, "is known since") {
		c.Since = drawInstant(t, base)
	}
	for _, channel := range few(anyChannel, "channels") {
		c.Consents = append(c.Consents, customer.Consent{Channel: channel, Granted: rapid.Bool().Draw(t, "granted")})
	}
	c.Fields = drawFields(t)
	return c.Normal()
}

func drawFields(t *rapid.T) (fields customer.Fields) {
	for _, name := range rapid.SliceOfNDistinct(anyName, 0, 3, rapid.ID).Draw(t, "fields") {
		fields = append(fields, customer.Field{Name: name, Value: rapid.SampledFrom(values).Draw(t, "value")})
	}
	return fields
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
		i := customer.Item{Category: anyName.Draw(t, "category"), SKU: anyName.Draw(t, "sku"), Amount: rapid.Int64Range(0, 6).Draw(t, "amount")}
		if rapid.IntRange(0, 3).Draw(t, "unnamed") == 0 {
			i.Category = ""
		}
		i.Quantity = rapid.Int64Range(0, 3).Draw(t, "quantity")
		p.Items = append(p.Items, i)
		p.Amount += i.Amount
	}
	if len(p.Items) == 0 {
		p.Amount = rapid.Int64Range(0, 9).Draw(t, "amount")
	} else {
		p.Amount -= rapid.Int64Range(0, p.Amount).Draw(t, "discount")
	}
	if back := rapid.Int64Range(-9, p.Amount).Draw(t, "refund"); back > 0 {
		p.Refunds = []customer.Refund{{ID: "r", Amount: back, At: at}}
	}
	return p
}

func drawActivity(t *rapid.T, id int, at time.Time) customer.Activity {
	return customer.Activity{ID: fmt.Sprint("a", id), Name: anyName.Draw(t, "activity"), At: at, Props: drawFields(t)}.Normal()
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
		w.act(drawActivity(t, i, drawInstant(t, now)))
	}
	w.drawPlans(t, now)
}
