package pack

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/trigger"
)

// FuzzRead reads anything as everything. What can be read at all must come back
// the same when it is written again.
func FuzzRead(f *testing.F) {
	w := NewWriter(fuzzNames())
	rec := sampleRecord()
	packed, _ := w.Record(&rec)
	f.Add(string(packed))
	p := customer.Purchase{ID: "id/p", Customer: "id", At: noon, Items: make([]customer.Item, 2)}
	a := customer.Activity{ID: "a", Customer: "x", At: noon, Props: rec.Customer.Fields}
	f.Add(string(Purchases.Append(w, "id", Purchases.Append(w, "id", "", &p), &p)))
	f.Add(string(Activities.Append(w, "id", "", &a)))
	events, _ := w.AppendEvents("id", "", []customer.Event{rec.Runs[0].Cause, rec.Runs[0].Cause, {}})
	f.Add(string(events))
	f.Add(string(w.Delivery("id", &trigger.Delivery{ID: "id/1", Customer: "id", Cause: rec.Runs[0].Cause})))
	f.Fuzz(func(t *testing.T, data string) {
		names := fuzzNames()
		w, r := NewWriter(names), NewReader(names)
		againRecord(t, w, r, data)
		againDelivery(t, w, r, data)
		againEvents(t, w, r, data)
		again(t, w, r, &Purchases, data)
		again(t, w, r, &Activities, data)
	})
}

func fuzzNames() *Names {
	names := NewNames()
	for _, name := range []string{"vip", "cakes", "tea", "x"} {
		names.add(name)
	}
	return names
}

func againRecord(t *testing.T, w *Writer, r *Reader, data string) {
	t.Helper()
	r.Labels(nil, "id", data)
	var rec, got store.Record
	if err := r.Record("id", data, &rec); err != nil {
		require.ErrorIs(t, err, ErrCorrupt)
		return
	}
	packed, _ := w.Record(&rec)
	require.NoError(t, r.Record("id", string(packed), &got))
	assert.Equal(t, rec, got)
}

func againDelivery(t *testing.T, w *Writer, r *Reader, data string) {
	t.Helper()
	d, err := r.Delivery("id", data)
	if err != nil {
		require.ErrorIs(t, err, ErrCorrupt)
		return
	}
	got, err := r.Delivery("id", string(w.Delivery("id", &d)))
	require.NoError(t, err)
	assert.Equal(t, d, got)
}

func againEvents(t *testing.T, w *Writer, r *Reader, data string) {
	t.Helper()
	events, err := r.Events("id", Chunk(data), nil)
	if err != nil || len(events) == 0 {
		return
	}
	var got []customer.Event
	for left := events; len(left) > 0; {
		var chunk Chunk
		chunk, left = w.AppendEvents("id", "", left)
		got, err = r.Events("id", chunk, got)
		require.NoError(t, err)
	}
	assert.Equal(t, events, got)
}

func again[T any](t *testing.T, w *Writer, r *Reader, k *Kind[T], data string) {
	t.Helper()
	items, err := k.Read(r, "id", Chunk(data), math.MinInt64, nil)
	_, _ = k.Find(r, "id", Chunk(data), "id")
	k.Last(r, "id", Chunk(data))
	if err != nil || len(items) == 0 {
		return
	}
	var chunk Chunk
	for i := range items {
		chunk = k.Append(w, "id", chunk, &items[i])
	}
	got, err := k.Read(r, "id", chunk, math.MinInt64, nil)
	require.NoError(t, err)
	assert.Equal(t, items, got)
}
