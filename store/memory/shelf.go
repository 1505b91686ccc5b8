package memory

import (
	"hash/maphash"
	"slices"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/store/internal/pack"
)

// manyChunks is how many full chunks a history has when its IDs are indexed. With
// fewer, to look through them is quick, and nearly all customers stay below.
const manyChunks = 2

// shelf keeps the histories of all customers in one kind of items, which have
// an ID and are ordered by time, and by ID within an instant. An item is put at
// the end in one or two microseconds and anywhere else by rewriting one chunk; it
// is found by its ID, and what happened since an instant is loaded, by reading the
// chunks it takes, however long the history is.
type shelf[T any] struct {
	kind  *pack.Kind[T]
	order func(a, b *T) int
	pen   *pack.Writer // the store's, under its lock
	eye   *pack.Reader // likewise
	seed  maphash.Seed // of the IDs in fullChunks.at
}

func newPurchases(pen *pack.Writer, eye *pack.Reader) shelf[customer.Purchase] {
	return shelf[customer.Purchase]{
		&pack.Purchases, (*customer.Purchase).Compare, pen, eye, maphash.MakeSeed(),
	}
}

func newActivities(pen *pack.Writer, eye *pack.Reader) shelf[customer.Activity] {
	return shelf[customer.Activity]{
		&pack.Activities, (*customer.Activity).Compare, pen, eye, maphash.MakeSeed(),
	}
}

// put adds an item, or replaces the one that has its ID. That is taken out first,
// because its time, and so its place, may be another.
func (s *shelf[T]) put(h *history, owner string, item *T) {
	if old, _ := s.find(s.eye, h, owner, s.kind.ID(item)); old != nil {
		s.remove(h, owner, old)
	}
	if s.isLast(h, owner, item) {
		h.next()
		h.open = s.kind.Append(s.pen, owner, h.open, item)
	} else {
		s.insert(h, owner, item)
	}
	s.index(h, owner, item)
}

// isLast reports whether an item goes behind all others, as most do.
func (s *shelf[T]) isLast(h *history, owner string, item *T) bool {
	if h.open == "" {
		return true
	}
	id, at := s.kind.Last(s.eye, owner, h.open)
	return at < s.kind.At(item) || at == s.kind.At(item) && id < s.kind.ID(item)
}

// find returns the item that has the ID, or nil. Where IDs are indexed it reads
// only the chunks in which there can be items of the time that the index gives;
// one instant may fill several.
func (s *shelf[T]) find(r *pack.Reader, h *history, owner, id string) (item *T, err error) {
	p := h.all()
	first, last := 0, len(p.full)
	if h.full != nil && h.full.at != nil {
		at, known := h.full.at[maphash.String(s.seed, id)]
		if !known {
			return nil, nil
		}
		if at != anywhere {
			first, last = p.before(at-1), p.before(at)
		}
	}
	for i := last; i >= first && item == nil && err == nil; i-- {
		item, err = s.kind.Find(r, owner, p.chunk(i), id)
	}
	return item, err
}

// index notes the ID of an item that was put, where a history is so long that
// looking through it would take too long. The index gives the time of an item
// rather than its chunk, which would change whenever one before it is split. IDs
// are never taken out: a stale one costs a look in vain.
func (s *shelf[T]) index(h *history, owner string, item *T) {
	switch {
	case h.full == nil:
	case h.full.at != nil:
		h.full.note(maphash.String(s.seed, s.kind.ID(item)), s.kind.At(item))
	case len(h.full.chunks) >= manyChunks:
		h.full.at = make(map[uint64]int64)
		for _, k := range h.all().list() {
			for _, x := range s.read(owner, k) {
				h.full.note(maphash.String(s.seed, s.kind.ID(&x)), s.kind.At(&x))
			}
		}
	}
}

// note indexes an item. Two IDs of one hash, or an ID that moved in time, make it
// say that the item may be anywhere.
func (f *fullChunks) note(hash uint64, at int64) {
	if was, ok := f.at[hash]; ok && was != at {
		at = anywhere
	}
	f.at[hash] = at
}

// findAll returns those items that have one of the IDs.
func (s *shelf[T]) findAll(r *pack.Reader, h *history, owner string, ids []string) (items []T, err error) {
	for _, id := range ids {
		item, err := s.find(r, h, owner, id)
		if err != nil {
			return nil, err
		}
		if item != nil {
			items = append(items, *item)
		}
	}
	return items, nil
}

// insert puts an item between others, or before them.
func (s *shelf[T]) insert(h *history, owner string, item *T) {
	i := s.place(h, owner, item)
	items := s.read(owner, h.all().chunk(i))
	at, _ := slices.BinarySearchFunc(items, item, func(x T, item *T) int { return s.order(&x, item) })
	s.rewrite(h, owner, i, slices.Insert(items, at, *item))
}

// remove takes out an item that is there.
func (s *shelf[T]) remove(h *history, owner string, item *T) {
	i := s.place(h, owner, item)
	items := s.read(owner, h.all().chunk(i))
	s.rewrite(h, owner, i, slices.DeleteFunc(items, func(x T) bool { return s.order(&x, item) == 0 }))
}

// place returns the chunk to which an item belongs: the last that begins at or
// before it.
func (s *shelf[T]) place(h *history, owner string, item *T) int {
	p := h.all()
	i := p.before(s.kind.At(item))
	for i > 0 && s.order(item, &s.read(owner, p.chunk(i))[0]) < 0 {
		i-- // one instant may fill several chunks
	}
	return i
}

// rewrite replaces one chunk by others with the given items: by none, one or two,
// as it happens.
func (s *shelf[T]) rewrite(h *history, owner string, i int, items []T) {
	var chunks []pack.Chunk
	for size := pack.MaxItems; len(items) > 0; items = items[size:] {
		if len(items) > size {
			size = len(items) / 2 // leaves room in both halves
		}
		size = min(size, len(items))
		var k pack.Chunk
		for j := range items[:size] {
			k = s.kind.Append(s.pen, owner, k, &items[j])
		}
		chunks = append(chunks, k)
	}
	h.set(slices.Replace(h.all().list(), i, i+1, chunks...))
}

// read unpacks a chunk that this store has packed, so that there is no error.
func (s *shelf[T]) read(owner string, k pack.Chunk) []T {
	items, _ := s.kind.Read(s.eye, owner, k, -never, nil)
	return items
}

// load returns what happened at or after from, in order. It needs no lock: a part
// does not change. It unpacks to room, which it makes larger if need be.
func (s *shelf[T]) load(r *pack.Reader, owner string, p part, from int64, room *[]T) (_ []T, err error) {
	p = p.since(from)
	if n := p.len(); n > cap(*room) {
		*room = make([]T, 0, n)
	}
	items := (*room)[:0]
	for i := range len(p.full) + 1 {
		if items, err = s.kind.Read(r, owner, p.chunk(i), from, items); err != nil {
			return nil, err
		}
	}
	if len(items) == 0 {
		return nil, nil
	}
	return items, nil
}
