package memory

import (
	"slices"
	"sort"

	"github.com/regulars-go/regulars/store/internal/pack"
)

// history is what happened to one customer, in chunks: an open one, that grows,
// and behind it, for the few customers who have so much, full ones. Most need the
// first only, and with it a string and a nil.
//
// Chunks are never changed but replaced, and so are the elements of full.chunks
// that a reader can see: next appends behind them, set makes another slice.
type history struct {
	open pack.Chunk // the newest, that grows
	full *fullChunks
}

// fullChunks are the older chunks of a history.
type fullChunks struct {
	chunks []pack.Chunk
	at     map[uint64]int64 // when the items happened, by the hash of their ID; nil: not many
}

// anywhere stands for the time of items that cannot be told apart by hash.
const anywhere = never

// part is the end of a history, as it was when it was taken.
type part struct {
	full []pack.Chunk
	open pack.Chunk
}

// chunk returns one of them, the open one behind the others.
func (p part) chunk(i int) pack.Chunk {
	if i < len(p.full) {
		return p.full[i]
	}
	return p.open
}

// before returns the last chunk that begins at or before an instant; the first
// where none does. The chunks must be ordered by time, as timelines are not.
func (p part) before(at int64) int {
	i := sort.Search(len(p.full)+1, func(i int) bool { return p.chunk(i).First() > at })
	return max(0, i-1)
}

// all returns the whole of it.
func (h *history) all() part {
	if h.full == nil {
		return part{open: h.open}
	}
	return part{h.full.chunks, h.open}
}

// since returns as many chunks as hold everything at or after from, where items
// are ordered by time.
func (p part) since(from int64) part {
	if len(p.full) == 0 {
		return p
	}
	// The last chunk that begins before from may reach beyond it.
	p.full = p.full[p.before(from-1):]
	return p
}

// len returns the number of items.
func (p part) len() int {
	n := p.open.Len()
	for _, k := range p.full {
		n += k.Len()
	}
	return n
}

// list returns the chunks, in a slice of their own.
func (p part) list() []pack.Chunk {
	if p.open == "" {
		return nil
	}
	return append(slices.Clone(p.full), p.open)
}

// next makes room for items after the open chunk, if that is full.
func (h *history) next() {
	if !h.open.Full() {
		return
	}
	if h.full == nil {
		h.full = new(fullChunks)
	}
	h.full.chunks = append(h.full.chunks, h.open)
	h.open = ""
}

// set replaces all chunks.
func (h *history) set(chunks []pack.Chunk) {
	last := len(chunks) - 1
	if last < 0 {
		*h = history{}
		return
	}
	h.open = chunks[last]
	if last > 0 && h.full == nil {
		h.full = new(fullChunks)
	}
	if h.full != nil {
		h.full.chunks = chunks[:last]
	}
}
