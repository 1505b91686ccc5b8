package pack

import (
	"github.com/regulars-go/regulars/customer"
)

// A chunk is long enough that items share what a string costs (its header, the
// rounding of its size) and short enough to be copied when one is added: to
// append to a history is to write one chunk anew, whatever its length.
const (
	MaxItems = 32   // at most 255, to stand in a byte
	maxBytes = 2048 // a chunk that has them is full; one large item may exceed them
)

// Chunk is a run of packed items: their number, the time of the first, then one
// after the other, with times counted from the first. So each item can be read
// without the others, and items far from 1970 are as small as those near it. The
// empty Chunk has no items.
type Chunk string

// Len returns the number of items.
func (k Chunk) Len() int {
	if k == "" {
		return 0
	}
	return int(k[0])
}

// Full reports whether further items belong into the next chunk.
func (k Chunk) Full() bool { return k.Len() >= MaxItems || len(k) >= maxBytes }

// First returns the time of the first item, in microseconds since 1970.
func (k Chunk) First() int64 {
	_, first := NewReader(nil).open("", k)
	return first
}

// Writer packs. It is for one goroutine at a time, like the Names it shares
// with Readers.
type Writer struct{ c coder }

// NewWriter returns a Writer that numbers names by the given table, which may
// be nil.
func NewWriter(names *Names) *Writer { return &Writer{coder{names: names}} }

// begin sets the writer up for a value of the owner.
func (w *Writer) begin(owner string) *coder {
	w.c = coder{names: w.c.names, owner: owner, out: w.c.out[:0]}
	return &w.c
}

// goOn sets the writer up to add n items to a chunk, of which the first is at
// first where the chunk is empty. It returns the time to count from.
func (w *Writer) goOn(owner string, k Chunk, n int, first int64) (*coder, int64) {
	c := w.begin(owner)
	c.out = append(c.out, byte(k.Len()+n))
	if k == "" {
		c.int(&first)
		return c, first
	}
	c.out = append(c.out, k[1:]...)
	return c, k.First()
}

// Reader unpacks. It is for one goroutine at a time; any number of them may
// share one Names. What it returns does not refer to it, only to the packed
// strings, whose bytes the texts share: they live as long as one of the texts.
type Reader struct{ c coder }

// NewReader returns a Reader of what Writers of the same table pack.
func NewReader(names *Names) *Reader { return &Reader{coder{names: names, reading: true}} }

// begin sets the reader up for a value of the owner. It takes the names that are
// known by now, among which are all that the value can refer to.
func (r *Reader) begin(owner, packed string) *coder {
	c := &r.c
	c.known, c.owner, c.in, c.at, c.bad = c.names.table(), owner, packed, 0, false
	c.clock.start(0)
	return c
}

// open sets the reader up for the items of a chunk.
func (r *Reader) open(owner string, k Chunk) (n int, first int64) {
	if k == "" {
		r.begin(owner, "")
		return 0, 0
	}
	r.begin(owner, string(k[1:])).int(&first)
	return k.Len(), first
}

// AppendEvents adds as many of the events to the chunk as belong there, and
// returns the others. There must be an event, and the chunk not be full.
func (w *Writer) AppendEvents(owner string, k Chunk, events []customer.Event) (Chunk, []customer.Event) {
	n := min(len(events), MaxItems-k.Len())
	c, first := w.goOn(owner, k, n, events[0].At.UnixMicro())
	var prev *customer.Event
	for i := range n {
		c.clock.start(first)
		event(c, &events[i], prev)
		prev = &events[i]
	}
	return Chunk(c.out), events[n:]
}

// Events appends the events of a chunk to out.
func (r *Reader) Events(owner string, k Chunk, out []customer.Event) ([]customer.Event, error) {
	n, first := r.open(owner, k)
	var prev *customer.Event
	for range n {
		r.c.clock.start(first)
		out = append(out, customer.Event{})
		event(&r.c, &out[len(out)-1], prev)
		prev = &out[len(out)-1]
	}
	return out, r.c.err()
}
