package pack

import (
	"fmt"
	"testing"

	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/store"
)

// BenchmarkRecord packs and unpacks a record in twenty segments.
func BenchmarkRecord(b *testing.B) {
	w := NewWriter(NewNames())
	rec := sampleRecord()
	for i := range 20 {
		rec.Segments = append(rec.Segments, segment.Membership{Segment: fmt.Sprintf("segment %02d", i), Since: noon})
	}
	bytes, _ := w.Record(&rec)
	b.Run("write", func(b *testing.B) {
		for b.Loop() {
			w.Record(&rec)
		}
	})
	r := NewReader(w.c.names)
	packed := string(bytes)
	b.Run("read", func(b *testing.B) {
		for b.Loop() {
			var rec store.Record
			if err := r.Record("id", packed, &rec); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("read-again", func(b *testing.B) {
		var rec store.Record
		for b.Loop() {
			if err := r.Record("id", packed, &rec); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("labels", func(b *testing.B) {
		var labels []Label
		for b.Loop() {
			labels = r.Labels(labels[:0], "id", packed)
		}
	})
}
