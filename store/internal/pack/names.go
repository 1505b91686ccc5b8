package pack

import (
	"hash/maphash"
	"strings"
	"sync/atomic"
)

// A table must not grow with the number of customers, whatever callers use as
// names (a tag per customer, say); beyond these bounds names are spelt out where
// they stand, which costs room and nothing else.
const (
	maxNames   = 1 << nameBits
	maxNameLen = 64
)

const places = 1 << 10 // for names that were found lately

// Names numbers the names that recur. One goroutine at a time may pack with it,
// any number may unpack at the same time. A name keeps its number for good.
type Names struct {
	list   atomic.Pointer[[]string] // by number; only ever appended to
	index  map[string]uint64        // the reverse; for who packs
	seed   maphash.Seed             // of what has no number
	recent [places]uint16           // the number that was found last in each place; for who packs
}

// NewNames returns an empty table.
func NewNames() *Names {
	n := &Names{index: make(map[string]uint64), seed: maphash.MakeSeed()}
	n.list.Store(new([]string))
	return n
}

// table returns the names known by now.
func (n *Names) table() []string {
	if n == nil {
		return nil
	}
	return *n.list.Load()
}

// find returns the number of the name, if it has one.
func (n *Names) find(name string) (uint64, bool) {
	if n == nil {
		return 0, false
	}
	i, ok := n.index[name]
	return i, ok
}

// add returns the number of the name, which it gets if there is room. Records
// are full of a few names; to compare with the one that was last found in its
// place takes a fraction of a look-up.
func (n *Names) add(name string) (number uint64, ok bool) {
	if n == nil || len(name) > maxNameLen {
		return 0, false
	}
	recent, known := &n.recent[place(name)], n.table()
	if int(*recent) < len(known) && known[*recent] == name {
		return uint64(*recent), true
	}
	if number, ok = n.index[name]; !ok {
		if number = uint64(len(known)); number == maxNames {
			return 0, false
		}
		name = strings.Clone(name)   // it may be part of something large
		grown := append(known, name) // readers never look beyond the length they know
		n.list.Store(&grown)
		n.index[name] = number
	}
	*recent = uint16(number)
	return number, true
}

// place spreads names that differ in their length, first or last two letters.
func place(name string) int {
	if len(name) < 2 {
		return len(name)
	}
	last := len(name) - 1
	return (len(name) + int(name[0])*3 + int(name[last])*7 + int(name[last-1])*61) & (places - 1)
}
