package segment_test

import (
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
)

// window is the part of Purchases and Activities that is about time.
type window struct {
	within   customer.Period
	from, to customer.Date
	cycle    string
}

// has reports whether something counts by when it happened; exists is false
// where the window itself is not there.
func (v window) has(w *world, at, now time.Time) (has, exists bool) {
	if v.cycle != "" {
		c := w.cycle(v.cycle, now)
		return c != nil && !at.After(now) && !at.Before(c.Started), c != nil
	}
	inDays := (v.from.IsZero() || !at.Before(w.midnight(v.from))) && (v.to.IsZero() || at.Before(w.midnight(v.to)))
	return inDays && w.inside(at, v.within, now), true
}

// ends returns when something that happened leaves the window.
func (v window) ends(w *world, at time.Time) []time.Time {
	if v.within.IsZero() {
		return []time.Time{at}
	}
	return []time.Time{at, v.within.After(at, w.zone)}
}

func drawWindow(t *rapid.T) (v window) {
	switch rapid.IntRange(0, 5).Draw(t, "window") {
	case 0:
	case 1:
		v.cycle = anyPipeline.Draw(t, "cycle")
	case 2:
		v.from = drawDay(t)
	case 3:
		v.from = drawDay(t)
		v.to = v.from.Add(customer.Days(rapid.IntRange(1, 300).Draw(t, "days")))
	default:
		v.within = anySpan.Draw(t, "span")
	}
	return v
}

// about says which purchases are meant.
func (v window) about(of customer.Filter) segment.Purchases {
	return segment.Purchases{Of: of, Within: v.within, From: v.from, To: v.to, Cycle: v.cycle}
}

// gone is what is left of a purchase that no longer counts.
const gone = int64(-1)

// left returns what is left of a purchase after its refunds.
func left(p customer.Purchase) int64 {
	net := p.Amount
	for _, r := range p.Refunds {
		net -= r.Amount
	}
	if len(p.Refunds) > 0 && net <= 0 {
		return gone
	}
	return net
}

// meant returns the items of a purchase that a filter is about.
func meant(of customer.Filter, p customer.Purchase) (items []customer.Item) {
	for _, i := range p.Items {
		if (len(of.Categories) == 0 || slices.Contains(of.Categories, i.Category)) && (len(of.SKUs) == 0 || slices.Contains(of.SKUs, i.SKU)) {
			items = append(items, i)
		}
	}
	return items
}

func takes(of customer.Filter, p customer.Purchase) bool {
	if p.Amount < of.MinAmount || (of.MaxAmount > 0 && p.Amount > of.MaxAmount) {
		return false
	}
	if len(of.Sources) > 0 && !slices.Contains(of.Sources, p.Source) {
		return false
	}
	var pieces int64
	for _, i := range meant(of, p) {
		pieces += max(1, i.Quantity)
	}
	return pieces >= of.MinQuantity && (pieces > 0 || len(of.Categories)+len(of.SKUs) == 0)
}

// worth is how much of what is left of a purchase a filter is about.
func worth(of customer.Filter, p customer.Purchase) (sum int64) {
	if len(of.Categories)+len(of.SKUs) == 0 {
		return left(p)
	}
	for _, i := range meant(of, p) {
		sum += i.Amount
	}
	if len(p.Refunds) == 0 || p.Amount == 0 {
		return sum
	}
	return sum * left(p) / p.Amount
}

// counting returns the purchases that count at an instant, in order.
func (w *world) counting(of customer.Filter, v window, now time.Time) (all []customer.Purchase, exists bool) {
	exists = true
	for _, p := range w.purchases {
		var has bool
		if has, exists = v.has(w, p.At, now); has && left(p) != gone && takes(of, p) {
			all = append(all, p)
		}
	}
	if v.cycle != "" {
		exists = w.cycle(v.cycle, now) != nil
	}
	return all, exists
}

// reckon returns a measure of the purchases that count; false: there is none.
func (w *world) reckon(measure string, of customer.Filter, v window, now time.Time) (int64, bool) {
	bought, exists := w.counting(of, v, now)
	if !exists {
		return 0, false
	}
	var sum, most int64
	least := int64(1 << 60)
	var categories, skus []string
	for _, p := range bought {
		amount := worth(of, p)
		sum, most, least = sum+amount, max(most, amount), min(least, amount)
		for _, i := range meant(of, p) {
			categories, skus = append(categories, i.Category), append(skus, i.SKU)
		}
	}
	count := int64(len(bought))
	switch measure {
	case "count":
		return count, true
	case "total":
		return sum, true
	case "categories":
		return different(categories), true
	case "skus":
		return different(skus), true
	case "share":
		return w.share(sum, v, now)
	}
	if count == 0 {
		return 0, false
	}
	return map[string]int64{"average": sum / count, "largest": most, "smallest": least}[measure], true
}

// share returns how many percent a part is of all that was spent.
func (w *world) share(part int64, v window, now time.Time) (int64, bool) {
	all, _ := w.counting(customer.Filter{}, v, now)
	var whole int64
	for _, p := range all {
		whole += left(p)
	}
	if whole == 0 {
		return 0, false
	}
	return min(100, 100*part/whole), true
}

// different returns how many different names there are.
func different(names []string) int64 {
	seen := make(map[string]bool)
	for _, name := range names {
		seen[name] = name != ""
	}
	delete(seen, "")
	return int64(len(seen))
}

func (w *world) purchaseEdges(v window) (all []time.Time) {
	for _, p := range w.purchases {
		all = append(all, v.ends(w, p.At)...)
	}
	return all
}

func drawBuys(t *rapid.T) rule {
	measures := map[string]func(p segment.Purchases, op segment.Op, n ...int64) segment.Predicate{
		"count": segment.Purchases.Count, "total": segment.Purchases.Total, "average": segment.Purchases.Average,
		"largest": segment.Purchases.Largest, "smallest": segment.Purchases.Smallest,
		"categories": segment.Purchases.Categories, "skus": segment.Purchases.SKUs, "share": segment.Purchases.Share,
	}
	measure := rapid.SampledFrom([]string{"count", "total", "average", "largest", "smallest", "categories", "skus", "share"}).Draw(t, "measure")
	v, of := drawWindow(t), drawFilter(t)
	if measure == "share" && of.IsZero() {
		of.Sources = []string{"a"}
	}
	most := map[string]int64{"count": 4, "categories": 3, "skus": 3, "share": 100}[measure]
	if most == 0 {
		most = 20
	}
	op, n := drawNumbers(t, -1, most)
	return leaf{
		of: measures[measure](v.about(of), op, n...),
		truth: func(w *world, now time.Time) bool {
			x, ok := w.reckon(measure, of, v, now)
			return ok && passes(x, op, n)
		},
		flips: func(w *world, _, _ time.Time) []time.Time { return w.purchaseEdges(v) },
	}
}

// gaps returns the times between purchases, in order of length.
func gaps(bought []customer.Purchase) (all []time.Duration) {
	for i := 1; i < len(bought); i++ {
		all = append(all, bought[i].At.Sub(bought[i-1].At))
	}
	slices.Sort(all)
	return all
}

// median returns the middle of lengths, or the mean of the two in the middle.
func median(gaps []time.Duration) time.Duration {
	n := len(gaps)
	return ((gaps[(n-1)/2] + gaps[n/2]) / 2).Truncate(time.Microsecond)
}

// days24 returns a length of which a day has 24 hours, in microseconds.
func days24(d customer.Period) int64 {
	return (time.Duration(d.Days+7*d.Weeks)*24*time.Hour + d.Exact).Microseconds()
}

func drawInterval(t *rapid.T) rule {
	v, of := drawWindow(t), drawFilter(t)
	op := rapid.SampledFrom(numberOps).Draw(t, "op")
	lengths := drawList(t, op, rapid.SampledFrom([]customer.Period{
		customer.Days(0), customer.Days(1), customer.Weeks(3), {Days: 2, Exact: 90 * time.Minute}, customer.Days(60), customer.Hours(500), customer.Days(200),
	}))
	var micros []int64
	for _, d := range lengths {
		micros = append(micros, days24(d))
	}
	isMean := rapid.Bool().Draw(t, "mean")
	p := v.about(of).MedianInterval(op, lengths...)
	if isMean {
		p = v.about(of).MeanInterval(op, lengths...)
	}
	return leaf{
		of: p,
		truth: func(w *world, now time.Time) bool {
			bought, _ := w.counting(of, v, now)
			if len(bought) < 2 {
				return false
			}
			if isMean {
				return passes(bought[len(bought)-1].At.Sub(bought[0].At).Microseconds()/int64(len(bought)-1), op, micros)
			}
			return passes(median(gaps(bought)).Microseconds(), op, micros)
		},
		flips: func(w *world, _, _ time.Time) []time.Time { return w.purchaseEdges(v) },
	}
}

func drawLapsed(t *rapid.T) rule {
	of := drawFilter(t)
	times := rapid.SampledFrom([]float64{0.5, 1, 1.5, 3, 1000}).Draw(t, "times")
	due := func(w *world, now time.Time) (time.Time, bool) {
		bought, _ := w.counting(of, window{}, now)
		if len(bought) < 2 {
			return time.Time{}, false
		}
		wait := int64(times * float64(median(gaps(bought)).Microseconds())) // which can be longer than a Duration
		return time.UnixMicro(bought[len(bought)-1].At.UnixMicro() + wait).UTC(), true
	}
	return leaf{
		of: segment.Lapsed(of, times),
		truth: func(w *world, now time.Time) bool {
			at, ok := due(w, now)
			return ok && !now.Before(at)
		},
		flips: func(w *world, _, to time.Time) []time.Time {
			at, _ := due(w, to)
			return append(w.purchaseEdges(window{}), at)
		},
	}
}

func drawScale(t *rapid.T) (s segment.Scale) {
	s.Recency = []customer.Period{customer.Days(7), customer.Days(30), customer.Months(1), customer.Days(90)}
	s.Recency = s.Recency[rapid.IntRange(0, 2).Draw(t, "from"):]
	s.Frequency = []int64{1, 2, 4}
	s.Money = []int64{1, 3, 7, 15}
	if rapid.Bool().Draw(t, "windowed") {
		s.Within = anySpan.Draw(t, "span")
	}
	return s
}

func drawRFM(t *rapid.T) rule {
	s := drawScale(t)
	op, n := drawNumbers(t, 0, 6)
	kind := rapid.IntRange(0, 2).Draw(t, "score")
	score := func(w *world, now time.Time) (points int64) {
		bought, _ := w.counting(customer.Filter{}, window{within: s.Within}, now)
		var spent int64
		for _, p := range bought {
			spent += left(p)
		}
		return 1 + [3]int64{
			reached(s.Recency, func(d customer.Period) bool { at, _ := w.lastBought(customer.Filter{}); return w.inside(at, d, now) }),
			reached(s.Frequency, func(n int64) bool { return int64(len(bought)) >= n }),
			reached(s.Money, func(n int64) bool { return spent >= n }),
		}[kind]
	}
	return leaf{
		of: []segment.Predicate{s.Recent(op, n...), s.Frequent(op, n...), s.Monetary(op, n...)}[kind],
		truth: func(w *world, now time.Time) bool {
			_, ever := w.lastBought(customer.Filter{})
			return ever && passes(score(w, now), op, n)
		},
		flips: func(w *world, _, _ time.Time) []time.Time {
			all := w.purchaseEdges(window{within: s.Within})
			for _, d := range s.Recency {
				all = append(all, w.purchaseEdges(window{within: d})...)
			}
			return all
		},
	}
}

// reached returns how many thresholds are.
func reached[T any](thresholds []T, is func(T) bool) (n int64) {
	for _, x := range thresholds {
		if is(x) {
			n++
		}
	}
	return n
}

// lastBought returns when the last purchase was made that counts.
func (w *world) lastBought(of customer.Filter) (at time.Time, ever bool) {
	for _, p := range w.purchases {
		if left(p) != gone && takes(of, p) && !p.At.Before(at) {
			at, ever = p.At, true
		}
	}
	return at, ever
}
