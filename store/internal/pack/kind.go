package pack

import (
	"encoding/binary"
	"slices"
	"time"

	"github.com/regulars-go/regulars/customer"
)

// Kind packs items that have an ID and a time, ordered by time, into chunks.
// Every item is preceded by its length and begins with its ID, so that one of
// them is found by skipping the others: a chunk of 32 takes a microsecond.
type Kind[T any] struct {
	id     func(*T) *string
	at     func(*T) time.Time
	code   func(*coder, *T) // all but the ID; first whoAndWhen
	fields int
}

// The kinds of items.
var (
	Purchases = Kind[customer.Purchase]{
		id:     func(p *customer.Purchase) *string { return &p.ID },
		at:     func(p *customer.Purchase) time.Time { return p.At },
		code:   purchase,
		fields: purchaseFields,
	}
	Activities = Kind[customer.Activity]{
		id:     func(a *customer.Activity) *string { return &a.ID },
		at:     func(a *customer.Activity) time.Time { return a.At },
		code:   activity,
		fields: activityFields,
	}
)

// At returns the time of an item, in microseconds since 1970.
func (k *Kind[T]) At(item *T) int64 { return k.at(item).UnixMicro() }

// ID returns the ID of an item.
func (k *Kind[T]) ID(item *T) string { return *k.id(item) }

// Append returns the chunk with one more item behind the others. It does not
// look whether the item belongs there.
func (k *Kind[T]) Append(w *Writer, owner string, chunk Chunk, item *T) Chunk {
	c, first := w.goOn(owner, chunk, 1, k.At(item))
	start := len(c.out)
	c.clock.start(first)
	c.text(k.id(item))
	k.code(c, item)
	var length [binary.MaxVarintLen64]byte // known only now, it goes in front
	n := binary.PutUvarint(length[:], uint64(len(c.out)-start))
	c.out = slices.Insert(c.out, start, length[:n]...)
	return Chunk(c.out)
}

// Read appends the items of a chunk to out, but for those before from, in
// microseconds since 1970, with which it begins. It uses the lists again of the
// items that out has room for.
func (k *Kind[T]) Read(r *Reader, owner string, chunk Chunk, from int64, out []T) ([]T, error) {
	n, first := r.open(owner, chunk)
	c := &r.c
	for early := true; n > 0; n-- {
		size := c.readUint()
		if early = early && k.isBefore(c, first, from); early {
			c.take(size)
			continue
		}
		c.clock.start(first)
		out = extend(out)
		item := &out[len(out)-1]
		c.text(k.id(item))
		k.code(c, item)
	}
	return out, c.err()
}

// extend makes a list longer by one, which is what lay there or zero.
func extend[T any](list []T) []T {
	if n := len(list); n < cap(list) {
		return list[:n+1]
	}
	return append(list, *new(T))
}

// isBefore reports whether the item that is to be read next is before an
// instant. It reads as little of it as tells.
func (k *Kind[T]) isBefore(c *coder, first, from int64) bool {
	if from <= first { // nothing is before the first
		return false
	}
	item := *c
	item.clock.start(first)
	item.skipText()
	return k.readAt(&item) < from
}

// readAt reads the time of an item, behind its ID.
func (k *Kind[T]) readAt(c *coder) int64 {
	var t time.Time
	owner := c.owner
	f := c.fields(k.fields)
	whoAndWhen(&f, &owner, &t)
	return t.UnixMicro()
}

// Last returns the ID and the time of the last item of a chunk that has any: a
// history that grows at its end asks nothing else.
func (k *Kind[T]) Last(r *Reader, owner string, chunk Chunk) (id string, at int64) {
	n, first := r.open(owner, chunk)
	c := &r.c
	for range n - 1 {
		c.take(c.readUint())
	}
	c.readUint()
	c.clock.start(first)
	id = c.readText()
	return id, k.readAt(c)
}

// Find returns the item that has the ID, or nil.
func (k *Kind[T]) Find(r *Reader, owner string, chunk Chunk, id string) (*T, error) {
	n, first := r.open(owner, chunk)
	c := &r.c
	whole := c.in
	for range n {
		size := len(c.take(c.readUint()))
		next := c.at
		c.in, c.at = whole[:next], next-size
		if c.readText() == id && !c.bad {
			return k.readRest(c, first, id)
		}
		c.in, c.at = whole, next
	}
	return nil, c.err()
}

// readRest reads the item that c.in was cut down to, behind its ID.
func (k *Kind[T]) readRest(c *coder, first int64, id string) (*T, error) {
	item := new(T)
	*k.id(item) = id
	c.clock.start(first)
	k.code(c, item)
	return item, c.err()
}
