package segment_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
)

// BenchmarkHundred evaluates 100 segments, 30 of which depend on time, and
// finds the flip of each. x-prototype is how many times as long as the same
// rules written out by hand that takes, both measured here by turns, the best of
// many short rounds. It was 1.8, and 2.1 where days are those of a zone, which
// the prototype knows nothing of: the mean over six layouts of the program in
// memory (go test -ldflags=-randlayout=1 and so on), which alone make it 1.7 or
// 2.
func BenchmarkHundred(b *testing.B) {
	for _, name := range []string{"UTC", "Europe/Berlin"} {
		b.Run(name, func(b *testing.B) {
			w := newBench(b, name)
			ours, hand := byTurns(w.all, w.byHand)
			b.ReportAllocs()
			for b.Loop() {
				w.all()
			}
			b.ReportMetric(ours/hand, "x-prototype")
			b.ReportMetric(ours, "best-ns")
			b.ReportMetric(hand, "prototype-ns")
		})
	}
}

// BenchmarkEight is a page view, which eight of the hundred read, each in a
// window of its own, the dearest rules among them; x-hundred compares it with
// evaluating all of them, and was 0.17 to 0.2.
func BenchmarkEight(b *testing.B) {
	for _, name := range []string{"UTC", "Europe/Berlin"} {
		b.Run(name, func(b *testing.B) {
			w := newBench(b, name)
			eight, all := byTurns(w.eight, w.all)
			b.ReportAllocs()
			for b.Loop() {
				w.eight()
			}
			b.ReportMetric(eight/all, "x-hundred")
		})
	}
}

// byTurns returns how many nanoseconds a call of f and one of g take: the best
// of many rounds, each so short that some fall between what else the machine
// does.
func byTurns(f, g func()) (float64, float64) {
	const calls = 20
	rounds := 2000
	if testing.Short() {
		rounds /= 20
	}
	round := func(f func(), best time.Duration) time.Duration {
		start := time.Now()
		for range calls {
			f()
		}
		return min(best, time.Since(start))
	}
	bestF, bestG := time.Hour, time.Hour
	for range rounds {
		bestF, bestG = round(f, bestF), round(g, bestG)
	}
	return float64(bestF) / calls, float64(bestG) / calls
}

func TestSettlingDoesNotAllocate(t *testing.T) {
	for _, name := range zoneNames {
		w := newBench(t, name)
		w.all()
		require.Zero(t, testing.AllocsPerRun(100, w.all), name)
	}
}

// bench is one customer under the hundred rules, both ways.
type bench struct {
	facts     segment.Facts
	state     *segment.State
	flat      flat
	closures  []closure
	truths    []bool // what the closures said
	handUntil int64
}

func (w *bench) all() {
	w.state.MarkAll()
	w.state.Settle(&w.facts, func(string, bool) {})
}

func (w *bench) eight() {
	w.state.MarkActivity("page_view")
	w.state.Settle(&w.facts, func(string, bool) {})
}

func (w *bench) byHand() {
	next := never
	for i, c := range w.closures {
		truth, until := c(&w.flat)
		w.truths[i] = truth
		next = min(next, until)
	}
	w.handUntil = next
}

// newBench returns a regular of a year: a purchase every 30 days and a page view
// or another activity every 36 hours of the last two weeks.
func newBench(tb testing.TB, zoneName string) *bench {
	now := utc("2026-06-15 12:00")
	w := &bench{flat: flat{now: now.UnixMicro(), size: 4, stage: 3}}
	card := &customer.Customer{ID: "c", Fields: customer.Fields{{Name: "pet", Value: customer.Text("cat")}, {Name: "size", Value: customer.Number(4)}}}
	for _, i := range []int{2, 5, 7} {
		card.Tags = append(card.Tags, tagName(i))
		w.flat.tags |= 1 << i
	}
	w.facts = segment.Facts{
		Customer: card, Totals: new(customer.Totals), Zone: zone(tb, zoneName),
		Cycles: []customer.Cycle{{Pipeline: "p", Stage: stageName(3)}},
	}
	for i := range 12 {
		at := now.Add(-time.Duration(12-i) * 30 * day).Add(20 * day)
		p := customer.Purchase{ID: fmt.Sprint(i), At: at, Amount: 8000}
		require.True(tb, w.facts.Totals.Add(&p))
		w.facts.Purchases = append(w.facts.Purchases, p)
		w.flat.buys = append(w.flat.buys, flatFact{at: at.UnixMicro(), amount: p.Amount})
		w.flat.count, w.flat.total, w.flat.max, w.flat.last = w.flat.count+1, w.flat.total+p.Amount, p.Amount, at.UnixMicro()
	}
	names := []string{"page_view", "email_open", "review"}
	for i := range 10 {
		at := now.Add(-time.Duration(10-i) * 36 * time.Hour)
		w.facts.Activities = append(w.facts.Activities, customer.Activity{ID: fmt.Sprint(i), Name: names[i%3], At: at})
		w.flat.views = append(w.flat.views, flatFact{at: at.UnixMicro(), name: i % 3})
	}
	w.compile(tb)
	w.facts.At(now)
	w.check(tb)
	return w
}

func (w *bench) compile(tb testing.TB) {
	var segments []segment.Segment
	for i, t := range hundred() {
		segments = append(segments, segment.Segment{ID: fmt.Sprintf("s%02d", i), Enter: t.of})
		w.closures = append(w.closures, t.hand)
	}
	w.truths = make([]bool, len(w.closures))
	set, err := segment.Compile(segments, anyStage)
	require.NoError(tb, err)
	w.state = set.NewState()
	w.state.Load(nil)
}

// check says that both ways agree, so that what is compared is the same work.
func (w *bench) check(tb testing.TB) {
	w.byHand()
	in := make(map[string]bool)
	w.state.MarkAll()
	w.state.Settle(&w.facts, func(id string, entered bool) { in[id] = entered })
	for i, truth := range w.truths {
		require.Equal(tb, truth, in[fmt.Sprintf("s%02d", i)], "rule %d", i)
	}
}
