package pack

import (
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/trigger"
)

var noon = time.Date(2026, time.March, 1, 12, 0, 0, 1000, time.UTC)

// That every field is packed is checked by storetest, which fills all of them;
// these are the values that are hard to keep.

// tables runs a test with names numbered and spelt out.
func tables(t *testing.T, test func(t *testing.T, w *Writer, r *Reader)) {
	t.Helper()
	for name, names := range map[string]*Names{"numbered": NewNames(), "spelt out": nil} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, NewWriter(names), NewReader(names))
		})
	}
}

func sampleRecord() store.Record {
	event := customer.Event{Kind: customer.Purchased, At: noon, Known: noon.Add(time.Hour), Ref: "id/x/1", Reason: "late"}
	return store.Record{
		Customer: customer.Customer{
			ID: "id", Since: time.Date(1, 1, 2, 0, 0, 0, 0, time.UTC), Emails: []string{"idx", "id", ""}, Tags: []string{"vip", "ж"},
			Fields: customer.Fields{
				{Name: "text", Value: customer.Text("vip")},
				{Name: "empty", Value: customer.Text("")},
				{Name: "none"},
				{Name: "whole", Value: customer.Number(-1 << 53)},
				{Name: "float", Value: customer.Number(0.1)},
				{Name: "inf", Value: customer.Number(math.Inf(1))},
				{Name: "no", Value: customer.Bool(false)},
				{Name: "yes", Value: customer.Bool(true)},
				{Name: "date", Value: customer.DateValue(2024, time.February, 29)},
				{Name: "time", Value: customer.Instant(noon)},
			},
			Cadences: []customer.PipelineCadence{{Pipeline: "tea", Cadence: customer.Cadence{On: customer.OnDays(time.Saturday)}}},
		},
		Cycles: []customer.Cycle{
			{Pipeline: "cakes", Number: 1, Started: noon, Entered: noon, Gaps: []int{7, -1, math.MaxInt}, Hand: &customer.Hand{}},
			{Pipeline: "tea", Stage: "thank", Started: noon, Due: time.Date(200_000, 1, 1, 0, 0, 0, 0, time.UTC)},
		},
		Segments: []segment.Membership{{Segment: "vip", Since: noon}, {Segment: "vips"}},
		Runs:     []trigger.Run{{ID: "id/x/1", Trigger: "x", Step: -1, Due: noon, Cause: event}},
		Counters: []trigger.Counter{{Trigger: "x", Fired: math.MaxInt, Last: time.Date(-200_000, 1, 1, 0, 0, 0, 0, time.UTC)}},
		AsOf:     noon,
	}
}

func TestRecord(t *testing.T) {
	t.Parallel()
	tables(t, func(t *testing.T, w *Writer, r *Reader) {
		for _, want := range []store.Record{sampleRecord(), {Customer: customer.Customer{ID: "id"}}} {
			packed, _ := w.Record(&want)
			var got store.Record
			require.NoError(t, r.Record("id", string(packed), &got))
			assert.Equal(t, want, got)
		}
	})
}

// TestRecordAgain reads records, one after another, into the same place.
func TestRecordAgain(t *testing.T) {
	t.Parallel()
	tables(t, func(t *testing.T, w *Writer, r *Reader) {
		full, small, empty := sampleRecord(), sampleRecord(), store.Record{Customer: customer.Customer{ID: "id"}}
		full.Customer.Name, full.Wake, full.Totals.Total = "Ada", noon, 5
		full.Cycles[0].Hand = &customer.Hand{Stage: "due", NextAt: noon}
		small.Cycles, small.Runs, small.Customer.Fields = small.Cycles[1:], nil, small.Customer.Fields[:1]
		var got store.Record
		for _, want := range []store.Record{full, empty, small, full, small, empty, full} {
			bytes, _ := w.Record(&want)
			packed := string(bytes)
			require.NoError(t, r.Record("id", packed, &got))
			bytes, _ = w.Record(&got)
			assert.Equal(t, packed, string(bytes))
		}
	})
}

func TestLabels(t *testing.T) {
	t.Parallel()
	names := NewNames()
	w, r := NewWriter(names), NewReader(names)
	rec := sampleRecord()
	long := strings.Repeat("long", 100)
	rec.Customer.Manager, rec.Cycles[0].Stage = long, long
	packed, _ := w.Record(&rec)
	got := r.Labels([]Label{1}, "id", string(packed))
	assert.Equal(t, []Label{
		1, names.Label(InPipeline, "cakes"), names.Stage("cakes", long), names.Label(InPipeline, "tea"), names.Stage("tea", "thank"),
		names.Label(InSegment, "vip"), names.Label(InSegment, "vips"), names.Label(WithManager, long),
		names.Label(WithTag, "vip"), names.Label(WithTag, "ж"),
		names.Label(WithContact, "idx"), names.Label(WithContact, "id"), names.Label(WithContact, ""),
	}, got)
	assert.NotContains(t, got, names.Stage(long, "cakes"))
	assert.NotContains(t, got, names.Label(InSegment, "none"))
	assert.Empty(t, r.Labels(nil, "id", ""), "of nothing")
}

func TestHead(t *testing.T) {
	t.Parallel()
	w := NewWriter(NewNames())
	rec := sampleRecord()
	bytes, n := w.Record(&rec)
	packed, head := string(bytes), string(bytes[:n])

	rec.Segments[0].Since, rec.AsOf = noon.Add(time.Hour), noon.Add(time.Hour)
	bytes, n = w.Record(&rec)
	assert.Equal(t, head, string(bytes[:n]), "the same look-ups")
	rec.Segments = rec.Segments[:1]
	bytes, n = w.Record(&rec)
	assert.False(t, strings.HasPrefix(packed, string(bytes[:n])), "other look-ups")
}

func TestNamesInOnePlace(t *testing.T) {
	t.Parallel()
	require.Equal(t, place("a-xy"), place("a+xy"))
	names := NewNames()
	for range 3 {
		for want, name := range []string{"a-xy", "a+xy", "", "x", "y"} {
			got, ok := names.add(name)
			assert.True(t, ok)
			assert.EqualValues(t, want, got, name)
		}
	}
}

func TestEvents(t *testing.T) {
	t.Parallel()
	tables(t, func(t *testing.T, w *Writer, r *Reader) {
		a := customer.Event{Kind: customer.Purchased, At: noon, Known: noon, Ref: "p", Amount: 5}
		b := customer.Event{Kind: customer.CycleStarted, At: noon, Known: noon, Ref: "p", Pipeline: "tea"}
		zero := customer.Event{Kind: customer.Tagged}
		early := customer.Event{Kind: customer.Tagged, At: noon.Add(-time.Hour), Known: noon}
		want := []customer.Event{a, b, zero, zero, early, a, zero, b}
		for split := range want { // in two goes, which repeat nothing of each other
			chunk, left := w.AppendEvents("id", "", want[:split+1])
			require.Empty(t, left)
			if rest := want[split+1:]; len(rest) > 0 {
				chunk, left = w.AppendEvents("id", chunk, rest)
				require.Empty(t, left)
			}
			got, err := r.Events("id", chunk, nil)
			require.NoError(t, err)
			assert.Equal(t, want, got, "split after %d", split)
			assert.Equal(t, len(want), chunk.Len())
			assert.Equal(t, noon.UnixMicro(), chunk.First())
		}
	})
}

func TestEventsOverflow(t *testing.T) {
	t.Parallel()
	w := NewWriter(nil)
	events := make([]customer.Event, MaxItems+5)
	chunk, left := w.AppendEvents("id", "", events)
	assert.Len(t, left, 5)
	assert.True(t, chunk.Full())
}

// TestLayout holds what doc.go shows.
func TestLayout(t *testing.T) {
	t.Parallel()
	p := customer.Purchase{ID: "ann-1", Customer: "ann", At: time.UnixMicro(1_000_000), Amount: 490, Source: "web"}
	chunk := Purchases.Append(NewWriter(NewNames()), "ann", "", &p)
	assert.Equal(t, "01 80 89 7a 08 05 2d 31 16 00 d4 07 01", fmt.Sprintf("% x", string(chunk)))
}

func TestPurchases(t *testing.T) {
	t.Parallel()
	tables(t, func(t *testing.T, w *Writer, r *Reader) {
		want := []customer.Purchase{
			{ID: "p", Customer: "id", At: noon, Amount: math.MinInt64},
			{ID: "id/p", Customer: "id", At: noon, Items: []customer.Item{{SKU: strings.Repeat("long", 100), Amount: math.MaxInt64}, {}}},
			{ID: "other's", Customer: "other", At: noon.Add(-time.Hour), Next: noon, Refunds: []customer.Refund{{Customer: "id", At: noon}, {}}},
		}
		var chunk Chunk
		for i := range want {
			chunk = Purchases.Append(w, "id", chunk, &want[i])
			id, at := Purchases.Last(r, "id", chunk)
			assert.Equal(t, want[i].ID, id)
			assert.Equal(t, want[i].At.UnixMicro(), at)
		}
		got, err := Purchases.Read(r, "id", chunk, math.MinInt64, nil)
		require.NoError(t, err)
		assert.Equal(t, want, got)
		for i := range want {
			p, err := Purchases.Find(r, "id", chunk, want[i].ID)
			require.NoError(t, err)
			assert.Equal(t, &want[i], p)
		}
		p, err := Purchases.Find(r, "id", chunk, "none")
		require.NoError(t, err)
		assert.Nil(t, p)
	})
}

func TestPurchasesSince(t *testing.T) {
	t.Parallel()
	tables(t, func(t *testing.T, w *Writer, r *Reader) {
		var chunk Chunk
		for i := range 10 {
			p := customer.Purchase{ID: fmt.Sprint("id/", i), Customer: "id", At: noon.Add(time.Duration(i/2) * time.Hour)}
			if i%3 == 0 {
				p.Customer, p.Items = "other", make([]customer.Item, i)
			}
			chunk = Purchases.Append(w, "id", chunk, &p)
		}
		all, err := Purchases.Read(r, "id", chunk, math.MinInt64, nil)
		require.NoError(t, err)
		require.Len(t, all, 10)
		room := make([]customer.Purchase, 0, 10)
		for i := range 6 {
			from := noon.Add(time.Duration(i) * time.Hour).UnixMicro()
			for early, want := range map[int64][]customer.Purchase{0: all[2*i:], -1: all[2*i:], 1: all[min(2*i+2, 10):]} {
				got, err := Purchases.Read(r, "id", chunk, from+early, room)
				require.NoError(t, err)
				assert.Equal(t, len(want), len(got))
				for j := range got {
					assert.Equal(t, want[j].ID, got[j].ID)
					assert.Len(t, got[j].Items, len(want[j].Items))
				}
			}
		}
	})
}

func TestDelivery(t *testing.T) {
	t.Parallel()
	tables(t, func(t *testing.T, w *Writer, r *Reader) {
		for _, want := range []trigger.Delivery{
			{ID: "id/x/1/2", Customer: "id", Kind: trigger.MessageKind, At: noon, Cause: customer.Event{Kind: customer.Acted, At: noon}},
			{ID: "x", Customer: "not id", Text: strings.Repeat("ж", 10_000)},
		} {
			got, err := r.Delivery("id", string(w.Delivery("id", &want)))
			require.NoError(t, err)
			assert.Equal(t, want, got)
		}
	})
}

func TestNamesAreBounded(t *testing.T) {
	t.Parallel()
	names := NewNames()
	w, r := NewWriter(names), NewReader(names)
	for i := range maxNames + 10 {
		w.Name(fmt.Sprint(i))
	}
	w.Name(strings.Repeat("x", maxNameLen+1))
	assert.Len(t, names.table(), maxNames)
	want := store.Record{Customer: customer.Customer{ID: "id", Manager: "one too many", Tags: []string{"7", strings.Repeat("x", 100)}}}
	packed, _ := w.Record(&want)
	var got store.Record
	require.NoError(t, r.Record("id", string(packed), &got))
	assert.Equal(t, want, got)
}

func TestReadersWhileNamesGrow(t *testing.T) {
	t.Parallel()
	names := NewNames()
	w := NewWriter(names)
	var wg sync.WaitGroup
	for i := range 200 {
		want := store.Record{Customer: customer.Customer{ID: "id", Manager: fmt.Sprint("m", i)}}
		packed, _ := w.Record(&want)
		kept := string(packed)
		wg.Go(func() {
			var got store.Record
			assert.NoError(t, NewReader(names).Record("id", kept, &got))
			assert.Equal(t, want, got)
		})
	}
	wg.Wait()
}

func TestWriterChangesNothing(t *testing.T) {
	t.Parallel()
	rec := sampleRecord() // shared by all, which -race watches
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() { NewWriter(nil).Record(&rec) })
	}
	wg.Wait()
	assert.Equal(t, sampleRecord(), rec)
}
