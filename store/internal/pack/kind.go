package pack

import (
	"encoding/binary"
	"slices"
	"time"

	"github.com/regulars-go/regulars/customer"
)

// Kind packs items that have an ID and a time, ordered by time, into chunks.
// Every item is preceded by its length, so that one of them is found without
// unpacking the others.
type Kind[T any] struct {
	id   func(*T) *string
	at   func(*T) time.Time
	code func(*coder, *T) // all but the ID
}

// The kinds of items.
var (
	Purchases = Kind[customer.Purchase]{
		id:   func(p *customer.Purchase) *string { return &p.ID },
		at:   func(p *customer.Purchase) time.Time { return p.At },
		code: purchase,
	}
	Activities = Kind[customer.Activity]{
		id:   func(a *customer.Activity) *string { return &a.ID },
		at:   func(a *customer.Activity) time.Time { return a.At },
		code: activity,
	}
)

// At returns the time of an item, in microseconds since 1970.
func (k *Kind[T]) At(item *T) int64 { return k.at(item).UnixMicro() }

// ID returns the ID of an item.
func (k *Kind[T]) ID(item *T) string { return *k.id(item) }

// Append returns the chunk with one more item.
func (k *Kind[T]) Append(w *Writer, owner string, chunk Chunk, item *T) Chunk {
	c, first := w.goOn(owner, chunk, 1, k.At(item))
	start := len(c.out)
	c.last = first
	c.text(k.id(item))
	k.code(c, item)
	var length [binary.MaxVarintLen64]byte
	n := binary.PutUvarint(length[:], uint64(len(c.out)-start))
	c.out = slices.Insert(c.out, start, length[:n]...)
	return Chunk(c.out)
}

// Read appends the items of a chunk to out.
func (k *Kind[T]) Read(r *Reader, owner string, chunk Chunk, out []T) ([]T, error) {
	n, first := r.open(owner, chunk)
	c := &r.c
	for range n {
		c.readUint()
		c.last = first
		out = append(out, *new(T))
		item := &out[len(out)-1]
		c.text(k.id(item))
		k.code(c, item)
	}
	return out, c.err()
}

// Last returns the last item of a chunk that has any.
func (k *Kind[T]) Last(r *Reader, owner string, chunk Chunk) (item T, err error) {
	n, first := r.open(owner, chunk)
	c := &r.c
	for range n - 1 {
		c.take(c.readUint())
	}
	c.readUint()
	c.last = first
	c.text(k.id(&item))
	k.code(c, &item)
	return item, c.err()
}

// Find returns the item that has the ID.
func (k *Kind[T]) Find(r *Reader, owner string, chunk Chunk, id string) (item T, found bool, err error) {
	n, first := r.open(owner, chunk)
	for range n {
		length := r.c.readUint()
		one := coder{known: r.c.known, reading: true, owner: owner, last: first, in: r.c.take(length)}
		if *k.id(&item) = one.readText(); *k.id(&item) == id && !one.bad {
			r.c = one
			k.code(&r.c, &item)
			return item, true, r.c.err()
		}
	}
	return *new(T), false, r.c.err()
}
